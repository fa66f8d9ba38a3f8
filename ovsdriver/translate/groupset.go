package translate

import (
	"cmp"
	"iter"
	"slices"
)

// groupPages is how many pages a GroupSet has. With ten thousand groups a
// change copies some two kilobytes.
const groupPages = 256

// GroupSet is the group table at one moment. It is immutable; anyone may read
// it. A change makes another one, which shares all pages but one with the first.
type GroupSet struct {
	seed  uint64
	pages [groupPages]groupPage
}

// groupPage is some of the groups, by identifier.
type groupPage []*Group

// NewGroupSet returns an empty set. Switches of different seeds spread the same
// flows differently over the buckets of SELECT groups, so that one behind the
// other does not get flows of one bucket only.
func NewGroupSet(seed uint64) *GroupSet { return &GroupSet{seed: seed} }

// pageOf returns the page of a group. Controllers number groups in a row, or
// with meaning in the upper bits.
func pageOf(id uint32) uint32 { return id * 0x9e3779b1 >> 24 }

func (p groupPage) search(id uint32) (int, bool) {
	return slices.BinarySearchFunc(p, id, func(g *Group, id uint32) int { return cmp.Compare(g.ID, id) })
}

// Get returns a group, or nil if there is none of this identifier. The group
// must not be changed.
func (s *GroupSet) Get(id uint32) *Group {
	p := s.pages[pageOf(id)]
	if i, ok := p.search(id); ok {
		return p[i]
	}
	return nil
}

// With returns a set that has g, in the place of a group of its identifier.
func (s *GroupSet) With(g *Group) *GroupSet {
	next := *s
	p := &next.pages[pageOf(g.ID)]
	i, ok := p.search(g.ID)
	*p = slices.Clone(*p)
	if ok {
		(*p)[i] = g
		return &next
	}
	*p = slices.Insert(*p, i, g)
	return &next
}

// Without returns a set that has no group of this identifier.
func (s *GroupSet) Without(id uint32) *GroupSet {
	p := s.pages[pageOf(id)]
	i, ok := p.search(id)
	if !ok {
		return s
	}
	next := *s
	next.pages[pageOf(id)] = slices.Delete(slices.Clone(p), i, i+1)
	return &next
}

// All returns the groups, in no particular order.
func (s *GroupSet) All() iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		for _, p := range s.pages {
			for _, g := range p {
				if !yield(g) {
					return
				}
			}
		}
	}
}
