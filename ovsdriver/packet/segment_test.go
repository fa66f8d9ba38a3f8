package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// big makes an unsegmented frame: link, then IP header, then an L4 header with
// n bytes of payload, whose checksum is partial.
func big(link, ip, l4 string, n int, o datapath.Offload) *datapath.Frame {
	headers := raw(link + ip + l4)
	b := slices.Clone(headers)
	for i := range n {
		b = append(b, byte(i*7), byte(i>>8))[:len(headers)+i+1]
	}
	f := framed(b)
	o.HdrLen = uint16(len(headers))
	f.Offload = o
	l, ok := locateInner(f)
	if !ok {
		panic("the test's frame has no L4 header")
	}
	f.Offload.Flags = datapath.OffloadNeedsCsum
	f.Offload.CsumStart = uint16(l.L4)
	f.Offload.CsumOffset = map[uint8]uint16{ProtoTCP: tcpChecksum, ProtoUDP: udpChecksum}[l.Proto]
	// The slow sum of the pseudo header, with the final destination.
	ipHeader := f.Bytes()[l.L3:]
	segment := uint32(len(ipHeader) - (l.L4 - l.L3))
	pseudo := binary.BigEndian.AppendUint32(nil, segment)
	pseudo = append(pseudo, 0, l.Proto)
	switch {
	case l.EthType == TypeIPv4:
		binary.BigEndian.PutUint16(ipHeader[ip4Len:], uint16(len(ipHeader)))
		pseudo = append(pseudo, ipHeader[12:20]...)
	case l.routed:
		binary.BigEndian.PutUint16(ipHeader[ip6Len:], uint16(len(ipHeader)-40))
		pseudo = append(append(pseudo, ipHeader[8:24]...), ipHeader[48:64]...)
	default:
		binary.BigEndian.PutUint16(ipHeader[ip6Len:], uint16(len(ipHeader)-40))
		pseudo = append(pseudo, ipHeader[8:40]...)
	}
	at := l.L4 + int(f.Offload.CsumOffset)
	binary.BigEndian.PutUint16(f.Bytes()[at:], onesSum(pseudo))
	return f
}

const (
	gso4    = `4529 0000 fffe 4000 4006 0000 0a00 0001 0a00 0002 `
	gsoUDP4 = `4529 0000 1234 0000 4011 0000 0a00 0001 0a00 0002 `
	// FIN, PSH, ACK and CWR; with a timestamp option
	gsoTCP = `3039 0050 ffff ff00 0000 0002 8099 ffff 0000 0000 0101 080a 0000 0001 0000 0002 `
	gsoUDP = `c001 c000 0000 0000 `
	gso6   = `6b81 2345 0000 06ff ` + ip6Addresses
	gso6rt = `6b81 2345 0000 2bff ` + ip6Addresses + `0602 0001 0000 0000 2001 0db8 0000 0000 0000 0000 0000 0099 `
	udp6   = `6b81 2345 0000 11ff ` + ip6Addresses
)

var tcpCases = []struct {
	name, link, ip string
	kind           uint8
}{
	{"IPv4", macs + `0800 `, gso4, datapath.GSOTCPv4 | datapath.GSOECN},
	{"IPv6", macs + `86dd `, gso6, datapath.GSOTCPv6},
	{"IPv6 with a routing header", macs + `86dd `, gso6rt, datapath.GSOTCPv6},
	{"IPv4 in two VLANs", macs + `88a8 0001 8100 0002 0800 `, gso4, datapath.GSOTCPv4},
	{"IPv4 under MPLS", macs + `8847 0006 4040 0006 5140 `, gso4, datapath.GSOTCPv4},
	{"IPv6 under MPLS", macs + `8847 0006 5140 `, gso6, datapath.GSOTCPv6},
	{"IPv4 in a VLAN under MPLS", macs + `8847 0006 5140 4064 0800 `, gso4, datapath.GSOTCPv4},
	{"IPv4 in PBB", macs + `88e7 0000 0001 ` + macs + `8100 0001 0800 `, gso4, datapath.GSOTCPv4},
}

// segments runs a frame through a Segmenter and copies what comes out.
func segments(t *testing.T, f *datapath.Frame) [][]byte {
	t.Helper()
	var s Segmenter
	var all [][]byte
	was := copyOf(f)
	defer func() {
		if !bytes.Equal(f.Bytes(), was.Bytes()) || f.Offload != was.Offload {
			t.Error("Segment changed the frame that it cut, which may have to go out of another port too")
		}
	}()
	err := s.Segment(f, func(seg *datapath.Frame) error {
		if seg.Offload != (datapath.Offload{}) {
			t.Errorf("segment %d has offload %+v left", len(all), seg.Offload)
		}
		if seg.Start < datapath.Headroom {
			t.Errorf("segment %d has %d bytes of headroom", len(all), seg.Start)
		}
		all = append(all, bytes.Clone(seg.Bytes()))
		return nil
	})
	if err != nil {
		t.Fatalf("Segment: %v", err)
	}
	return all
}

