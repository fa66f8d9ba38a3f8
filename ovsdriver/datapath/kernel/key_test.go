package kernel

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// bytesOf reads lines of hexadecimal, each with a comment behind "//".
func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exactMatch is the match of one key in all fields that the kernel has.
func exactMatch(k flowtable.Key) flowtable.Match {
	m := flowtable.Match{Mask: staticKeyMask()}
	for _, f := range [...]flowtable.Field{
		flowtable.VLAN2TCI, flowtable.VLAN2TPID, flowtable.IPv6ExtHdr, flowtable.MPLS0, flowtable.MPLS1, flowtable.MPLS2,
	} {
		m.Mask.Exact(f)
	}
	m.Mask.Set(flowtable.DPHash, 0)
	m.Mask.Apply(&k, &m.Key)
	return m
}

func keyWith(f fields) (k flowtable.Key) {
	for f, v := range f {
		k.Set(f, v)
	}
	k.Set(flowtable.InPhyPort, k.Get(flowtable.InPort))
	return k
}

// Keys as the module dumps them on a little-endian machine: attribute headers in
// host order, most payloads in network order (linux/openvswitch.h).
var goldenKeys = []struct {
	name string
	key  fields
	want string
}{
	{"TCP in a VLAN", fields{
		flowtable.InPort: 3, flowtable.EthSrc: 0x0a0000000001, flowtable.EthDst: 0x0a0000000002,
		flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x7064, flowtable.EthType: 0x0800,
		flowtable.IPv4Src: 0x0a000001, flowtable.IPv4Dst: 0x0a000002, flowtable.IPProto: 6, flowtable.IPTOS: 0xb8, flowtable.IPTTL: 64,
		flowtable.L4Src: 40000, flowtable.L4Dst: 80, flowtable.TCPFlags: 0x012,
	}, `
		0800 1400 00000000                   // RECIRC_ID 0
		0800 0300 03000000                   // IN_PORT 3
		1000 0400 0a0000000001 0a0000000002  // ETHERNET: source, destination
		0600 0600 8100 0000                  // ETHERTYPE: the TPID
		0600 0500 7064 0000                  // VLAN: PCP 3, present, VID 100
		2c00 0100                            // ENCAP
		  0600 0600 0800 0000                //   ETHERTYPE
		  1000 0700 0a000001 0a000002 06 b8 40 00 // IPV4: source, destination, protocol, TOS, TTL, no fragment
		  0800 0900 9c40 0050                //   TCP: source, destination
		  0600 1200 0012 0000                //   TCP_FLAGS: SYN, ACK
	`},
	{"neighbour solicitation to LOCAL", fields{
		flowtable.InPort: uint64(datapath.Local), flowtable.EthSrc: 1, flowtable.EthDst: 2, flowtable.EthType: 0x86dd,
		flowtable.IPv6SrcHi: 0xfe80000000000000, flowtable.IPv6SrcLo: 1, flowtable.IPv6DstHi: 0xff02000000000000, flowtable.IPv6DstLo: 2,
		flowtable.IPv6FLabel: 0x12345, flowtable.IPProto: 58, flowtable.IPTTL: 255,
		flowtable.L4Src: 135, flowtable.NDTargetHi: 0xfe80000000000000, flowtable.NDTargetLo: 2, flowtable.ARPSHA: 0x0a0000000001,
	}, `
		0800 1400 00000000 0800 0300 00000000 // RECIRC_ID 0, IN_PORT 0
		1000 0400 000000000001 000000000002   // ETHERNET
		0600 0600 86dd 0000                   // ETHERTYPE
		2c00 0800                             // IPV6
		  fe800000000000000000000000000001 ff020000000000000000000000000002 // source, destination
		  00012345 3a 00 ff 00                //   label, next header, class, hop limit, no fragment
		0600 2000 0000 0000                   // IPV6_EXTHDRS
		0600 0c00 87 00 0000                  // ICMPV6: type, code
		2000 0e00                             // ND
		  fe800000000000000000000000000002 0a0000000001 000000000000 // target, SLL, TLL
	`},
	{"ARP", fields{
		flowtable.InPort: 1, flowtable.EthType: 0x0806, flowtable.EthSrc: 0x0a0000000001, flowtable.EthDst: 0xffffffffffff,
		flowtable.IPv4Src: 0x0a000001, flowtable.IPv4Dst: 0x0a000002, flowtable.ARPOp: 1, flowtable.ARPSHA: 0x0a0000000001,
	}, `
		0800 1400 00000000 0800 0300 01000000 // RECIRC_ID 0, IN_PORT 1
		1000 0400 0a0000000001 ffffffffffff   // ETHERNET
		0600 0600 0806 0000                   // ETHERTYPE
		1c00 0d00 0a000001 0a000002 0001      // ARP: SPA, TPA, opcode
		  0a0000000001 000000000000 0000      //   SHA, THA, padding of the struct
	`},
	{"802.2", fields{flowtable.InPort: 1, flowtable.EthSrc: 1, flowtable.EthDst: 2, flowtable.EthType: 0x05ff}, `
		0800 1400 00000000 0800 0300 01000000 // RECIRC_ID 0, IN_PORT 1
		1000 0400 000000000001 000000000002   // ETHERNET, and no ETHERTYPE
	`},
	{"two labels", fields{flowtable.InPort: 1, flowtable.EthType: 0x8847, flowtable.MPLS0: 0x00064040, flowtable.MPLS1: 0x000c8140}, `
		0800 1400 00000000 0800 0300 01000000 // RECIRC_ID 0, IN_PORT 1
		1000 0400 000000000000 000000000000   // ETHERNET
		0600 0600 8847 0000                   // ETHERTYPE
		0c00 1500 00064040 000c8140           // MPLS
	`},
	{"three tags", fields{
		flowtable.InPort: 1, flowtable.EthType: 0x8100,
		flowtable.VLANTPID: 0x88a8, flowtable.VLANTCI: 0x1001, flowtable.VLAN2TPID: 0x8100, flowtable.VLAN2TCI: 0x1002,
	}, `
		0800 1400 00000000 0800 0300 01000000 // RECIRC_ID 0, IN_PORT 1
		1000 0400 000000000000 000000000000   // ETHERNET
		0600 0600 88a8 0000 0600 0500 1001 0000 // ETHERTYPE, VLAN
		2000 0100                             // ENCAP
		  0600 0600 8100 0000 0600 0500 1002 0000 // ETHERTYPE, VLAN
		  0c00 0100                           //   ENCAP
		    0600 0600 8100 0000               //     ETHERTYPE: the third tag is not looked at
	`},
}

