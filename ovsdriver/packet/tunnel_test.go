package packet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Headers around a frame: lengths and IPv4's checksum are still to be written.
// A checksum of 1234 is one that is still to be computed.
const (
	outerUDP  = `4500 0000 fff0 4000 4011 0000 c0a8 0001 c0a8 0002 c123 `
	outerUDP6 = `6000 0000 0000 1140 ` + ip6Addresses + `c123 `
	outerGRE  = `4500 0000 fff0 4000 402f 0000 c0a8 0001 c0a8 0002 `
	outerIP   = `4500 0000 fff0 4000 4004 0000 c0a8 0001 c0a8 0002 `
	vxlan     = `0800 0000 0000 0700 `
	geneve    = `0200 6558 0000 0700 0102 0301 1122 3344 ` // with an option
)

// tunnelCases are frames in tunnels: link layer, IP header and what follows it,
// then the inner link layer, if there is one.
var tunnelCases = []struct {
	name, link, outer, inner string
	v6                       bool // the inner IP
}{
	{"VXLAN", macs + `0800`, outerUDP + `12b5 0000 0000 ` + vxlan, macs + `0800`, false},
	{"VXLAN of IPv6 on another port, with checksum", macs + `0800`, outerUDP + `2118 0000 1234 ` + vxlan, macs + `86dd`, true},
	{"VXLAN over IPv6", macs + `86dd`, outerUDP6 + `12b5 0000 1234 ` + vxlan, macs + `0800`, false},
	{"VXLAN in a VLAN", macs + `8100 0005 0800`, outerUDP + `12b5 0000 0000 ` + vxlan, macs + `8100 0006 0800`, false},
	{"VXLAN under MPLS", macs + `8847 0006 4140 `, outerUDP + `12b5 0000 1234 ` + vxlan, macs + `0800`, false},
	{"Geneve", macs + `0800`, outerUDP + `17c1 0000 0000 ` + geneve, macs + `0800`, false},
	{"GRE of Ethernet", macs + `0800`, outerGRE + `0000 6558`, macs + `86dd`, true},
	{"GRE of IP, with key and checksum", macs + `0800`, outerGRE + `a000 0800 1234 0000 0000 0007`, ``, false},
	{"IP in IP", macs + `0800`, outerIP, ``, false},
	{"IP in IPv6, with options", macs + `86dd`, `6000 0000 0000 3c40 ` + ip6Addresses + `0400 0401 0401 0100`, ``, false},
	{"IPv6 in IPv6 with a routing header", macs + `86dd`, `6000 0000 0000 2b40 ` + ip6Addresses + `2902 0001 0000 0000 ` + strings.Repeat(`99`, 16), ``, true},
	{"IPv6 in IPv6", macs + `86dd`, `6000 0000 0000 2940 ` + ip6Addresses, ``, true},
}

// tunnelled makes the frame of a case, whose TCP segment of n bytes of payload is
// to be cut, and returns where its IP headers begin.
func tunnelled(i, n int) (f *datapath.Frame, outer, inner int) {
	tt := tunnelCases[i]
	ip, link, kind := gso4, macs+`0800`, uint8(datapath.GSOTCPv4)
	if tt.v6 {
		ip, link, kind = gso6, macs+`86dd`, datapath.GSOTCPv6
	}
	in := big(link, ip, gsoTCP, n, datapath.Offload{GSOType: kind, GSOSize: 1000})
	b := raw(tt.link + tt.outer + tt.inner)
	f = framed(append(b, in.Bytes()[EthernetLen:]...))
	f.Offload = in.Offload
	f.Offload.CsumStart += uint16(len(b) - EthernetLen)
	f.Offload.HdrLen += uint16(len(b) - EthernetLen)
	return f, len(raw(tt.link)), len(b)
}

// TestSegmentTunnels reassembles what was in tunnels.
func TestSegmentTunnels(t *testing.T) {
	for i, tt := range tunnelCases {
		for _, n := range []int{0, 1000, 40_000} {
			f, outer, inner := tunnelled(i, n)
			if Describable(f) {
				t.Errorf("%s: called describable", tt.name)
			}
			want := bytes.Clone(f.Bytes()[f.Offload.HdrLen:])
			head := bytes.Clone(f.Bytes()[:outer])
			all := segments(t, f)
			if count := max(1, (n+999)/1000); len(all) != count {
				t.Fatalf("%s, %d bytes: %d segments, want %d", tt.name, n, len(all), count)
			}
			var got []byte
			for k, seg := range all {
				if !bytes.Equal(seg[:outer], head) {
					t.Fatalf("%s: segment %d begins with %x, want %x", tt.name, k, seg[:outer], head)
				}
				got = append(got, checkTCP(t, seg[inner:], k, len(got), k == len(all)-1)...)
				checkOuter(t, tt.name, seg[outer:], k)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s, %d bytes: payload differs after reassembly", tt.name, n)
			}
		}
	}
}

