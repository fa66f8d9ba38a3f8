package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// phase is where a walk stands.
type phase uint8

const (
	phaseLookup phase = iota // look up w.table
	phaseApply               // the list of apply-actions, at w.pc
	phaseRest                // clear, write, metadata, goto (§5.9)
	phaseSet                 // the action set, at w.pc
	phaseGroup               // the next bucket of the innermost group, or what follows
	phaseBucket              // a bucket's actions, at w.pc of w.list
	phaseDone
)

// verdict is how a step of a walk ended.
type verdict uint8

const (
	goOn    verdict = iota
	drop            // the frame's way ends here
	freeze          // not done: it needs what only the frame can tell
	descend         // done, but for the buckets of a group, which come next
	surface         // a copy that is a frame of its own ends here
)

// walk is the state of a translation: the frame as it is now, and what is left
// to be done.
type walk struct {
	view  *View
	trace *tracer // nil on the hot path

	image
	mask    flowtable.Mask // bits of the frame, as it came in, that were looked at
	seen    flowtable.Mask // scratch: what one lookup looked at
	ingress datapath.PortNo

	phase phase
	table uint8
	entry *Entry   // that hit last; nil for a packet-out's actions
	prog  *Program // the entry's, or the packet-out's
	list  []op     // apply-actions
	pc    int      // next of list, or of set.order
	set   actionSet

	levels  []level // the groups that the walk is in, outermost first
	buckets int     // done, or asked for their liveness
	meters  uint8   // that the frame has met
	// surfaced says that the walk has stopped at the end of a copy, and goes on
	// with the frame below.
	surfaced bool

	// blind says that key is of a frame parsed again, whose bits are no longer
	// those of the frame as it came in. found are the headers that this has.
	blind bool
	found headers
	// pushed is the place, plus one, of a push whose header may still change,
	// since only Sets stand after it, and whose bits were not looked at yet. 0 is
	// none. Of a first label stack entry, owed are bits of the frame's IP TTL that
	// went into it.
	pushed     int
	pushedKind datapath.ActKind
	owed       uint64
	// keep says that edits after the last output matter.
	keep bool
	// ended says that an action has ended the frame's way, or that it hit no entry.
	ended bool
	// long says that there were too many actions.
	long bool
}

// image is the frame as it is now: all that an action changes of it, so that a
// bucket that works on a copy can leave the frame as it was.
type image struct {
	key     flowtable.Key
	written flowtable.Mask // bits of key that actions have written: no longer the frame's
	tags    tagStack
	labels  labelStack

	// stale are the parts of key that do not tell the frame, since an edit has
	// uncovered headers or given them another meaning.
	stale region

	// queue is what set_queue has given the outputs that follow, 0 for none, and
	// class what the last Queue action of the list says, which a Clone's end
	// undoes as well.
	queue uint16
	class uint64
}

// pipelineMask selects the words that no frame fills.
var pipelineMask = func() (m flowtable.Mask) {
	for i := flowtable.PipelineWord; i < flowtable.Words; i++ {
		m[i] = ^uint64(0)
	}
	return m
}()

// begin resets r for a frame of this key.
func (r *Result) begin(v *View, key *flowtable.Key) {
	r.Actions = r.Actions[:0]
	r.Credits = r.Credits[:0]
	r.Visits = r.Visits[:0]
	r.Tokens = r.Tokens[:0]
	r.PacketIns = r.PacketIns[:0]
	r.Slow, r.Resume = 0, false
	w := &r.walk
	w.view = v
	w.mask = flowtable.Mask{}
	w.load(key)
	w.phase, w.table, w.entry, w.prog, w.list, w.pc = phaseLookup, 0, nil, nil, nil, 0
	w.set.clear()
	w.levels, w.buckets, w.meters, w.surfaced = w.levels[:0], 0, 0, false
	w.blind, w.keep, w.ended, w.long = false, false, false, false
	w.pushed, w.owed = 0, 0
	w.queue, w.class = 0, 0
}

// load takes a frame's key, with the pipeline words at their start.
func (w *walk) load(key *flowtable.Key) {
	w.key = *key
	for i := flowtable.PipelineWord; i < flowtable.Words; i++ {
		w.key[i] = 0
	}
	port := key.Get(flowtable.InPort)
	w.key.Set(flowtable.InPhyPort, port)
	w.ingress = datapath.PortNo(port)
	w.written = pipelineMask
	w.tags.init(&w.key)
	w.labels.moved, w.stale = false, 0
}