func TestKeyGolden(t *testing.T) {
	for _, tt := range goldenKeys {
		t.Run(tt.name, func(t *testing.T) {
			key := keyWith(tt.key)
			m := exactMatch(key)
			s, err := shapeOf(&m)
			if err != nil {
				t.Fatal(err)
			}
			want := bytesOf(t, tt.want)
			if diff := cmp.Diff(hex.Dump(want), hex.Dump(s.append(nil, s.key, false))); diff != "" {
				t.Errorf("encoded key (-want +got)\n%s", diff)
			}
			var got flowtable.Key
			if !decodeKey(want, &got) {
				t.Fatal("the golden bytes do not decode")
			}
			if got != key {
				t.Errorf("decoded\n%v, want\n%v", got, key)
			}
		})
	}
}

func TestMaskGolden(t *testing.T) {
	// UDP from 10.0.0.0/8 in any VLAN, to a port above 0x8000; sources are wild.
	var m flowtable.Match
	m.Mask = always()
	for f, v := range (fields{
		flowtable.InPort: 2, flowtable.EthType: 0x0800, flowtable.VLANTPID: 0x8100, flowtable.IPProto: 17,
	}) {
		m.Exact(f, v)
	}
	m.Masked(flowtable.VLANTCI, 0x1000, 0x1000)
	m.Masked(flowtable.IPv4Src, 0x0a000000, 0xff000000)
	m.Masked(flowtable.L4Dst, 0x8000, 0x8000)
	got, err := appendMatch(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	want := bytesOf(t, `
		5800 0100                               // FLOW_ATTR_KEY
		  0800 1400 00000000 0800 0300 02000000 //   RECIRC_ID, IN_PORT
		  1000 0400 000000000000 000000000000   //   ETHERNET
		  0600 0600 8100 0000 0600 0500 1000 0000 // ETHERTYPE, VLAN
		  2400 0100                             //   ENCAP
		    0600 0600 0800 0000                 //     ETHERTYPE
		    1000 0700 0a000000 00000000 11 00 00 00 // IPV4
		    0800 0a00 0000 8000                 //     UDP
		5800 0700                               // FLOW_ATTR_MASK
		  0800 1400 ffffffff 0800 0300 ffffffff //   RECIRC_ID, IN_PORT: exact
		  1000 0400 000000000000 000000000000   //   ETHERNET: wild
		  0600 0600 ffff 0000 0600 0500 1000 0000 // ETHERTYPE: exact; VLAN: present
		  2400 0100                             //   ENCAP
		    0600 0600 ffff 0000                 //     ETHERTYPE: exact
		    1000 0700 ff000000 00000000 ff 00 00 00 // IPV4: source /8, protocol
		    0800 0a00 0000 8000                 //     UDP: top bit
	`)
	if diff := cmp.Diff(hex.Dump(want), hex.Dump(got)); diff != "" {
		t.Errorf("match (-want +got)\n%s", diff)
	}
}

// TestRefusedMatches holds shapeOf to its promise: what the kernel would take
// for another match is not installed.
func TestRefusedMatches(t *testing.T) {
	base := func(ethType uint64, f fields) flowtable.Match {
		m := matchOf(ethType, f)
		m.Key.Set(flowtable.InPort, 1)
		return m
	}
	wild := func(m flowtable.Match, f flowtable.Field, bits uint64) flowtable.Match {
		m.Mask.Set(f, m.Mask.Get(f)&^bits)
		m.Mask.Apply(&m.Key, &m.Key)
		return m
	}
	looking := func(m flowtable.Match, f flowtable.Field, bits, value uint64) flowtable.Match {
		m.Masked(f, value, bits)
		return m
	}
	const all = ^uint64(0)
	ip := base(packet.TypeIPv4, nil)
	tagged := base(packet.TypeIPv4, fields{flowtable.VLANTCI: 0x1001, flowtable.VLANTPID: packet.TypeVLAN})
	tests := []struct {
		name  string
		match flowtable.Match
		taken bool
	}{
		{"as it should be", ip, true},
		{"wild in_port", wild(ip, flowtable.InPort, 1), false},
		{"in_port CONTROLLER", looking(ip, flowtable.InPort, all, uint64(noPort)), false},
		{"wild eth_type", wild(ip, flowtable.EthType, all), false},
		{"tag or none", wild(ip, flowtable.VLANTCI, all), false},
		{"any TPID", wild(tagged, flowtable.VLANTPID, 1), false},
		{"second tag or none", wild(tagged, flowtable.VLAN2TCI, all), false},
		{"any VID", wild(tagged, flowtable.VLANTCI, 0xfff), true},
		{"cut off tag", base(packet.TypeVLAN, nil), false},
		{"ports of any protocol", looking(ip, flowtable.L4Dst, all, 0), false},
		{"ports of UDP", looking(base(packet.TypeIPv4, fields{flowtable.IPProto: 17}), flowtable.L4Dst, all, 80), true},
		{"ports of GRE, which are zero", looking(base(packet.TypeIPv4, fields{flowtable.IPProto: 47}), flowtable.L4Dst, all, 0), true},
		{"ports of GRE that are not zero", looking(base(packet.TypeIPv4, fields{flowtable.IPProto: 47}), flowtable.L4Dst, all, 80), false},
		{"ports of ARP, which are zero", looking(base(packet.TypeARP, nil), flowtable.L4Dst, all, 0), true},
		{"IPv6 address of IPv4", looking(ip, flowtable.IPv6DstLo, all, 1), false},
		{"IPv6 address of IPv4, zero", looking(ip, flowtable.IPv6DstLo, all, 0), true},
		{"half a protocol", looking(ip, flowtable.IPProto, 0x0f, 6), false},
		{"ARP request", base(packet.TypeARP, fields{flowtable.ARPOp: 1}), true},
		{"ARP opcode 0, which 256 reads as", base(packet.TypeARP, fields{flowtable.ARPOp: 0}), false},
		{"ARP opcode 257", base(packet.TypeARP, fields{flowtable.ARPOp: 257}), false},
		{"odd ARP opcodes", looking(base(packet.TypeARP, nil), flowtable.ARPOp, 1, 1), false},
		{"ND target of any ICMPv6", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 58}), flowtable.NDTargetLo, all, 0), false},
		{"ND target of an echo", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 58, flowtable.L4Src: 128}), flowtable.NDTargetLo, all, 0), true},
		{"hop-by-hop options", looking(base(packet.TypeIPv6, nil), flowtable.IPv6ExtHdr, packet.ExtHop, packet.ExtHop), true},
		{"no extension header, in any protocol", looking(base(packet.TypeIPv6, nil), flowtable.IPv6ExtHdr, all, 0), false},
		{"no extension header, in UDP", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, all, 0), true},
		{"a routing header only, in UDP", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, all, 1<<5), true},
		{"a routing header among others", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, 1<<5, 1<<5), false},
		{"authentication", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, all, packet.ExtAuth), false},
		{"a fragment", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, all, packet.ExtFrag), false},
		{"out of sequence", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 17}), flowtable.IPv6ExtHdr, all, packet.ExtUnseq|1<<5), false},
		{"ESP", looking(base(packet.TypeIPv6, fields{flowtable.IPProto: 50}), flowtable.IPv6ExtHdr, packet.ExtESP, packet.ExtESP), false},
		{"backbone tag", base(packet.TypePBB, fields{flowtable.PBBISID: 0}), false},
		{"backbone tag of IP, zero", looking(ip, flowtable.PBBISID, all, 0), true},
		{"metadata", looking(ip, flowtable.Metadata, 1, 0), false},
		{"tunnel id", looking(ip, flowtable.TunnelID, all, 5), false},
		{"no tunnel", looking(ip, flowtable.TunnelID, all, 0), true},
		{"label under the bottom", base(packet.TypeMPLS, fields{flowtable.MPLS0: 0x100, flowtable.MPLS1: 5}), false},
	}
	for _, tt := range tests {
		_, err := shapeOf(&tt.match)
		if tt.taken != (err == nil) || err != nil && !errors.Is(err, datapath.ErrUnsupported) {
			t.Errorf("%s: error %v, taken should be %v", tt.name, err, tt.taken)
		}
	}
}