// checkOuter checks the IP header around the n-th segment, and the UDP or GRE
// header behind it.
func checkOuter(t *testing.T, name string, ip []byte, n int) {
	t.Helper()
	etherType := `86dd`
	if ip[0]>>4 == 4 {
		etherType = `0800`
		if id, length := IPv4(ip).ID(), IPv4(ip).TotalLen(); id != 0xfff0+uint16(n) || int(length) != len(ip) {
			t.Errorf("%s: segment %d: identification %#x, length %d of %d bytes", name, n, id, length, len(ip))
		}
	} else if length := IPv6(ip).PayloadLen(); int(length) != len(ip)-IPv6Len {
		t.Errorf("%s: segment %d: length %d of %d bytes", name, n, length, len(ip))
	}
	f := framed(slices.Concat(raw(macs+etherType), ip))
	l := locate(f)
	h := f.Bytes()[l.upper:]
	r := residueOf(f)
	switch l.Proto {
	case ProtoUDP:
		if length := binary.BigEndian.Uint16(h[udpLen:]); int(length) != len(h) {
			t.Errorf("%s: segment %d: UDP length %d of %d bytes", name, n, length, len(h))
		}
		if UDP(h).Checksum() == 0 {
			r.unsummed, r.upper = false, 0 // as it was
		} else if UDP(h).Checksum() == 0x1234 {
			t.Errorf("%s: segment %d: no new UDP checksum", name, n)
		}
	case ProtoGRE:
		if h[0]&0x80 != 0 {
			r.upper = onesSum(h)
		}
	}
	if r != (residue{}) {
		t.Errorf("%s: segment %d leaves checksums %+v\n%x", name, n, r, ip)
	}
}

// What can't be cut by repeating headers is not cut, nor what has no inner packet.
func TestSegmentRefusesTunnels(t *testing.T) {
	const (
		overVXLAN  = 0
		overVXLAN6 = 2
		overGRE    = 6
		overIP     = 8
	)
	for name, tt := range map[string]struct {
		of    int
		spoil func(f *datapath.Frame, ip []byte)
	}{
		"a sequence number": {overGRE, func(_ *datapath.Frame, ip []byte) { ip[20] |= 0x10 }},
		"PPTP":              {overGRE, func(_ *datapath.Frame, ip []byte) { ip[21] |= 1 }},
		"an outer fragment": {overVXLAN, func(_ *datapath.Frame, ip []byte) { ip[6] |= 0x20 }},
		"another destination": {overVXLAN6, func(f *datapath.Frame, ip []byte) {
			ip[6] = ProtoRouting
			routing := slices.Concat([]byte{ProtoUDP, 2, 0, 1, 0, 0, 0, 0}, make([]byte, 16))
			*f = datapath.Frame{Buf: slices.Insert(f.Buf, f.Start+14+40, routing...), Start: f.Start, End: f.End + 24, Offload: f.Offload}
			f.Offload.CsumStart += 24
		}},
		"an inner length":     {overVXLAN, func(_ *datapath.Frame, ip []byte) { ip[20+8+8+14+3]++ }},
		"fragments inside":    {overVXLAN, func(f *datapath.Frame, _ []byte) { f.Offload.GSOType = datapath.GSOUDP }},
		"an unknown protocol": {overIP, func(_ *datapath.Frame, ip []byte) { ip[9] = 99 }},
		"no checksum to do":   {overIP, func(f *datapath.Frame, _ []byte) { f.Offload.Flags = 0 }},
		"checksum beyond":     {overIP, func(f *datapath.Frame, _ []byte) { f.Offload.CsumStart = 60_000 }},
		"checksum before":     {overIP, func(f *datapath.Frame, _ []byte) { f.Offload.CsumStart = 20 }},
	} {
		f, outer, _ := tunnelled(tt.of, 2000)
		tt.spoil(f, f.Bytes()[outer:])
		var s Segmenter
		if err := s.Segment(f, func(*datapath.Frame) error { return nil }); !errors.Is(err, ErrOffload) {
			t.Errorf("%s: %v, want ErrOffload", name, err)
		}
	}
}
