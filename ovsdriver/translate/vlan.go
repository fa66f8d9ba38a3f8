package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// tciBits are the bits of a TCI that a push writes: PCP and VID. The DEI bit's
// place tells presence in a key and is pushed as zero.
const tciBits = 0xffff &^ flowtable.VLANPresent

// pushVLAN adds an outermost tag.
func (r *Result) pushVLAN(tpid uint16) verdict {
	w := &r.walk
	w.settle()
	if w.tags.full() {
		w.stale = partAll
		return freeze
	}
	w.lookAt(flowtable.VLANTCI, flowtable.VLANPresent)
	w.tags.load(&w.key, &w.written)
	w.tags.push(tpid)
	w.tags.store(&w.key, &w.written)
	r.emitPush(w.outerTag())
	return goOn
}

// outerTag is the push of the outermost tag, as the key tells it.
func (w *walk) outerTag() datapath.Act {
	return datapath.Act{
		Kind:      datapath.PushVLAN,
		EtherType: uint16(w.key.Get(flowtable.VLANTPID)),
		Value:     w.key.Get(flowtable.VLANTCI) & tciBits,
	}
}

// tagsTold reports whether the walk knows of the tags what a parse does not tell.
func (w *walk) tagsTold() bool { return w.tags.moved && w.stale&partTags == 0 }

// hidden returns how many tags the walk knows to lie below the two that a key
// holds, at most.
func (w *walk) hidden() int {
	if !w.tagsTold() {
		return 0
	}
	return max(0, int(w.tags.n)-2)
}

// popVLAN removes the outermost tag, if there is one. Below the second of the
// frame's own tags a key tells nothing, so if there is a third, or whatever the
// tags had hidden, the frame must be parsed again before anyone looks.
func (r *Result) popVLAN() {
	w := &r.walk
	if !w.meets(&hasTag) {
		return
	}
	w.settle()
	w.tags.load(&w.key, &w.written)
	own := !w.tags.tags[0].pushed
	w.tags.pop()
	w.tags.store(&w.key, &w.written)
	r.emit(datapath.Act{Kind: datapath.PopVLAN})
	if own {
		w.lookAt(flowtable.EthType, flowtable.EthType.Ones())
		t := w.key.Get(flowtable.EthType)
		if t == packet.TypeVLAN || t == packet.TypeSVLAN {
			w.stale |= partType | partTags | partPayload
		}
	}
}

// setTag writes the VID or the PCP of the outermost tag, which is there. A tag just
// pushed is pushed otherwise.
func (r *Result) setTag(f flowtable.Field, value uint64) {
	w := &r.walk
	w.set64(f, value)
	if push := r.pushing(datapath.PushVLAN); push != nil {
		push.Value = w.key.Get(flowtable.VLANTCI) & tciBits
		return
	}
	r.emit(datapath.Act{Kind: datapath.Set, Field: f, Value: value})
}
