package datapathtest

import (
	"bytes"
	"encoding/hex"
	"maps"
	"strings"

	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// shapes are frames of all kinds that a key distinguishes, and on whose key the
// kernel's module and package packet agree. Left out are ARP opcodes above 255
// and some chains of IPv6 extension headers, of which the module knows less (see
// packet.Parse).
func shapes() map[string][]byte {
	all := map[string][]byte{}
	for _, some := range []map[string][]byte{linkShapes(), ipv4Shapes(), ipv6Shapes()} {
		maps.Copy(all, some)
	}
	return all
}

// hexBytes reads hexadecimal text with spaces.
func hexBytes(text string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		panic(err) // a literal of this package is wrong
	}
	return b
}

func linkShapes() map[string][]byte {
	udp := UDP(2, 1, 80, 18)
	arp := ARP(2, 1)
	other := bytes.Clone(arp)
	other[17] = 0x01 // not IPv4
	rarp := bytes.Clone(arp)
	copy(rarp[12:], []byte{0x80, 0x35})
	snap := append(hexBytes(`aaaa 0300 0000 0800`), udp[14:]...)
	foreign := append(hexBytes(`aaaa 0300 000c 0800`), udp[14:]...)
	label := func(entries string) []byte {
		return Ethernet(2, 1, packet.TypeMPLS, append(hexBytes(entries), udp[14:]...))
	}
	return map[string][]byte{
		"ARP":                  arp,
		"ARP, not for IPv4":    other,
		"ARP cut short":        arp[:40],
		"RARP":                 rarp,
		"UDP in a VLAN":        Tagged(packet.TypeVLAN, 0x6064, udp),
		"UDP in two VLANs":     Tagged(packet.TypeSVLAN, 0x00c8, Tagged(packet.TypeVLAN, 0x6064, udp)),
		"UDP, priority tagged": Tagged(packet.TypeVLAN, 0xa000, udp),
		"UDP in three VLANs":   Tagged(packet.TypeSVLAN, 1, Tagged(packet.TypeVLAN, 2, Tagged(packet.TypeVLAN, 3, udp))),
		"LLDP":                 Ethernet(2, 1, 0x88cc, bytes.Repeat([]byte{2, 0}, 30)),
		"802.2":                Ethernet(2, 1, 38, append([]byte{0x42, 0x42, 3}, make([]byte, 35)...)),
		"SNAP":                 Ethernet(2, 1, uint16(len(snap)), snap),
		"SNAP, another OUI":    Ethernet(2, 1, uint16(len(foreign)), foreign),
		"MPLS":                 label(`0006 4140`),
		"MPLS, two entries":    label(`0006 4040 0006 5140`),
		"MPLS, four entries":   label(`0006 4040 0006 5040 0006 6040 0006 7140`),
		"PBB":                  Ethernet(2, 1, packet.TypePBB, append(hexBytes(`0812 3456`), udp...)),
	}
}

func ipv4Shapes() map[string][]byte {
	udp := UDP(2, 1, 80, 18)
	fragment := bytes.Clone(udp)
	fragment[20] = 0x20 // more fragments
	later := bytes.Clone(udp)
	later[21] = 0x05 // offset 40
	short := bytes.Clone(udp)
	short[14] = 0x44 // a header of 16 bytes
	ip := func(proto byte, rest string) []byte {
		h := []byte{0x45, 0xb8, 0, 40, 0, 1, 0x40, 0, 7, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}
		return Ethernet(2, 1, packet.TypeIPv4, append(h, hexBytes(rest)...))
	}
	options := bytes.Clone(ip(packet.ProtoUDP, `9404 0000 0035 0035 0008 0000`))
	options[14] = 0x46
	const tcp = `3039 0050 0000 0001 0000 0002`
	return map[string][]byte{
		"UDP":                 udp,
		"UDP, first fragment": fragment,
		"UDP, later fragment": later,
		"UDP cut short":       udp[:14+20+6],
		"IPv4, wrong length":  short,
		"IPv4, cut short":     udp[:14+19],
		"IPv4 options":        options,
		"TCP":                 ip(packet.ProtoTCP, tcp+`5fc2 ffff 0000 0000`),
		"TCP, cut in options": ip(packet.ProtoTCP, tcp+`6002 ffff 0000 0000`),
		"SCTP":                ip(packet.ProtoSCTP, `0b59 0b5a 0000 0001 0000 0000`),
		"ICMP":                ip(packet.ProtoICMP, `0304 0000 0000 0000`),
		"ICMPv6 over IPv4":    ip(packet.ProtoICMPv6, `8000 0000 0000 0000`),
		"IP protocol 0":       ip(0, `1122 3344 5566 7788`),
	}
}

