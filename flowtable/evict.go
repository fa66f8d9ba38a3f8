package flowtable

import "container/heap"

// Eviction is what a full table does with a new entry: OpenFlow 1.4's
// OFPTC_EVICTION, which 1.3 has no messages for.
type Eviction uint8

const (
	// EvictNothing refuses the new entry with ErrFull.
	EvictNothing Eviction = iota
	// EvictEnding takes out the entry with the least time left
	// (OFPTMPEF_LIFETIME), by what is known of its use. Entries without
	// timeouts stay; if there are no others, the new one is refused.
	EvictEnding
	// EvictUnused takes out the entry that has not been used for the longest
	// time (OFPTMPEF_OTHER), or was added then. The table-miss entry stays.
	EvictUnused
)

// evictLooks bounds how many entries are looked at for one victim. Beyond it,
// the choice is the best among so many of those that were once first.
const evictLooks = 1024

// SetEviction sets the table's policy, which takes effect with the next Add. It
// costs time in proportion to the entries.
func (t *Table[V]) SetEviction(policy Eviction) {
	t.eviction = policy
	t.uses = timers[V]{}
	for e := range t.entries.Select(&Filter[V]{}) {
		e.use = nil
		t.startUse(e)
	}
}

// startUse watches the use of an entry that may be evicted for its lack.
func (t *Table[V]) startUse(e *Entry[V]) {
	if t.eviction == EvictUnused && !e.isTableMiss() {
		e.use = &timer[V]{entry: e, at: e.lastUsed()}
		heap.Push(&t.uses.heap, e.use)
	}
}

func (e *Entry[V]) lastUsed() int64 {
	_, _, used := e.Stats.Read()
	return used
}

// makeRoom takes out as many entries as stand in the way of one more, and
// reports whether there is room now; if not, nothing has changed.
func (t *Table[V]) makeRoom(changes []Change[V]) ([]Change[V], bool) {
	excess := t.entries.Len() - t.max + 1
	if excess <= 0 {
		return changes, true
	}
	var from *timerHeap[V]
	at := (*Entry[V]).lastUsed
	switch t.eviction {
	case EvictEnding:
		from = &t.timers.heap
		at = func(e *Entry[V]) int64 { at, _ := e.expiry(); return at }
	case EvictUnused:
		from = &t.uses.heap
	}
	if from == nil || len(*from) < excess {
		return changes, false
	}
	for range excess {
		victim := from.least(at)
		t.remove(victim)
		changes = append(changes, Change[V]{Reason: Evicted, Old: victim})
	}
	return changes, true
}

// least returns the entry whose time, by at, is the least. The heap is of times
// that may have moved on since; what is found so is put back.
func (h timerHeap[V]) least(at func(*Entry[V]) int64) *Entry[V] {
	best := h[0]
	for range evictLooks {
		first := h[0]
		now := at(first.entry)
		if now <= first.at {
			return first.entry
		}
		first.at = now
		heap.Fix(&h, 0)
		if best.at > first.at {
			best = first
		}
	}
	return best.entry
}