// decode reads a segment from its IP header on, by another implementation.
func decode(t *testing.T, ip []byte) gopacket.Packet {
	t.Helper()
	first := gopacket.Decoder(layers.LayerTypeIPv4)
	if ip[0]>>4 == 6 {
		first = layers.LayerTypeIPv6
	}
	p := gopacket.NewPacket(ip, first, gopacket.Default)
	if p.ErrorLayer() != nil || p.Metadata().Truncated {
		t.Fatalf("segment\n%x\nis not well formed: %v", ip, p.ErrorLayer())
	}
	return p
}

// TestSegmentTCP reassembles what came out.
func TestSegmentTCP(t *testing.T) {
	const mss = 1000
	for _, tt := range tcpCases {
		for _, payload := range []int{0, 1, mss, mss + 1, 5*mss - 1, 40000} {
			f := big(tt.link, tt.ip, gsoTCP, payload, datapath.Offload{GSOType: tt.kind, GSOSize: mss})
			want := bytes.Clone(f.Bytes()[f.Offload.HdrLen:])
			link := bytes.Clone(f.Bytes()[:len(raw(tt.link))])
			all := segments(t, f)
			if n := max(1, (payload+mss-1)/mss); len(all) != n {
				t.Fatalf("%s, %d bytes: %d segments, want %d", tt.name, payload, len(all), n)
			}
			var got []byte
			for i, seg := range all {
				if !bytes.Equal(seg[:len(link)], link) {
					t.Fatalf("%s: segment %d begins with\n%x, want\n%x", tt.name, i, seg[:len(link)], link)
				}
				got = append(got, checkTCP(t, seg[len(link):], i, len(got), i == len(all)-1)...)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %d bytes: payload differs after reassembly", tt.name, payload)
			}
		}
	}
}

// checkTCP checks the n-th segment, from its IP header on, whose payload begins
// at from, and returns that.
func checkTCP(t *testing.T, ip []byte, n, from int, last bool) []byte {
	t.Helper()
	p := decode(t, ip)
	tcp := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if want := uint32(0xffffff00) + uint32(from); tcp.Seq != want {
		t.Errorf("segment %d: sequence number %#x, want %#x", n, tcp.Seq, want)
	}
	if tcp.FIN != last || tcp.PSH != last || tcp.CWR != (n == 0) || !tcp.ACK {
		t.Errorf("segment %d (last: %v): FIN %v PSH %v CWR %v ACK %v", n, last, tcp.FIN, tcp.PSH, tcp.CWR, tcp.ACK)
	}
	if len(tcp.Options) != 3 {
		t.Errorf("segment %d: options %v", n, tcp.Options)
	}
	if h, ok := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4); ok {
		if want := uint16(0xfffe + n); h.Id != want {
			t.Errorf("segment %d: identification %#x, want %#x", n, h.Id, want)
		}
		if int(h.Length) != len(ip) || h.Flags != layers.IPv4DontFragment {
			t.Errorf("segment %d: length %d, flags %v; %d bytes", n, h.Length, h.Flags, len(ip))
		}
	} else if h := p.Layer(layers.LayerTypeIPv6).(*layers.IPv6); int(h.Length) != len(ip)-40 {
		t.Errorf("segment %d: payload length %d of %d bytes", n, h.Length, len(ip))
	}
	checkSums(t, n, ip)
	return tcp.Payload
}

// checkSums verifies the checksums of a segment from its IP header on.
func checkSums(t *testing.T, n int, ip []byte) {
	t.Helper()
	etherType := `0800`
	if ip[0]>>4 == 6 {
		etherType = `86dd`
	}
	f := framed(append(raw(macs+etherType), ip...))
	got := residueOf(f)
	if l := locate(f); l.routed { // residueOf leaves the destination out
		segment := ip[64:]
		length := []byte{byte(len(segment) >> 8), byte(len(segment)), 0, ProtoTCP}
		got.upper = onesSum(ip[8:24], ip[48:64], length, segment)
	}
	if got != (residue{}) {
		t.Errorf("segment %d leaves checksums %+v\n%x", n, got, ip)
	}
}

