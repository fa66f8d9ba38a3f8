package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// Sink takes what an Executor makes of frames.
type Sink interface {
	// Execute is given a frame and actions that the datapath can do. All that
	// e points to may be kept until Executor.Reset.
	Execute(e datapath.Execution)
	// PacketIn is given a frame, as edited so far, for the controller, and the
	// key of the frame as it came in. They are valid only during the call.
	PacketIn(p *PacketIn, key *flowtable.Key, f *datapath.Frame)
	// Full is called when the executor needs buffers again that it has given
	// away. When it returns, all executions given so far have been done.
	Full()
}

// How much an Executor can give to its sink before it calls Full.
const (
	maxCopies = 32  // frames copied because they are edited after an output
	maxKeys   = 128 // keys of frames that were edited
)

// copySize holds any frame that segmentation offload can make.
const copySize = 1<<16 + 256 + datapath.Headroom

// Executor takes frames through a View and does itself what the datapath can
// not. It owns its Result and its buffers; one goroutine at a time uses it. It
// allocates nothing once its buffers have grown.
type Executor struct {
	// Result is of the last frame, until the next. After more than one part
	// (Slow has SlowReparse) Actions are the last part's.
	Result Result
	// Ask says that frames which come back from a meter of the datapath's own are
	// given to Return.
	Ask bool
	// Failed counts frames whose actions had to end early, since their buffers
	// had no room for another header.
	Failed uint64

	out    Sink
	view   *View
	origin *flowtable.Key // of the frame as it came in
	edited bool           // the frame is no longer as origin says
	trip   trip

	key    flowtable.Key // of the frame as it is now, where it matters
	layout packet.Layout // of the same, for a walk that goes on
	time   int64         // CLOCK_MONOTONIC, nanoseconds

	leaving []departure    // of the frame as it is now
	class   uint64         // that the next output uses
	acts    []datapath.Act // given to the sink
	copies  [maxCopies]datapath.Frame
	used    int
	keys    [maxKeys]flowtable.Key
	parsed  int
	table   datapath.Frame // for output to TABLE
	deep    []*deepFrame   // copies for buckets, outermost first
	depth   int            // of those in use
}

// Packet takes a frame that came in with this key through v's tables, credits
// it at now (CLOCK_MONOTONIC, nanoseconds), and gives what becomes of it to
// out. The frame may be edited in place, and both may be given to out.
func (x *Executor) Packet(v *View, key *flowtable.Key, f *datapath.Frame, now int64, out Sink) {
	x.begin(v, key, out)
	Translate(v, key, &x.Result)
	x.finish(f, now, false)
}

// PacketOut does a packet-out's actions (CompileActions) on a frame whose key
// names the ingress port, which need not be a port: CONTROLLER, or whatever
// the controller says. Else it is as Packet.
func (x *Executor) PacketOut(v *View, p *Program, key *flowtable.Key, f *datapath.Frame, now int64, out Sink) {
	x.begin(v, key, out)
	list, g := p.apply, given{tunnel: key.Get(flowtable.TunnelID)}
	for {
		n := toTable(list)
		apply(v, list[:n], x.now(f), g, &x.Result)
		if !x.finish(f, now, n < len(list)) || n == len(list) {
			return
		}
		list, g = list[n+1:], x.Result.walk.given()
		x.submit(f, g, now, len(list) == 0)
	}
}

// toTable returns the place of the first output to TABLE, or the list's length.
func toTable(list []op) int {
	for i := range list {
		if list[i].kind == opOutput && list[i].port == ofp13.PortTable {
			return i
		}
	}
	return len(list)
}

// submit does output to TABLE: the frame, or a copy if it is needed further,
// goes through the tables (§4.5), with what it was given.
func (x *Executor) submit(f *datapath.Frame, g given, now int64, last bool) {
	edited := x.edited
	resubmit(x.view, x.now(f), g, &x.Result)
	if last {
		x.finish(f, now, false)
		return
	}
	if !x.clone(&x.table, f) {
		return
	}
	x.finish(&x.table, now, false)
	x.full() // so that the one frame is free again
	x.edited = edited
}

// Reset makes the buffers that were given to the sink free again. Call it when
// the executions have been done.
func (x *Executor) Reset() {
	x.acts, x.used, x.parsed = x.acts[:0], 0, 0
}

// begin starts a frame.
func (x *Executor) begin(v *View, key *flowtable.Key, out Sink) {
	x.view, x.origin, x.edited, x.out = v, key, false, out
	x.trip = trip{}
}

// full makes room.
func (x *Executor) full() {
	x.out.Full()
	x.Reset()
}

// now returns the key of the frame as it is now, valid until the next edit.
func (x *Executor) now(f *datapath.Frame) *flowtable.Key {
	if !x.edited {
		return x.origin
	}
	packet.Parse(f, datapath.PortNo(x.origin.Get(flowtable.InPort)), &x.key)
	return &x.key
}

// further parses the frame for a walk that goes on, which knows of tags that it
// has pushed above the two that a key holds. It leaves x.layout.
func (x *Executor) further(f *datapath.Frame) *flowtable.Key {
	packet.ParseBelow(f, datapath.PortNo(x.origin.Get(flowtable.InPort)), x.Result.walk.hidden(), &x.key, &x.layout)
	return &x.key
}

