package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// emitPush appends a push. Which of the new header's bits came from the frame is
// looked at only when no set-field can overwrite them any more.
func (r *Result) emitPush(a datapath.Act) {
	r.emit(a)
	r.walk.pushed, r.walk.pushedKind = len(r.Actions), a.Kind
}

// pushing returns the push of this kind of header, if set-fields may still
// change it; else nil.
func (r *Result) pushing(kind datapath.ActKind) *datapath.Act {
	if w := &r.walk; w.pushed != 0 && w.pushedKind == kind {
		return &r.Actions[w.pushed-1]
	}
	return nil
}

// settle ends the time in which set-fields may change the last push: what it
// copied from the frame now counts as looked at.
func (w *walk) settle() {
	if w.pushed == 0 {
		return
	}
	w.pushed = 0
	switch w.pushedKind {
	case datapath.PushVLAN:
		w.lookAt(flowtable.VLANTCI, tciBits)
	case datapath.PushMPLS:
		w.lookAt(flowtable.MPLS0, flowtable.MPLS0.Ones()&^entryBottom)
		w.payTTL()
	case datapath.PushPBB:
		w.lookAt(flowtable.PBBISID, flowtable.PBBISID.Ones())
	}
}
