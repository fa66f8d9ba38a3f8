package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// region is a set of parts of a key. Edits that uncover headers, or give bytes
// another meaning, make parts stale: they do not tell the frame any more, and
// whoever needs them must have it parsed again.
type region uint16

// The parts.
const (
	partDst    region = 1 << iota // destination address
	partSrc                       // source address
	partType                      // EtherType
	partTags                      // VLAN tags
	partNet                       // IP header and ARP
	partL4                        // what the IP protocol and fragments decide, neighbour discovery included
	partPBB                       // I-TAG
	partTTL0                      // TTL of the outermost label stack entry
	partLabel0                    // the outermost entry
	partLabel1
	partLabel2
	partDSCP // which a meter may have changed

	partLabels = partLabel0 | partLabel1 | partLabel2
	// partPayload is what lies behind the EtherType.
	partPayload = partNet | partDSCP | partL4 | partPBB | partLabels
	partAll     = 1<<12 - 1
)

// partFields are the fields of each part, in the order of the parts.
var partFields = [...][]flowtable.Field{
	{flowtable.EthDst},
	{flowtable.EthSrc},
	{flowtable.EthType},
	{flowtable.VLANTCI, flowtable.VLANTPID, flowtable.VLAN2TCI, flowtable.VLAN2TPID},
	{flowtable.IPTOS, flowtable.IPTTL, flowtable.IPv6FLabel, flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.ARPOp,
		flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo},
	{flowtable.IPProto, flowtable.IPFrag, flowtable.L4Src, flowtable.L4Dst, flowtable.TCPFlags, flowtable.IPv6ExtHdr,
		flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA},
	{flowtable.PBBISID, flowtable.PBBUCA},
	{flowtable.MPLSTTL},
	{flowtable.MPLS0},
	{flowtable.MPLS1},
	{flowtable.MPLS2},
	{flowtable.IPDSCP},
}

// partMasks are the same as masks.
var partMasks = func() (masks [len(partFields)]flowtable.Mask) {
	for i, fields := range partFields {
		for _, f := range fields {
			masks[i].Exact(f)
		}
	}
	return masks
}()

// overlaps reports whether a mask has bits of these parts.
func (p region) overlaps(m *flowtable.Mask) bool {
	for i := 0; p != 0; i, p = i+1, p>>1 {
		if p&1 == 0 {
			continue
		}
		for word, bits := range partMasks[i] {
			if bits&m[word] != 0 {
				return true
			}
		}
	}
	return false
}

// remove takes the bits of these parts out of a mask.
func (p region) remove(m *flowtable.Mask) {
	for i := 0; p != 0; i, p = i+1, p>>1 {
		if p&1 == 0 {
			continue
		}
		for word, bits := range partMasks[i] {
			m[word] &^= bits
		}
	}
}

// needs returns the parts of the key that an action decides by.
func (o *op) needs() region {
	switch o.kind {
	case opOutput, opQueue, opGroup: // a SELECT group asks for itself
		return 0
	case opSet:
		return o.field.needs
	case opPushVLAN:
		return partTags
	case opPopVLAN:
		return partTags | partType
	case opDecTTL:
		return partType | partNet
	case opCopyTTLOut, opCopyTTLIn:
		return partType | partL4 | partLabel0
	case opPushMPLS:
		return partType | partNet | partTTL0 | partLabel0
	case opPopMPLS, opDecMPLSTTL:
		return partType | partTTL0 | partLabel0
	case opPushPBB:
		return partType | partPBB
	case opPopPBB:
		return partType
	}
	return partAll
}

// needsOf returns the parts of a key by which a set of f is decided: those of
// its conditions, and the tag or the label stack entry of which it is a part.
func needsOf(f *oxmField) (p region) {
	var m flowtable.Mask
	for i := range f.conds {
		m.Add(f.conds[i].field, f.conds[i].bits)
	}
	switch f.view {
	case flowtable.VLANVID, flowtable.VLANPCP, flowtable.EthType,
		flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS:
		m.Exact(f.view)
	case flowtable.MPLSTTL: // whatever it was
		m.Exact(flowtable.MPLSLabel)
	}
	for i := range partMasks {
		if part := region(1) << i; part.overlaps(&m) {
			p |= part
		}
	}
	if p&partTags != 0 {
		p |= partType
	}
	return p
}

// uncover makes the frame one of this EtherType, of which nothing was read that
// lies behind it.
func (w *walk) uncover(etherType uint16) {
	w.retype(etherType)
	switch {
	case etherType == packet.TypeVLAN || etherType == packet.TypeSVLAN || etherType < packet.TypeMin:
		w.stale |= partType | partTags | partPayload
	case etherType == packet.TypeIPv4 || etherType == packet.TypeIPv6 || etherType == packet.TypeARP || etherType == packet.TypeRARP:
		w.stale |= partNet | partL4
	case isMPLS.holds(uint64(etherType)):
		w.labels.forget(0)
		w.stale |= w.labels.store(&w.key, &w.written)
	case etherType == packet.TypePBB:
		w.stale |= partPBB
	}
}

// retype makes the frame one of this EtherType behind which there is certainly
// nothing that a key tells.
func (w *walk) retype(etherType uint16) {
	w.set64(flowtable.EthType, uint64(etherType))
	for part, bits := range partMasks {
		if partPayload>>part&1 == 0 {
			continue
		}
		for word, b := range bits {
			w.key[word] &^= b
			w.written[word] |= b
		}
	}
	w.labels.clear()
	w.stale &^= partType | partTTL0 | partPayload
}
