package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// pushPBB puts the frame into a provider backbone frame between the same
// addresses. Its service instance is that of the outermost I-TAG, or 0 without
// one; the tag's priority is the VLAN tag's, which the datapath takes from the
// frame (§5.12.1).
func (r *Result) pushPBB() {
	w := &r.walk
	w.settle()
	was, looked := uint64(0), w.meets(&isPBB)
	bits := w.written.Get(flowtable.PBBISID)
	if looked {
		was = w.key.Get(flowtable.PBBISID)
	}
	w.retype(packet.TypePBB)
	w.noTags()
	if looked { // its bits are where they were
		w.key.Set(flowtable.PBBISID, was)
		w.written.Set(flowtable.PBBISID, bits)
	}
	r.emitPush(datapath.Act{Kind: datapath.PushPBB, Value: was})
}

// noTags makes the frame one without tags: a header was pushed before them.
func (w *walk) noTags() {
	for i := range w.tags.tags {
		w.tags.tags[i] = absent
	}
	w.tags.n = 0
	w.tags.store(&w.key, &w.written)
	w.stale &^= partTags
}

// popPBB takes the customer's frame out of its backbone frame. The key tells
// nothing of it.
func (r *Result) popPBB() {
	w := &r.walk
	if !w.meets(&isPBB) {
		r.absent()
		return
	}
	r.emit(datapath.Act{Kind: datapath.PopPBB})
	w.stale = partAll
}

// setISID writes the service instance of the I-TAG, which is there. A tag just
// pushed is pushed otherwise.
func (r *Result) setISID(value uint64) {
	w := &r.walk
	w.set64(flowtable.PBBISID, value)
	if push := r.pushing(datapath.PushPBB); push != nil {
		push.Value = value
		return
	}
	r.emit(datapath.Act{Kind: datapath.Set, Field: flowtable.PBBISID, Value: value})
}
