package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Segmenter cuts frames that are larger than their wire allows into those that
// go on it. It owns one buffer, which grows to the largest segment. One
// goroutine at a time uses it; the zero value is ready.
type Segmenter struct {
	frame datapath.Frame // the segment being made
	ident uint32         // of the next datagram that is fragmented for IPv6
}

// job is one frame's segmentation.
type job struct {
	whole  []byte
	l      Layout
	header int    // bytes of headers before the payload
	size   int    // bytes of payload in each segment, but the last
	base   uint16 // sum of the pseudo header without its length
	outer  Layout // of the tunnel that l is in; zero for none
}

// Segment calls emit with each segment of f, checksums complete, or once with f
// itself, completed, when f.Offload asks for no segmentation. Segments are
// valid only during the call and may be edited then; f, if it is cut, stays as
// it was. Segment stops at emit's first error and returns it; ErrOffload if f
// can't be cut, or would become a great many.
func (s *Segmenter) Segment(f *datapath.Frame, emit func(*datapath.Frame) error) error {
	kind := gsoKind(f)
	if kind == datapath.GSONone {
		if err := Complete(f); err != nil {
			return err
		}
		return emit(f)
	}
	j, ok := plan(f, kind)
	if !ok {
		return ErrOffload
	}
	if kind == datapath.GSOUDP {
		return s.fragment(&j, emit)
	}
	payload := len(j.whole) - j.header
	for n, from := 0, 0; from == 0 || from < payload; n, from = n+1, from+j.size {
		size := min(j.size, payload-from)
		seg := s.start(&j, j.header, from, size)
		j.finishL4(seg, from, from+size >= payload)
		finishIP(seg[j.l.L3:], j.l.EthType, n)
		if j.outer.L3 != 0 {
			j.finishOuter(seg, n)
		}
		if err := emit(&s.frame); err != nil {
			return err
		}
	}
	return nil
}

// A frame is not cut into ever so many: where one could become thousands, one
// sender could keep a worker busy for all others. No TCP has segments of less
// than minSegment bytes (Linux: 48, options included, tcp_min_snd_mss); of UDP,
// Linux makes at most maxSmall of a frame (UDP_MAX_SEGMENTS).
const (
	minSegment = 32
	maxSmall   = 128
)

// plan finds the headers and checks that they are of the kind that f.Offload
// says.
func plan(f *datapath.Frame, kind uint8) (j job, ok bool) {
	j.whole, j.size = f.Bytes(), int(f.Offload.GSOSize)
	if j.l, ok = locateInner(f); !ok && !j.unwrap(f) || j.size == 0 {
		return j, false
	}
	v6 := j.l.EthType == TypeIPv6
	proto, check := uint8(ProtoUDP), udpChecksum
	switch {
	case kind == datapath.GSOTCPv4 && !v6, kind == datapath.GSOTCPv6 && v6:
		proto, check = ProtoTCP, tcpChecksum
	case kind == datapath.GSOUDPL4, kind == datapath.GSOUDP && j.outer.L3 == 0:
	default:
		return j, false
	}
	if j.l.Proto != proto {
		return j, false
	}
	j.header = j.l.L4 + UDPLen
	if proto == ProtoTCP {
		j.header = j.l.L4 + TCP(j.whole[j.l.L4:]).HeaderLen()
	}
	if j.size < minSegment && len(j.whole)-j.header > maxSmall*j.size {
		return j, false
	}
	// A partial checksum knows the pseudo header best: with a routing header
	// the final destination is not in the IPv6 header.
	if f.Offload.Flags&datapath.OffloadNeedsCsum != 0 {
		partial := binary.BigEndian.Uint16(j.whole[j.l.L4+check:])
		j.base = replaced(partial, uint64(len(j.whole)-j.l.L4), 0)
	} else {
		j.base = fold(pseudo(j.whole[j.l.L3:], v6, proto, 0))
	}
	return j, true
}

// start fills the segment with the first header bytes of the whole frame and
// size bytes of payload.
func (s *Segmenter) start(j *job, header, from, size int) []byte {
	const headroom = datapath.Headroom + fragmentLen
	need := headroom + header + size
	if len(s.frame.Buf) < need {
		s.frame.Buf = make([]byte, need)
	}
	s.frame.Start, s.frame.End = headroom, need
	s.frame.Offload = datapath.Offload{}
	seg := s.frame.Bytes()
	copy(seg, j.whole[:header])
	copy(seg[header:], j.whole[header+from:header+from+size])
	return seg
}