func ipv6Shapes() map[string][]byte {
	ip := func(next byte, rest string) []byte {
		p := hexBytes(rest)
		h := []byte{0x6a, 0xb1, 0x23, 0x45, 0, byte(len(p)), next, 7}
		h = append(h, hexBytes(`2001 0db8 0000 0000 0000 0000 0000 0001 2001 0db8 0000 0000 0000 0000 0000 0002`)...)
		return Ethernet(2, 1, packet.TypeIPv6, append(h, p...))
	}
	const (
		udp       = `0035 0035 0008 0102`
		neighbour = `0000 0000 0000 fe80 0000 0000 0000 0000 0000 0000 0009`
		source    = `0101 0200 0000 0001`
		target    = `0201 0200 0000 0002`
	)
	return map[string][]byte{
		"UDP over IPv6":                      ip(packet.ProtoUDP, udp),
		"TCP over IPv6":                      ip(packet.ProtoTCP, `3039 0050 0000 0001 0000 0002 5012 ffff 0000 0000`),
		"ICMP over IPv6":                     ip(packet.ProtoICMP, `0800 0000 0000 0000`),
		"ICMPv6":                             ip(packet.ProtoICMPv6, `8001 0000 0000 0000`),
		"IPv6, no next header":               ip(packet.ProtoNone, ``),
		"IPv6, cut short":                    ip(packet.ProtoUDP, ``)[:50],
		"IPv6, hop-by-hop, routing, UDP":     ip(packet.ProtoHopByHop, `2b00 0000 0000 0000 1100 0000 0000 0000`+udp),
		"IPv6, routing before hop-by-hop":    ip(packet.ProtoRouting, `0000 0000 0000 0000 1100 0000 0000 0000`+udp),
		"IPv6, destination options twice":    ip(packet.ProtoDstOpts, `3c00 0000 0000 0000 1100 0000 0000 0000`+udp),
		"IPv6, an extension cut short":       ip(packet.ProtoHopByHop, `11`),
		"IPv6, an extension to the end":      ip(packet.ProtoHopByHop, `1100 0000 0000 0000`),
		"IPv6, an extension to the end, TCP": ip(packet.ProtoHopByHop, `0600 0000 0000 0000`),
		"IPv6, an extension to the end, ESP": ip(packet.ProtoHopByHop, `3100 0000 0000 0000`),
		"IPv6, an extension with 2 bytes":    ip(packet.ProtoHopByHop, `1100`),
		"IPv6, an extension with 7 bytes":    ip(packet.ProtoHopByHop, `1100 0000 0000 00`),
		"IPv6, two, second too long":         ip(packet.ProtoHopByHop, `3c00 0000 0000 0000 1101 0000 0000 0000`),
		"IPv6, AH":                           ip(packet.ProtoAH, `1104 0000 0000 0001 0000 0001 0000 0000 0000 0000 0000 0000`+udp),
		"IPv6, AH too long":                  ip(packet.ProtoAH, `1104 0000 0000 0001 0000 0001 0000 0000 0000 0000 0000`),
		"IPv6, an extension too long":        ip(packet.ProtoHopByHop, `11ff 0000 0000 0000`),
		"IPv6, first fragment":               ip(packet.ProtoFragment, `1100 0001 0000 0001`+udp),
		"IPv6, atomic fragment":              ip(packet.ProtoFragment, `1100 0000 0000 0001`+udp),
		"IPv6, later fragment":               ip(packet.ProtoFragment, `1100 0009 0000 0001`+udp),
		"IPv6, first fragment cut short":     ip(packet.ProtoFragment, `1100 0001`),
		"IPv6, later fragment cut short":     ip(packet.ProtoFragment, `1100 0009`),
		"IPv6, fragment header cut short":    ip(packet.ProtoFragment, `1100`),
		"solicitation with source":           ip(packet.ProtoICMPv6, `8700`+neighbour+source),
		"advertisement with target":          ip(packet.ProtoICMPv6, `8800`+neighbour+target),
		"solicitation with both":             ip(packet.ProtoICMPv6, `8700`+neighbour+source+target),
		"solicitation with source twice":     ip(packet.ProtoICMPv6, `8700`+neighbour+source+source),
		"solicitation with an option of 0":   ip(packet.ProtoICMPv6, `8700`+neighbour+`0500 0000 0000 0000`+source),
		"solicitation with a code":           ip(packet.ProtoICMPv6, `8701`+neighbour+source),
		"solicitation cut short":             ip(packet.ProtoICMPv6, `8700 0000 0000 0000 fe80`),
		"solicitation with a long option":    ip(packet.ProtoICMPv6, `8700`+neighbour+`0102 0200 0000 0001`+source),
		"solicitation, option cut short":     ip(packet.ProtoICMPv6, `8700`+neighbour+`0102 0200 0000 0001`),
		"solicitation, option below 8 bytes": ip(packet.ProtoICMPv6, `8700`+neighbour+`0101 0200`),
	}
}
