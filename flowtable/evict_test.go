package flowtable

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// victims says which entries a policy may take out, by its words.
func (m *tableModel) victims(policy Eviction) (all []*Entry[int]) {
	time := func(e *Entry[int]) (at int64, evictable bool) {
		_, _, used := e.Stats.Read()
		if policy == EvictUnused {
			return used, e.Priority != 0 || *e.Mask() != Mask{}
		}
		at = 1 << 62
		if e.IdleTimeout != 0 {
			at = used + int64(e.IdleTimeout)*second
		}
		if e.HardTimeout != 0 {
			at = min(at, e.Created+int64(e.HardTimeout)*second)
		}
		return at, e.IdleTimeout != 0 || e.HardTimeout != 0
	}
	least := int64(1 << 62)
	for _, e := range m.entries {
		at, evictable := time(e)
		switch {
		case !evictable || at > least:
		case at < least:
			least, all = at, []*Entry[int]{e}
		default:
			all = append(all, e)
		}
	}
	return all
}

// Whatever has happened to a full table, the entry that makes room is the one
// that the slow and obvious model would take, or another like it.
func TestEvictionIsTheModel(t *testing.T) {
	for policy := EvictNothing; policy <= EvictUnused; policy++ {
		for seed := range uint64(10) {
			t.Run(fmt.Sprint(policy, "/", seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, uint64(policy)))
				tb, m := NewTable[int](20), &tableModel{max: 20}
				for now := int64(0); now < 300*second; now += second {
					if now == 50*second {
						tb.SetEviction(policy) // in the midst of life
					}
					switch rng.IntN(12) {
					case 0:
						modifyBoth(t, rng, tb, m)
					case 1:
						expireBoth(t, tb, m, now)
					case 2:
						m.max = 10 + rng.IntN(15)
						tb.SetMax(m.max)
					default:
						addEvicting(t, rng, tb, m, now)
					}
					for _, e := range m.entries {
						if rng.IntN(4) == 0 {
							e.Stats.Credit(1, 1, now)
						}
					}
					sameEntries(t, "Select", slices.Collect(tb.Select(&Filter[int]{})), m.entries)
				}
			})
		}
	}
}

// addEvicting adds an entry to both and compares what made room for it.
func addEvicting(t *testing.T, rng *rand.Rand, tb *Table[int], m *tableModel, now int64) {
	t.Helper()
	e := randomEntry(rng)
	e.IdleTimeout = uint16(rng.IntN(2) * rng.IntN(60))
	e.HardTimeout = uint16(rng.IntN(2) * rng.IntN(60))
	before := slices.Clone(m.entries)
	changes, err := tb.Add(e, now, nil)
	for _, c := range changes {
		if c.Reason != Evicted {
			continue
		}
		if len(m.entries) < m.max || !slices.Contains(m.victims(tb.eviction), c.Old) {
			t.Fatalf("evicted %+v of %d entries, at most %d", c.Old, len(m.entries), m.max)
		}
		m.remove(c.Old)
	}
	if _, want := m.add(e); want != nil { // there is no room, and none could be made
		for policy := tb.eviction; policy != EvictNothing && len(m.entries) >= m.max; {
			all := m.victims(policy)
			if len(all) == 0 {
				break
			}
			m.remove(all[0])
		}
		if !errors.Is(err, want) || len(changes) != 0 || len(m.entries) < m.max {
			t.Fatalf("Add = %+v, %v; want %v", changes, err, want)
		}
		m.entries = before
	} else if err != nil || changes[len(changes)-1].New != e {
		t.Fatalf("Add = %+v, %v", changes, err)
	}
}

func portOf(e *Entry[int]) int64 {
	key := e.Key()
	return int64(key.Get(InPort))
}

// A table of entries that are all in use is not looked through for each new one.
func TestEvictionIsBounded(t *testing.T) {
	const entries = 10_000
	tb := NewTable[int](entries)
	tb.SetEviction(EvictUnused)
	for i := range uint64(entries) {
		mustAdd(t, tb, entryOn(i, 1, 0), int64(i))
	}
	for e := range tb.Select(&Filter[int]{}) {
		e.Stats.Credit(1, 1, int64(entries)+portOf(e))
	}
	looks := 0
	h := tb.uses.heap
	victim := h.least(func(e *Entry[int]) int64 { looks++; return e.lastUsed() })
	if looks > evictLooks || portOf(victim) != 0 {
		t.Errorf("%d looks for the entry of port %d; want at most %d, and 0", looks, portOf(victim), evictLooks)
	}
	tb.SetEviction(EvictNothing)
	if _, err := tb.Add(entryOn(entries, 1, 0), 0, nil); !errors.Is(err, ErrFull) {
		t.Errorf("Add without eviction: %v, want ErrFull", err)
	}
}
