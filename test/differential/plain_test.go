package differential

import (
	"bytes"
	"encoding/binary"
)

// plain reports whether the headers of a frame agree with each other and with
// its end, so that it is plain which fields it has. It may end before the header
// of IP, or before one of a transport; but what lengths lie about is not in the
// specification: ivs does with it what the kernel's openvswitch module does, and
// Open vSwitch's own datapath something else. If actions edit IP or ARP, nothing
// may be in it either that Open vSwitch edits wrongly (docs/conformance.md).
func (g *generator) plain(frame []byte) bool {
	if isTag(frame[12:]) && frame[14]&dei != 0 {
		return false
	}
	return g.plainSNAP(frame) && g.plainBehind(skipEthernet(frame))
}

// plainSNAP is false where what looks like a SNAP header is one to the kernel's
// module and not to Open vSwitch: its control field is not that of unnumbered
// information (IEEE 802.2). It is also false for a SNAP header before which Open
// vSwitch might write the EtherType of a label.
func (g *generator) plainSNAP(frame []byte) bool {
	b := skipTags(frame)
	if etherType(b) >= 0x600 || len(b) < 10 || b[2] != 0xaa || b[3] != 0xaa {
		return true
	}
	return b[4] == 3 && (!g.mpls.on || g.mpls.push == nowhere)
}

// plainBehind is plain for what an EtherType says.
func (g *generator) plainBehind(etherType uint16, b []byte) bool {
	switch etherType {
	case 0x8847, 0x8848:
		if g.mpls.on {
			b, ok := g.skipLabels(b, g.maxLabels())
			return ok && etherType == g.mpls.outer && g.plainBehind(g.mpls.inner, b)
		}
	case 0x0800:
		return g.plain4(b)
	case 0x86dd:
		return g.plain6(b)
	case 0x0806, 0x8035:
		return !g.edits || len(b) >= 28 && bytes.HasPrefix(b, []byte{0, 1, 8, 0, 6, 4, 0}) && b[7] != 0
	}
	return true
}

// skipTags steps over addresses and two tags, to the EtherType behind them.
func skipTags(b []byte) []byte {
	b = b[12:]
	for range 2 {
		if isTag(b) {
			b = b[4:]
		}
	}
	return b
}

// skipEthernet steps over addresses, two tags and a SNAP header.
func skipEthernet(b []byte) (uint16, []byte) {
	b = skipTags(b)
	if etherType(b) < 0x600 && len(b) >= 10 {
		b = b[8:]
	}
	return etherType(b), b[2:]
}

// dei is a tag's drop eligible indicator, in its first byte.
const dei = 0x10

func isTag(b []byte) bool {
	return len(b) >= 6 && (etherType(b) == 0x8100 || etherType(b) == 0x88a8)
}

func etherType(b []byte) uint16 { return binary.BigEndian.Uint16(b) }

func (g *generator) plain4(b []byte) bool {
	if len(b) < 20 {
		return !g.edits // see docs/conformance.md
	}
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < 20 || header > total || total > len(b) || !g.lives(b[8]) {
		return false
	}
	if g.edits && b[9] == 0 {
		return false
	}
	if isLater(b) {
		return g.later && (!g.edits || total-header < transportLen[b[9]] || transportLen[b[9]] == 0)
	}
	return plainTransport(b[9], b[header:total], b[header:])
}

func (g *generator) plain6(b []byte) bool {
	if len(b) < 40 {
		return !g.edits // see docs/conformance.md
	}
	next, total := b[6], 40+int(binary.BigEndian.Uint16(b[4:]))
	if total > len(b) || !g.lives(b[7]) {
		return false
	}
	b, padded := b[40:total], b[40:]
	for {
		n := 8
		switch next {
		case 44:
			if len(b) >= 8 && binary.BigEndian.Uint16(b[2:])&^7 != 0 {
				return g.later && !isExtension(b[0])
			}
			if g.edits && len(b) >= 8 && b[3]&1 == 0 {
				return false
			}
		case 51:
			if len(b) >= 8 {
				n = 8 + 4*int(b[1])
			}
		case 0, 43, 60:
			if g.edits && next == 43 && len(b) >= 8 && b[3] != 0 {
				return false
			}
			if len(b) >= 8 {
				n = 8 + 8*int(b[1])
			}
		default:
			return plainTransport(next, b, padded)
		}
		if len(b) < n {
			return false
		}
		next, b, padded = b[0], b[n:], padded[n:]
	}
}

func isExtension(proto byte) bool {
	return proto == 0 || proto == 43 || proto == 44 || proto == 51 || proto == 60
}

// lives reports whether a TTL is one that no path uses up, or may be.
func (g *generator) lives(ttl byte) bool { return g.expiry || ttl >= 64 }

// isLater reports whether an IPv4 packet is a fragment other than the first.
func isLater(b []byte) bool { return binary.BigEndian.Uint16(b[6:])&0x1fff != 0 }

// transportLen is how long the headers are, at least, that have fields.
var transportLen = map[byte]int{1: 8, 6: 20, 17: 8, 58: 8, 132: 12}

// plainTransport looks at a transport's header, in the datagram and in the frame
// with its padding.
func plainTransport(proto byte, b, padded []byte) bool {
	n := transportLen[proto]
	if len(b) < n {
		// To Open vSwitch ICMPv6 is whole with 4 bytes, to the kernel with 8.
		return len(padded) < n && (proto != 58 || len(b) < 4)
	}
	if proto == 6 {
		header := int(b[12]>>4) * 4
		return header >= 20 && header <= len(b)
	}
	return true
}

// fit makes the lengths of IP those of a frame that has been cut.
func fit(frame []byte) {
	switch etherType, b := skipEthernet(frame); {
	case etherType == 0x0800 && len(b) >= 20:
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	case etherType == 0x86dd && len(b) >= 40:
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	}
}
