package packet

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// raw reads hexadecimal text; everything from a # to the end of its line is
// comment.
func raw(text string) []byte {
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		panic(err)
	}
	return b
}

// framed puts bytes into a frame with the usual headroom.
func framed(b []byte) *datapath.Frame {
	buf := make([]byte, datapath.Headroom+len(b))
	copy(buf[datapath.Headroom:], b)
	return &datapath.Frame{Buf: buf, Start: datapath.Headroom, End: len(buf)}
}

// fields is a key in a form to write by hand: what is not named is zero.
type fields map[flowtable.Field]uint64

func (f fields) key(inPort uint64) (k flowtable.Key) {
	k.Set(flowtable.InPort, inPort)
	k.Set(flowtable.InPhyPort, inPort)
	for field, v := range f {
		k.Set(field, v)
	}
	return k
}

func (f fields) with(more fields) fields {
	all := fields{}
	for _, m := range []fields{f, more} {
		for field, v := range m {
			all[field] = v
		}
	}
	return all
}

const (
	macs = "0200 0000 0002  0200 0000 0001 # destination, source\n"

	// 10.0.0.1 to 10.0.0.2, TTL 64, DSCP 10 ECN 1
	ip4TCPHeader = `4529 0028 1234 4000 4006 1471  0a00 0001 0a00 0002
`
	tcpHeader = `3039 0050 0000 0001 0000 0002 5018 ffff 5d84 0000 # 12345 to 80, PSH ACK
`
	// 2001:db8::1 to 2001:db8::2, traffic class 0xb8, flow label 0x12345
	ip6Addresses = `2001 0db8 0000 0000 0000 0000 0000 0001
 2001 0db8 0000 0000 0000 0000 0000 0002
`
)

var (
	etherFields = fields{flowtable.EthDst: 0x020000000002, flowtable.EthSrc: 0x020000000001}
	ip4Fields   = etherFields.with(fields{
		flowtable.EthType: 0x0800, flowtable.IPTOS: 0x29, flowtable.IPTTL: 64,
		flowtable.IPv4Src: 0x0a000001, flowtable.IPv4Dst: 0x0a000002,
	})
	tcpFields = ip4Fields.with(fields{
		flowtable.IPProto: 6, flowtable.L4Src: 12345, flowtable.L4Dst: 80, flowtable.TCPFlags: 0x018,
	})
	ip6Fields = etherFields.with(fields{
		flowtable.EthType: 0x86dd, flowtable.IPTOS: 0xb8, flowtable.IPv6FLabel: 0x12345, flowtable.IPTTL: 255,
		flowtable.IPv6SrcHi: 0x20010db8_00000000, flowtable.IPv6SrcLo: 1,
		flowtable.IPv6DstHi: 0x20010db8_00000000, flowtable.IPv6DstLo: 2,
	})
	neighbour = ip6Fields.with(fields{
		flowtable.IPProto: 58, flowtable.L4Src: 135,
		flowtable.NDTargetHi: 0xfe80000000000000, flowtable.NDTargetLo: 9,
	})
)

// ip6 is an IPv6 header with a payload length and next header in hexadecimal.
func ip6(payload, next string) string {
	return macs + "86dd 6b81 2345 " + payload + next + "ff " + ip6Addresses
}

