package meter

import "maps"

// pageLen is how many ids share a page.
const pageLen = 64

type page[T comparable] [pageLen]T

// Set maps ids of meters to what somebody keeps of each; what is not there is
// T's zero value. It is immutable; anyone may read it. A change costs the copy
// of one page and of the list of pages.
type Set[T comparable] struct{ pages map[uint32]*page[T] }

// Get returns what is kept under an id. A nil set is empty.
func (s *Set[T]) Get(id uint32) (v T) {
	if s == nil {
		return v
	}
	if p := s.pages[id/pageLen]; p != nil {
		return p[id%pageLen]
	}
	return v
}

// Put returns the set with v under an id.
func (s *Set[T]) Put(id uint32, v T) *Set[T] {
	next := &Set[T]{}
	p := new(page[T])
	if s != nil {
		next.pages = maps.Clone(s.pages)
		if old := s.pages[id/pageLen]; old != nil {
			*p = *old
		}
	}
	if next.pages == nil {
		next.pages = make(map[uint32]*page[T], 1)
	}
	p[id%pageLen] = v
	if next.pages[id/pageLen] = p; *p == (page[T]{}) {
		delete(next.pages, id/pageLen)
	}
	return next
}
