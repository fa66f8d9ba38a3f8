package translate

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// Meter is one version of a meter (§5.7). It is immutable but for its bucket and
// its mark, which anyone may use; main makes another when something changes.
type Meter struct {
	*meter.Meter

	// Native says that the datapath holds the meter, so that cached flows may ask
	// it.
	Native bool

	// Strained is set where the slow path has had to ask the meter for a frame
	// whose flow cannot be cached, though the datapath has a meter of its own in
	// its place, and could not be asked: two buckets for one meter. Main then
	// moves it to user space. Alarm, which all meters share, tells main that
	// there is such a one.
	Strained atomic.Bool
	Alarm    *atomic.Bool
}

// Meters are the meters by id.
type Meters = meter.Set[*Meter]

// SetMeters puts the meters into a view that is not published yet. slow measures
// all that takes the slow path (OFPM_SLOWPATH); nil if nothing does.
func (v *View) SetMeters(meters *Meters, slow *Meter) { v.meters, v.slow = meters, slow }

// can reports whether a cached flow can hold the action.
func (v *View) can(a *datapath.Act) bool {
	if a.Kind == datapath.Meter {
		if m := v.meters.Get(uint32(a.Value)); m == nil || !m.Native {
			return false
		}
	}
	return v.features.Can(a)
}

// MeterToken is the place where a meter lives, and whether it remarks.
func MeterToken(id uint32) Token { return Token(id) | 3<<32 }

// compileMeter compiles OFPIT_METER. Whether there is such a meter is for others
// to say; virtual ones are for no flow (§7.3.4.4).
func (p *Program) compileMeter(id uint32) error {
	if id == 0 || id > ofp13.MeterMax {
		return ofp13.Errorf(ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedInvalidMeter,
			"flows cannot use meter %#x; ids of their meters are 1 to %#x", id, ofp13.MeterMax)
	}
	p.meter = id
	return nil
}

// Meter returns the id of the meter that the instructions name; 0 for none.
func (p *Program) Meter() uint32 { return p.meter }

// measure has the datapath ask a meter. The walk goes on as if the frame passed;
// if it remarks, its DSCP is known no longer.
func (r *Result) measure(id uint32) {
	w := &r.walk
	if w.trace != nil {
		w.trace.line("  meter %d", id)
	}
	r.token(MeterToken(id))
	m := w.view.meters.Get(id)
	if m == nil {
		return
	}
	r.emit(datapath.Act{Kind: datapath.Meter, Value: uint64(id)})
	w.meters++
	if m.Config().Remarks() {
		w.stale |= partDSCP
	}
}

// trip is how a frame fares with the meters on its way.
type trip struct {
	// away says that it is on its way to those of the datapath's own that it meets
	// first, and will come back; returned, that it has, having passed them.
	away, returned bool

	met     uint8 // meters that it has passed
	dropped bool  // by the next one
}

// counts returns what counts the frame where it has come to: the credits behind
// first to last meters. Those before its first meter have counted a frame that has
// returned from there.
func (t *trip) counts() (first, last uint8) {
	last = ^uint8(0)
	switch {
	case t.away:
		last = 0
	case t.dropped:
		last = t.met
	}
	if t.returned {
		first = 1
	}
	return first, last
}

// measure asks a meter about a frame that the datapath cannot deal with alone,
// and reports whether it passes. The outputs before have been flushed.
func (x *Executor) measure(f *datapath.Frame, id uint32) bool {
	m := x.view.meters.Get(id)
	if m == nil {
		return true // only in a view that this id has gone from meanwhile
	}
	if x.Ask && x.Result.Slow != 0 && x.elsewhere(m) && !m.Strained.Load() {
		m.Strained.Store(true)
		m.Alarm.Store(true)
	}
	packets, bytes := packet.Wire(f)
	switch verdict := m.Take(packets, bytes, x.time); verdict {
	case meter.Pass:
	case meter.Drop:
		x.trip.dropped = true
		return false
	default:
		packet.Remark(f, uint8(verdict))
		x.edited = true
	}
	x.trip.met++
	return true
}

// elsewhere reports whether it is the datapath's own meter that frames ask.
func (x *Executor) elsewhere(m *Meter) bool { return m.Native && x.view.features.OwnMeters }

// Asked is the value of the Controller action by which a frame comes back that
// has passed meters of the datapath's own.
const Asked = ^uint64(0)

// askedOf returns how many of the actions, from the first on, are meters of the
// datapath's own.
func (x *Executor) askedOf(acts []datapath.Act) (n int) {
	for n < len(acts) && acts[n].Kind == datapath.Meter {
		if m := x.view.meters.Get(uint32(acts[n].Value)); m == nil || !x.elsewhere(m) {
			break
		}
		n++
	}
	return n
}

// ask sends a frame that must be dealt with here, and must pass meters of the
// datapath's own before all else, to those meters, and reports whether it did. If
// it passes all, the frame comes back, for Return, which begins anew: so nothing may
// have been done yet, not on a copy either, and later parts of a walk ask nothing.
func (x *Executor) ask(f *datapath.Frame, acts []datapath.Act) bool {
	back := datapath.Act{Kind: datapath.Controller, Value: Asked}
	if !x.Ask || x.edited || x.Result.walk.blind || !x.view.can(&back) {
		return false
	}
	n := x.askedOf(acts)
	if n == 0 {
		return false
	}
	start := len(x.acts)
	x.acts = append(append(x.acts, acts[:n]...), back)
	x.giveFrom(start, f, x.origin)
	x.trip.away = true
	return true
}

// Return is Packet for a frame that has come back, as Asked says.
func (x *Executor) Return(v *View, key *flowtable.Key, f *datapath.Frame, now int64, out Sink) {
	x.begin(v, key, out)
	x.trip.returned = true
	Translate(v, key, &x.Result)
	x.finish(f, now, false)
}

// Admit reports whether a frame may take the slow path, as far as the meter
// OFPM_SLOWPATH says, if there is one. now is CLOCK_MONOTONIC in nanoseconds.
func (v *View) Admit(f *datapath.Frame, now int64) bool {
	if v.slow == nil {
		return true
	}
	packets, bytes := packet.Wire(f)
	return v.slow.Take(packets, bytes, now) != meter.Drop
}
