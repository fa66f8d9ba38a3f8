package flowtable

import (
	"cmp"
	"errors"
	"iter"
	"slices"
)

// ErrOverlap refuses an entry with FlagCheckOverlap that overlaps another of
// its priority: OFPET_FLOW_MOD_FAILED, OFPFMFC_OVERLAP.
var ErrOverlap = errors.New("flowtable: an entry of the same priority overlaps; give one of them another priority")

// ErrFull refuses an entry beyond the table's size: OFPET_FLOW_MOD_FAILED,
// OFPFMFC_TABLE_FULL.
var ErrFull = errors.New("flowtable: table is full; delete entries first")

// Reason says what has happened to an entry.
type Reason uint8

// Reasons of a Change.
const (
	Added       Reason = iota // New is there
	Replaced                  // an add of the same match and priority: Old is gone, New is there; no flow-removed (§6.4)
	Modified                  // New is the next version of Old
	Deleted                   // Old was deleted (OFPRR_DELETE)
	IdleExpired               // Old was idle too long (OFPRR_IDLE_TIMEOUT)
	HardExpired               // Old was old enough (OFPRR_HARD_TIMEOUT)
	GroupGone                 // Old went with a group that it used (OFPRR_GROUP_DELETE)
	Evicted                   // Old had to make room (OpenFlow 1.4's OFPRR_EVICTION)
)

// Change is what an operation did to one entry. The caller revalidates cached
// flows and sends flow-removed messages by it.
type Change[V any] struct {
	Reason   Reason
	Old, New *Entry[V] // nil where there is none
}

// Table is a flow table with OpenFlow's rules (OpenFlow 1.3.5 §5.2, §6.4).
// Main only, except for the Lookups and the snapshots that it publishes.
//
// Operations append what they did to the slice that they are given, the oldest
// entry first, and return the longer slice. Times are CLOCK_MONOTONIC in nanoseconds.
type Table[V any] struct {
	entries  Classifier[V]
	max      int
	lookups  Lookups
	timers   timers[V]
	checksum checksum

	eviction Eviction
	uses     timers[V] // of last use, if eviction is EvictUnused
}

// NewTable returns an empty table of at most max entries.
func NewTable[V any](max int) *Table[V] {
	return &Table[V]{entries: *NewClassifier[V](), max: max, checksum: newChecksum(DefaultChecksumBuckets)}
}

// Add inserts e (OFPFC_ADD), which becomes the table's. With FlagCheckOverlap
// it fails with ErrOverlap if another entry of its priority can match a same
// packet. An entry of the same match and priority is replaced; e takes over its
// counters, unless it has FlagResetCounts, but not its duration. Otherwise, if the
// table is full, others are evicted by the table's policy, or Add fails with
// ErrFull. Add sets e.Created and e.Stats.
// After an error nothing has changed.
func (t *Table[V]) Add(e *Entry[V], now int64, changes []Change[V]) ([]Change[V], error) {
	if e.Flags&FlagCheckOverlap != 0 && t.entries.overlapping(e) != nil {
		return changes, ErrOverlap
	}
	old := t.entries.findLike(e)
	if old == nil {
		var room bool
		if changes, room = t.makeRoom(changes); !room {
			return changes, ErrFull
		}
	}
	e.Created = now
	e.Stats = new(Stats)
	change := Change[V]{Reason: Added, Old: old, New: e}
	if old != nil {
		change.Reason = Replaced
		t.stop(old)
		t.checksum.subtract(old.Cookie)
		if e.Flags&FlagResetCounts == 0 {
			e.Stats = old.Stats
		}
	}
	e.Stats.Touch(now)
	t.timers.start(e)
	t.startUse(e)
	t.checksum.add(e.Cookie)
	t.entries.Insert(e)
	return append(changes, change), nil
}

