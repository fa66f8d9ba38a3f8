package translate

import "math/bits"

// setOp is an action of an action set and the entry that wrote it there.
type setOp struct {
	op    *op
	entry *Entry
	table uint8
}

// place is where actions of a kind stand in an action set: the order of §5.10.
// Of the pops, which it leaves open, the outermost header goes first.
type place uint8

const (
	placeCopyTTLIn place = iota
	placePopVLAN
	placePopPBB
	placePopMPLS
	placePushMPLS
	placePushPBB
	placePushVLAN
	placeCopyTTLOut
	placeDecMPLSTTL
	placeDecTTL
	placeSets // set-fields, by slot
	placeQueue
	placeGroup
	placeOutput // without a group: if there is one, it outputs
	places
)

// placeOf returns the place of an action that is no set-field.
func placeOf(kind opKind) place {
	switch kind {
	case opCopyTTLIn:
		return placeCopyTTLIn
	case opPopVLAN:
		return placePopVLAN
	case opPopPBB:
		return placePopPBB
	case opPopMPLS:
		return placePopMPLS
	case opPushMPLS:
		return placePushMPLS
	case opPushPBB:
		return placePushPBB
	case opPushVLAN:
		return placePushVLAN
	case opCopyTTLOut:
		return placeCopyTTLOut
	case opDecMPLSTTL:
		return placeDecMPLSTTL
	case opDecTTL:
		return placeDecTTL
	case opQueue:
		return placeQueue
	case opGroup:
		return placeGroup
	}
	return placeOutput
}

// actionSet is an action set (§5.10): at most one action of each kind, and of
// set-fields one for each field.
type actionSet struct {
	kinds [places]setOp
	have  uint32 // places that hold one

	sets     [64]setOp // by slot
	haveSets uint64    // slots that hold one

	order [64 + places]setOp // in the order of execution, after sort
	n     int
}

// clear empties the set.
func (s *actionSet) clear() { s.have, s.haveSets, s.n = 0, 0, 0 }

// write adds an action in the place of one of its kind.
func (s *actionSet) write(o *op, e *Entry, table uint8) {
	w := setOp{o, e, table}
	if o.kind == opSet {
		s.sets[o.field.slot] = w
		s.haveSets |= 1 << o.field.slot
		return
	}
	p := placeOf(o.kind)
	s.kinds[p] = w
	s.have |= 1 << p
}

// sort puts the actions into the order of §5.10.
func (s *actionSet) sort() {
	s.n = 0
	s.addKinds(s.have & (1<<placeSets - 1))
	for have := s.haveSets; have != 0; have &= have - 1 {
		s.add(&s.sets[bits.TrailingZeros64(have)])
	}
	have := s.have >> placeSets << placeSets
	if have&(1<<placeGroup) != 0 {
		have &^= 1 << placeOutput
	}
	s.addKinds(have)
}

// addKinds appends the actions of these places.
func (s *actionSet) addKinds(have uint32) {
	for ; have != 0; have &= have - 1 {
		s.add(&s.kinds[bits.TrailingZeros32(have)])
	}
}

func (s *actionSet) add(o *setOp) {
	s.order[s.n] = *o
	s.n++
}
