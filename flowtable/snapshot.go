package flowtable

import "iter"

// Snapshot is what a Classifier held when it was published. It is immutable:
// any goroutine may read it, without locks.
type Snapshot[V any] struct {
	_ V
}

// Lookup returns the entry of the highest priority that matches k, or nil. Of
// several of one priority it is the oldest, as OpenFlow leaves that open. If
// wild is not nil, every bit of k that decided the answer is merged into it:
// any key that equals k in these bits has the same answer. Lookup allocates
// nothing.
func (s *Snapshot[V]) Lookup(k *Key, wild *Mask) *Entry[V] { panic("flowtable: not yet") }

// LookupAny returns any entry that matches k, or nil: quicker than Lookup where
// entries never overlap, as in a cache of flows.
func (s *Snapshot[V]) LookupAny(k *Key) *Entry[V] { panic("flowtable: not yet") }

// All returns all entries, in an order that is the same each time.
func (s *Snapshot[V]) All() iter.Seq[*Entry[V]] { panic("flowtable: not yet") }

// Select returns the entries that f selects, in the order of All.
func (s *Snapshot[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] { panic("flowtable: not yet") }

// Len returns the number of entries.
func (s *Snapshot[V]) Len() int { panic("flowtable: not yet") }

// Subtables returns the number of different masks, which bounds the cost of a
// lookup.
func (s *Snapshot[V]) Subtables() int { panic("flowtable: not yet") }