// TestMatchRoundTrip sends random matches through the attributes: what comes
// back is the match, without bits that no frame of its kind has, and with the
// recirculation id that the kernel always matches.
func TestMatchRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 20000 {
		m := randomMatch(rng)
		b, err := appendMatch(nil, &m)
		if err != nil {
			continue
		}
		taken++
		got := readMatch(t, b)
		want := m
		want.Mask.Set(flowtable.InPhyPort, 0)
		want.Mask.Exact(flowtable.RecircID)
		s, _ := shapeOf(&m)
		for i := range want.Mask {
			want.Mask[i] &= s.carried[i]
		}
		normalize(&want.Mask, &s)
		normalize(&got.Mask, &s)
		want.Mask.Apply(&want.Key, &want.Key)
		got.Mask.Apply(&got.Key, &got.Key)
		if got != want {
			t.Fatalf("sent %v\n got %v\nfor  %v", want, got, m)
		}
	}
	if taken < 5000 {
		t.Errorf("only %d of 20000 random matches were taken: the test tests nothing", taken)
	}
}

// normalize drops from a mask what the attributes say in other words: the high
// bytes of one-byte fields, and a part of the presence of no tag.
func normalize(m *flowtable.Mask, s *flowShape) {
	if s.l4 == keyICMP || s.l4 == keyICMPv6 {
		m.Set(flowtable.L4Src, m.Get(flowtable.L4Src)&0xff)
		m.Set(flowtable.L4Dst, m.Get(flowtable.L4Dst)&0xff)
	}
	m.Set(flowtable.ARPOp, m.Get(flowtable.ARPOp)&0xff)
}

