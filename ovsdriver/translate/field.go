package translate

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// cond is something that must hold of a key for a field to be there. A set of
// a field whose conditions do not hold changes nothing.
type cond struct {
	field flowtable.Field
	bits  uint64 // of the field that are looked at
	any   []uint64
	not   bool // holds if the bits are none of any
	// strict conditions are prerequisites (§7.2.3.8) that the match of an
	// entry must contain, or it must not set the field (§7.2.5).
	strict bool
	// guards are no prerequisites: a frame of the right type may still lack
	// the field, and a match need not speak of that.
	guard bool
}

// holds reports whether the bits of a field's value fulfil the condition.
func (c *cond) holds(value uint64) bool {
	for _, v := range c.any {
		if value&c.bits == v {
			return !c.not
		}
	}
	return c.not
}

// strictly makes a condition strict.
func strictly(c cond) cond {
	c.strict = true
	return c
}

// oneOf is a strict condition on a whole field.
func oneOf(f flowtable.Field, values ...uint64) cond {
	return cond{field: f, bits: f.Ones(), any: values, strict: true}
}

// Conditions, as the frame's headers nest.
var (
	isIPv4   = oneOf(flowtable.EthType, packet.TypeIPv4)
	isIPv6   = oneOf(flowtable.EthType, packet.TypeIPv6)
	isIP     = oneOf(flowtable.EthType, packet.TypeIPv4, packet.TypeIPv6)
	isARP    = oneOf(flowtable.EthType, packet.TypeARP)
	isMPLS   = oneOf(flowtable.EthType, packet.TypeMPLS, packet.TypeMPLSM)
	isPBB    = oneOf(flowtable.EthType, packet.TypePBB)
	hasTTL   = oneOf(flowtable.EthType, packet.TypeIPv4, packet.TypeIPv6, packet.TypeMPLS, packet.TypeMPLSM)
	tunnels  = cond{field: flowtable.IPProto, bits: flowtable.IPProto.Ones(), any: []uint64{packet.ProtoIPv4, packet.ProtoIPv6}}
	hasTag   = cond{field: flowtable.VLANTCI, bits: flowtable.VLANPresent, any: []uint64{flowtable.VLANPresent}}
	hasL4    = cond{field: flowtable.IPFrag, bits: flowtable.FragLater, any: []uint64{flowtable.FragLater}, not: true, guard: true}
	codeZero = cond{field: flowtable.L4Dst, bits: 0xff, any: []uint64{0}, guard: true}
)

// conds joins conditions into a list.
func conds(c ...cond) []cond { return c }

// over is the conditions of an L4 header of this protocol.
func over(ip cond, proto uint64) []cond {
	return conds(ip, oneOf(flowtable.IPProto, proto), hasL4)
}

// nd is the conditions of a neighbour discovery field. The key holds it only
// with code 0 (RFC 4861 §4.3, §4.4).
func nd(types ...uint64) []cond {
	isType := cond{field: flowtable.L4Src, bits: 0xff, any: types, strict: true}
	return append(over(isIPv6, packet.ProtoICMPv6), isType, codeZero)
}

// oxmField says where an OXM field lies in a key and when a frame has it.
type oxmField struct {
	known    bool
	settable bool
	wide     bool            // 128 bits, of which view is the high half
	view     flowtable.Field // or the high half
	low      flowtable.Field // the low half, if wide
	bits     uint64          // of the view; 0 means all
	slot     uint8           // its place among the set-fields of an action set
	conds    []cond
	needs    region // parts of a key that decide whether, or how, it is set
}

// ones returns the bits of the field's view that are the field's.
func (f *oxmField) ones() uint64 {
	if f.bits != 0 {
		return f.bits
	}
	return f.view.Ones()
}

// matchOnly is a field that a match may name and no action sets.
func matchOnly(view flowtable.Field) oxmField { return oxmField{known: true, view: view} }

// settable is a field that actions set in frames that fulfil the conditions.
func settable(view flowtable.Field, c ...cond) oxmField {
	return oxmField{known: true, settable: true, view: view, conds: c}
}

// octet is a settable field of 8 bits in a wider view.
func octet(view flowtable.Field, c ...cond) oxmField {
	f := settable(view, c...)
	f.bits = 0xff
	return f
}

// address is a settable IPv6 address.
func address(hi, lo flowtable.Field, c ...cond) oxmField {
	f := settable(hi, c...)
	f.wide, f.low = true, lo
	return f
}

