package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// parseIPv4 reads the IPv4 header at l.L3, and L4 behind it. As in the kernel,
// neither version nor total length matter, and a header that is cut short
// leaves every field zero.
func parseIPv4(b []byte, f *datapath.Frame, k *flowtable.Key, l *Layout) {
	h := IPv4(b[l.L3:])
	if len(h) < IPv4Len || h.HeaderLen() < IPv4Len || len(h) < h.HeaderLen() {
		l.L3 = 0
		return
	}
	l.Proto, l.protoAt = h.Proto(), l.L3+ip4Proto
	if h.Frag()&ip4Offset != 0 {
		l.Frag = flowtable.FragLater
	} else if h.Frag()&ip4MoreFragments != 0 || fragmentsLater(f) {
		l.Frag = flowtable.FragFirst
	}
	k[wordIPv4] = uint64(h.Src())<<32 | uint64(h.Dst())
	k[wordIP] = ipWord(l, h.TOS(), h.TTL())
	if l.Frag != flowtable.FragLater {
		l.L4 = l.L3 + h.HeaderLen()
		l.upper, l.end = l.L4, endOf(b, l.L3+int(h.TotalLen()), l.L4)
		parseL4(b, k, l)
	}
}

// endOf returns where a packet ends that says that it ends at end, and whose
// payload begins at from. Headers that are wrong, or cannot say it because the
// packet is larger than 64 KiB, leave it to the frame.
func endOf(b []byte, end, from int) int {
	if end <= from || end > len(b) {
		return len(b)
	}
	return end
}

// ipWord packs what IPv4 and IPv6 have in common.
func ipWord(l *Layout, tos, ttl uint8) uint64 {
	return uint64(l.Proto)<<shiftProto | uint64(tos)<<shiftTOS | uint64(ttl)<<shiftTTL | uint64(l.Frag)<<shiftFrag
}

// fragmentsLater reports whether f is a datagram that will be sent as IP
// fragments; the kernel calls it a first fragment already.
func fragmentsLater(f *datapath.Frame) bool {
	return f.Offload.GSOType&^datapath.GSOECN == datapath.GSOUDP
}

// parseIPv6 reads the IPv6 header at l.L3, its extension headers and L4.
func parseIPv6(b []byte, f *datapath.Frame, k *flowtable.Key, l *Layout) {
	h := IPv6(b[l.L3:])
	if len(h) < IPv6Len {
		l.L3 = 0
		return
	}
	for i := range 4 {
		k[wordIPv6+i] = binary.BigEndian.Uint64(h[ip6Src+8*i:])
	}

	l.L4, l.Proto, l.protoAt = l.L3+IPv6Len, h.Next(), l.L3+ip6Next
	if isExtension(l.Proto) || l.Proto == ProtoESP {
		k[wordL4] = uint64(walkExtensions(b, l))
	}
	if l.L4 != 0 && fragmentsLater(f) {
		l.Frag = flowtable.FragFirst
	}
	word := h.Word()
	k[wordIP] = ipWord(l, uint8(word>>20), h.HopLimit()) | uint64(word&0xfffff)
	l.upper, l.end = l.L4, endOf(b, l.L3+IPv6Len+int(h.PayloadLen()), l.L4)
	if l.L4 != 0 {
		parseL4(b, k, l)
	}
}

// Bits of the IPv6 extension header field, OFPIEH_* (OpenFlow 1.3.5 §7.2.3.8).
const (
	ExtNoNext = 1 << 0
	ExtESP    = 1 << 1
	ExtAuth   = 1 << 2
	ExtDest   = 1 << 3
	ExtFrag   = 1 << 4
	ExtRouter = 1 << 5
	ExtHop    = 1 << 6
	ExtUnrep  = 1 << 7
	ExtUnseq  = 1 << 8
)

// isExtension reports whether the kernel steps over this header (ipv6_ext_hdr
// in net/ipv6/exthdrs_core.c). ESP it does not: nothing behind it can be read.
func isExtension(proto uint8) bool {
	switch proto {
	case ProtoHopByHop, ProtoRouting, ProtoFragment, ProtoAH, ProtoNone, ProtoDstOpts:
		return true
	}
	return false
}

