package flowtable

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// An entry gives back the match that it was made of, and compares as that does,
// whether its words are few or many.
func TestEntryIsItsMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	few, many := 0, 0
	for range 3000 {
		m, other, k := randomMatch(rng), randomMatch(rng), randomKey(rng)
		if rng.IntN(3) == 0 {
			other = m
			other.Mask = testMasks[rng.IntN(len(testMasks))]
			for i := range other.Mask {
				other.Mask[i] &= m.Mask[i]
			}
			other.Mask.Apply(&m.Key, &other.Key)
		}
		e := NewEntry(&m, 7, 3)
		if e.Match() != m || e.Key() != m.Key || *e.Mask() != m.Mask || e.Priority != 7 || e.Value != 3 {
			t.Fatalf("entry of %v has the match %v", m, e.Match())
		}
		if got, want := e.within(&other), m.Within(&other); got != want {
			t.Fatalf("%v within %v: %t, want %t", m, other, got, want)
		}
		known := testMasks[rng.IntN(len(testMasks))]
		if got, want := e.Touches(&k, &known), m.Touches(&k, &known); got != want {
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
