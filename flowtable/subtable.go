package flowtable

import (
	"iter"
	"slices"
)

// subtable holds the entries of one mask: an extendible hash table whose
// buckets are pages. It grows by splitting one page at a time, so no insertion
// waits for all of it to be hashed again. Once published it is never written;
// the next generation writes a copy that shares the pages.
type subtable[V any] struct {
	probe
	// dir finds the page for the low bits of a hash. It has a power of two of
	// places, last+1; a page of depth d stands at (last+1)>>d of them.
	dir []*leaf[V]

	mask     *Mask
	gen      uint64 // may still write this struct
	dirGen   uint64 // may still write dir and tags
	earlyGen uint64 // may still write early.bits
	stale    int    // entries removed since early was built
	entries  int
	pages    int
}

// newSubtable returns an empty sub-table.
func newSubtable[V any](mask *Mask, h hasher, gen uint64) *subtable[V] {
	s := &subtable[V]{
		probe: probe{early: earlyOf(&h), hasher: h},
		mask:  mask, gen: gen, pages: 1,
	}
	s.newDirectory(newPage[V](gen, 0))
	return s
}

// find returns the entry of this masked key and priority, or nil.
func (s *subtable[V]) find(masked *Key, priority uint16) *Entry[V] {
	hash := s.hasher.hash(masked)
	p := s.page(hash)
	slot := p.find(&s.hasher, masked, hash)
	if slot < 0 {
		return nil
	}
	return p.at(slot, priority)
}

// insert adds e, or puts it in the place of an entry of its masked key and
// priority, which is returned. The sub-table's generation must be the current
// one.
func (s *subtable[V]) insert(e *Entry[V]) (replaced *Entry[V]) {
	key := e.Key()
	e.hash = s.hasher.hash(&key)
	return s.place(e, &key)
}

// place is insert for an entry of this key that knows its hash; it only reads
// the entry.
func (s *subtable[V]) place(e *Entry[V], key *Key) (replaced *Entry[V]) {
	if s.entries == 0 {
		s.common = commonOf(&Match{Key: *key, Mask: *s.mask})
	} else {
		s.common = s.common.narrow(key)
	}
	p := s.writable(e.hash)
	if slot := p.find(&s.hasher, key, e.hash); slot >= 0 {
		if replaced = p.chain(slot, e); replaced == nil {
			s.entries++
		}
		return replaced
	}
	slot := p.free(e.hash)
	for ; slot < 0; slot = p.free(e.hash) {
		s.split(p, e.hash)
		p = s.page(e.hash)
	}
	p.put(slot, e)
	s.entries++
	s.addEarly(e)
	return nil
}

// findLike returns the entry of the masked key and priority of e, which knows
// its hash, or nil.
func (s *subtable[V]) findLike(e *Entry[V]) *Entry[V] {
	key := e.Key()
	p := s.page(e.hash)
	slot := p.find(&s.hasher, &key, e.hash)
	if slot < 0 {
		return nil
	}
	return p.at(slot, e.Priority)
}

// replace puts next, a version of old, in the place of old, which is there.
func (s *subtable[V]) replace(old, next *Entry[V]) {
	p := s.writable(old.hash)
	first := int(bucketOf(old.hash)) * bucketSlots
	for slot := first; slot < first+bucketSlots; slot++ {
		if p.heads[slot] == old {
			p.heads[slot] = next
			return
		}
		hidden := p.below[uint16(slot)]
		if i := slices.Index(hidden, old); i >= 0 {
			hidden[i] = next
			return
		}
	}
}

// remove takes out e, which is there.
func (s *subtable[V]) remove(e *Entry[V]) {
	key := e.Key()
	p := s.writable(e.hash)
	p.unchain(p.find(&s.hasher, &key, e.hash), e.Priority)
	s.entries--
	s.removeEarly()
	if s.pages > 4 && s.entries < s.pages*pageSlots/16 {
		s.shrink()
	}
}

// writable returns the page for hash, copied if it has been published.
func (s *subtable[V]) writable(hash uint64) *page[V] {
	p := s.page(hash)
	if p.gen == s.gen {
		return p
	}
	c := p.clone(s.gen)
	for i := range s.places(c, hash) {
		s.setPage(i, c)
	}
	return c
}

// split replaces the page p for hash by two.
func (s *subtable[V]) split(p *page[V], hash uint64) {
	if s.last+1 == 1<<p.depth {
		s.double()
	}
	zero, one := p.split(s.gen)
	for i := range s.places(p, hash) {
		if i>>p.depth&1 == 0 {
			s.setPage(i, zero)
		} else {
			s.setPage(i, one)
		}
	}
	s.pages++
}

// shrink packs the entries into as few pages as they need. It happens after
// most of them are gone, so it costs little for each removal. What they have in
// common is found anew.
func (s *subtable[V]) shrink() {
	small := newSubtable[V](s.mask, s.hasher, s.gen)
	small.top = s.top
	for e := range s.all() {
		key := e.Key()
		small.place(e, &key)
	}
	*s = *small
}

// all returns the entries, in the order of the pages.
func (s *subtable[V]) all() iter.Seq[*Entry[V]] {
	return func(yield func(*Entry[V]) bool) {
		for p := range s.eachPage() {
			if !p.all(yield) {
				return
			}
		}
	}
}

// at returns the entries of exactly this masked key.
func (s *subtable[V]) at(masked *Key) iter.Seq[*Entry[V]] {
	return func(yield func(*Entry[V]) bool) {
		hash := s.hasher.hash(masked)
		p := s.page(hash)
		if slot := p.find(&s.hasher, masked, hash); slot >= 0 {
			p.slot(slot, yield)
		}
	}
}
