package flowtable

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// A sub-table's early question goes with its size: none while it is small, one
// that rejects most strangers in between, none when it is large; and after
// removals it is sharp again.
func TestEarlyFollowsTheSize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	c := NewClassifier[int]()
	var entries []*Entry[int]
	grow := func(n int) {
		for len(entries) < n {
			var m Match
			m.Exact(EthDst, rng.Uint64())
			m.Exact(VLANVID, rng.Uint64())
			e := NewEntry(&m, 0, 0)
			if c.Insert(e) == nil {
				entries = append(entries, e)
			}
		}
	}
	check := func(s *Snapshot[int], entries []*Entry[int], early bool) {
		t.Helper()
		if got := s.probes[0].early.bits != nil; got != early {
			t.Fatalf("%d entries: early question %v, want %v", len(entries), got, early)
		}
		for _, e := range entries {
			key := e.Key()
			if s.Lookup(&key, nil) != e {
				t.Fatalf("%d entries: one is not found", len(entries))
			}
		}
		if !early {
			return
		}
		var want Mask
		want.Exact(EthDst)
		rejected := 0
		for range 1000 {
			var k Key
			var wild Mask
			k.Set(EthDst, rng.Uint64())
			s.Lookup(&k, &wild)
			if wild == want {
				rejected++
			}
		}
		if rejected < 800 {
			t.Errorf("%d entries: of 1000 strange addresses %d were told by eth_dst alone, want 800", len(entries), rejected)
		}
	}
	grow(minEarly - 1)
	few := c.Publish()
	check(few, entries, false)
	grow(minEarly)
	check(c.Publish(), entries, true)
	grow(maxEarly)
	most := c.Publish()
	check(most, entries, true)
	grow(maxEarly + 1)
	check(c.Publish(), entries, false)
	check(most, entries[:maxEarly], true)
	check(few, entries[:minEarly-1], false)

	for len(entries) > 500 {
		last := len(entries) - 1
		c.Remove(entries[last])
		entries = entries[:last]
	}
	grow(501)
	check(c.Publish(), entries, true)
}

// earlySet is a copy of a set's words.
func earlySet(e *early) (words []uint64) {
	for i := range e.last + 1 {
		words = append(words, e.bits[i/earlyWords].words[i%earlyWords])
	}
	return words
}

// Entries that come and go leave bits behind, but not for ever; and what has
// been published stays as it is.
func TestEarlyStaysSharp(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	c := NewClassifier[int]()
	add := func() *Entry[int] {
		e := exact(EthDst, rng.Uint64(), 0)
		c.Insert(e)
		return e
	}
	var entries []*Entry[int]
	for range 1000 {
		entries = append(entries, add())
	}
	published := &c.Publish().probes[0].early
	before := earlySet(published)
	for range 20 {
		for i, e := range entries {
			c.Remove(e)
			entries[i] = add()
		}
	}
	if !slices.Equal(earlySet(published), before) {
		t.Error("a published set was written")
	}
	ones := 0
	after := earlySet(&c.Publish().probes[0].early)
	for _, word := range after {
		ones += bits.OnesCount64(word)
	}
	if ones > len(after)*64/4 {
		t.Errorf("after churn %d of %d bits are set, want a quarter at most", ones, len(after)*64)
	}
}
