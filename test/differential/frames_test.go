package differential

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// variation changes some bits, more often of the headers behind the EtherType, or
// adds or removes the only tag.
func (g *generator) variation(frame []byte) []byte {
	if g.IntN(6) == 0 {
		if isTag(frame[12:]) {
			return slices.Delete(bytes.Clone(frame), 12, 16)
		}
		tag := []byte{0x81, 0x00, byte(g.IntN(8)) << 5, byte(g.IntN(3))}
		return slices.Insert(bytes.Clone(frame), 12, tag...)
	}
	b := bytes.Clone(frame)
	from, n := 14, []int{12, 30, 60}[g.IntN(3)]
	if g.IntN(4) == 0 {
		from = 0
	}
	for range 1 + g.IntN(2) {
		if from < len(b) {
			b[min(from+g.IntN(n), len(b)-1)] ^= 1 << g.IntN(8)
		}
	}
	return b
}

// anyFrame makes a frame: most are plausible, some are cut short, some odd.
func (g *generator) anyFrame(maxTags int) []byte {
	b := g.ethernet(maxTags)
	head := len(b)
	b = g.payload(b)
	switch g.IntN(16) {
	case 0, 1: // cut short behind an EtherType, perhaps that of a tag
		b = b[:14+g.IntN(len(b)-13)]
		fit(b)
	case 2: // more than the headers say
		b = append(b, g.bytes(1+g.IntN(30))...)
	case 3: // one bit wrong, of the EtherType or behind it
		b[head+g.IntN(len(b)-head)] ^= 1 << g.IntN(8)
	}
	return b
}

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

// from draws a value from a pool, or any of the same size.
func (g *generator) from(pool [][]byte) []byte {
	return (&field{bits: 8 * len(pool[0]), pool: pool}).value(g.Rand)
}

// ethernet makes addresses and tags; an EtherType must follow.
func (g *generator) ethernet(maxTags int) []byte {
	b := append(g.from(macs)[:6:6], g.from(macs)...)
	tags := min(maxTags, []int{0, 0, 0, 1, 1, 1, 2, 3}[g.IntN(8)])
	for range tags {
		tpid := []uint16{0x8100, 0x8100, 0x88a8}[g.IntN(3)]
		vid := uint16(number(vids[g.IntN(len(vids))]))
		tci := vid&0xfff | uint16(number(pcps[g.IntN(len(pcps))]))<<13
		b = binary.BigEndian.AppendUint16(b, tpid)
		b = binary.BigEndian.AppendUint16(b, tci)
	}
	return b
}

// payload appends an EtherType and what it says.
func (g *generator) payload(b []byte) []byte {
	if g.mpls.on && g.IntN(2) == 0 {
		return g.labelled(b)
	}
	switch g.IntN(16) {
	case 0:
		return append(append(b, g.from(ethType.pool)...), g.bytes(g.IntN(60))...)
	case 1, 2:
		return g.arp(b)
	case 3, 4, 5, 6, 7:
		return g.ip6(append(b, 0x86, 0xdd))
	case 8:
		return g.llc(b)
	}
	return g.ip4(append(b, 0x08, 0x00))
}

// llc appends an 802.3 length and, half the time, a SNAP header around an
// EtherType.
func (g *generator) llc(b []byte) []byte {
	n := 8 + g.IntN(40)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	if g.IntN(2) == 0 {
		return append(append(b, 0x42, 0x42, 3), g.bytes(n-3)...)
	}
	b = append(b, 0xaa, 0xaa, 3, 0, 0, 0)
	return append(append(b, g.from(ethType.pool)...), g.bytes(n-8)...)
}

var arpOps = numbers(16, 1, 2, 3, 255, 256, 257, 0)

func (g *generator) arp(b []byte) []byte {
	b = append(b, 0x08, 0x06, 0, 1, 0x08, 0, 6, 4)
	if g.IntN(8) == 0 {
		b[len(b)-1-g.IntN(6)]++ // not of Ethernet and IPv4
	}
	b = append(b, g.from(arpOps)...)
	b = append(append(b, g.from(macs)...), g.from(ip4s)...)
	b = append(append(b, g.from(macs)...), g.from(ip4s)...)
	return append(b, make([]byte, g.IntN(2)*18)...)
}

// ttl draws a TTL, one that no path can use up if none may expire.
func (g *generator) ttl() byte {
	if g.expiry {
		return []byte{0, 1, 2, 64, 255}[g.IntN(5)]
	}
	return byte(64 + g.IntN(192))
}

func (g *generator) ip4(b []byte) []byte {
	at := len(b)
	options := 0
	if g.IntN(6) == 0 {
		options = 4 * (1 + g.IntN(10))
	}
	proto := g.proto(ipProto.pool)
	b = append(b, byte(0x45+options/4), g.tos(), 0, 0)
	b = append(b, g.bytes(2)...)
	offset := g.fragment()
	b = binary.BigEndian.AppendUint16(b, offset)
	b = append(b, g.ttl(), proto, 0, 0)
	b = append(append(b, g.from(ip4s)...), g.from(ip4s)...)
	b = append(b, g.bytes(options)...)
	body := g.transport(proto, false, pseudo4(b[at:]))
	if g.edits && isLater(b[at:]) {
		body = body[:min(len(body), 7)]
	}
	b = append(b, body...)
	binary.BigEndian.PutUint16(b[at+2:], uint16(len(b)-at))
	binary.BigEndian.PutUint16(b[at+10:], ^sum(0, b[at:at+20+options]))
	return b
}

func (g *generator) tos() byte {
	return g.from(ipFields[0].pool)[0]<<2 | byte(g.IntN(4))
}