// golden are frames written by hand, and the keys that they must have.
var golden = []struct {
	name  string
	frame string
	want  fields
}{
	{"empty", ``, nil},
	{"thirteen bytes", macs + `08`, nil},
	{"no payload", macs + `1234`, etherFields.with(fields{flowtable.EthType: 0x1234})},
	{"TCP", macs + `0800 ` + ip4TCPHeader + tcpHeader, tcpFields},
	{"TCP all flags", macs + `0800 ` + ip4TCPHeader + `3039 0050 0000 0001 0000 0002 5fff ffff 0000 0000`,
		tcpFields.with(fields{flowtable.TCPFlags: 0xfff})},
	{"TCP cut in its options", macs + `0800 ` + ip4TCPHeader + `3039 0050 0000 0001 0000 0002 6018 ffff 0000 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 6})},
	{"TCP cut short", macs + `0800 ` + ip4TCPHeader + `3039 0050 0000 0001 0000 0002 5018 ffff 0000 00`,
		ip4Fields.with(fields{flowtable.IPProto: 6})},
	{"TCP with a data offset below 5", macs + `0800 ` + ip4TCPHeader + `3039 0050 0000 0001 0000 0002 4018 ffff 0000 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 6})},
	{"IPv4 options", macs + `0800 4629 002c 1234 4000 4006 0000 0a00 0001 0a00 0002 0101 0100 ` + tcpHeader, tcpFields},
	{"IPv4 options cut short", macs + `0800 4f29 0028 1234 4000 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader,
		etherFields.with(fields{flowtable.EthType: 0x0800})},
	{"IPv4 header length below 5", macs + `0800 4429 0028 1234 4000 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader,
		etherFields.with(fields{flowtable.EthType: 0x0800})},
	{"IPv4 first fragment", macs + `0800 4529 0028 1234 2000 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader,
		tcpFields.with(fields{flowtable.IPFrag: flowtable.FragFirst})},
	{"IPv4 later fragment", macs + `0800 4529 0028 1234 2001 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader,
		ip4Fields.with(fields{flowtable.IPProto: 6, flowtable.IPFrag: flowtable.FragLater})},
	{"IPv4 last fragment", macs + `0800 4529 0028 1234 00b9 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader,
		ip4Fields.with(fields{flowtable.IPProto: 6, flowtable.IPFrag: flowtable.FragLater})},
	{"UDP", macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000})},
	{"UDP cut short", macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 00`,
		ip4Fields.with(fields{flowtable.IPProto: 17})},
	{"SCTP", macs + `0800 4529 0020 1234 0000 4084 0000 0a00 0001 0a00 0002  0b59 0b5a 0000 0001 0000 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 132, flowtable.L4Src: 2905, flowtable.L4Dst: 2906})},
	{"SCTP cut short", macs + `0800 4529 0020 1234 0000 4084 0000 0a00 0001 0a00 0002  0b59 0b5a 0000 0001 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 132})},
	{"ICMP", macs + `0800 4529 001c 1234 0000 4001 0000 0a00 0001 0a00 0002  0304 0000 0000 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 1, flowtable.L4Src: 3, flowtable.L4Dst: 4})},
	{"ICMP cut short", macs + `0800 4529 001c 1234 0000 4001 0000 0a00 0001 0a00 0002  0304 0000 0000 00`,
		ip4Fields.with(fields{flowtable.IPProto: 1})},
	{"ICMPv6 over IPv4 is not ICMP", macs + `0800 4529 001c 1234 0000 403a 0000 0a00 0001 0a00 0002  8000 0000 0000 0000`,
		ip4Fields.with(fields{flowtable.IPProto: 58})},
	{"IP protocol 0", macs + `0800 4529 001c 1234 0000 4000 0000 0a00 0001 0a00 0002  0304 0000 0000 0000`, ip4Fields},

	{"one tag", macs + `8100 6064 0800 ` + ip4TCPHeader + tcpHeader,
		tcpFields.with(fields{flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x7064})},
	{"DEI is replaced by presence", macs + `8100 1000 1234`,
		etherFields.with(fields{flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x1000, flowtable.EthType: 0x1234})},
	{"priority tag, VLAN 0", macs + `8100 0000 1234`,
		etherFields.with(fields{flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x1000, flowtable.EthType: 0x1234})},
	{"two tags", macs + `88a8 6064 8100 00c8 0800 ` + ip4TCPHeader + tcpHeader,
		tcpFields.with(fields{flowtable.VLANTPID: 0x88a8, flowtable.VLANTCI: 0x7064,
			flowtable.VLAN2TPID: 0x8100, flowtable.VLAN2TCI: 0x10c8})},
	{"third tag is an EtherType", macs + `88a8 6064 8100 00c8 8100 0001 0800 ` + ip4TCPHeader,
		etherFields.with(fields{flowtable.VLANTPID: 0x88a8, flowtable.VLANTCI: 0x7064,
			flowtable.VLAN2TPID: 0x8100, flowtable.VLAN2TCI: 0x10c8, flowtable.EthType: 0x8100})},
	{"tag without an EtherType", macs + `8100 6064 08`, etherFields.with(fields{flowtable.EthType: 0x8100})},
	{"second tag without an EtherType", macs + `8100 6064 8100 0001`,
		etherFields.with(fields{flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x7064, flowtable.EthType: 0x8100})},

	{"802.2 spanning tree", macs + `0026 4242 0300 0000 0000 0000`, etherFields.with(fields{flowtable.EthType: 0x05ff})},
	{"802.2 cut short", macs + `0003 aaaa 03`, etherFields.with(fields{flowtable.EthType: 0x05ff})},
	{"SNAP, OUI 0", macs + `0024 aaaa 0300 0000 0800 ` + ip4TCPHeader + tcpHeader, tcpFields},
	{"SNAP behind a tag", macs + `8100 0001 0024 aaaa 0300 0000 0800 ` + ip4TCPHeader + tcpHeader,
		tcpFields.with(fields{flowtable.VLANTPID: 0x8100, flowtable.VLANTCI: 0x1001})},
	{"SNAP, another OUI", macs + `0024 aaaa 0300 000c 0800 ` + ip4TCPHeader + tcpHeader,
		etherFields.with(fields{flowtable.EthType: 0x05ff})},
	{"SNAP, type below 0x600", macs + `0024 aaaa 0300 0000 05ff ` + ip4TCPHeader,
		etherFields.with(fields{flowtable.EthType: 0x05ff})},

	{"ARP", macs + `0806 0001 0800 0604 0001 0200 0000 0001 0a00 0001 0200 0000 0009 0a00 0002`,
		etherFields.with(fields{flowtable.EthType: 0x0806, flowtable.ARPOp: 1, flowtable.ARPSHA: 0x020000000001,
			flowtable.IPv4Src: 0x0a000001, flowtable.ARPTHA: 0x020000000009, flowtable.IPv4Dst: 0x0a000002})},
	{"ARP opcode above 255", macs + `0806 0001 0800 0604 0102 0200 0000 0001 0a00 0001 0000 0000 0000 0a00 0002`,
		etherFields.with(fields{flowtable.EthType: 0x0806, flowtable.ARPOp: 0x102, flowtable.ARPSHA: 0x020000000001,
			flowtable.IPv4Src: 0x0a000001, flowtable.IPv4Dst: 0x0a000002})},
	{"RARP", macs + `8035 0001 0800 0604 0003 0200 0000 0001 0000 0000 0200 0000 0001 0000 0000`,
		etherFields.with(fields{flowtable.EthType: 0x8035, flowtable.ARPOp: 3,
			flowtable.ARPSHA: 0x020000000001, flowtable.ARPTHA: 0x020000000001})},
	{"ARP cut short", macs + `0806 0001 0800 0604 0001 0200 0000 0001 0a00 0001 0200 0000 0009 0a00 00`,
		etherFields.with(fields{flowtable.EthType: 0x0806})},
	{"ARP for another protocol", macs + `0806 0001 0801 0604 0001 0200 0000 0001 0a00 0001 0200 0000 0009 0a00 0002`,
		etherFields.with(fields{flowtable.EthType: 0x0806})},

	{"MPLS, one entry", macs + `8847 0006 4140 ` + ip4TCPHeader, // label 100, TC 0, bottom, TTL 64
		etherFields.with(fields{flowtable.EthType: 0x8847, flowtable.MPLS0: 0x00064140})},
	{"MPLS, four entries", macs + `8848 0006 4040 0006 5040 0006 6040 0006 7140`,
		etherFields.with(fields{flowtable.EthType: 0x8848, flowtable.MPLS0: 0x00064040, flowtable.MPLS1: 0x00065040, flowtable.MPLS2: 0x00066040})},
	{"MPLS cut in the second entry", macs + `8847 0006 4040 0006 50`,
		etherFields.with(fields{flowtable.EthType: 0x8847, flowtable.MPLS0: 0x00064040})},
	{"MPLS without an entry", macs + `8847 0006 41`, etherFields.with(fields{flowtable.EthType: 0x8847})},

	{"PBB", macs + `88e7 6812 3456 ` + macs + `0800`,
		etherFields.with(fields{flowtable.EthType: 0x88e7, flowtable.PBBISID: 0x123456, flowtable.PBBUCA: 1})},
	{"PBB behind a B-TAG", macs + `88a8 000a 88e7 0000 0007 ` + macs + `0800`,
		etherFields.with(fields{flowtable.VLANTPID: 0x88a8, flowtable.VLANTCI: 0x100a,
			flowtable.EthType: 0x88e7, flowtable.PBBISID: 7})},
	{"PBB cut short", macs + `88e7 6812 34`, etherFields.with(fields{flowtable.EthType: 0x88e7})},

	{"IPv6 TCP", ip6("0014", "06") + tcpHeader,
		ip6Fields.with(fields{flowtable.IPProto: 6, flowtable.L4Src: 12345, flowtable.L4Dst: 80, flowtable.TCPFlags: 0x018})},
	{"IPv6 cut short", macs + `86dd 6b81 2345 0000 3bff 2001 0db8`, etherFields.with(fields{flowtable.EthType: 0x86dd})},
	{"IPv6 no next header", ip6("0000", "3b"),
		ip6Fields.with(fields{flowtable.IPProto: 59, flowtable.IPv6ExtHdr: ExtNoNext})},
	{"hop-by-hop, destination, routing, AH, destination, UDP",
		ip6("0038", "00") + `3c00 0000 0000 0000  2b00 0000 0000 0000  3300 0000 0000 0000
		3c04 0000 0000 0001 0000 0001 0000 0000 0000 0000 0000 0000  1100 0000 0000 0000  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000,
			flowtable.IPv6ExtHdr: ExtHop | ExtDest | ExtRouter | ExtAuth})},
	{"routing with segments left", ip6("0020", "2b") +
		`1102 0001 0000 0000 2001 0db8 0000 0000 0000 0000 0000 0099  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000,
			flowtable.IPv6ExtHdr: ExtRouter})},
	{"ESP ends the walk", ip6("0010", "32") + `0000 0001 0000 0001 1122 3344 5566 7788`,
		ip6Fields.with(fields{flowtable.IPProto: 50, flowtable.IPv6ExtHdr: ExtESP})},
	{"routing twice, then hop-by-hop", ip6("0020", "2b") +
		`2b00 0000 0000 0000  0000 0000 0000 0000  1100 0000 0000 0000  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000,
			flowtable.IPv6ExtHdr: ExtRouter | ExtUnrep | ExtUnseq})},
	{"extension cut short", ip6("0008", "00") + `11`,
		ip6Fields.with(fields{flowtable.IPProto: 59, flowtable.IPv6ExtHdr: ExtHop})},
	{"extension longer than the frame", ip6("0008", "00") + `11ff 0000 0000 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 59, flowtable.IPv6ExtHdr: ExtHop})},
	{"extension to the frame's end", ip6("0008", "00") + `1100 0000 0000 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.IPv6ExtHdr: ExtHop})},
	{"IPv6 first fragment", ip6("0010", "2c") + `1100 0001 0000 0001  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000,
			flowtable.IPFrag: flowtable.FragFirst, flowtable.IPv6ExtHdr: ExtFrag})},
	{"IPv6 atomic fragment", ip6("0010", "2c") + `1100 0000 0000 0001  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 17, flowtable.L4Src: 53, flowtable.L4Dst: 0xc000,
			flowtable.IPFrag: flowtable.FragFirst, flowtable.IPv6ExtHdr: ExtFrag})},
	{"IPv6 later fragment", ip6("0010", "2c") + `1100 0009 0000 0001  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 44, flowtable.IPFrag: flowtable.FragLater, flowtable.IPv6ExtHdr: ExtFrag})},
	{"IPv6 later fragment of an extension", ip6("0010", "2c") + `3c00 0009 0000 0001  0035 c000 0008 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 59, flowtable.IPFrag: flowtable.FragFirst, flowtable.IPv6ExtHdr: ExtFrag})},

	{"neighbour solicitation with source address", ip6("0020", "3a") +
		`8700 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0101 0200 0000 0001`,
		neighbour.with(fields{flowtable.ARPSHA: 0x020000000001})},
	{"neighbour advertisement with target address", ip6("0020", "3a") +
		`8800 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0201 0200 0000 0002`,
		neighbour.with(fields{flowtable.L4Src: 136, flowtable.ARPTHA: 0x020000000002})},
	{"source address twice: no ND fields", ip6("0028", "3a") +
		`8700 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0101 0200 0000 0001  0101 0200 0000 0002`,
		neighbour.with(fields{flowtable.NDTargetHi: 0, flowtable.NDTargetLo: 0})},
	{"an option of length 0 ends the walk", ip6("0028", "3a") +
		`8700 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0500 0000 0000 0000  0101 0200 0000 0002`, neighbour},
	{"an option of 16 bytes is no address", ip6("0028", "3a") +
		`8700 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0102 0200 0000 0001  0101 0200 0000 0002`, neighbour},
	{"neighbour solicitation with a code", ip6("0020", "3a") +
		`8701 0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009  0101 0200 0000 0001`,
		ip6Fields.with(fields{flowtable.IPProto: 58, flowtable.L4Src: 135, flowtable.L4Dst: 1})},
	{"neighbour solicitation cut short", ip6("0020", "3a") + `8700 0000 0000 0000 fe80 0000 0000 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 58, flowtable.L4Src: 135})},
	{"ICMPv6 echo", ip6("0008", "3a") + `8000 0000 0000 0000`,
		ip6Fields.with(fields{flowtable.IPProto: 58, flowtable.L4Src: 128})},
	{"ICMP over IPv6 is not ICMP", ip6("0008", "01") + `0800 0000 0000 0000`, ip6Fields.with(fields{flowtable.IPProto: 1})},
}

func TestParseGolden(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			b := raw(tt.frame)
			k := flowtable.Key{3: 99, 19: 7} // Parse writes every word
			Parse(framed(b), 5, &k)
			if diff := cmp.Diff(named(tt.want.key(5)), named(k)); diff != "" {
				t.Errorf("key of\n%s(-want +got)\n%s", hex.Dump(b), diff)
			}
			f := framed(b)
			Parse(f, 5, &k)
			if !bytes.Equal(f.Bytes(), b) {
				t.Error("Parse changed the frame")
			}
		})
	}
}

// named shows a key by words, for messages.
func named(k flowtable.Key) []string { return strings.Fields(k.String()) }

// TestExtensions holds OFPIEH_UNREP and OFPIEH_UNSEQ to RFC 8200 §4.1.
func TestExtensions(t *testing.T) {
	const (
		hop, dst, rt, frag, ah, esp, none = ProtoHopByHop, ProtoDstOpts, ProtoRouting, ProtoFragment, ProtoAH, ProtoESP, ProtoNone
	)
	tests := []struct {
		chain []uint8
		want  uint16
	}{
		{[]uint8{hop, dst, rt, frag, ah, esp}, ExtHop | ExtDest | ExtRouter | ExtFrag | ExtAuth | ExtESP},
		{[]uint8{hop, dst, rt, frag, ah, dst}, ExtHop | ExtDest | ExtRouter | ExtFrag | ExtAuth},
		{[]uint8{frag, ah}, ExtFrag | ExtAuth},
		{[]uint8{ah, frag}, ExtFrag | ExtAuth | ExtUnseq},
		{[]uint8{rt, dst}, ExtRouter | ExtDest},
		{[]uint8{rt, dst, frag}, ExtRouter | ExtDest | ExtFrag | ExtUnseq},
		{[]uint8{rt, dst, dst}, ExtRouter | ExtDest | ExtUnseq},
		{[]uint8{dst, rt, dst, ah}, ExtRouter | ExtDest | ExtAuth | ExtUnseq},
		{[]uint8{hop, dst}, ExtHop | ExtDest},
		{[]uint8{dst, rt, dst}, ExtDest | ExtRouter},
		{[]uint8{dst, dst, rt}, ExtDest | ExtRouter | ExtUnseq},
		{[]uint8{dst, dst, dst}, ExtDest | ExtUnrep},
		{[]uint8{rt, hop}, ExtRouter | ExtUnseq},
		{[]uint8{hop, hop}, ExtHop | ExtUnrep | ExtUnseq},
		{[]uint8{ah, ah}, ExtAuth | ExtUnrep | ExtUnseq},
		{[]uint8{esp, ah}, ExtESP | ExtAuth | ExtUnseq},
		{[]uint8{hop, none}, ExtHop | ExtNoNext},
		{[]uint8{ProtoTCP}, 0},
	}
	for _, tt := range tests {
		var e extensions
		for _, proto := range tt.chain {
			e.add(proto)
		}
		if e.bits != tt.want {
			t.Errorf("chain %v: bits %09b, want %09b", tt.chain, e.bits, tt.want)
		}
	}
}

// TestParseBelow looks below as many tags as it is told to, and no more.
func TestParseBelow(t *testing.T) {
	const tags = `88a8 0001 8100 0002 8100 2003 88a8 0004`
	f := framed(raw(macs + tags + `8847 0006 4140 1122`))
	var plain, k flowtable.Key
	var l Layout
	Parse(f, 1, &plain)
	for n, want := range []uint64{TypeVLAN, TypeSVLAN, TypeMPLS, TypeMPLS} {
		ParseBelow(f, 1, n, &k, &l)
		expected := plain
		expected.Set(flowtable.EthType, want)
		if want == TypeMPLS {
			expected.Set(flowtable.MPLS0, 0x00064140)
		}
		if k != expected {
			t.Errorf("below %d tags more: %v, want %v", n, named(k), named(expected))
		}
		if labels := l.Labels == 1; labels != (want == TypeMPLS) {
			t.Errorf("below %d tags more: layout %+v", n, l)
		}
	}
}

func TestParseUFOIsFirstFragment(t *testing.T) {
	for _, text := range []string{
		macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 0000`,
		ip6("0008", "11") + `0035 c000 0008 0000`,
	} {
		f := framed(raw(text))
		f.Offload.GSOType = datapath.GSOUDP
		var k flowtable.Key
		Parse(f, 1, &k)
		if got := k.Get(flowtable.IPFrag); got != flowtable.FragFirst {
			t.Errorf("IPFrag = %d, want FragFirst: the kernel will fragment this datagram", got)
		}
		if got := k.Get(flowtable.L4Src); got != 53 {
			t.Errorf("L4Src = %d, want 53", got)
		}
	}
}

func TestParseAllocates(t *testing.T) {
	var k flowtable.Key
	var l Layout
	for _, tt := range golden {
		f := framed(raw(tt.frame))
		if n := testing.AllocsPerRun(10, func() { ParseLayout(f, 1, &k, &l) }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", tt.name, n)
		}
	}
}

func BenchmarkParseTCP(b *testing.B) {
	f := framed(raw(macs + `0800 ` + ip4TCPHeader + tcpHeader))
	var k flowtable.Key
	for b.Loop() {
		Parse(f, 1, &k)
	}
}

func BenchmarkParseTCPv6(b *testing.B) {
	f := framed(raw(ip6("0014", "06") + tcpHeader))
	var k flowtable.Key
	for b.Loop() {
		Parse(f, 1, &k)
	}
}
