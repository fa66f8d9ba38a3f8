package flowtable

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// touches is Entry.Touches word by word.
func (m *Match) touches(key *Key, cached *Mask) bool {
	for i, w := range m.Mask {
		if (m.Key[i]^key[i])&w&cached[i] != 0 {
			return false
		}
	}
	return true
}

// An entry gives back the match that it was made of, and compares as that does,
// whether its words are few or many.
func TestEntryIsItsMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	few, many := 0, 0
	for range 3000 {
		m, k := randomMatch(rng), randomKey(rng)
		e := NewEntry(&m, 7, 3)
		if e.Match() != m || e.Key() != m.Key || *e.Mask() != m.Mask || e.Priority != 7 || e.Value != 3 {
			t.Fatalf("entry of %v has the match %v", m, e.Match())
		}
		known := testMasks[rng.IntN(len(testMasks))]
		if got, want := e.Touches(&k, &known), m.touches(&k, &known); got != want {
			t.Fatalf("%v touches %v in %v: %t, want %t", m, k, known, got, want)
		}
		if e.wide == nil {
			few++
		} else {
			many++
		}
	}
	if few == 0 || many == 0 {
		t.Errorf("%d entries of few words, %d of many; want both", few, many)
	}
}

// There may be a hundred thousand of them.
func TestEntryIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Entry[*int]{}); size > 160 {
		t.Errorf("an entry takes %d bytes, want at most 160", size)
	}
}