// TestSegmentUDP cuts datagrams into datagrams (USO).
func TestSegmentUDP(t *testing.T) {
	const size = 1200
	for _, tt := range []struct{ link, ip string }{{macs + `0800 `, gsoUDP4}, {macs + `86dd `, udp6}} {
		f := big(tt.link, tt.ip, gsoUDP, 3*size+5, datapath.Offload{GSOType: datapath.GSOUDPL4, GSOSize: size})
		want := bytes.Clone(f.Bytes()[f.Offload.HdrLen:])
		var got []byte
		for i, seg := range segments(t, f) {
			ip := seg[EthernetLen:]
			udp := decode(t, ip).Layer(layers.LayerTypeUDP).(*layers.UDP)
			if int(udp.Length) != len(udp.Payload)+8 || udp.SrcPort != 0xc001 {
				t.Errorf("segment %d: %+v", i, udp)
			}
			checkSums(t, i, ip)
			got = append(got, udp.Payload...)
		}
		if !bytes.Equal(got, want) {
			t.Error("payload differs after reassembly")
		}
	}
}

// TestFragmentUDP cuts one datagram into IP fragments (UFO).
func TestFragmentUDP(t *testing.T) {
	for _, tt := range []struct{ link, ip string }{{macs + `0800 `, gsoUDP4}, {macs + `8100 0001 86dd `, udp6}} {
		f := big(tt.link, tt.ip, gsoUDP, 5000, datapath.Offload{GSOType: datapath.GSOUDP, GSOSize: 1484}) // cut to 1480
		at := len(raw(tt.link))
		header := int(f.Offload.CsumStart)
		plain := bytes.Clone(f.Bytes()[:header])
		payload := bytes.Clone(f.Bytes()[header+UDPLen:])
		var datagram []byte
		all := segments(t, f)
		for i, seg := range all {
			frag, more, body := fragmentOf(t, seg[at:])
			if frag != len(datagram) || more != (i < len(all)-1) {
				t.Errorf("fragment %d: offset %d, more %v; want %d", i, frag, more, len(datagram))
			}
			if frame := framed(seg); residueOf(frame).header != 0 {
				t.Errorf("fragment %d: wrong header checksum", i)
			}
			datagram = append(datagram, body...)
		}
		if len(all) != 4 || !bytes.Equal(datagram[UDPLen:], payload) {
			t.Fatalf("%d fragments, or the payload differs after reassembly", len(all))
		}
		whole := framed(append(plain, datagram...))
		if got := residueOf(whole); got.upper != 0 || got.unsummed {
			t.Errorf("the reassembled datagram leaves checksum %+v", got)
		}
	}
}

// fragmentOf reads the fragment that begins with an IP header.
func fragmentOf(t *testing.T, ip []byte) (offset int, more bool, body []byte) {
	t.Helper()
	p := decode(t, ip)
	if h, ok := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4); ok {
		if h.Id != 0x1234 {
			t.Errorf("identification %#x, want that of the datagram", h.Id)
		}
		return int(h.FragOffset) * 8, h.Flags&layers.IPv4MoreFragments != 0, h.Payload
	}
	h := p.Layer(layers.LayerTypeIPv6Fragment).(*layers.IPv6Fragment)
	if h.NextHeader != layers.IPProtocolUDP || h.Identification == 0 {
		t.Errorf("fragment header %+v", h)
	}
	return int(h.FragmentOffset) * 8, h.MoreFragments, h.Payload
}

// TestSegmentWithoutPartial: a frame off a card that verified the checksum has
// no partial one.
func TestSegmentWithoutPartial(t *testing.T) {
	f := big(macs+`0800 `, gso4, gsoTCP, 2500, datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1000})
	f.Offload.Flags, f.Offload.CsumStart, f.Offload.CsumOffset = datapath.OffloadDataValid, 0, 0
	copy(f.Bytes()[14+20+tcpChecksum:], []byte{0x12, 0x34})
	for i, seg := range segments(t, f) {
		checkSums(t, i, seg[EthernetLen:])
	}
}

func TestSegmentRefuses(t *testing.T) {
	tcp := func() *datapath.Frame {
		return big(macs+`0800 `, gso4, gsoTCP, 2500, datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1000})
	}
	tests := map[string]func(f *datapath.Frame){
		"no size":            func(f *datapath.Frame) { f.Offload.GSOSize = 0 },
		"wrong version":      func(f *datapath.Frame) { f.Offload.GSOType = datapath.GSOTCPv6 },
		"wrong protocol":     func(f *datapath.Frame) { f.Offload.GSOType = datapath.GSOUDPL4 },
		"unknown kind":       func(f *datapath.Frame) { f.Offload.GSOType = 99 },
		"checksum elsewhere": func(f *datapath.Frame) { f.Offload.CsumStart-- },
		"cut short":          func(f *datapath.Frame) { f.End = f.Start + 40 },
		"empty":              func(f *datapath.Frame) { f.End = f.Start },
		"no IP":              func(f *datapath.Frame) { f.Bytes()[12] = 0x77 },
		"fragments of 7":     func(f *datapath.Frame) { f.Offload.GSOType, f.Offload.GSOSize = datapath.GSOUDP, 7 },
	}
	for name, spoil := range tests {
		f := tcp()
		spoil(f)
		var s Segmenter
		err := s.Segment(f, func(*datapath.Frame) error { t.Errorf("%s: emitted a segment", name); return nil })
		if !errors.Is(err, ErrOffload) {
			t.Errorf("%s: error %v, want ErrOffload", name, err)
		}
		if err := Complete(tcp()); !errors.Is(err, ErrOffload) {
			t.Errorf("Complete of a frame to be segmented: %v, want ErrOffload", err)
		}
	}
	stop := errors.New("stop")
	var s Segmenter
	calls := 0
	if err := s.Segment(tcp(), func(*datapath.Frame) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("Segment went on for %d calls and returned %v, want emit's error after one", calls, err)
	}
}

