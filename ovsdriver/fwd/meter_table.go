package fwd

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// meterTable is the meters as the next View will have them, and who uses each.
// Main goroutine only.
type meterTable struct {
	dp      datapath.Meters
	set     *translate.Meters
	members map[uint32]*meterEntry
	max     int
	alarm   atomic.Bool // set by workers
}

// meterEntry is a meter of the table.
type meterEntry struct {
	id      uint32
	flags   uint16 // as sent
	bands   []ofp13.MeterBand
	created int64            // CLOCK_MONOTONIC ns
	entries map[*entry]uint8 // that use it, and their tables

	version *translate.Meter
	held    *meter.Meter   // the one that the datapath has for it, or nil
	former  []*meter.Meter // of versions before, on which a packet may still be under way
	past    meter.Stats    // what is counted nowhere else: In of all versions, Bands of this one
}

func newMeterTable() *meterTable {
	return &meterTable{members: make(map[uint32]*meterEntry), max: maxMeters}
}

// known refuses a meter that is not there; 0 is none (§7.4.4.13).
func (t *meterTable) known(id uint32) error {
	if id != 0 && t.members[id] == nil {
		return errUnknownMeter(id)
	}
	return nil
}

// follow takes note of which entries of a table use meters.
func (t *meterTable) follow(table uint8, changes []change) {
	for i := range changes {
		c := &changes[i]
		if c.Old != nil {
			if m := t.members[c.Old.Value.Meter()]; m != nil {
				delete(m.entries, c.Old)
			}
		}
		if c.New != nil {
			if m := t.members[c.New.Value.Meter()]; m != nil {
				m.entries[c.New] = table
			}
		}
	}
}

// put adds a meter, or a new version of it, here and in the datapath.
func (t *meterTable) put(mod *ofp13.MeterMod, now int64) error {
	next := &translate.Meter{Meter: meter.New(meterConfig(mod), now), Alarm: &t.alarm}
	before, err := t.hold(mod.MeterID, next)
	if err != nil {
		return err
	}
	m := t.members[mod.MeterID]
	if m == nil {
		m = &meterEntry{id: mod.MeterID, created: now, entries: make(map[*entry]uint8)}
		t.members[m.id] = m
	} else {
		m.supersede(before)
	}
	if next.Native {
		m.held = next.Meter
	}
	m.flags, m.bands, m.version = mod.Flags, slices.Clone(mod.Bands), next
	t.set = t.set.Put(m.id, next)
	return nil
}

// hold gives a meter to the datapath, if it can hold it, and returns what the
// datapath's own had counted that was there. Virtual meters are no flow's.
func (t *meterTable) hold(id uint32, m *translate.Meter) (before meter.Stats, err error) {
	if id > ofp13.MeterMax {
		return before, nil
	}
	before, err = t.dp.PutMeter(id, m.Meter)
	switch {
	case err == nil:
		m.Native = true
	case !errors.Is(err, datapath.ErrUnsupported):
		return before, fmt.Errorf("meter %d in the datapath: %w", id, err)
	}
	return before, nil
}

// maxFormer is how many former versions are kept. A packet that is under way
// takes less time than so many messages.
const maxFormer = 8

// supersede makes the present version a former one. Counters of bands end with
// it.
func (m *meterEntry) supersede(before meter.Stats) {
	m.former = append(m.former, m.version.Meter)
	if len(m.former) > maxFormer {
		var s meter.Stats
		m.former[0].Stats(&s)
		m.past.In = m.past.In.Plus(s.In)
		m.former = slices.Delete(m.former, 0, 1)
	}
	m.past.In = m.past.In.Plus(before.In)
	m.past.Bands = nil
}

// move makes a meter one that lives in user space. The datapath keeps its own
// until release.
func (t *meterTable) move(m *meterEntry) {
	m.version = &translate.Meter{Meter: m.version.Meter, Alarm: &t.alarm}
	t.set = t.set.Put(m.id, m.version)
}

// remove takes a meter out. Its entries are the caller's affair, and what the
// datapath has.
func (t *meterTable) remove(m *meterEntry) {
	delete(t.members, m.id)
	t.set = t.set.Put(m.id, nil)
}

// release takes a meter from the datapath that no cached flow asks any more,
// unless there is need of it again. One that has come under the same id since,
// and was in the datapath, waits for a release of its own.
func (t *meterTable) release(m *meterEntry) {
	now := t.members[m.id]
	if m.held == nil || now != nil && (now.version.Native || now != m && now.held != nil) {
		return
	}
	last, err := t.dp.DeleteMeter(m.id)
	if err == nil {
		m.keep(&last)
	}
	m.held = nil
}

// keep adds what a meter of the datapath had counted when it went.
func (m *meterEntry) keep(last *meter.Stats) {
	m.past.In = m.past.In.Plus(last.In)
	if m.held == m.version.Meter {
		m.past.Bands = sumBands(m.past.Bands, last.Bands)
	}
}

// sumBands returns the sums of counters; the longer list decides how many.
func sumBands(a, b []meter.Count) []meter.Count {
	if len(a) < len(b) {
		a, b = b, a
	}
	for i := range b {
		a[i] = a[i].Plus(b[i])
	}
	return a
}

// slow returns the meter of what takes the slow path (OFPM_SLOWPATH), or nil.
func (t *meterTable) slow() *translate.Meter { return t.set.Get(ofp13.MeterSlowpath) }

// admits reports whether a frame may go to the controllers, as far as the meter
// OFPM_CONTROLLER says, if there is one.
func (t *meterTable) admits(f *datapath.Frame, now int64) bool {
	m := t.set.Get(ofp13.MeterController)
	if m == nil {
		return true
	}
	packets, bytes := packet.Wire(f)
	return m.Take(packets, bytes, now) != meter.Drop
}