// finishIP writes lengths and, for IPv4, identification and checksum of the
// n-th segment, which begins with an IP header.
func finishIP(ip []byte, etherType uint16, n int) {
	if etherType == TypeIPv6 {
		binary.BigEndian.PutUint16(ip[ip6Len:], uint16(len(ip)-IPv6Len))
		return
	}
	h := IPv4(ip)
	h.finish(len(ip), h.ID()+uint16(n), h.Frag())
}

// finishL4 writes what differs from segment to segment in the TCP or UDP
// header, and the checksum. from is the segment's place in the payload.
func (j *job) finishL4(seg []byte, from int, last bool) {
	h := seg[j.l.L4:]
	at := udpChecksum
	if j.l.Proto == ProtoTCP {
		at = tcpChecksum
		// The window was halved once, and there is one end of data (RFC
		// 3168 §6.1.2, RFC 9293 §3.9.1).
		drop := uint16(0)
		if from != 0 {
			drop |= tcpCWR
		}
		if !last {
			drop |= tcpFIN | tcpPSH
		}
		binary.BigEndian.PutUint32(h[tcpSeq:], TCP(h).Seq()+uint32(from))
		word := binary.BigEndian.Uint16(h[tcpFlags:])
		binary.BigEndian.PutUint16(h[tcpFlags:], word&^drop)
	} else {
		binary.BigEndian.PutUint16(h[udpLen:], uint16(len(h)))
	}
	binary.BigEndian.PutUint16(h[at:], 0)
	binary.BigEndian.PutUint16(h[at:], checksum(sum(h, uint64(j.base)+uint64(len(h)))))
}

// fragment sends a UDP datagram as IP fragments. Its checksum is over the whole,
// and goes into the first one.
func (s *Segmenter) fragment(j *job, emit func(*datapath.Frame) error) error {
	j.header = j.l.L4
	j.size &^= 7
	if j.size == 0 {
		return ErrOffload
	}
	h := j.whole[j.l.L4:]
	unchecked := replaced(fold(sum(h, 0)), uint64(UDP(h).Checksum()), 0)
	check := checksum(uint64(unchecked) + uint64(j.base) + uint64(len(h)))
	s.ident++
	for from := 0; from < len(h); from += j.size {
		size := min(j.size, len(h)-from)
		more := from+size < len(h)
		if j.l.EthType == TypeIPv6 {
			s.fragmentIPv6(j, from, size, more)
		} else {
			s.fragmentIPv4(j, from, size, more)
		}
		if from == 0 {
			udp := s.frame.Bytes()[s.frame.Len()-size:]
			binary.BigEndian.PutUint16(udp[udpChecksum:], check)
		}
		if err := emit(&s.frame); err != nil {
			return err
		}
	}
	return nil
}

func (s *Segmenter) fragmentIPv4(j *job, from, size int, more bool) {
	seg := s.start(j, j.header, from, size)
	h := IPv4(seg[j.l.L3:])
	word := uint16(from / 8)
	if more {
		word |= ip4MoreFragments
	}
	h.finish(len(h), h.ID(), word)
}

// fragmentIPv6 puts a fragment header (RFC 8200 §4.5) before the datagram.
func (s *Segmenter) fragmentIPv6(j *job, from, size int, more bool) {
	s.start(j, j.header, from, size)
	// It cannot fail: start left fragmentLen bytes more than others need.
	_ = insert(&s.frame, j.header, fragmentLen)
	seg := s.frame.Bytes()
	word := uint16(from)
	if more {
		word |= 1
	}
	h := seg[j.header:]
	h[0], h[1] = seg[j.l.protoAt], 0
	binary.BigEndian.PutUint16(h[2:], word)
	binary.BigEndian.PutUint32(h[4:], s.ident)
	seg[j.l.protoAt] = ProtoFragment
	ip := seg[j.l.L3:]
	binary.BigEndian.PutUint16(ip[ip6Len:], uint16(len(ip)-IPv6Len))
}
