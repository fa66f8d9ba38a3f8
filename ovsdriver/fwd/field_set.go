package fwd

import (
	"math/bits"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// fieldSet is a set of match fields: bit n is field n of OXMClassBasic.
type fieldSet uint64

// fieldTCPFlags is ONF's field for TCP flags, the only one of another class.
const fieldTCPFlags fieldSet = 1 << 63

// fieldOf returns the set of one field; empty if this switch does not know it.
func fieldOf(class uint16, field uint8, experimenter uint32) fieldSet {
	switch {
	case class == ofp13.OXMClassBasic && field <= ofp13.OXMIPv6ExtHdr:
		return 1 << field
	case class == ofp13.OXMClassExperimenter && experimenter == ofp13.ExperimenterONF && field == ofp13.OXMTCPFlags:
		return fieldTCPFlags
	}
	return 0
}

// fieldsOf returns the set of the fields that ids name. All must be known.
func fieldsOf(ids []ofp13.OXMID) (set fieldSet) {
	for _, id := range ids {
		set |= fieldOf(id.Class, id.Field, id.Experimenter)
	}
	return set
}

// info tells about the field of a set of one.
func (s fieldSet) info() ofp13.Field {
	if s == fieldTCPFlags {
		return ofp13.TCPFlagsInfo()
	}
	info, _ := ofp13.FieldInfo(uint8(bits.TrailingZeros64(uint64(s))))
	return info
}

// id names the field of a set of one. A masked one has the length that value
// and mask would have (§7.2.3.2).
func (s fieldSet) id(masked bool) ofp13.OXMID {
	id := ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: uint8(bits.TrailingZeros64(uint64(s)))}
	if s == fieldTCPFlags {
		id = ofp13.OXMID{Class: ofp13.OXMClassExperimenter, Experimenter: ofp13.ExperimenterONF, Field: ofp13.OXMTCPFlags}
	}
	if id.Len = s.info().Len; masked {
		id.HasMask = true
		id.Len *= 2
	}
	return id
}

// each calls do for every field of s, in the order of their numbers.
func (s fieldSet) each(do func(one fieldSet)) {
	for ; s != 0; s &= s - 1 {
		do(s & -s)
	}
}

// ids names the fields of s, those of masks with a mask.
func (s fieldSet) ids(masks fieldSet) []ofp13.OXMID {
	ids := make([]ofp13.OXMID, 0, bits.OnesCount64(uint64(s)))
	s.each(func(one fieldSet) { ids = append(ids, one.id(masks&one != 0)) })
	return ids
}

// String names the fields, for errors.
func (s fieldSet) String() string {
	var names string
	s.each(func(one fieldSet) { names += " " + one.info().Name })
	return names[min(1, len(names)):]
}

// prerequisites returns the fields that must stand before those of s in a match
// (§7.2.3.6).
func (s fieldSet) prerequisites() (before fieldSet) {
	s.each(func(one fieldSet) {
		switch p := one.info().Prereq; {
		case p == ofp13.PrereqNone:
		case p == ofp13.PrereqInPort:
			before |= 1 << ofp13.OXMInPort
		case p == ofp13.PrereqVLAN:
			before |= 1 << ofp13.OXMVLANVID
		case p < ofp13.PrereqTCP:
			before |= 1 << ofp13.OXMEthType
		case p < ofp13.PrereqND:
			before |= 1<<ofp13.OXMEthType | 1<<ofp13.OXMIPProto
		default:
			before |= 1<<ofp13.OXMEthType | 1<<ofp13.OXMIPProto | 1<<ofp13.OXMICMPv6Type
		}
	})
	return before
}

// tableSet is a set of tables: bit n%64 of word n/64 is table n.
type tableSet [4]uint64

func (s *tableSet) add(id uint8)      { s[id/64] |= 1 << (id % 64) }
func (s *tableSet) has(id uint8) bool { return s[id/64]>>(id%64)&1 != 0 }

// ids returns the tables in order.
func (s *tableSet) ids() []uint8 {
	var ids []uint8
	for id := range 256 {
		if s.has(uint8(id)) {
			ids = append(ids, uint8(id))
		}
	}
	return ids
}

// typeSet is a set of OFPIT_* or OFPAT_* below 32: bit n is type n.
type typeSet uint32

// has reports whether s has a type.
func (s typeSet) has(typ uint16) bool { return typ < 32 && s>>typ&1 != 0 }

// typesOf returns the set of the types that ids name, and false if one of them
// is of an experimenter or too high to be known.
func typesOf(ids []ofp13.FeatureID) (set typeSet, ok bool) {
	for _, id := range ids {
		if id.Type >= 32 {
			return set, false
		}
		set |= 1 << id.Type
	}
	return set, true
}

// ids names the types of s in order.
func (s typeSet) ids() []ofp13.FeatureID {
	ids := make([]ofp13.FeatureID, 0, bits.OnesCount32(uint32(s)))
	for ; s != 0; s &= s - 1 {
		ids = append(ids, ofp13.FeatureID{Type: uint16(bits.TrailingZeros32(uint32(s)))})
	}
	return ids
}