// run walks on until the frame's way ends or the walk must Resume.
func (r *Result) run() {
	w := &r.walk
	for w.phase != phaseDone {
		v := r.step()
		if v == drop {
			v = r.drop()
		}
		if v == freeze || v == surface {
			w.surfaced = v == surface
			r.Resume = true
			r.Slow |= SlowReparse
			r.finish()
			return
		}
	}
	r.finish()
	w.view = nil
}

// drop ends the frame's way, or, in a bucket, that of its copy.
func (r *Result) drop() verdict {
	w := &r.walk
	if len(w.levels) > 0 && !w.long {
		return r.endBucket()
	}
	w.phase, w.ended = phaseDone, true
	return goOn
}

// step does what stands next.
func (r *Result) step() verdict {
	w := &r.walk
	switch w.phase {
	case phaseLookup:
		return r.lookup()
	case phaseApply:
		if w.pc == len(w.list) {
			w.phase = phaseRest
			return goOn
		}
		if v := r.do(&w.list[w.pc], w.entry, w.table); v != goOn {
			return v
		}
		w.pc++
	case phaseRest:
		r.rest()
	case phaseGroup:
		return r.nextBucket()
	case phaseBucket:
		if w.pc == len(w.list) {
			return r.endBucket()
		}
		l := w.top()
		if v := r.do(&w.list[w.pc], l.entry, l.table); v != goOn {
			return v
		}
		w.pc++
	case phaseSet:
		if w.pc == w.set.n {
			w.phase = phaseDone
			return goOn
		}
		s := &w.set.order[w.pc]
		if v := r.do(s.op, s.entry, s.table); v != goOn {
			return v
		}
		w.pc++
	}
	return goOn
}

// lookup looks up the present table. A miss without a table-miss entry drops
// the frame (§5.4).
func (r *Result) lookup() verdict {
	w := &r.walk
	t := w.view.table(w.table)
	visit := r.visit()
	w.seen = flowtable.Mask{}
	var e *Entry
	if t.entries != nil {
		e = t.entries.Lookup(&w.key, &w.seen)
	}
	if w.stale != 0 && w.stale.overlaps(&w.seen) {
		r.Visits = r.Visits[:len(r.Visits)-1]
		return freeze
	}
	w.look(&w.seen)
	visit.Entry = e
	if w.trace != nil {
		w.trace.lookup(w, e)
	}
	if e == nil {
		r.Credits = append(r.Credits, Credit{Lookups: t.lookups, Behind: w.meters})
		return drop
	}
	r.Credits = append(r.Credits, Credit{Stats: e.Stats, Flags: e.Flags, Lookups: t.lookups, Behind: w.meters})
	w.entry, w.prog = e, e.Value
	if e.Value.meter != 0 {
		r.measure(e.Value.meter) // the first of instructions (§5.9)
	}
	w.phase, w.list, w.pc = phaseApply, e.Value.apply, 0
	return goOn
}

// visit adds a visit of the present table by the key as it is now, without what
// it finds there.
func (r *Result) visit() *Visit {
	w := &r.walk
	n := len(r.Visits)
	if n < cap(r.Visits) {
		r.Visits = r.Visits[:n+1]
	} else {
		r.Visits = append(r.Visits, Visit{})
	}
	visit := &r.Visits[n]
	visit.Table, visit.Key = w.table, w.key
	visit.written, visit.stale = w.written, w.stale
	if visit.tags.moved = w.tags.moved; w.tags.moved {
		visit.tags = w.tags
	}
	if visit.labels.moved = w.labels.moved; w.labels.moved {
		visit.labels = w.labels
	}
	return visit
}

// rest does an entry's instructions after apply-actions (§5.9).
func (r *Result) rest() {
	w := &r.walk
	p := w.prog
	if p.clear {
		w.set.clear()
	}
	for i := range p.write {
		w.set.write(&p.write[i], w.entry, w.table)
	}
	if p.metaMask != 0 {
		w.key.Set(flowtable.Metadata, w.key.Get(flowtable.Metadata)&^p.metaMask|p.metadata)
	}
	if w.trace != nil {
		w.trace.rest(w, p)
	}
	if p.jump {
		w.phase, w.table = phaseLookup, p.next
		return
	}
	w.set.sort()
	w.phase, w.pc = phaseSet, 0
}

// isTableMiss reports whether e is a table-miss entry (§5.4).
func isTableMiss(e *Entry) bool {
	return e != nil && e.Priority == 0 && *e.Mask() == flowtable.Mask{}
}

// reason is why a packet that e outputs to the controller comes there. What a
// bucket sends there is no miss, though a table-miss entry names the group.
func (w *walk) reason(e *Entry) uint8 {
	if len(w.levels) == 0 && isTableMiss(e) {
		return ofp13.ReasonNoMatch
	}
	return ofp13.ReasonAction
}