// A frame may not become a great many, but its segments may be small if they are
// few, or many if they are not.
func TestSegmentRefusesTinySegments(t *testing.T) {
	for _, tt := range []struct {
		l4            string
		kind          uint8
		ip            string
		size, payload int
		segments      int // 0: refused
	}{
		{gsoTCP, datapath.GSOTCPv4, gso4, 1, 60_000, 0},
		{gsoTCP, datapath.GSOTCPv4, gso4, minSegment - 1, 60_000, 0},
		{gsoTCP, datapath.GSOTCPv4, gso4, minSegment, 60_000, 60_000 / minSegment},
		{gsoTCP, datapath.GSOTCPv4, gso4, 1, maxSmall, maxSmall},
		{gsoTCP, datapath.GSOTCPv4, gso4, 1, maxSmall + 1, 0},
		{gsoUDP, datapath.GSOUDPL4, gsoUDP4, 9, 9 * maxSmall, maxSmall},
		{gsoUDP, datapath.GSOUDPL4, gsoUDP4, 9, 9*maxSmall + 1, 0},
		{gsoUDP, datapath.GSOUDP, gsoUDP4, 8, 60_000, 0},
	} {
		f := big(macs+`0800 `, tt.ip, tt.l4, tt.payload, datapath.Offload{GSOType: tt.kind, GSOSize: uint16(tt.size)})
		n := 0
		var s Segmenter
		err := s.Segment(f, func(*datapath.Frame) error { n++; return nil })
		if n != tt.segments || (tt.segments == 0) != errors.Is(err, ErrOffload) {
			t.Errorf("%d bytes in segments of %d: %d segments, %v; want %d", tt.payload, tt.size, n, err, tt.segments)
		}
	}
}

func TestSegmentAllocates(t *testing.T) {
	plain := big(macs+`0800 `, gso4, gsoTCP, 40000, datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1448})
	tunnel, _, _ := tunnelled(0, 40000)
	emit := func(*datapath.Frame) error { return nil }
	for _, f := range []*datapath.Frame{plain, tunnel} {
		var s Segmenter
		if err := s.Segment(f, emit); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(10, func() { Describable(f); _ = s.Segment(f, emit) }); n != 0 {
			t.Errorf("segmenting again makes %v allocations, want 0", n)
		}
	}
}

// FuzzSegment segments and completes any bytes with any description.
func FuzzSegment(f *testing.F) {
	for _, tt := range tcpCases {
		frame := big(tt.link, tt.ip, gsoTCP, 300, datapath.Offload{GSOType: tt.kind, GSOSize: 100})
		f.Add(bytes.Clone(frame.Bytes()), frame.Offload.Flags, tt.kind, uint16(100), frame.Offload.CsumStart, frame.Offload.CsumOffset)
	}
	for i := range tunnelCases {
		frame, _, _ := tunnelled(i, 300)
		f.Add(bytes.Clone(frame.Bytes()), frame.Offload.Flags, frame.Offload.GSOType, uint16(100), frame.Offload.CsumStart, frame.Offload.CsumOffset)
	}
	for _, tt := range golden {
		f.Add(raw(tt.frame), uint8(1), uint8(datapath.GSOUDP), uint16(16), uint16(34), uint16(6))
	}
	f.Fuzz(func(t *testing.T, b []byte, flags, kind uint8, size, start, offset uint16) {
		frame := framed(b)
		frame.Offload = datapath.Offload{Flags: flags, GSOType: kind, GSOSize: max(size, 8), CsumStart: start, CsumOffset: offset}
		Describable(frame)
		total := 0
		var s Segmenter
		_ = s.Segment(frame, func(seg *datapath.Frame) error { total += seg.Len(); return nil })
		if limit := (len(b) + 8) * (len(b) + 1); total > limit {
			t.Fatalf("%d bytes became %d", len(b), total)
		}
	})
}

func BenchmarkSegmentTCP(b *testing.B) {
	f := big(macs+`0800 `, gso4, gsoTCP, 60000, datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1448})
	var s Segmenter
	b.SetBytes(60000)
	for b.Loop() {
		_ = s.Segment(f, func(*datapath.Frame) error { return nil })
	}
}
