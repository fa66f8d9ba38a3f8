package flowtable

import "iter"

// selectLoose yields the sub-table's entries that a loose filter selects, and
// returns false once yield has. Unless the sub-table's mask covers the
// filter's, it has none; if they are the same, one slot has all.
func (s *subtable[V]) selectLoose(f *Filter[V], yield func(*Entry[V]) bool) bool {
	if !s.mask.Covers(&f.Match.Mask) || s.common.apart(&f.Match) {
		return true
	}
	if *s.mask == f.Match.Mask {
		for e := range s.at(&f.Match.Key) {
			if f.selectsRest(e) && !yield(e) {
				return false
			}
		}
		return true
	}
	terms := f.Match.terms(s.mask)
	for e := range s.all() {
		if e.fits(terms) && f.selectsRest(e) && !yield(e) {
			return false
		}
	}
	return true
}

// term is a word of a pattern that keys must have.
type term struct {
	n, index   int // the word is the n-th that is significant in their mask
	mask, word uint64
}

// terms returns the words of m that count among keys of this mask, which covers
// m's.
func (m *Match) terms(mask *Mask) []term {
	var terms []term
	n := 0
	for i, w := range mask {
		if m.Mask[i] != 0 {
			terms = append(terms, term{n, i, m.Mask[i], m.Key[i]})
		}
		if w != 0 {
			n++
		}
	}
	return terms
}

// fits reports whether the entry's key has these words.
func (e *Entry[V]) fits(terms []term) bool {
	for i := range terms {
		t := &terms[i]
		if (e.word(t.n, t.index)^t.word)&t.mask != 0 {
			return false
		}
	}
	return true
}

// mayOverlap returns the entries that one key can fit together with m, and
// perhaps others. If m's mask covers the sub-table's, they are in one slot.
func (s *subtable[V]) mayOverlap(m *Match) iter.Seq[*Entry[V]] {
	if !m.Mask.Covers(s.mask) {
		return s.all()
	}
	var masked Key
	s.mask.Apply(&m.Key, &masked)
	return s.at(&masked)
}
