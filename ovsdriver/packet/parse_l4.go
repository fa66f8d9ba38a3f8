package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
)

// parseL4 reads the header of type l.Proto at l.L4, which may lie beyond the
// frame's end. If it is not all there its fields stay zero and l.L4 becomes 0.
func parseL4(b []byte, k *flowtable.Key, l *Layout) {
	if !l4Whole(b, l) {
		l.L4 = 0
		return
	}
	h := b[l.L4:]
	switch l.Proto {
	case ProtoTCP:
		k[wordL4] |= uint64(TCP(h).Flags()) << shiftTCPFlags
		fallthrough
	case ProtoUDP, ProtoSCTP:
		k[wordL4] |= uint64(binary.BigEndian.Uint32(h)) << shiftL4Dst // both ports
	default: // ICMP of either kind
		k[wordL4] |= uint64(h[icmpType])<<shiftL4Src | uint64(h[icmpCode])<<shiftL4Dst
		if l.Proto == ProtoICMPv6 && h[icmpCode] == 0 &&
			(h[icmpType] == NDSolicit || h[icmpType] == NDAdvertise) {
			parseND(b, k, l)
		}
	}
}

// l4Whole reports whether the header at l.L4 is of a known type and complete.
// ICMP belongs to IPv4 and ICMPv6 to IPv6.
func l4Whole(b []byte, l *Layout) bool {
	n := len(b) - l.L4
	switch l.Proto {
	case ProtoTCP:
		if n < TCPLen {
			return false
		}
		size := TCP(b[l.L4:]).HeaderLen()
		return size >= TCPLen && n >= size
	case ProtoUDP:
		return n >= UDPLen
	case ProtoSCTP:
		return n >= SCTPLen
	case ProtoICMP:
		return n >= ICMPLen && l.EthType == TypeIPv4
	case ProtoICMPv6:
		return n >= ICMPLen && l.EthType == TypeIPv6
	}
	return false
}

// parseND reads a neighbour solicitation or advertisement. An option that is
// malformed ends the walk; a link-layer address given twice makes all ND
// fields zero, unless the first was zero.
func parseND(b []byte, k *flowtable.Key, l *Layout) {
	h := b[l.L4:]
	if len(h) < ndLen {
		return
	}
	k.Set(flowtable.NDTargetHi, binary.BigEndian.Uint64(h[ndTarget:]))
	k.Set(flowtable.NDTargetLo, binary.BigEndian.Uint64(h[ndTarget+8:]))
	l.NDTarget = l.L4 + ndTarget
	for at := l.L4 + ndLen; len(b)-at >= 8; {
		size := int(b[at+1]) * 8
		if size == 0 || size > len(b)-at {
			return
		}
		if size == 8 && !addNDOption(b, at, k, l) {
			forgetND(k, l)
			return
		}
		at += size
	}
}

// addNDOption reads an option of 8 bytes at b[at:]; false if it repeats a
// link-layer address.
func addNDOption(b []byte, at int, k *flowtable.Key, l *Layout) bool {
	field, place := flowtable.ARPSHA, &l.NDSource
	switch b[at] {
	case ndOptSource:
	case ndOptTarget:
		field, place = flowtable.ARPTHA, &l.NDDest
	default:
		return true
	}
	if k.Get(field) != 0 {
		return false
	}
	*place = at + ndOptAddr
	k.Set(field, mac(b[*place:]))
	return true
}

func forgetND(k *flowtable.Key, l *Layout) {
	l.NDTarget, l.NDSource, l.NDDest = 0, 0, 0
	k.Set(flowtable.NDTargetHi, 0)
	k.Set(flowtable.NDTargetLo, 0)
	k.Set(flowtable.ARPSHA, 0)
	k.Set(flowtable.ARPTHA, 0)
}
