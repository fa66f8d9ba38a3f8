package flowtable

import (
	"math/bits"
	"slices"
)

// early is a sub-table's first question: a set of hashes of one atom, the one
// whose values are likely the most various. A key whose atom is not in the set
// has no entry here, which costs a bit's test instead of a hash of all the mask,
// and the answer depends on that atom alone: the cached flow stays wide.
//
// The set is a bitmap of 8 to 16 bits for each entry. Small sub-tables have
// none: there, what entries have in common tells more. Large ones have none
// either: they are few.
type early struct {
	bits   []*earlyPart
	last   uint64 // its last word
	atom   atom   // all zero if no atom will do
	number uint8  // its number, or noAtom if it has none
}

// earlyPart is successive words of a set, which are copied together. A set of
// fewer words uses the first of its only part.
type earlyPart struct {
	words [earlyWords]uint64
	gen   uint64 // the generation that may still write the part
}

const (
	earlyWords   = 32
	minEarly     = 16      // entries from which on there is a set
	maxEarly     = 1 << 13 // entries up to which there is one
	earlyDensity = 8       // bits for each entry at least
)

// earlyOf returns the early question under a mask, its set empty.
func earlyOf(h *hasher) early {
	e := early{number: noAtom}
	for i, a := range h.atoms {
		n := bits.OnesCount64(a.mask)
		if !standsAlone[a.index] || a.index >= PipelineWord || n <= bits.OnesCount64(e.atom.mask) {
			continue
		}
		e.atom = a
		if !h.alone {
			e.number = h.numbers[i/4][i%4]
		}
	}
	return e
}

// earlyHash returns the hash of an entry's atom.
func earlyHash[V any](e *early, of *Entry[V]) uint64 {
	key := of.Key()
	return e.atom.hash(&key)
}

// place returns where the bit for an atom's hash stands.
func (e *early) place(hash uint64) (word, bit uint64) {
	return hash >> 26 & e.last, 1 << (hash >> 20 % 64)
}

// has reports whether an entry may have an atom of this hash.
func (e *early) has(hash uint64) bool {
	word, bit := e.place(hash)
	return e.bits[word/earlyWords].words[word%earlyWords]&bit != 0
}

// addEarly adds a new entry to the set, which grows with the entries.
func (s *subtable[V]) addEarly(e *Entry[V]) {
	switch {
	case s.early.atom.mask == 0 || s.entries < minEarly:
	case s.early.bits == nil && s.entries > maxEarly/2: // not to and fro
	case s.entries > maxEarly:
		s.early.bits = nil
	case s.early.bits == nil || s.entries*earlyDensity > int(s.early.last+1)*64:
		s.buildEarly()
	default:
		s.setEarly(earlyHash(&s.early, e))
	}
}

// removeEarly counts an entry that is gone. Its bit stays, as another may have
// it too, until such bits are many.
func (s *subtable[V]) removeEarly() {
	s.stale++
	if s.early.bits != nil && s.stale > s.entries {
		s.buildEarly()
	}
}

// buildEarly makes the set anew.
func (s *subtable[V]) buildEarly() {
	words := (s.entries*earlyDensity*2 + 63) / 64
	words = 1 << bits.Len(uint(words-1))
	s.early.bits, s.early.last = nil, uint64(words-1)
	for range (words + earlyWords - 1) / earlyWords {
		s.early.bits = append(s.early.bits, &earlyPart{gen: s.gen})
	}
	s.earlyGen, s.stale = s.gen, 0
	for e := range s.all() {
		s.setEarly(earlyHash(&s.early, e))
	}
}

// setEarly puts an atom's hash into the set, of which is copied what has been
// published.
func (s *subtable[V]) setEarly(hash uint64) {
	if s.early.has(hash) {
		return
	}
	if s.earlyGen != s.gen {
		s.early.bits, s.earlyGen = slices.Clone(s.early.bits), s.gen
	}
	word, bit := s.early.place(hash)
	part := s.early.bits[word/earlyWords]
	if part.gen != s.gen {
		part = &earlyPart{words: part.words, gen: s.gen}
		s.early.bits[word/earlyWords] = part
	}
	part.words[word%earlyWords] |= bit
}
