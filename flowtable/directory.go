package flowtable

import (
	"iter"
	"slices"
)

// leafLen is how many places of a directory are copied together: what a change
// of one page costs to publish.
const leafLen = 16

// tagLeaf holds the tags of the pages at successive places.
type tagLeaf [leafLen]*pageTags

// leaf holds the pages at successive places of a directory. A directory of fewer
// places uses the first of its only leaf.
type leaf[V any] struct {
	pages [leafLen]*page[V]
	tags  tagLeaf
	gen   uint64 // the generation that may still write the leaf
}

// newDirectory gives an empty sub-table its first place, for p.
func (s *subtable[V]) newDirectory(p *page[V]) {
	l := &leaf[V]{gen: s.gen}
	l.pages[0], l.tags[0] = p, p.tags
	s.dir, s.tags, s.last, s.dirGen = []*leaf[V]{l}, []*tagLeaf{&l.tags}, 0, s.gen
}

// page returns the page for hash.
func (s *subtable[V]) page(hash uint64) *page[V] {
	i := hash & s.last
	return s.dir[i/leafLen].pages[i%leafLen]
}

// setPage makes p the page at a place.
func (s *subtable[V]) setPage(place uint64, p *page[V]) {
	l := s.ownLeaf(place / leafLen)
	l.pages[place%leafLen], l.tags[place%leafLen] = p, p.tags
}

// ownLeaf returns a leaf, copied if it has been published.
func (s *subtable[V]) ownLeaf(i uint64) *leaf[V] {
	s.ownDir()
	l := s.dir[i]
	if l.gen != s.gen {
		l = l.clone(s.gen)
		s.dir[i], s.tags[i] = l, &l.tags
	}
	return l
}

// ownDir copies the lists of leaves if they have been published.
func (s *subtable[V]) ownDir() {
	if s.dirGen != s.gen {
		s.dir, s.tags, s.dirGen = slices.Clone(s.dir), slices.Clone(s.tags), s.gen
	}
}

// clone returns a copy that gen may write.
func (l *leaf[V]) clone(gen uint64) *leaf[V] {
	c := *l
	c.gen = gen
	return &c
}

// double makes twice as many places, each page standing at two of them where it
// stood at one.
func (s *subtable[V]) double() {
	n := s.last + 1
	s.last = 2*n - 1
	if n < leafLen {
		l := s.ownLeaf(0)
		copy(l.pages[n:], l.pages[:n])
		copy(l.tags[n:], l.tags[:n])
		return
	}
	s.ownDir()
	for _, l := range s.dir[:n/leafLen] {
		c := l.clone(s.gen)
		s.dir = append(s.dir, c)
		s.tags = append(s.tags, &c.tags)
	}
}

// places returns where the page p for hash stands.
func (s *subtable[V]) places(p *page[V], hash uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		step := uint64(1) << p.depth
		for i := hash & (step - 1); i <= s.last; i += step {
			if !yield(i) {
				return
			}
		}
	}
}

// eachPage returns the pages, each once, at its first place.
func (s *subtable[V]) eachPage() iter.Seq[*page[V]] {
	return func(yield func(*page[V]) bool) {
		for i := uint64(0); i <= s.last; i++ {
			if p := s.page(i); i>>p.depth == 0 && !yield(p) {
				return
			}
		}
	}
}
