package flowtable

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func entryOn(port uint64, priority uint16, value int) *Entry[int] {
	e := exact(InPort, port, priority)
	e.Value = value
	return e
}

// mustAdd adds e and returns the one change.
func mustAdd(t *testing.T, tb *Table[int], e *Entry[int], now int64) Change[int] {
	t.Helper()
	changes, err := tb.Add(e, now, nil)
	if err != nil || len(changes) != 1 || changes[0].New != e {
		t.Fatalf("Add = %+v, %v; want one change to the entry", changes, err)
	}
	return changes[0]
}

func counters(s *Stats) [3]int64 {
	packets, bytes, used := s.Read()
	return [3]int64{int64(packets), int64(bytes), used}
}

func TestAddReplaces(t *testing.T) {
	for _, reset := range []bool{false, true} {
		tb := NewTable[int](1)
		first := entryOn(1, 5, 10)
		if c := mustAdd(t, tb, first, 100); c.Reason != Added || c.Old != nil {
			t.Fatalf("first Add = %+v", c)
		}
		first.Stats.Credit(3, 300, 150)
		second := entryOn(1, 5, 20)
		second.Cookie = 9
		want := [3]int64{3, 300, 200}
		if reset {
			second.Flags, want = FlagResetCounts, [3]int64{0, 0, 200}
		}
		// The table is full, but a replacement takes no room (§6.4).
		if c := mustAdd(t, tb, second, 200); c.Reason != Replaced || c.Old != first {
			t.Fatalf("second Add = %+v", c)
		}
		if got := counters(second.Stats); got != want {
			t.Errorf("reset %v: counters after replacement = %v, want %v", reset, got, want)
		}
		if second.Created != 200 || first.Created != 100 || first.Value != 10 {
			t.Errorf("reset %v: created %d, was %d; old value %d", reset, second.Created, first.Created, first.Value)
		}
		match := first.Match()
		if tb.Len() != 1 || tb.Find(&match, 5) != second {
			t.Errorf("reset %v: %d entries, found %+v", reset, tb.Len(), tb.Find(&match, 5))
		}
	}
}

func TestAddRefuses(t *testing.T) {
	tb := NewTable[int](2)
	wide := NewEntry(&Match{}, 5, 0) // matches all
	mustAdd(t, tb, wide, 0)

	narrow := entryOn(1, 5, 0)
	narrow.Flags = FlagCheckOverlap
	if _, err := tb.Add(narrow, 0, nil); !errors.Is(err, ErrOverlap) {
		t.Errorf("Add of an overlapping entry: %v, want ErrOverlap", err)
	}
	same := NewEntry(&Match{}, 5, 0)
	same.Flags = FlagCheckOverlap
	if c := mustAdd(t, tb, same, 0); c.Reason != Replaced {
		t.Errorf("an equal match is no overlap, got %+v", c)
	}
	narrow.Priority = 6
	mustAdd(t, tb, narrow, 0)
	if _, err := tb.Add(entryOn(2, 7, 0), 0, nil); !errors.Is(err, ErrFull) {
		t.Errorf("Add to a full table: %v, want ErrFull", err)
	}
	if tb.Len() != 2 {
		t.Errorf("Len = %d after refusals, want 2", tb.Len())
	}
	tb.SetMax(3)
	mustAdd(t, tb, entryOn(2, 7, 0), 0)
}

func TestModifyKeepsWhatItShould(t *testing.T) {
	for _, reset := range []bool{false, true} {
		tb := NewTable[int](10)
		e := entryOn(1, 5, 10)
		e.Cookie, e.Flags, e.IdleTimeout, e.HardTimeout = 7, FlagSendFlowRem, 30, 60
		mustAdd(t, tb, e, 100)
		mustAdd(t, tb, entryOn(2, 5, 11), 100)
		e.Stats.Credit(4, 400, 170)

		f := Filter[int]{Match: e.Match()}
		changes := tb.Modify(&f, 99, reset, nil)
		if len(changes) != 1 || changes[0].Reason != Modified || changes[0].Old != e {
			t.Fatalf("Modify = %+v", changes)
		}
		next := changes[0].New
		want := [3]int64{4, 400, 170}
		if reset {
			want = [3]int64{0, 0, 170}
		}
		if got := counters(next.Stats); got != want || (next.Stats == e.Stats) == reset {
			t.Errorf("reset %v: counters %v, want %v, shared unless reset", reset, got, want)
		}
		if next.Value != 99 || e.Value != 10 || next.Cookie != 7 || next.Flags != FlagSendFlowRem ||
			next.Created != 100 || next.IdleTimeout != 30 || next.HardTimeout != 60 {
			t.Errorf("next version = %+v", next)
		}
		if got := tb.Publish().Lookup(&f.Match.Key, nil); got != next {
			t.Errorf("Lookup = %+v, want the next version", got)
		}
		// The timeouts go with the next version.
		gone := expire(tb, 100+60*second)
		if len(gone) != 1 || gone[0].Old != next {
			t.Errorf("Expire = %+v, want the next version", gone)
		}
	}
}

