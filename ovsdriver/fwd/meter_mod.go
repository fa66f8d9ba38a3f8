package fwd

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Meters answers for meters (§5.7): the meter table, which is published with the
// flow tables, and the datapath's meters below it. Main goroutine only.
type Meters struct {
	tables *Tables
}

// NewMeters returns the meters that entries of these tables use. Those that the
// datapath can hold live there.
func NewMeters(tables *Tables, dp datapath.Meters) *Meters {
	tables.meters.dp = dp
	return &Meters{tables}
}

// MeterMod adds, modifies or deletes meters (§6.6, §7.3.4.4). Errors are
// *ofp13.Error of the type OFPET_METER_MOD_FAILED, but for a failure of the
// datapath; then nothing has changed.
func (s *Meters) MeterMod(m *ofp13.MeterMod) error {
	s.tables.complete()
	if m.Command == ofp13.MeterDelete {
		return s.delete(m.MeterID)
	}
	return s.set(m)
}

// meterError is an OFPET_METER_MOD_FAILED.
func meterError(id uint32, code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeMeterModFailed, code, "meter %#x: "+format, append([]any{id}, args...)...)
}

// set adds or modifies a meter. A modified meter goes on counting, its bands
// begin anew (§6.6).
func (s *Meters) set(m *ofp13.MeterMod) error {
	t := s.tables
	if err := t.meters.check(m); err != nil {
		return err
	}
	if err := t.meters.put(m, t.cfg.Now()); err != nil {
		return err
	}
	t.touchMeter(m.MeterID)
	if e := t.meters.members[m.MeterID]; e.held != nil && !e.version.Native {
		t.after = append(t.after, func() { t.meters.release(e) })
	}
	return nil
}

// touchMeter takes note that a meter has changed.
func (t *Tables) touchMeter(id uint32) {
	t.tokens = append(t.tokens[:0], translate.MeterToken(id))
	t.cfg.Cache.ChangeTokens(t.tokens)
	t.unsent = true
}

// delete deletes a meter and the entries that use it; all of them for OFPM_ALL,
// but for the virtual ones, which are never deleted. One that is not there is no
// error.
func (s *Meters) delete(id uint32) error {
	t := s.tables
	if id != ofp13.MeterAll {
		switch e := t.meters.members[id]; {
		case e == nil:
		case id > ofp13.MeterMax:
			return meterError(id, ofp13.MeterModFailedInvalidMeter, "virtual meters cannot be deleted; modify it to have no bands")
		default:
			t.depart(t.departureOfMeter(e))
		}
		return nil
	}
	var all []departure
	for _, e := range t.meters.members {
		if e.id <= ofp13.MeterMax {
			all = append(all, t.departureOfMeter(e))
		}
	}
	t.depart(all...)
	return nil
}

// departureOfMeter deletes a meter and the entries that use it. Their flow-removed
// messages say OFPRR_DELETE: the reason OFPRR_METER_DELETE came with 1.4. The
// datapath keeps its meter until no cached flow asks it.
func (t *Tables) departureOfMeter(m *meterEntry) departure {
	return departure{m.entries, flowtable.Deleted, func() {
		t.meters.remove(m)
		t.touchMeter(m.id)
		t.after = append(t.after, func() { t.meters.release(m) })
	}}
}

// relieveMeters moves the meters to user space that the slow path has had to
// ask too, so that each is in one place (see translate.Meter).
func (t *Tables) relieveMeters() {
	if !t.meters.alarm.Swap(false) {
		return
	}
	for _, m := range t.meters.members {
		if m.version.Strained.Load() && m.version.Native {
			t.meters.move(m)
			t.touchMeter(m.id)
			t.after = append(t.after, func() { t.meters.release(m) })
		}
	}
}
