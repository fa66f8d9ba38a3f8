package flowtable

import "iter"

// Classifier holds entries and finds the one of the highest priority that
// matches a key. Main only; readers use the snapshots that it publishes.
type Classifier[V any] struct {
	_ V
}

// NewClassifier returns an empty classifier.
func NewClassifier[V any]() *Classifier[V] { panic("flowtable: not yet") }

// Insert adds e. An entry of the same match and priority is replaced and
// returned; e takes over its age. Bits of e.Match.Key outside its mask must be
// zero, and e must not be in a classifier already.
func (c *Classifier[V]) Insert(e *Entry[V]) (replaced *Entry[V]) { panic("flowtable: not yet") }

// Remove takes e out and reports whether it was in.
func (c *Classifier[V]) Remove(e *Entry[V]) bool { panic("flowtable: not yet") }

// Find returns the entry of exactly this match and priority, or nil.
func (c *Classifier[V]) Find(m *Match, priority uint16) *Entry[V] { panic("flowtable: not yet") }

// Len returns the number of entries.
func (c *Classifier[V]) Len() int { panic("flowtable: not yet") }

// Subtables returns the number of different masks, which bounds the cost of a
// lookup.
func (c *Classifier[V]) Subtables() int { panic("flowtable: not yet") }

// Select returns the entries that f selects, in no particular but a stable
// order. The classifier must not be changed while they are iterated.
func (c *Classifier[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] { panic("flowtable: not yet") }

// Publish returns the entries as they are now. It costs in proportion to what
// has changed since the last time; if nothing has, it returns the same
// snapshot again.
func (c *Classifier[V]) Publish() *Snapshot[V] { panic("flowtable: not yet") }