// fragment makes IPv4's flags and offset.
func (g *generator) fragment() uint16 {
	switch g.IntN(12) {
	case 0:
		return 0x2000
	case 1:
		return uint16(1 + g.IntN(0x1fff))
	case 2:
		return 0x2000 | uint16(1+g.IntN(0x1fff))
	case 3:
		return 0x4000
	}
	return 0
}

// proto draws an IP protocol: most often one that has fields.
func (g *generator) proto(pool [][]byte) byte {
	if g.IntN(6) == 0 {
		return g.from(pool)[0]
	}
	return []byte{6, 17, 132, 1, 58}[g.IntN(5)]
}

func (g *generator) ip6(b []byte) []byte {
	at := len(b)
	proto := g.proto(ipProto.pool)
	label := uint32(number(g.from(ip6Fields[2].pool))) & 0xfffff
	b = binary.BigEndian.AppendUint32(b, 6<<28|uint32(g.tos())<<20|label)
	b = append(b, 0, 0, proto, g.ttl())
	b = append(append(b, g.from(ip6s)...), g.from(ip6s)...)
	next := at + 6 // where the type of what follows is
	for range []int{0, 0, 0, 0, 1, 1, 2, 4}[g.IntN(8)] {
		b, next = g.extension(b, next)
	}
	b[next] = proto
	body := g.transport(proto, true, pseudo6(b[at:], proto))
	b = append(b, body...)
	binary.BigEndian.PutUint16(b[at+4:], uint16(len(b)-at-40))
	return b
}

// extension appends an IPv6 extension header (RFC 8200 section 4), notes its
// type at next, and returns where the type of the one after it belongs.
func (g *generator) extension(b []byte, next int) ([]byte, int) {
	kind := []byte{0, 43, 44, 51, 60}[g.IntN(5)]
	b[next] = kind
	at := len(b)
	switch kind {
	case 44:
		b = append(b, 0, 0)
		b = binary.BigEndian.AppendUint16(b, []uint16{0, 1, 1, 0x100, 0x101, 8}[g.IntN(6)])
		b = append(b, g.bytes(4)...)
	case 51:
		words := 1 + g.IntN(4)
		b = append(append(b, 0, byte(words+1)), g.bytes(4*words+6)...)
	default:
		units := g.IntN(3)
		b = append(append(b, 0, byte(units)), make([]byte, 6+8*units)...)
		if kind == 43 {
			b[at+3] = byte(g.IntN(2)) // segments left
		}
	}
	return b, at
}

// transport makes what IP carries, with a right checksum over the pseudo header
// and it, unless it has none or is wrong by chance.
func (g *generator) transport(proto byte, six bool, pseudo uint32) []byte {
	var b []byte
	checksum := -1
	text := []byte(fmt.Sprintf("%.*s", g.IntN(40), "the quick brown fox jumps over the lazy dog"))
	switch {
	case proto == 6:
		b = append(append(b, g.from(l4s)...), g.from(l4s)...)
		options := 4 * []int{0, 0, 0, 1, 10}[g.IntN(5)]
		b = append(append(b, g.bytes(8)...), byte((20+options)/4<<4), byte(number(g.from(tcpFlags.pool))), 1, 2, 0, 0, 0, 0)
		b, checksum = append(b, make([]byte, options)...), 16
	case proto == 17:
		b = append(append(b, g.from(l4s)...), g.from(l4s)...)
		b, checksum = binary.BigEndian.AppendUint16(b, uint16(8+len(text))), 6
		b = append(b, 0, 0)
	case proto == 132:
		b = append(append(b, g.from(l4s)...), g.from(l4s)...)
		b = append(b, g.bytes(8)...)
	case proto == 1 && !six:
		b, checksum = append(b, g.from(icmpFields[0].pool)[0], g.from(icmpFields[1].pool)[0], 0, 0, 0, 0, 0, 0), 2
		pseudo = 0
	case proto == 58 && six:
		b, checksum = g.icmp6(), 2
	}
	b = append(b, text...)
	if checksum >= 0 && g.IntN(16) > 0 {
		// A length in the pseudo header, and the sum itself.
		if proto != 1 {
			pseudo += uint32(len(b))
		}
		s := ^sum(pseudo, b)
		if s == 0 && proto == 17 {
			s = 0xffff
		}
		binary.BigEndian.PutUint16(b[checksum:], s)
	}
	return b
}

// icmp6 makes an ICMPv6 header, half the time of neighbour discovery
// (RFC 4861 sections 4.3, 4.4 and 4.6).
func (g *generator) icmp6() []byte {
	if g.IntN(2) == 0 {
		return []byte{g.from(icmp6Type.pool)[0], g.from(icmp6Code.pool)[0], 0, 0, 0, 0, 0, 0}
	}
	b := append([]byte{byte(135 + g.IntN(2)), 0, 0, 0, 0, 0, 0, 0}, g.from(ip6s)...)
	for range g.IntN(3) {
		b = append(append(b, byte(1+g.IntN(3)), 1), g.from(ndMACs)...)
	}
	return b
}

// pseudo4 is the sum over IPv4's pseudo header without the length (RFC 768).
func pseudo4(h []byte) uint32 {
	return uint32(sum(0, h[12:20])) + uint32(h[9])
}

// pseudo6 is the same for IPv6 (RFC 8200 section 8.1).
func pseudo6(h []byte, proto byte) uint32 {
	return uint32(sum(0, h[8:40])) + uint32(proto)
}

// sum is the Internet's checksum before it is inverted (RFC 1071).
func sum(s uint32, b []byte) uint16 {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
