package flowtable

import (
	"iter"
	"slices"
)

// Classifier holds entries and finds the one of the highest priority that
// matches a key. Main only; readers use the snapshots that it publishes.
//
// It is a tuple-space search: a hash table for each mask, asked in the order of
// the highest priority that each holds. Changes are made to copies of what has
// been published, page by page; what was made since the last publication is
// edited in place.
type Classifier[V any] struct {
	byMask map[Mask]*tuple[V]
	// tuples are in the order of lookup, as of the last publication; new ones
	// stand at the end.
	tuples    []*tuple[V]
	last      *tuple[V] // that tupleOf has found
	atoms     atomNumbers
	entries   int
	seq       uint64 // of the youngest entry
	gen       uint64 // of what may be edited in place; a publication ends it
	published *Snapshot[V]
}

// tuple is main's side of a sub-table.
type tuple[V any] struct {
	mask       *Mask  // of all entries, which outlive the tuple
	seq        uint64 // age: smaller is older
	priorities priorities
	current    *subtable[V]
}

// NewClassifier returns an empty classifier.
func NewClassifier[V any]() *Classifier[V] {
	return &Classifier[V]{byMask: make(map[Mask]*tuple[V]), atoms: newAtomNumbers(), gen: 1}
}

// Insert adds e. An entry of the same match and priority is replaced and
// returned; e takes over its age. It must not have been in a classifier before.
func (c *Classifier[V]) Insert(e *Entry[V]) (replaced *Entry[V]) {
	c.published = nil
	t := c.byMask[*e.mask]
	if t == nil {
		t = c.addTuple(e.mask)
	}
	e.mask = t.mask
	s := t.editable(c.gen)
	if replaced = s.insert(e); replaced != nil {
		e.seq = replaced.seq
		return replaced
	}
	c.seq++
	e.seq = c.seq
	t.priorities.add(e.Priority)
	s.top = t.priorities.top()
	c.entries++
	return nil
}

// addTuple makes a sub-table for a new mask.
func (c *Classifier[V]) addTuple(mask *Mask) *tuple[V] {
	c.seq++
	shared := *mask
	t := &tuple[V]{mask: &shared, seq: c.seq}
	t.current = newSubtable[V](t.mask, c.atoms.hasher(mask), c.gen)
	c.byMask[*mask] = t
	c.tuples = append(c.tuples, t)
	return t
}

// tupleOf returns the tuple of e's mask, or nil. Entries that are in share their
// tuple's mask, and one is mostly asked for after another of the same.
func (c *Classifier[V]) tupleOf(e *Entry[V]) *tuple[V] {
	if c.last == nil || c.last.mask != e.mask {
		c.last = c.byMask[*e.mask]
	}
	return c.last
}

// replace puts next, a version of old, in the place of old, which is in.
func (c *Classifier[V]) replace(old, next *Entry[V]) {
	c.published = nil
	c.tupleOf(old).editable(c.gen).replace(old, next)
}

// clear takes out all entries. Ages go on.
func (c *Classifier[V]) clear() {
	seq := c.seq
	*c = *NewClassifier[V]()
	c.seq = seq
}

// editable returns the sub-table, copied if it has been published.
func (t *tuple[V]) editable(gen uint64) *subtable[V] {
	if t.current.gen != gen {
		s := *t.current
		s.gen = gen
		t.current = &s
	}
	return t.current
}

// Remove takes e out and reports whether it was in.
func (c *Classifier[V]) Remove(e *Entry[V]) bool {
	t := c.tupleOf(e)
	if t == nil || t.current.findLike(e) != e {
		return false
	}
	c.published = nil
	s := t.editable(c.gen)
	s.remove(e)
	t.priorities.remove(e.Priority)
	s.top = t.priorities.top()
	c.entries--
	if s.entries == 0 {
		c.atoms.drop(&s.hasher)
		delete(c.byMask, *t.mask)
		c.last = nil
		i := slices.Index(c.tuples, t)
		c.tuples = slices.Delete(c.tuples, i, i+1)
	}
	return true
}

// Find returns the entry of exactly this match and priority, or nil.
func (c *Classifier[V]) Find(m *Match, priority uint16) *Entry[V] {
	t := c.byMask[m.Mask]
	if t == nil {
		return nil
	}
	return t.current.find(&m.Key, priority)
}

// findLike returns the entry of exactly the match and priority of e, which need
// not be in, or nil.
func (c *Classifier[V]) findLike(e *Entry[V]) *Entry[V] {
	t := c.byMask[*e.mask]
	if t == nil {
		return nil
	}
	key := e.Key()
	return t.current.find(&key, e.Priority)
}

// Len returns the number of entries.
func (c *Classifier[V]) Len() int { return c.entries }

// Subtables returns the number of different masks, which bounds the cost of a
// lookup.
func (c *Classifier[V]) Subtables() int { return len(c.tuples) }

// Select returns the entries that f selects, in no particular but a stable
// order. The classifier must not be changed while they are iterated.
func (c *Classifier[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] {
	return func(yield func(*Entry[V]) bool) {
		if f.Strict {
			if e := c.Find(&f.Match, f.Priority); e != nil && f.selectsRest(e) {
				yield(e)
			}
			return
		}
		for _, t := range c.tuples {
			if !t.current.selectLoose(f, yield) {
				return
			}
		}
	}
}

// overlapping returns an entry of the same priority as e, but another match,
// that one key can fit together with e; nil if there is none.
func (c *Classifier[V]) overlapping(e *Entry[V]) *Entry[V] {
	match := e.Match()
	for _, t := range c.tuples {
		s := t.current
		if !t.priorities.has(e.Priority) || s.common.apart(&match) {
			continue
		}
		for other := range s.mayOverlap(&match) {
			if o := other.Match(); other.Priority == e.Priority && o.Overlaps(&match) && o != match {
				return other
			}
		}
	}
	return nil
}

// Publish returns the entries as they are now. It costs in proportion to what
// has changed since the last time; if nothing has, it returns the same
// snapshot again.
func (c *Classifier[V]) Publish() *Snapshot[V] {
	if c.published != nil {
		return c.published
	}
	slices.SortFunc(c.tuples, lookupOrder)
	s := &Snapshot[V]{
		subtables: make([]*subtable[V], len(c.tuples)),
		probes:    make([]*probe, len(c.tuples)),
		atoms:     c.atoms.table,
		entries:   c.entries,
	}
	for i, t := range c.tuples {
		s.subtables[i] = t.current
		s.probes[i] = &t.current.probe
	}
	c.published = s
	c.gen++
	return s
}

// lookupOrder puts high priorities first, then the older.
func lookupOrder[V any](a, b *tuple[V]) int {
	if a.current.top != b.current.top {
		return int(b.current.top) - int(a.current.top)
	}
	if a.seq < b.seq {
		return -1
	}
	return 1
}
