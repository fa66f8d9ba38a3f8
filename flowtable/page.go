package flowtable

import (
	"maps"
	"math/bits"
	"slices"
)

// Geometry of a page. A bucket's tags lie in one cache line.
const (
	pageBuckets = 1 << 4
	bucketWords = 4               // words of tags
	bucketSlots = 4 * bucketWords // 16-bit tags, four to a word
	pageSlots   = pageBuckets * bucketSlots
)

// page is a small hash table of fixed size, the unit of copying: once it is
// published it is never written again. Entries of one masked key share a slot;
// the one of the highest priority is its head, and all that a lookup can want.
type page[V any] struct {
	// tags stand apart, so that a key that is not there costs one cache line.
	tags  *pageTags
	heads [pageSlots]*Entry[V]
	// below holds the entries that a head hides, by falling priority. Few
	// pages have any.
	below map[uint16][]*Entry[V]
	// gen is the generation that may still write the page.
	gen uint64
	// depth is how many low bits of the hash all entries here share.
	depth uint
}

func newPage[V any](gen uint64, depth uint) *page[V] {
	return &page[V]{gen: gen, depth: depth, tags: new(pageTags)}
}

// The hash's low 32 bits choose the page, then come bits for the bucket, and
// the highest 16 are the tag.
func bucketOf(hash uint64) uint64 { return hash >> 32 % pageBuckets }
func tagOf(hash uint64) uint64    { return hash>>48 | 1 }

const (
	laneOnes  = 0x0001_0001_0001_0001
	laneHighs = 0x8000_8000_8000_8000
)

// lanes returns the high bit of each 16-bit lane of word that equals tag. Above
// an equal lane it may err and return the bit of another: callers look closer.
func lanes(word, tag uint64) uint64 {
	x := word ^ tag*laneOnes
	return (x - laneOnes) &^ x & laneHighs
}

// mayHave reports whether a head in the bucket has this tag, or perhaps: if
// not, find would find nothing.
func mayHave(bucket *[bucketWords]uint64, tag uint64) bool {
	return lanes(bucket[0], tag)|lanes(bucket[1], tag)|
		lanes(bucket[2], tag)|lanes(bucket[3], tag) != 0
}

// find returns the slot whose head has the masked key of k, or -1.
func (p *page[V]) find(h *hasher, k *Key, hash uint64) int {
	bucket := bucketOf(hash)
	tags := &p.tags[bucket]
	tag := tagOf(hash)
	for i, word := range tags {
		for m := lanes(word, tag); m != 0; m &= m - 1 {
			slot := int(bucket)*bucketSlots + i*4 + bits.TrailingZeros64(m)/16
			e := p.heads[slot]
			if e != nil && e.hash == hash && h.equal(k, &e.head, e.wide) {
				return slot
			}
		}
	}
	return -1
}

// free returns an empty slot for hash, or -1.
func (p *page[V]) free(hash uint64) int {
	first := int(bucketOf(hash)) * bucketSlots
	for slot := first; slot < first+bucketSlots; slot++ {
		if p.heads[slot] == nil {
			return slot
		}
	}
	return -1
}

// setTag writes the tag of a slot; 0 makes it empty.
func (p *page[V]) setTag(slot int, tag uint64) {
	word := &p.tags[slot/bucketSlots][slot%bucketSlots/4]
	shift := slot % 4 * 16
	*word = *word&^(0xffff<<shift) | tag<<shift
}

// put makes e the head of an empty slot.
func (p *page[V]) put(slot int, e *Entry[V]) {
	p.heads[slot] = e
	p.setTag(slot, tagOf(e.hash))
}

// chain adds e to a slot of its masked key. An entry of its priority gives way
// and is returned.
func (p *page[V]) chain(slot int, e *Entry[V]) (replaced *Entry[V]) {
	head := p.heads[slot]
	switch {
	case e.Priority == head.Priority:
		p.heads[slot] = e
		return head
	case e.Priority > head.Priority:
		p.heads[slot] = e
		e = head
	}
	hidden := p.below[uint16(slot)]
	i, found := searchPriority(hidden, e.Priority)
	if found {
		replaced, hidden[i] = hidden[i], e
		return replaced
	}
	if p.below == nil {
		p.below = make(map[uint16][]*Entry[V])
	}
	p.below[uint16(slot)] = slices.Insert(hidden, i, e)
	return nil
}

// unchain takes the entry of this priority out of a slot, and returns it or nil.
func (p *page[V]) unchain(slot int, priority uint16) *Entry[V] {
	hidden := p.below[uint16(slot)]
	head := p.heads[slot]
	if head.Priority != priority {
		i, found := searchPriority(hidden, priority)
		if !found {
			return nil
		}
		e := hidden[i]
		p.setBelow(slot, slices.Delete(hidden, i, i+1))
		return e
	}
	if len(hidden) == 0 {
		p.heads[slot] = nil
		p.setTag(slot, 0)
		return head
	}
	p.heads[slot] = hidden[0]
	p.setBelow(slot, slices.Delete(hidden, 0, 1))
	return head
}

func (p *page[V]) setBelow(slot int, hidden []*Entry[V]) {
	if len(hidden) == 0 {
		delete(p.below, uint16(slot))
		return
	}
	p.below[uint16(slot)] = hidden
}

// at returns the entry of this priority in a slot, or nil.
func (p *page[V]) at(slot int, priority uint16) *Entry[V] {
	if e := p.heads[slot]; e.Priority == priority {
		return e
	}
	hidden := p.below[uint16(slot)]
	if i, found := searchPriority(hidden, priority); found {
		return hidden[i]
	}
	return nil
}

// searchPriority finds a priority in a slice of falling priority.
func searchPriority[V any](entries []*Entry[V], priority uint16) (int, bool) {
	return slices.BinarySearchFunc(entries, priority, func(e *Entry[V], p uint16) int {
		return int(p) - int(e.Priority)
	})
}

// clone returns a copy that gen may write.
func (p *page[V]) clone(gen uint64) *page[V] {
	c := *p
	c.gen = gen
	tags := *p.tags
	c.tags = &tags
	c.below = maps.Clone(p.below)
	for slot, hidden := range c.below {
		c.below[slot] = slices.Clone(hidden)
	}
	return &c
}

// split deals the slots out to two pages by the first bit of the hash that the
// entries do not share. Each slot keeps its place, so all fit.
func (p *page[V]) split(gen uint64) (zero, one *page[V]) {
	halves := [2]*page[V]{newPage[V](gen, p.depth+1), newPage[V](gen, p.depth+1)}
	for slot, e := range p.heads {
		if e == nil {
			continue
		}
		half := halves[e.hash>>p.depth&1]
		half.put(slot, e)
		if hidden := p.below[uint16(slot)]; hidden != nil {
			if half.below == nil {
				half.below = make(map[uint16][]*Entry[V])
			}
			half.below[uint16(slot)] = slices.Clone(hidden)
		}
	}
	return halves[0], halves[1]
}

// all yields the entries, slot by slot, and returns false once yield has.
func (p *page[V]) all(yield func(*Entry[V]) bool) bool {
	for slot, e := range p.heads {
		if e != nil && !p.slot(slot, yield) {
			return false
		}
	}
	return true
}

// slot yields the entries of a slot, by falling priority, and returns false
// once yield has.
func (p *page[V]) slot(slot int, yield func(*Entry[V]) bool) bool {
	if !yield(p.heads[slot]) {
		return false
	}
	for _, e := range p.below[uint16(slot)] {
		if !yield(e) {
			return false
		}
	}
	return true
}