func readMatch(t testing.TB, b []byte) (m flowtable.Match) {
	t.Helper()
	_, key, rest, ok := nextAttr(b)
	_, mask, _, ok2 := nextAttr(rest)
	if !ok || !ok2 || !decodeKey(key, &m.Key) || !decodeMask(mask, &m.Mask) {
		t.Fatalf("cannot read back\n%x", b)
	}
	m.Mask.Apply(&m.Key, &m.Key)
	return m
}

// randomMatch makes a match of a key that a frame can have, under a mask that
// most often has its prerequisites.
func randomMatch(rng *rand.Rand) flowtable.Match {
	pick := func(v ...uint64) uint64 { return v[rng.IntN(len(v))] }
	k := flowtable.Key{}
	fill := func(f ...flowtable.Field) {
		for _, f := range f {
			k.Set(f, rng.Uint64())
		}
	}
	k.Set(flowtable.InPort, pick(1, 2, 65534, uint64(datapath.Local)))
	fill(flowtable.EthSrc, flowtable.EthDst)
	ethType := pick(packet.TypeIPv4, packet.TypeIPv4, packet.TypeIPv6, packet.TypeIPv6, packet.TypeARP, packet.TypeRARP, packet.TypeMPLS, packet.TypeMPLSM, 0x88cc, packet.Type8022)
	k.Set(flowtable.EthType, ethType)
	if tags := rng.IntN(3); tags > 0 {
		k.Set(flowtable.VLANTPID, pick(packet.TypeVLAN, packet.TypeSVLAN))
		k.Set(flowtable.VLANTCI, rng.Uint64()|0x1000)
		if tags > 1 {
			k.Set(flowtable.VLAN2TPID, packet.TypeVLAN)
			k.Set(flowtable.VLAN2TCI, rng.Uint64()|0x1000)
		}
	}
	switch ethType {
	case packet.TypeARP, packet.TypeRARP:
		fill(flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.ARPSHA, flowtable.ARPTHA)
		k.Set(flowtable.ARPOp, pick(1, 2, 255))
	case packet.TypeMPLS, packet.TypeMPLSM:
		fill(flowtable.MPLS0)
		for i := 1; i < 3 && k.Get(stack[i-1])&0x100 == 0; i++ {
			fill(stack[i])
		}
	case packet.TypeIPv4, packet.TypeIPv6:
		randomIP(rng, &k, fill, pick, ethType == packet.TypeIPv6)
	}
	return maskedAtRandom(rng, k)
}

