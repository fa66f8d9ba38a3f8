package translate

import "math/bits"

// setOp is an action of an action set and the entry that wrote it there.
type setOp struct {
	op    *op
	entry *Entry
	table uint8
}

// actionSet is an action set (§5.10): at most one action of each kind, and of
// set-fields one for each field.
type actionSet struct {
	pop, push, dec, queue, group, output setOp // op is nil if there is none

	sets [64]setOp // by slot
	have uint64    // slots that hold one

	order [69]setOp // in the order of execution, after sort
	n     int
}

// clear empties the set.
func (s *actionSet) clear() {
	s.pop.op, s.push.op, s.dec.op, s.queue.op, s.group.op, s.output.op = nil, nil, nil, nil, nil, nil
	s.have, s.n = 0, 0
}

// write adds an action in the place of one of its kind.
func (s *actionSet) write(o *op, e *Entry, table uint8) {
	w := setOp{o, e, table}
	switch o.kind {
	case opPopVLAN:
		s.pop = w
	case opPushVLAN:
		s.push = w
	case opDecTTL:
		s.dec = w
	case opQueue:
		s.queue = w
	case opGroup:
		s.group = w
	case opOutput:
		s.output = w
	case opSet:
		s.sets[o.field.slot] = w
		s.have |= 1 << o.field.slot
	}
}

// sort puts the actions into the order of §5.10.
func (s *actionSet) sort() {
	s.n = 0
	s.add(&s.pop)
	s.add(&s.push)
	s.add(&s.dec)
	for have := s.have; have != 0; have &= have - 1 {
		s.add(&s.sets[bits.TrailingZeros64(have)])
	}
	s.add(&s.queue)
	if s.group.op != nil { // then it is the group that outputs
		s.add(&s.group)
		return
	}
	s.add(&s.output)
}

func (s *actionSet) add(o *setOp) {
	if o.op != nil {
		s.order[s.n] = *o
		s.n++
	}
}