func TestExpire(t *testing.T) {
	tests := []struct {
		name       string
		idle, hard uint16 // seconds
		used       int64  // credited at this second
		at         int64  // expired at this second, not before
		why        Reason
	}{
		{"idle", 5, 0, 0, 5, IdleExpired},
		{"idle, used", 5, 0, 3, 8, IdleExpired},
		{"hard", 0, 5, 0, 5, HardExpired},
		{"hard, used", 0, 5, 4, 5, HardExpired},
		{"idle before hard", 3, 10, 4, 7, IdleExpired},
		{"hard before idle", 5, 6, 4, 6, HardExpired},
		{"both at once", 5, 5, 0, 5, HardExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const start = 1000 * second
			tb := NewTable[int](10)
			e := entryOn(1, 5, 0)
			e.IdleTimeout, e.HardTimeout = test.idle, test.hard
			mustAdd(t, tb, e, start)
			e.Stats.Credit(1, 1, start+test.used*second)
			for s := int64(0); s < test.at; s++ {
				if got := expire(tb, start+s*second+second/2); len(got) != 0 {
					t.Fatalf("expired in second %d: %+v", s, got)
				}
			}
			got := expire(tb, start+test.at*second)
			if len(got) != 1 || got[0] != (Change[int]{Reason: test.why, Old: e}) {
				t.Errorf("Expire = %+v, want reason %d", got, test.why)
			}
			if tb.Len() != 0 {
				t.Error("the entry is still there")
			}
		})
	}
}

// expire removes all entries whose time is over.
func expire(tb *Table[int], now int64) []Change[int] {
	return tb.Expire(tb.Due(now, 1<<30, nil), now, nil)
}

// Whatever is due at once comes out in parts, the earliest first, and entries in
// use take their part without holding up the others.
func TestDueIsBounded(t *testing.T) {
	tb := NewTable[int](1000)
	for i := range 1000 {
		e := entryOn(uint64(i), 1, 0)
		e.IdleTimeout = 1
		mustAdd(t, tb, e, int64(i*7%1000))
		if i%2 == 0 {
			e.Stats.Credit(1, 1, 2*second)
		}
	}
	const now = 3*second - 1
	var gone []Change[int]
	calls := 0
	for due := tb.Due(now, 64, nil); len(due) > 0; due = tb.Due(now, 64, nil) {
		if calls++; len(due) > 64 {
			t.Fatalf("%d entries due, want at most 64", len(due))
		}
		all := slices.Clone(tb.timers.heap)
		slices.SortFunc(all, func(a, b *timer[int]) int { return cmp.Compare(a.at, b.at) })
		for i, e := range due {
			if e.timer.at != all[i].at || tb.timers.heap[e.timer.index] != e.timer {
				t.Fatalf("entry %d of those due is of time %d, want %d", i, e.timer.at, all[i].at)
			}
		}
		gone = tb.Expire(due, now, gone)
	}
	if len(gone) != 500 || tb.Len() != 500 || calls != 16 {
		t.Errorf("%d entries expired, %d left, %d calls; want 500, 500, 16", len(gone), tb.Len(), calls)
	}
}

func TestExpireCostsNothingBeforehand(t *testing.T) {
	tb := NewTable[int](100_000)
	for i := range 20_000 {
		e := entryOn(uint64(i), 1, 0)
		e.IdleTimeout = 10
		mustAdd(t, tb, e, int64(i))
	}
	if n := testing.AllocsPerRun(100, func() { expire(tb, second) }); n != 0 {
		t.Errorf("Expire allocates %v times", n)
	}
	if got := expire(tb, 10*second+9999); len(got) != 10_000 || tb.Len() != 10_000 {
		t.Errorf("%d expired, %d left; want 10000 each", len(got), tb.Len())
	}
}

