package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// finish makes the result of what the walk has found.
func (r *Result) finish() {
	w := &r.walk
	if !w.keep && !r.Resume {
		r.trim(0)
	}
	r.openClones()
	if !w.keep && !r.Resume {
		r.unclone()
	}
	w.settle()
	if w.blind {
		return // r.Mask stays as the first part of the walk has left it
	}
	// OFPXMT_OFB_IN_PHY_PORT is the in_port here, so a look at it is one at that.
	if phy := w.mask.Get(flowtable.InPhyPort); phy != 0 {
		w.mask.Add(flowtable.InPort, phy)
		w.mask.Set(flowtable.InPhyPort, 0)
	}
	r.Mask = w.mask
	for i := range r.Visits {
		v := &r.Visits[i]
		v.known(&r.Mask)
	}
	r.judge()
}

// trim removes, of the actions from a place on, the edits after the last output:
// nobody sees them, so what they would have copied from the frame is not looked at.
func (r *Result) trim(from int) {
	n := len(r.Actions)
	for n > from && !lasting(r.Actions[n-1].Kind) {
		n--
	}
	r.Actions = r.Actions[:n]
	if w := &r.walk; w.pushed > n {
		w.pushed, w.owed = 0, 0
	}
}

// lasting reports whether an action does more than to change the frame. A meter
// does, though the frame then ends: it counts the frame, which uses up its rate.
func lasting(kind datapath.ActKind) bool {
	return kind == datapath.Output || kind == datapath.Controller || kind == datapath.Meter
}

// judge says why the datapath's flows cannot hold the result.
func (r *Result) judge() {
	w := &r.walk
	f := &w.view.features
	if !f.KeyMask.Covers(&r.Mask) {
		r.Slow |= SlowMask
	}
	if w.long || f.MaxActs > 0 && len(r.Actions) > f.MaxActs {
		r.Slow |= SlowLength
	}
	for i := range r.Actions {
		if !w.view.can(&r.Actions[i]) {
			r.Slow |= SlowAction
			return
		}
	}
}