// basicFields are the fields of OXMClassBasic (§7.2.3.7), by number. Those that
// are no header fields cannot be set (§7.2.5).
var basicFields = numbered([...]oxmField{
	ofp13.OXMInPort:       matchOnly(flowtable.InPort),
	ofp13.OXMInPhyPort:    matchOnly(flowtable.InPhyPort),
	ofp13.OXMMetadata:     matchOnly(flowtable.Metadata),
	ofp13.OXMEthDst:       settable(flowtable.EthDst),
	ofp13.OXMEthSrc:       settable(flowtable.EthSrc),
	ofp13.OXMEthType:      settable(flowtable.EthType),
	ofp13.OXMVLANVID:      settable(flowtable.VLANVID, hasTag),
	ofp13.OXMVLANPCP:      settable(flowtable.VLANPCP, strictly(hasTag)),
	ofp13.OXMIPDSCP:       settable(flowtable.IPDSCP, isIP),
	ofp13.OXMIPECN:        settable(flowtable.IPECN, isIP),
	ofp13.OXMIPProto:      settable(flowtable.IPProto, isIP),
	ofp13.OXMIPv4Src:      settable(flowtable.IPv4Src, isIPv4),
	ofp13.OXMIPv4Dst:      settable(flowtable.IPv4Dst, isIPv4),
	ofp13.OXMTCPSrc:       settable(flowtable.L4Src, over(isIP, packet.ProtoTCP)...),
	ofp13.OXMTCPDst:       settable(flowtable.L4Dst, over(isIP, packet.ProtoTCP)...),
	ofp13.OXMUDPSrc:       settable(flowtable.L4Src, over(isIP, packet.ProtoUDP)...),
	ofp13.OXMUDPDst:       settable(flowtable.L4Dst, over(isIP, packet.ProtoUDP)...),
	ofp13.OXMSCTPSrc:      settable(flowtable.L4Src, over(isIP, packet.ProtoSCTP)...),
	ofp13.OXMSCTPDst:      settable(flowtable.L4Dst, over(isIP, packet.ProtoSCTP)...),
	ofp13.OXMICMPv4Type:   octet(flowtable.L4Src, over(isIPv4, packet.ProtoICMP)...),
	ofp13.OXMICMPv4Code:   octet(flowtable.L4Dst, over(isIPv4, packet.ProtoICMP)...),
	ofp13.OXMARPOp:        settable(flowtable.ARPOp, isARP),
	ofp13.OXMARPSPA:       settable(flowtable.IPv4Src, isARP),
	ofp13.OXMARPTPA:       settable(flowtable.IPv4Dst, isARP),
	ofp13.OXMARPSHA:       settable(flowtable.ARPSHA, isARP),
	ofp13.OXMARPTHA:       settable(flowtable.ARPTHA, isARP),
	ofp13.OXMIPv6Src:      address(flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, isIPv6),
	ofp13.OXMIPv6Dst:      address(flowtable.IPv6DstHi, flowtable.IPv6DstLo, isIPv6),
	ofp13.OXMIPv6FLabel:   settable(flowtable.IPv6FLabel, isIPv6),
	ofp13.OXMICMPv6Type:   octet(flowtable.L4Src, over(isIPv6, packet.ProtoICMPv6)...),
	ofp13.OXMICMPv6Code:   octet(flowtable.L4Dst, over(isIPv6, packet.ProtoICMPv6)...),
	ofp13.OXMIPv6NDTarget: address(flowtable.NDTargetHi, flowtable.NDTargetLo, nd(packet.NDSolicit, packet.NDAdvertise)...),
	ofp13.OXMIPv6NDSLL:    settable(flowtable.ARPSHA, nd(packet.NDSolicit)...),
	ofp13.OXMIPv6NDTLL:    settable(flowtable.ARPTHA, nd(packet.NDAdvertise)...),
	ofp13.OXMMPLSLabel:    settable(flowtable.MPLSLabel, isMPLS),
	ofp13.OXMMPLSTC:       settable(flowtable.MPLSTC, isMPLS),
	ofp13.OXMMPLSBOS:      settable(flowtable.MPLSBOS, isMPLS),
	ofp13.OXMPBBISID:      settable(flowtable.PBBISID, isPBB),
	ofp13.OXMTunnelID:     settable(flowtable.TunnelID),
	ofp13.OXMIPv6ExtHdr:   matchOnly(flowtable.IPv6ExtHdr),
})

// numbered gives each field its slot, and says what it needs.
func numbered[T [ofp13.OXMIPv6ExtHdr + 1]oxmField](fields T) *T {
	for i := range fields {
		fields[i].slot, fields[i].needs = uint8(i), needsOf(&fields[i])
	}
	return &fields
}

// tcpFlags is the ONF's field for TCP flags, which no action sets.
var tcpFlags = oxmField{known: true, view: flowtable.TCPFlags, conds: over(isIP, packet.ProtoTCP)}

// setTTL and setMPLSTTL are what OFPAT_SET_NW_TTL and OFPAT_SET_MPLS_TTL set; in
// an action set they stand beside the set-fields.
var (
	setTTL     = beside(63, settable(flowtable.IPTTL, isIP))
	setMPLSTTL = beside(62, settable(flowtable.MPLSTTL, isMPLS))
)

// beside gives a field that has no number a slot.
func beside(slot uint8, f oxmField) oxmField {
	f.slot, f.needs = slot, needsOf(&f)
	return f
}

// fieldOf returns what is known of an OXM, or nil.
func fieldOf(o *ofp13.OXM) *oxmField {
	switch o.Class {
	case ofp13.OXMClassBasic:
		if int(o.Field) < len(basicFields) && basicFields[o.Field].known {
			return &basicFields[o.Field]
		}
	case ofp13.OXMClassExperimenter:
		if o.Experimenter == ofp13.ExperimenterONF && o.Field == ofp13.OXMTCPFlags {
			return &tcpFlags
		}
	}
	return nil
}

// number returns the first n bytes of b, of 8 at most, as a number.
func number(b *[16]byte, n uint8) uint64 {
	n = min(n, 8)
	return binary.BigEndian.Uint64(b[:8]) >> (64 - 8*uint(n))
}

// lowNumber returns the second half of 16 bytes as a number.
func lowNumber(b *[16]byte) uint64 { return binary.BigEndian.Uint64(b[8:]) }
