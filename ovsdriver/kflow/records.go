package kflow

import "github.com/ivs-go/ivs/ovsdriver/translate"

// records gives names to what the controller is told with the packets that
// cached flows hand up. A name is a slot and the slot's generation, so that one
// that outlives its flow is recognised. Equal contents share a slot and thus a
// name, so revalidation seldom changes one. Main goroutine only.
type records struct {
	slots []record
	free  []uint32
	names map[translate.PacketIn]uint32 // slot by content
}

type record struct {
	content    translate.PacketIn
	generation uint32
	refs       int
}

// acquire returns the name of p and counts one more user of it.
func (r *records) acquire(p *translate.PacketIn) uint64 {
	slot, ok := r.names[*p]
	if !ok {
		slot = r.take()
		r.slots[slot].content = *p
		if r.names == nil {
			r.names = make(map[translate.PacketIn]uint32)
		}
		r.names[*p] = slot
	}
	rec := &r.slots[slot]
	rec.refs++
	return uint64(rec.generation)<<32 | uint64(slot)
}

// take returns a slot without users.
func (r *records) take() uint32 {
	if n := len(r.free); n > 0 {
		slot := r.free[n-1]
		r.free = r.free[:n-1]
		return slot
	}
	r.slots = append(r.slots, record{generation: 1})
	return uint32(len(r.slots) - 1)
}

// release takes back one use of a name that acquire returned.
func (r *records) release(name uint64) {
	slot := uint32(name)
	rec := &r.slots[slot]
	if rec.refs--; rec.refs > 0 {
		return
	}
	delete(r.names, rec.content)
	rec.generation++
	r.free = append(r.free, slot)
}

// lookup returns the content of a name, and false if nobody uses it any more.
func (r *records) lookup(name uint64) (translate.PacketIn, bool) {
	slot := name & 0xffffffff
	if slot >= uint64(len(r.slots)) {
		return translate.PacketIn{}, false
	}
	rec := &r.slots[slot]
	if rec.refs == 0 || uint64(rec.generation) != name>>32 {
		return translate.PacketIn{}, false
	}
	return rec.content, true
}