func randomIP(rng *rand.Rand, k *flowtable.Key, fill func(...flowtable.Field), pick func(...uint64) uint64, six bool) {
	fill(flowtable.IPTOS, flowtable.IPTTL)
	k.Set(flowtable.IPFrag, pick(0, 0, 0, 1, 2))
	proto := pick(0, packet.ProtoICMP, packet.ProtoTCP, packet.ProtoUDP, packet.ProtoSCTP, packet.ProtoICMPv6, 47)
	k.Set(flowtable.IPProto, proto)
	if six {
		fill(flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPv6FLabel, flowtable.IPv6ExtHdr)
		k.Set(flowtable.IPv6ExtHdr, k.Get(flowtable.IPv6ExtHdr)&^packet.ExtESP)
	} else {
		fill(flowtable.IPv4Src, flowtable.IPv4Dst)
	}
	if k.Get(flowtable.IPFrag) == flowtable.FragLater {
		return
	}
	switch {
	case proto == packet.ProtoTCP:
		fill(flowtable.L4Src, flowtable.L4Dst, flowtable.TCPFlags)
	case proto == packet.ProtoUDP, proto == packet.ProtoSCTP:
		fill(flowtable.L4Src, flowtable.L4Dst)
	case proto == packet.ProtoICMP && !six, proto == packet.ProtoICMPv6 && six:
		k.Set(flowtable.L4Src, pick(0, 8, 128, 135, 136))
		k.Set(flowtable.L4Dst, uint64(rng.IntN(256)))
		if t := k.Get(flowtable.L4Src); six && (t == packet.NDSolicit || t == packet.NDAdvertise) {
			fill(flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA)
		}
	}
}

// maskedAtRandom masks a key with what the kernel always wants and random bits.
func maskedAtRandom(rng *rand.Rand, k flowtable.Key) flowtable.Match {
	m := flowtable.Match{Mask: always()}
	every := staticKeyMask()
	for f := flowtable.InPort; f < flowtable.NumFields; f++ {
		if every.Get(f) == 0 && f != flowtable.VLAN2TCI && f != flowtable.IPv6ExtHdr && f != flowtable.MPLS0 && f != flowtable.MPLS1 && f != flowtable.MPLS2 || f == flowtable.DPHash {
			continue
		}
		switch rng.IntN(4) {
		case 0:
			m.Mask.Exact(f)
		case 1:
			m.Mask.Add(f, rng.Uint64())
		}
	}
	features := datapath.Features{Always: always(), Needs: needs()}
	features.Widen(&m.Mask, nil)
	m.Mask.Apply(&k, &m.Key)
	return m
}
