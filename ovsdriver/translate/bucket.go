package translate

import (
	"slices"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// level is a group that a walk is in: one of its buckets is being done.
type level struct {
	group *Group
	entry *Entry // that asked for it
	table uint8
	next  int // bucket to be done
	last  int // and the one before which to end

	// Where the walk goes on afterwards.
	phase phase
	list  []op
	pc    int

	// A bucket that edits works on a copy. Until it ends, before is the frame as
	// it was, and clone the place of the copy's Clone in r.Actions, or -1. If the
	// walk had to Resume within the bucket, the copy is a frame of its own
	// (apart), which the executor has.
	before image
	clone  int
	apart  bool
}

// top is the group that the walk is in now.
func (w *walk) top() *level { return &w.levels[len(w.levels)-1] }

// enter does a group action: the walk goes through the buckets, and then on.
func (r *Result) enter(id uint32, e *Entry, table uint8) verdict {
	w := &r.walk
	w.settle()
	r.token(GroupToken(id))
	g := w.view.groups.Get(id)
	if g == nil { // its flow entries are going with it
		if w.trace != nil {
			w.trace.say("there is no such group")
		}
		return goOn
	}
	if w.stale&^(partDSCP|partTTL0) != 0 && g.Type == ofp13.GroupTypeSelect && len(g.Buckets) > 1 {
		return freeze // to hash what the key does not tell
	}
	r.Credits = append(r.Credits, Credit{Stats: g.Stats, Behind: w.meters})
	first, last := r.choose(g)
	if w.trace != nil {
		w.trace.group(g, first, last)
	}
	if w.long || len(w.levels) == MaxChain {
		w.long = true
		return drop
	}
	if first == last {
		return goOn
	}
	w.levels = append(w.levels, level{
		group: g, entry: e, table: table, next: first, last: last,
		phase: w.phase, list: w.list, pc: w.pc + 1, clone: -1,
	})
	w.phase = phaseGroup
	return descend
}

// nextBucket begins with the next bucket of the group, or goes on behind it.
func (r *Result) nextBucket() verdict {
	w := &r.walk
	l := w.top()
	if l.next == l.last {
		w.phase, w.list, w.pc = l.phase, l.list, l.pc
		w.levels = w.levels[:len(w.levels)-1]
		if w.trace != nil {
			w.trace.depth = len(w.levels)
		}
		return goOn
	}
	b := &l.group.Buckets[l.next]
	if w.trace != nil {
		w.trace.bucket(l.next, len(w.levels))
	}
	l.next++
	if !w.spend() {
		return drop
	}
	r.Credits = append(r.Credits, Credit{Stats: b.Stats, Behind: w.meters})
	if b.edits {
		l.before, l.clone = w.image, len(r.Actions)
		r.Actions = append(r.Actions, datapath.Act{Kind: datapath.Clone})
	}
	w.phase, w.list, w.pc = phaseBucket, b.ops, 0
	return goOn
}

// endBucket ends the present bucket, and its copy of the frame with it.
func (r *Result) endBucket() verdict {
	w := &r.walk
	l := w.top()
	w.phase = phaseGroup
	if !l.apart && l.clone < 0 {
		return goOn
	}
	if l.clone >= 0 {
		r.closeClone(l.clone)
	}
	w.settle()
	w.image = l.before
	if l.apart {
		l.apart = false
		return surface
	}
	l.clone = -1
	return goOn
}

// closeClone makes the copy that begins with a Clone end here. One that is not
// needed is none.
func (r *Result) closeClone(at int) {
	r.trim(at + 1)
	n := len(r.Actions) - at - 1
	r.Actions[at].Value = uint64(n)
	if !changes(r.Actions[at+1:]) {
		r.Actions = slices.Delete(r.Actions, at, at+1)
	}
}

// changes reports whether a frame is another after a list of actions.
func changes(acts []datapath.Act) bool {
	for i := 0; i < len(acts); i++ {
		switch acts[i].Kind {
		case datapath.Output, datapath.Controller:
		case datapath.Clone:
			i += int(acts[i].Value)
		default:
			return true
		}
	}
	return false
}

// unclone makes copies of the frame that are its last needless: there, the
// actions can have the frame itself.
func (r *Result) unclone() {
	for {
		last := -1
		for i := 0; i < len(r.Actions); i++ {
			last = i
			if r.Actions[i].Kind == datapath.Clone {
				i += int(r.Actions[i].Value)
			}
		}
		if last < 0 || r.Actions[last].Kind != datapath.Clone {
			return
		}
		r.Actions = slices.Delete(r.Actions, last, last+1)
	}
}

// openClones makes the copies of a walk that has stopped reach to the end.
func (r *Result) openClones() {
	for i := range r.walk.levels {
		if at := r.walk.levels[i].clone; at >= 0 && at < len(r.Actions) {
			r.Actions[at].Value = uint64(len(r.Actions) - at - 1)
		}
	}
}

// part takes note that the copies of a walk that goes on are frames of their
// own now.
func (w *walk) part() {
	for i := range w.levels {
		l := &w.levels[i]
		l.apart, l.clone = l.apart || l.clone >= 0, -1
	}
}

// opened reports whether the Clone at this place of the actions began a copy on
// which the walk has stopped.
func (w *walk) opened(at int) bool {
	for i := range w.levels {
		if w.levels[i].clone == at {
			return true
		}
	}
	return false
}
