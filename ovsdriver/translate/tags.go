package translate

import "github.com/ivs-go/ivs/flowtable"

// maxTags is how many VLAN tags a walk keeps track of: the two that a key holds
// and four pushed above them. More pushes make it parse the frame again.
const maxTags = 6

// Origins of a tag's bits.
const (
	fromOuter  = 0  // the frame's outer tag, as it came in
	fromSecond = 1  // its second tag
	fromNone   = -1 // no tag of the frame
)

// tag is a VLAN tag of the frame as it is now, or the place of one that may be
// absent (bit VLANPresent of tci).
type tag struct {
	tci, tpid   uint16
	written     uint16 // bits of tci that actions have written
	tpidWritten bool
	pushed      bool // by an action: what lies below it is known
	origin      int8 // where bits not written come from
}

// absent is a place where there certainly is no tag.
var absent = tag{written: 0xffff, tpidWritten: true, pushed: true, origin: fromNone}

// tagStack is the tags of the frame as it is now, outermost first. While it has
// not moved, the words of the key tell the same, bit for bit.
type tagStack struct {
	tags  [maxTags]tag
	n     int8 // places in use, whether there are tags or not
	moved bool
}

// init sets the stack to what the key of a frame says.
func (s *tagStack) init(k *flowtable.Key) {
	s.moved, s.n = false, 2
	s.tags = [maxTags]tag{
		{tci: uint16(k.Get(flowtable.VLANTCI)), tpid: uint16(k.Get(flowtable.VLANTPID)), origin: fromOuter},
		{tci: uint16(k.Get(flowtable.VLAN2TCI)), tpid: uint16(k.Get(flowtable.VLAN2TPID)), origin: fromSecond},
	}
	for i := 2; i < maxTags; i++ {
		s.tags[i] = absent
	}
}

// load takes over what set-fields have written into the key's outer tag.
func (s *tagStack) load(k *flowtable.Key, written *flowtable.Mask) {
	s.tags[0].tci = uint16(k.Get(flowtable.VLANTCI))
	s.tags[0].written = uint16(written.Get(flowtable.VLANTCI))
}

// store writes the two outermost tags into the key.
func (s *tagStack) store(k *flowtable.Key, written *flowtable.Mask) {
	s.moved = true
	storeTag(&s.tags[0], flowtable.VLANTCI, flowtable.VLANTPID, k, written)
	storeTag(&s.tags[1], flowtable.VLAN2TCI, flowtable.VLAN2TPID, k, written)
}

func storeTag(t *tag, tci, tpid flowtable.Field, k *flowtable.Key, written *flowtable.Mask) {
	k.Set(tci, uint64(t.tci))
	k.Set(tpid, uint64(t.tpid))
	written.Set(tci, uint64(t.written))
	written.Set(tpid, 0)
	if t.tpidWritten {
		written.Exact(tpid)
	}
}

// full reports whether there is no place for another tag. It looks at no tag.
func (s *tagStack) full() bool { return s.n == maxTags }

// push puts a tag on top, a copy of the one below but for its type (§5.12.1).
// The caller has looked whether there is one below.
func (s *tagStack) push(tpid uint16) {
	top := s.tags[0]
	if top.tci&flowtable.VLANPresent == 0 {
		top = absent
	}
	top.tci |= flowtable.VLANPresent
	top.written |= flowtable.VLANPresent
	top.tpid, top.tpidWritten, top.pushed = tpid, true, true
	copy(s.tags[1:], s.tags[:maxTags-1])
	s.tags[0] = top
	s.n++
}

// pop removes the outermost tag.
func (s *tagStack) pop() {
	copy(s.tags[:], s.tags[1:])
	s.tags[maxTags-1] = absent
	s.n--
}

// origins translates bits of a key as it is now, none of them written, into the
// bits of the frame as it came in that they come from, and merges them into
// mask. Only the tags can have moved.
func (s *tagStack) origins(bits, mask *flowtable.Mask) {
	if !s.moved {
		mask.Merge(bits)
		return
	}
	from := *bits
	outer := clearTag(&from, flowtable.VLANTCI, flowtable.VLANTPID)
	second := clearTag(&from, flowtable.VLAN2TCI, flowtable.VLAN2TPID)
	mask.Merge(&from)
	addTag(mask, s.tags[0].origin, outer)
	addTag(mask, s.tags[1].origin, second)
}

// presents is the converse of origins: it merges into now the bits of a key as
// it is now that come from the bits of mask.
func (s *tagStack) presents(mask, now *flowtable.Mask) {
	if !s.moved {
		now.Merge(mask)
		return
	}
	from := *mask
	tags := [2]tagBits{
		clearTag(&from, flowtable.VLANTCI, flowtable.VLANTPID),
		clearTag(&from, flowtable.VLAN2TCI, flowtable.VLAN2TPID),
	}
	now.Merge(&from)
	for place := range tags {
		if o := s.tags[place].origin; o != fromNone {
			addTag(now, int8(place), tags[o])
		}
	}
}

// tagBits are bits of a tag.
type tagBits struct{ tci, tpid uint64 }

// clearTag takes a tag's bits out of mask.
func clearTag(mask *flowtable.Mask, tci, tpid flowtable.Field) tagBits {
	b := tagBits{mask.Get(tci), mask.Get(tpid)}
	mask.Set(tci, 0)
	mask.Set(tpid, 0)
	return b
}

// addTag adds bits to the outer tag of mask, or to the second.
func addTag(mask *flowtable.Mask, place int8, b tagBits) {
	switch place {
	case fromOuter:
		mask.Add(flowtable.VLANTCI, b.tci)
		mask.Add(flowtable.VLANTPID, b.tpid)
	case fromSecond:
		mask.Add(flowtable.VLAN2TCI, b.tci)
		mask.Add(flowtable.VLAN2TPID, b.tpid)
	}
}
