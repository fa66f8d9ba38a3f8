package flowtable

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

func TestPublishAgainIsFree(t *testing.T) {
	c := NewClassifier[int]()
	if first := c.Publish(); c.Publish() != first {
		t.Error("Publish without a change made another snapshot")
	}
	before := c.Publish()
	c.Insert(NewEntry(&Match{}, 0, 0))
	if before == c.Publish() || before.Len() != 0 || len(before.subtables) != 0 {
		t.Error("Publish after a change must make another snapshot and leave the old one alone")
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	c := NewClassifier[int]()
	for range 300 {
		c.Insert(randomEntry(rng))
	}
	s, k := c.Publish(), randomKey(rng)
	var wild Mask
	if n := testing.AllocsPerRun(100, func() { s.Lookup(&k, &wild); s.LookupAny(&k) }); n != 0 {
		t.Errorf("Lookup allocates %v times", n)
	}
}

// Readers look up while the writer churns: each answer must be right for the
// snapshot that the reader holds.
func TestReadersWhileWriting(t *testing.T) {
	var current atomic.Pointer[Snapshot[int]]
	rng := rand.New(rand.NewPCG(11, 11))
	c, m := NewClassifier[int](), new(model)
	current.Store(c.Publish())
	var stop atomic.Bool
	var readers sync.WaitGroup
	for r := range 3 {
		readers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(r), 12))
			for !stop.Load() {
				checkByAll(t, rng, current.Load())
			}
		})
	}
	for range 3000 {
		changeBoth(t, rng, c, m, 6)
		current.Store(c.Publish())
	}
	stop.Store(true)
	readers.Wait()
}

// checkByAll compares Lookup with a search of All.
func checkByAll(t *testing.T, rng *rand.Rand, s *Snapshot[int]) {
	k := randomKey(rng)
	var best *Entry[int]
	n := 0
	for e := range s.All() {
		n++
		if matches(e, &k) && (best == nil || e.before(best)) {
			best = e
		}
	}
	var wild Mask
	if got := s.Lookup(&k, &wild); got != best || n != s.Len() {
		t.Errorf("Lookup(%v) = %+v, want %+v; %d of %d entries", k, got, best, n, s.Len())
	}
}