// tableModel is a table as a list, by the words of §6.4.
type tableModel struct {
	model
	max int
}

func (m *tableModel) add(e *Entry[int]) (old *Entry[int], err error) {
	match := e.Match()
	for _, other := range m.entries {
		theirs := other.Match()
		if e.Flags&FlagCheckOverlap != 0 && other.Priority == e.Priority &&
			theirs != match && theirs.Overlaps(&match) {
			return nil, ErrOverlap
		}
	}
	if m.find(&match, e.Priority) == nil && len(m.entries) >= m.max {
		return nil, ErrFull
	}
	return m.insert(e), nil
}

func TestTableIsTheModel(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			tb, m := NewTable[int](60), &tableModel{max: 60}
			for now := range int64(400) {
				switch rng.IntN(8) {
				case 0:
					modifyBoth(t, rng, tb, m)
				case 1:
					deleteBoth(t, rng, tb, m)
				case 2:
					expireBoth(t, tb, m, now*second)
				default:
					addBoth(t, rng, tb, m, now*second)
				}
				checkLookups(t, rng, tb.Publish(), &m.model, 1)
				sameEntries(t, "Select", slices.Collect(tb.Select(&Filter[int]{})), m.entries)
			}
		})
	}
}

func addBoth(t *testing.T, rng *rand.Rand, tb *Table[int], m *tableModel, now int64) {
	t.Helper()
	e := randomEntry(rng)
	e.Flags = uint16(rng.IntN(2)) * FlagCheckOverlap
	e.IdleTimeout = uint16(rng.IntN(2) * rng.IntN(60))
	e.HardTimeout = uint16(rng.IntN(2) * rng.IntN(60))
	old, want := m.add(e)
	changes, err := tb.Add(e, now, nil)
	if !errors.Is(err, want) || (err == nil) != (len(changes) == 1) {
		t.Fatalf("Add = %+v, %v; want %v", changes, err, want)
	}
	if err == nil && (changes[0].Old != old || changes[0].New != e || (changes[0].Reason == Replaced) != (old != nil)) {
		t.Fatalf("Add = %+v, want %+v replaced", changes[0], old)
	}
	if err == nil {
		e.Stats.Credit(1, 1, now+rng.Int64N(5*second))
	}
}

func modifyBoth(t *testing.T, rng *rand.Rand, tb *Table[int], m *tableModel) {
	t.Helper()
	f := randomFilter(rng)
	want := m.selected(&f)
	changes := tb.Modify(&f, int(rng.Int32()), rng.IntN(2) == 0, nil)
	sameEntries(t, "Modify", olds(changes), want)
	for _, c := range changes {
		if c.Reason != Modified || m.insert(c.New) != c.Old {
			t.Fatalf("Modify: change %+v", c)
		}
	}
}

func deleteBoth(t *testing.T, rng *rand.Rand, tb *Table[int], m *tableModel) {
	t.Helper()
	f := randomFilter(rng)
	want := m.selected(&f)
	changes := tb.Delete(&f, nil)
	if !slices.Equal(olds(changes), want) { // the oldest first
		t.Fatalf("Delete = %d entries, want %d, or another order", len(changes), len(want))
	}
	for _, c := range changes {
		if c.Reason != Deleted || c.New != nil || !m.remove(c.Old) {
			t.Fatalf("Delete: change %+v", c)
		}
	}
}

func expireBoth(t *testing.T, tb *Table[int], m *tableModel, now int64) {
	t.Helper()
	var want []*Entry[int]
	for _, e := range m.entries {
		_, _, used := e.Stats.Read()
		if e.HardTimeout != 0 && now-e.Created >= int64(e.HardTimeout)*second ||
			e.IdleTimeout != 0 && now-used >= int64(e.IdleTimeout)*second {
			want = append(want, e)
		}
	}
	changes := expire(tb, now)
	sameEntries(t, "Expire", olds(changes), want)
	for _, c := range changes {
		m.remove(c.Old)
	}
	if due := tb.Due(now, 1, nil); len(due) != 0 {
		t.Fatalf("Due = %v after Expire at the same time", due)
	}
}

func olds(changes []Change[int]) (all []*Entry[int]) {
	for _, c := range changes {
		all = append(all, c.Old)
	}
	return all
}
