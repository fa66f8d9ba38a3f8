package fwd

import (
	"math"
	"time"

	"github.com/ivs-go/ivs/flowtable"
)

// departure is the deletion of a group or a meter with the entries that use it.
// Of very many entries it takes longer than main may be held, so it goes on in
// Poll, a part at a time. Nobody sees it half done: whatever asks or changes
// tables has it completed first, and a commit waits for it.
type departure struct {
	entries map[*entry]uint8 // that are left, and their tables; follow takes them out
	reason  flowtable.Reason
	then    func() // when all are gone
}

const (
	departAtOnce = 256 // entries that go between two looks at the clock
	departTime   = int64(5 * time.Millisecond)
)

// depart begins departures. Of few entries they are over when the call returns.
func (t *Tables) depart(d ...departure) {
	t.departing = append(t.departing, d...)
	t.goOn(t.cfg.Now() + departTime)
}

// complete ends all departures.
func (t *Tables) complete() { t.goOn(math.MaxInt64) }

// goOn does what departures are left, until about a time.
func (t *Tables) goOn(until int64) {
	if len(t.departing) == 0 {
		return
	}
	for len(t.departing) > 0 {
		d := &t.departing[0]
		if t.remove(d); len(d.entries) == 0 {
			d.then()
			t.departing[0] = departure{}
			t.departing = t.departing[1:]
		}
		if t.cfg.Now() >= until {
			break
		}
	}
	if len(t.departing) == 0 {
		t.departing = nil
		t.after, t.waiting = append(t.after, t.waiting...), nil
	}
}

// remove deletes some of a departure's entries.
func (t *Tables) remove(d *departure) {
	now, n := t.cfg.Now(), 0
	for e, table := range d.entries {
		t.changed(table, t.tables[table].Remove(e, d.reason, t.changes[:0]), now)
		if n++; n == departAtOnce {
			return
		}
	}
}
