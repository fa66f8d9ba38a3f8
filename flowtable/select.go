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
	for e := range s.all() {
		if f.Selects(e) && !yield(e) {
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
