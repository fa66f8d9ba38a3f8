package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// unwrap finds in j.l, a tunnel's packet, the one that f.Offload is about: j.l
// becomes that, and j.outer the tunnel's. A struct virtio_net_hdr tells only where
// the inner upper layer begins. Linux leaves segmentation in a tunnel, of which
// there is one then, to whoever sends the frame, and merges frames of tunnels that
// it receives.
func (j *job) unwrap(f *datapath.Frame) bool {
	j.outer = j.l
	from, l4 := j.payload(), int(f.Offload.CsumStart)
	if f.Offload.Flags&datapath.OffloadNeedsCsum == 0 || from == 0 || l4 > len(j.whole) {
		return false
	}
	etherType, at := ipBefore(j.whole, from, l4)
	if at == 0 {
		return false
	}
	var ok bool
	j.l, ok = parseInner(f, etherType, at)
	return ok
}

// payload returns where what j.outer carries begins, or something before that: a
// tunnel over UDP (VXLAN, Geneve and others, by any port) has a header of its own.
// It is 0 for what is no tunnel, and where a segment's headers can't be told from
// the frame's.
func (j *job) payload() int {
	o := &j.outer
	if o.upper == 0 || o.Frag != 0 {
		return 0
	}
	switch o.Proto {
	case ProtoIPv4, ProtoIPv6:
		return o.upper
	case ProtoUDP:
		if o.L4 != 0 && !o.routed { // else its checksum is about another address
			return o.upper + UDPLen
		}
	case ProtoGRE:
		h := j.whole[o.upper:]
		if len(h) < greLen || binary.BigEndian.Uint16(h)&(greSequence|greVersion) != 0 {
			return 0
		}
		if binary.BigEndian.Uint16(h)&greChecksum != 0 {
			return o.upper + greLenSummed
		}
		return o.upper + greLen
	}
	return 0
}

// ipBefore finds the IP header in b[from:] whose payload begins at l4 and reaches
// to b's end. An IPv6 header with extensions is not found.
func ipBefore(b []byte, from, l4 int) (etherType uint16, at int) {
	if at = l4 - IPv6Len; at >= from && b[at]>>4 == 6 && int(IPv6(b[at:]).PayloadLen()) == len(b)-l4 {
		return TypeIPv6, at
	}
	for at = l4 - IPv4Len; at >= from && at >= l4-15*4; at -= 4 {
		if h := IPv4(b[at:]); h[0]>>4 == 4 && h.HeaderLen() == l4-at && int(h.TotalLen()) == len(h) {
			return TypeIPv4, at
		}
	}
	return 0, 0
}

// finishOuter writes lengths, identification and checksums of the tunnel's
// headers in the n-th segment, whose inner ones are written: the checksums are
// over them. No UDP checksum stays none.
func (j *job) finishOuter(seg []byte, n int) {
	o := &j.outer
	h := seg[o.upper:]
	switch {
	case o.Proto == ProtoUDP:
		binary.BigEndian.PutUint16(h[udpLen:], uint16(len(h)))
		if UDP(h).Checksum() != 0 {
			binary.BigEndian.PutUint16(h[udpChecksum:], 0)
			over := pseudo(seg[o.L3:], o.EthType == TypeIPv6, ProtoUDP, len(h))
			binary.BigEndian.PutUint16(h[udpChecksum:], checksum(sum(h, over)))
		}
	case o.Proto == ProtoGRE && binary.BigEndian.Uint16(h)&greChecksum != 0:
		binary.BigEndian.PutUint16(h[greSum:], 0)
		binary.BigEndian.PutUint16(h[greSum:], ^fold(sum(h, 0)))
	}
	finishIP(seg[o.L3:], o.EthType, n)
}
