package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// Translate walks a frame's key, as it came in by the port that it names,
// through v's tables. It allocates nothing once r's slices have grown. Where a
// key does not tell all (r.Resume), the caller goes on with Continue.
func Translate(v *View, key *flowtable.Key, r *Result) {
	r.walk.trace = nil
	translate(v, key, r)
}

func translate(v *View, key *flowtable.Key, r *Result) {
	r.begin(v, key)
	if !r.admitPort() || !r.admitFragment() {
		r.walk.phase = phaseDone
	}
	r.run()
}

// resubmit is Translate for output to OFPP_TABLE, where the ingress port is
// what the controller says and is not asked whether it receives.
func resubmit(v *View, key *flowtable.Key, g given, r *Result) {
	r.walk.trace = nil
	r.begin(v, key)
	r.walk.give(g)
	if !r.admitFragment() {
		r.walk.phase = phaseDone
	}
	r.run()
}

// Continue goes on where r.Resume had stopped, with the key and the layout of the
// frame as r.Actions have left it. r.Actions then holds only what is left to do;
// r.Credits, r.Visits and r.PacketIns grow.
func Continue(key *flowtable.Key, l *packet.Layout, r *Result) {
	w := &r.walk
	r.Actions = r.Actions[:0]
	r.Resume = false
	g, metadata, ingress := w.given(), w.key.Get(flowtable.Metadata), w.ingress
	tags, kept := w.tags, w.tagsTold()
	w.load(key)
	if kept {
		w.tags = tags
	}
	w.give(g)
	w.key.Set(flowtable.Metadata, metadata)
	w.key.Set(flowtable.InPort, uint64(ingress))
	w.key.Set(flowtable.InPhyPort, uint64(ingress))
	w.ingress = ingress
	w.blind, w.found, w.pushed = true, found(l), 0
	w.class = 0
	w.surfaced = false
	w.part()
	r.run()
}

// apply walks a list of actions, without tables. Edits after the last output stay
// in r.Actions.
func apply(v *View, list []op, key *flowtable.Key, g given, r *Result) {
	r.walk.trace = nil
	r.begin(v, key)
	w := &r.walk
	w.give(g)
	w.keep = true
	w.prog, w.list, w.phase = noProgram, list, phaseApply
	r.run()
}

// noProgram has no instructions; it stands behind a packet-out's actions.
var noProgram = &Program{}

// given is what actions have given a frame that no parse tells.
type given struct {
	queue    uint16
	tunnel   uint64 // tunnel_id
	tunneled uint64 // bits of it that an action has set
}

func (w *walk) given() given {
	return given{w.queue, w.key.Get(flowtable.TunnelID), w.written.Get(flowtable.TunnelID)}
}

func (w *walk) give(g given) {
	w.queue = g.queue
	w.key.Set(flowtable.TunnelID, g.tunnel)
	w.written.Set(flowtable.TunnelID, g.tunneled)
}