// Modify gives the selected entries a new value (OFPFC_MODIFY,
// OFPFC_MODIFY_STRICT). Their cookie, timeouts, flags and duration stay, and
// their counters unless resetCounts (OFPFF_RESET_COUNTS). None selected is no
// error.
func (t *Table[V]) Modify(f *Filter[V], value V, resetCounts bool, changes []Change[V]) []Change[V] {
	first := len(changes)
	changes = t.selectOld(f, Modified, changes)
	for i := range changes[first:] {
		c := &changes[first+i]
		c.New = c.Old.withValue(value)
		if resetCounts {
			_, _, used := c.Old.Stats.Read()
			c.New.Stats = new(Stats)
			c.New.Stats.Touch(used)
		}
		c.Old.timer.move(c.New)
		c.Old.use.move(c.New)
		t.entries.replace(c.Old, c.New)
	}
	return changes
}

// selectOld appends a change for each selected entry, the oldest first.
func (t *Table[V]) selectOld(f *Filter[V], why Reason, changes []Change[V]) []Change[V] {
	first := len(changes)
	oldest, youngest := ^uint64(0), uint64(0)
	for old := range t.entries.Select(f) {
		changes = append(changes, Change[V]{Reason: why, Old: old})
		oldest, youngest = min(oldest, old.seq), max(youngest, old.seq)
	}
	selected := changes[first:]
	if n := len(selected); n > 1 && youngest-oldest < uint64(8*n) {
		sortDense(selected, oldest, youngest)
	} else {
		slices.SortFunc(selected, func(a, b Change[V]) int { return cmp.Compare(a.Old.seq, b.Old.seq) })
	}
	return changes
}

// sortDense sorts changes whose old entries' ages, all different, are close to
// each other: each has a place of its own.
func sortDense[V any](changes []Change[V], oldest, youngest uint64) {
	places := make([]*Entry[V], youngest-oldest+1)
	for i := range changes {
		old := changes[i].Old
		places[old.seq-oldest] = old
	}
	i := 0
	for _, old := range places {
		if old != nil {
			changes[i].Old = old
			i++
		}
	}
}

// withValue returns the next version of e.
func (e *Entry[V]) withValue(value V) *Entry[V] {
	next := *e
	next.Value = value
	return &next
}

// Delete removes the selected entries (OFPFC_DELETE, OFPFC_DELETE_STRICT).
func (t *Table[V]) Delete(f *Filter[V], changes []Change[V]) []Change[V] {
	first := len(changes)
	changes = t.selectOld(f, Deleted, changes)
	if n := len(changes) - first; n > 0 && n == t.Len() {
		t.clear()
		return changes
	}
	for _, c := range changes[first:] {
		t.remove(c.Old)
	}
	return changes
}

// Remove removes e, which is in, for a reason.
func (t *Table[V]) Remove(e *Entry[V], why Reason, changes []Change[V]) []Change[V] {
	t.remove(e)
	return append(changes, Change[V]{Reason: why, Old: e})
}

// clear takes all entries out of the table at once.
func (t *Table[V]) clear() {
	t.timers, t.uses = timers[V]{}, timers[V]{}
	t.checksum = newChecksum(len(t.checksum.buckets))
	t.entries.clear()
}

// remove takes e out of the table.
func (t *Table[V]) remove(e *Entry[V]) {
	t.stop(e)
	t.checksum.subtract(e.Cookie)
	t.entries.Remove(e)
}

// stop watches the times of e no longer.
func (t *Table[V]) stop(e *Entry[V]) {
	t.timers.stop(e.timer)
	t.uses.stop(e.use)
}

// Find returns the entry of exactly this match and priority, or nil.
func (t *Table[V]) Find(m *Match, priority uint16) *Entry[V] { return t.entries.Find(m, priority) }

// Select returns the entries that f selects, in no particular but a stable
// order. The table must not be changed while they are iterated.
func (t *Table[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] { return t.entries.Select(f) }

// Len returns the number of entries.
func (t *Table[V]) Len() int { return t.entries.Len() }

// SetMax sets how many entries the table holds at most. Those beyond it stay.
func (t *Table[V]) SetMax(max int) { t.max = max }

// Lookups returns the table's counters, which any goroutine may use.
func (t *Table[V]) Lookups() *Lookups { return &t.lookups }

// Publish returns the entries as they are now; see [Classifier.Publish].
func (t *Table[V]) Publish() *Snapshot[V] { return t.entries.Publish() }