// finish plays the result on the frame, continues where it must, and credits.
// If keep, the caller needs the frame afterwards, and is told whether there still
// is one: its way may have ended.
func (x *Executor) finish(f *datapath.Frame, now int64, keep bool) bool {
	r := &x.Result
	length := uint64(f.Len())
	x.time, x.trip = now, trip{returned: x.trip.returned}
	for {
		done := x.play(x.present(f), keep || r.Resume && !r.walk.surfaced)
		if !done || !r.Resume {
			x.depth = 0
			first, last := x.trip.counts()
			r.creditBehind(first, last, 1, length, now)
			return done && !r.walk.ended
		}
		if r.walk.surfaced {
			x.ascend()
		} else {
			x.edited = true
		}
		Continue(x.further(x.present(f)), &x.layout, r)
	}
}

// play does r.Actions. If keep, all edits are done on f itself and f is not
// given to the sink. It reports whether it could do all.
func (x *Executor) play(f *datapath.Frame, keep bool) bool {
	acts := x.Result.Actions
	if x.trip.returned && !x.Result.walk.blind {
		n := x.askedOf(acts)
		acts, x.trip.met = acts[n:], uint8(n)
	}
	if !keep && !x.edited && x.native(acts) {
		if len(acts) > 0 {
			x.give(f, x.origin, acts)
		}
		return true
	}
	if x.ask(f, acts) {
		return false
	}
	x.leaving, x.class = x.leaving[:0], 0
	return x.perform(f, acts, keep)
}

// perform is play, or a part of it: a list of actions on a frame.
func (x *Executor) perform(f *datapath.Frame, acts []datapath.Act, keep bool) bool {
	for i := 0; i < len(acts); i++ {
		a := &acts[i]
		switch {
		case a.Kind == datapath.Clone:
			n := int(a.Value)
			if x.opens(acts[i:]) {
				if f = x.descend(f); f == nil {
					return false
				}
				continue
			}
			x.onCopy(f, acts[i+1:i+1+n])
			i += n
		case a.Kind == datapath.Output:
			x.leaving = append(x.leaving, departure{a.Port, x.class})
		case a.Kind == datapath.Queue:
			x.class = a.Value
		case a.Kind == datapath.Controller:
			x.out.PacketIn(&x.Result.PacketIns[a.Value], x.origin, f)
		case a.Kind == datapath.Meter:
			if x.flush(f, true); !x.measure(f, uint32(a.Value)) {
				return false
			}
		default:
			x.flush(f, true)
			if err := packet.Edit(f, a); err != nil {
				x.Failed++
				return false
			}
			x.edited = true
		}
	}
	x.flush(f, keep)
	return true
}

// native reports whether the datapath can do all these actions at once, and
// nobody has to know here what it did.
func (x *Executor) native(acts []datapath.Act) bool {
	f := &x.view.features
	if f.MaxActs > 0 && len(acts) > f.MaxActs {
		return false
	}
	for i := range acts {
		switch a := &acts[i]; {
		case a.Kind == datapath.Controller, !x.view.can(a):
			return false
		case a.Kind == datapath.Meter && !f.OwnMeters:
			return false // ask it here, for later tables count what passes
		}
	}
	return true
}

// flush gives the sink the outputs that wait for the frame as it is now: of a
// copy, if the frame is needed further.
func (x *Executor) flush(f *datapath.Frame, keep bool) {
	if len(x.leaving) == 0 {
		return
	}
	if x.used == maxCopies || x.parsed == maxKeys {
		x.full()
	}
	key := x.origin
	if x.edited {
		key = &x.keys[x.parsed]
		x.parsed++
		packet.Parse(f, datapath.PortNo(x.origin.Get(flowtable.InPort)), key)
	}
	if keep {
		c := &x.copies[x.used]
		if !x.clone(c, f) {
			x.leaving = x.leaving[:0]
			return
		}
		x.used++
		f = c
	} else if x.isDeep(f) {
		f = x.yield(f)
	}
	x.depart(f, key)
	x.leaving = x.leaving[:0]
}

// give hands one execution to the sink, with a copy of the actions.
func (x *Executor) give(f *datapath.Frame, key *flowtable.Key, acts []datapath.Act) {
	start := len(x.acts)
	x.acts = append(x.acts, acts...)
	x.giveFrom(start, f, key)
}

// giveFrom hands one execution to the sink, whose actions are the last ones of
// x.acts.
func (x *Executor) giveFrom(start int, f *datapath.Frame, key *flowtable.Key) {
	end := len(x.acts)
	x.out.Execute(datapath.Execution{Frame: f, Key: key, Actions: x.acts[start:end:end]})
}

// clone makes dst a copy of f, in dst's own buffer.
func (x *Executor) clone(dst, f *datapath.Frame) bool {
	if dst.Buf == nil {
		dst.Buf = make([]byte, copySize)
	}
	if datapath.Headroom+f.Len() > len(dst.Buf) {
		x.Failed++
		return false
	}
	dst.Start = datapath.Headroom
	dst.End = dst.Start + copy(dst.Buf[dst.Start:], f.Bytes())
	dst.Offload = f.Offload
	return true
}
