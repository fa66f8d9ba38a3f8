package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// setIPv4 writes a field of an IPv4 frame.
func (e *editor) setIPv4(field flowtable.Field, v uint64) {
	if e.l.L3 == 0 {
		return
	}
	switch field {
	case flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN:
		e.setIPv4Byte(ip4TOS, tosWith(field, IPv4(e.b[e.l.L3:]).TOS(), v))
	case flowtable.IPTTL:
		e.setIPv4Byte(ip4TTL, uint8(v))
	case flowtable.IPProto:
		e.mendPseudo(uint64(e.l.Proto), v&0xff)
		e.setIPv4Byte(ip4Proto, uint8(v))
	case flowtable.IPv4Src:
		e.setIPv4Addr(ip4Src, uint32(v))
	case flowtable.IPv4Dst:
		e.setIPv4Addr(ip4Dst, uint32(v))
	case flowtable.L4Src, flowtable.L4Dst:
		e.setL4(field, v)
	}
}

// tosWith returns the TOS byte with one of its views replaced.
func tosWith(field flowtable.Field, tos uint8, v uint64) uint8 {
	switch field {
	case flowtable.IPDSCP:
		return tos&3 | uint8(v)<<2
	case flowtable.IPECN:
		return tos&^3 | uint8(v)&3
	}
	return uint8(v)
}

// setIPv4Byte writes a byte of the header, and its checksum.
func (e *editor) setIPv4Byte(at int, v uint8) {
	word := e.l.L3 + at&^1
	before := e.get16(word)
	e.b[e.l.L3+at] = v
	e.mendHeader(uint64(before), uint64(e.get16(word)))
}

// setIPv4Addr writes an address, the header's checksum and the upper layer's.
func (e *editor) setIPv4Addr(at int, v uint32) {
	place := e.b[e.l.L3+at:]
	before := uint64(binary.BigEndian.Uint32(place))
	binary.BigEndian.PutUint32(place, v)
	e.mendHeader(before, uint64(v))
	e.mendPseudo(before, uint64(v))
}

// mendHeader updates the IPv4 header checksum.
func (e *editor) mendHeader(before, after uint64) {
	at := e.l.L3 + ip4Checksum
	e.put16(at, ^replaced(^e.get16(at), before, after))
}

// setIPv6 writes a field of an IPv6 frame, neighbour discovery included.
func (e *editor) setIPv6(field flowtable.Field, v uint64) {
	if e.l.L3 == 0 {
		return
	}
	switch field {
	case flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN:
		tos := tosWith(field, uint8(IPv6(e.b[e.l.L3:]).Word()>>20), v)
		e.setIPv6Word(0xff<<20, uint32(tos)<<20)
	case flowtable.IPv6FLabel:
		e.setIPv6Word(0xfffff, uint32(v))
	case flowtable.IPTTL:
		e.b[e.l.L3+ip6HopLimit] = uint8(v)
	case flowtable.IPProto:
		if e.l.protoAt != 0 {
			e.mendPseudo(uint64(e.l.Proto), v&0xff)
			e.b[e.l.protoAt] = uint8(v)
		}
	case flowtable.IPv6SrcHi:
		e.setIPv6Addr(ip6Src, v, true)
	case flowtable.IPv6SrcLo:
		e.setIPv6Addr(ip6Src+8, v, true)
	case flowtable.IPv6DstHi:
		e.setIPv6Addr(ip6Dst, v, !e.l.routed)
	case flowtable.IPv6DstLo:
		e.setIPv6Addr(ip6Dst+8, v, !e.l.routed)
	case flowtable.L4Src, flowtable.L4Dst:
		e.setL4(field, v)
	default:
		e.setND(field, v)
	}
}

// setIPv6Word writes some bits of the header's first word, which no checksum
// covers.
func (e *editor) setIPv6Word(bits, v uint32) {
	h := IPv6(e.b[e.l.L3:])
	binary.BigEndian.PutUint32(h, h.Word()&^bits|v&bits)
}

// setIPv6Addr writes half an address. The checksum above covers it if covered:
// of a frame on its way through a routing header it covers the last address
// of that header instead (RFC 8200 §8.1).
func (e *editor) setIPv6Addr(at int, v uint64, covered bool) {
	place := e.b[e.l.L3+at:]
	before := binary.BigEndian.Uint64(place)
	binary.BigEndian.PutUint64(place, v)
	if covered {
		e.mendPseudo(before, v)
	}
}

// setND writes into a neighbour solicitation or advertisement, if that part is
// there.
func (e *editor) setND(field flowtable.Field, v uint64) {
	at := 0
	switch field {
	case flowtable.NDTargetHi:
		at = e.l.NDTarget
	case flowtable.NDTargetLo:
		if at = e.l.NDTarget; at != 0 {
			at += 8
		}
	case flowtable.ARPSHA:
		at = e.l.NDSource
	case flowtable.ARPTHA:
		at = e.l.NDDest
	}
	if at == 0 {
		return
	}
	if field == flowtable.ARPSHA || field == flowtable.ARPTHA {
		before := mac(e.b[at:])
		e.putAddr(at, v)
		e.mendBody(before, v&(1<<48-1))
		return
	}
	before := binary.BigEndian.Uint64(e.b[at:])
	binary.BigEndian.PutUint64(e.b[at:], v)
	e.mendBody(before, v)
}

// setARP writes a field of an ARP or RARP packet.
func (e *editor) setARP(field flowtable.Field, v uint64) {
	if e.l.L3 == 0 {
		return
	}
	a := e.b[e.l.L3:]
	switch field {
	case flowtable.ARPOp:
		binary.BigEndian.PutUint16(a[arpOp:], uint16(v))
	case flowtable.ARPSHA:
		putMAC(a[arpSHA:], v)
	case flowtable.ARPTHA:
		putMAC(a[arpTHA:], v)
	case flowtable.IPv4Src:
		binary.BigEndian.PutUint32(a[arpSPA:], uint32(v))
	case flowtable.IPv4Dst:
		binary.BigEndian.PutUint32(a[arpTPA:], uint32(v))
	}
}

// partial reports whether the upper layer's checksum is the sum of its pseudo
// header only, and whoever sends the frame adds the rest.
func (e *editor) partial() bool {
	return e.f.Offload.Flags&datapath.OffloadNeedsCsum != 0 &&
		int(e.f.Offload.CsumStart) == e.l.upper
}
