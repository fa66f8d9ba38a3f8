package flowtable

import (
	"errors"
	"iter"
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
// Operations append what they did to the slice that they are given and return
// the longer slice. Times are CLOCK_MONOTONIC in nanoseconds.
type Table[V any] struct {
	_ V
}

// timer is an entry's place in the heap of timeouts.
type timer[V any] struct {
	entry *Entry[V]
}

// NewTable returns an empty table of at most max entries.
func NewTable[V any](max int) *Table[V] { panic("flowtable: not yet") }

// Add inserts e (OFPFC_ADD), which becomes the table's. With FlagCheckOverlap
// it fails with ErrOverlap if another entry of its priority can match a same
// packet. An entry of the same match and priority is replaced; e takes over its
// counters, unless it has FlagResetCounts, but not its duration. Otherwise it
// fails with ErrFull if the table is full. Add sets e.Created and e.Stats.
// After an error nothing has changed.
func (t *Table[V]) Add(e *Entry[V], now int64, changes []Change[V]) ([]Change[V], error) {
	panic("flowtable: not yet")
}

// Modify gives the selected entries a new value (OFPFC_MODIFY,
// OFPFC_MODIFY_STRICT). Their cookie, timeouts, flags and duration stay, and
// their counters unless resetCounts (OFPFF_RESET_COUNTS). None selected is no
// error.
func (t *Table[V]) Modify(f *Filter[V], value V, resetCounts bool, changes []Change[V]) []Change[V] {
	panic("flowtable: not yet")
}

// Delete removes the selected entries (OFPFC_DELETE, OFPFC_DELETE_STRICT).
func (t *Table[V]) Delete(f *Filter[V], changes []Change[V]) []Change[V] {
	panic("flowtable: not yet")
}

// Remove removes one entry, whatever version of it e is, and reports it as
// Deleted. It does nothing if the entry is gone.
func (t *Table[V]) Remove(e *Entry[V], changes []Change[V]) []Change[V] {
	panic("flowtable: not yet")
}

// Expire removes the entries whose time is over. It costs nothing while
// NextExpiry lies ahead. Idle timeouts go by Stats, so what a datapath has
// counted must be credited before.
func (t *Table[V]) Expire(now int64, changes []Change[V]) []Change[V] {
	panic("flowtable: not yet")
}

// NextExpiry returns when Expire can next have something to do, and false if
// never. Entries used meanwhile may let it find nothing.
func (t *Table[V]) NextExpiry() (at int64, ok bool) { panic("flowtable: not yet") }

// Find returns the entry of exactly this match and priority, or nil.
func (t *Table[V]) Find(m *Match, priority uint16) *Entry[V] { panic("flowtable: not yet") }

// Select returns the entries that f selects, in no particular but a stable
// order. The table must not be changed while they are iterated.
func (t *Table[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] { panic("flowtable: not yet") }

// Len returns the number of entries.
func (t *Table[V]) Len() int { panic("flowtable: not yet") }

// Max returns how many entries the table holds at most.
func (t *Table[V]) Max() int { panic("flowtable: not yet") }

// SetMax sets it; entries beyond it stay.
func (t *Table[V]) SetMax(max int) { panic("flowtable: not yet") }

// Lookups returns the table's counters, which any goroutine may use.
func (t *Table[V]) Lookups() *Lookups { panic("flowtable: not yet") }

// Publish returns the entries as they are now; see [Classifier.Publish].
func (t *Table[V]) Publish() *Snapshot[V] { panic("flowtable: not yet") }