// walkExtensions steps over the extension headers, from the one of type l.Proto
// at l.L4. It leaves in l.Proto and l.L4 the upper layer's type and place, and
// returns the OFPIEH_* bits. l.L4 becomes 0 if there is no upper layer to read:
// in later fragments, and (with l.Proto as "no next header") where the chain is
// cut short.
func walkExtensions(b []byte, l *Layout) uint16 {
	var seen extensions
	for {
		seen.add(l.Proto)
		if !isExtension(l.Proto) || l.Proto == ProtoNone {
			return seen.bits
		}
		if l.Proto == ProtoFragment {
			l.Frag = flowtable.FragFirst
		}
		if len(b) < l.L4+2 || l.Proto == ProtoFragment && len(b) < l.L4+4 {
			l.endChain(ProtoNone)
			return seen.bits
		}
		h := b[l.L4:]
		next, size := h[0], int(h[1])*8+8
		switch l.Proto {
		case ProtoAH:
			size = int(h[1])*4 + 8
		case ProtoRouting:
			l.routed = l.routed || len(h) > 3 && h[3] != 0
		case ProtoFragment:
			size = fragmentLen
			if binary.BigEndian.Uint16(h[2:])&^7 != 0 {
				laterFragment(next, l)
				return seen.bits
			}
		}
		if len(b) < l.L4+size {
			l.endChain(ProtoNone)
			return seen.bits
		}
		l.Proto, l.protoAt, l.L4 = next, l.L4, l.L4+size
	}
}

// laterFragment ends a chain: what a later fragment begins with is payload, and
// the kernel names it by the fragment header. If the first one's next header is
// another extension header, it takes the chain for broken (ipv6_find_hdr in
// net/ipv6/exthdrs_core.c).
func laterFragment(next uint8, l *Layout) {
	if isExtension(next) && next != ProtoNone {
		l.endChain(ProtoNone)
		return
	}
	l.Frag = flowtable.FragLater
	l.endChain(ProtoFragment)
}

// endChain says that there is no upper layer to read, only its type.
func (l *Layout) endChain(proto uint8) {
	l.Proto, l.protoAt, l.L4 = proto, 0, 0
}

// extensions collects the OFPIEH_* bits of a chain of headers.
type extensions struct {
	bits uint16
	dest int  // destination options headers so far
	last bool // one of them was the last header before the upper layer's
}

// add notes one header. RFC 8200 §4.1 recommends the order hop-by-hop,
// destination options, routing, fragment, authentication, ESP, destination
// options; each once, save destination options, which may come twice.
func (e *extensions) add(proto uint8) {
	switch proto {
	case ProtoHopByHop:
		// Only as the first header is it one (§7.2.3.8).
		if e.bits == 0 {
			e.bits = ExtHop
			return
		}
		if e.bits&ExtHop != 0 {
			e.bits |= ExtUnrep
		}
		e.bits |= ExtUnseq
	case ProtoDstOpts:
		e.addDest()
	case ProtoRouting:
		e.addOnce(ExtRouter, ExtHop|ExtDest)
	case ProtoFragment:
		e.addOnce(ExtFrag, ExtHop|ExtDest|ExtRouter)
	case ProtoAH:
		e.addOnce(ExtAuth, ExtHop|ExtDest|ExtRouter|ExtFrag)
	case ProtoESP:
		e.addOnce(ExtESP, ExtHop|ExtDest|ExtRouter|ExtFrag|ExtAuth)
	case ProtoNone:
		e.bits |= ExtNoNext
	}
}

// addOnce notes a header that may come once, after those in before.
func (e *extensions) addOnce(bit, before uint16) {
	if e.bits&bit != 0 {
		e.bits |= ExtUnrep
	}
	if e.bits&^(before|ExtUnrep) != 0 || e.dest >= 2 || e.last {
		e.bits |= ExtUnseq
	}
	e.bits |= bit
}

// addDest notes destination options: before routing, then before the upper
// layer. Where only one of the two is there, it may be either.
func (e *extensions) addDest() {
	switch {
	case e.dest >= 2:
		e.bits |= ExtUnrep
	case e.last: // there is no place for another
		e.bits |= ExtUnseq
	case e.bits&^(ExtHop|ExtDest|ExtUnrep) != 0:
		e.last = true
	}
	e.bits |= ExtDest
	e.dest++
}
