package flowtable

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// checkLookups compares snapshot and model for random keys, and holds every
// mask returned to its promise.
func checkLookups(t *testing.T, rng *rand.Rand, s *Snapshot[int], m *model, n int) {
	t.Helper()
	for range n {
		k := randomKey(rng)
		var wild Mask
		got, want := s.Lookup(&k, &wild), m.lookup(&k)
		if got != want {
			t.Fatalf("Lookup(%v) = %+v, want %+v", k, got, want)
		}
		if got != s.Lookup(&k, nil) {
			t.Fatalf("Lookup(%v) depends on wild", k)
		}
		if got != nil && !wild.Covers(got.Mask()) {
			t.Fatalf("Lookup(%v): wild %v does not cover the winner's mask %v", k, wild, *got.Mask())
		}
		for range 4 {
			other := scramble(rng, k, &wild)
			if again := m.lookup(&other); again != got {
				t.Fatalf("key %v has %+v under mask %v, but %v has %+v", k, got, wild, other, again)
			}
		}
		if any := s.LookupAny(&k); (any == nil) != (want == nil) || any != nil && !matches(any, &k) {
			t.Fatalf("LookupAny(%v) = %+v, Lookup %+v", k, any, want)
		}
	}
}

// A held snapshot, with what it answered when it was new.
type held struct {
	snapshot *Snapshot[int]
	keys     []Key
	answers  []*Entry[int]
	all      []*Entry[int]
}

func hold(rng *rand.Rand, s *Snapshot[int], m *model) held {
	h := held{snapshot: s, all: slices.Clone(m.entries)}
	for range 20 {
		k := randomKey(rng)
		h.keys, h.answers = append(h.keys, k), append(h.answers, m.lookup(&k))
	}
	return h
}

func (h *held) check(t *testing.T) {
	t.Helper()
	for i := range h.keys {
		if got := h.snapshot.Lookup(&h.keys[i], nil); got != h.answers[i] {
			t.Fatalf("a published snapshot changed its answer: %+v, was %+v", got, h.answers[i])
		}
	}
	sameEntries(t, "All of a held snapshot", slices.Collect(h.snapshot.All()), h.all)
	if h.snapshot.Len() != len(h.all) {
		t.Fatalf("Len of a held snapshot = %d, was %d", h.snapshot.Len(), len(h.all))
	}
}

func TestClassifierIsTheModel(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			c, m := NewClassifier[int](), new(model)
			var old []held
			bias := rng.IntN(9) + 1 // of ten changes, how many insert
			for range 600 {
				changeBoth(t, rng, c, m, bias)
				if rng.IntN(4) == 0 {
					s := c.Publish()
					checkLookups(t, rng, s, m, 3)
					old = append(old, hold(rng, s, m))
				}
				if c.Len() != len(m.entries) {
					t.Fatalf("Len = %d, want %d", c.Len(), len(m.entries))
				}
			}
			for i := range old {
				old[i].check(t)
			}
		})
	}
}

// changeBoth does one random change to both, and compares what they return.
func changeBoth(t *testing.T, rng *rand.Rand, c *Classifier[int], m *model, bias int) {
	t.Helper()
	if rng.IntN(10) < bias || len(m.entries) == 0 {
		e := randomEntry(rng)
		if got, want := c.Insert(e), m.insert(e); got != want {
			t.Fatalf("Insert replaced %+v, want %+v", got, want)
		}
		return
	}
	e := m.entries[rng.IntN(len(m.entries))]
	match := e.Match()
	if got := c.Find(&match, e.Priority); got != e {
		t.Fatalf("Find = %+v, want %+v", got, e)
	}
	stranger := *e
	if c.Remove(&stranger) {
		t.Fatal("Remove took out another entry of the same match and priority")
	}
	if !c.Remove(e) || !m.remove(e) || c.Remove(e) {
		t.Fatal("Remove must succeed once")
	}
	if got := c.Find(&match, e.Priority); got != nil {
		t.Fatalf("Find after Remove = %+v", got)
	}
}

func TestSelectIsTheModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	c, m := NewClassifier[int](), new(model)
	for range 400 {
		changeBoth(t, rng, c, m, 8)
	}
	s := c.Publish()
	for range 2000 {
		f := randomFilter(rng)
		want := m.selected(&f)
		sameEntries(t, "Classifier.Select", slices.Collect(c.Select(&f)), want)
		sameEntries(t, "Snapshot.Select", slices.Collect(s.Select(&f)), want)
		for range s.Select(&f) {
			break // must not yield again
		}
	}
	if all := slices.Collect(s.All()); !slices.Equal(all, slices.Collect(s.All())) {
		t.Error("All has another order the second time")
	}
}

func randomFilter(rng *rand.Rand) Filter[int] {
	f := Filter[int]{
		Match: randomMatch(rng), Strict: rng.IntN(2) == 0, Priority: uint16(rng.IntN(5)),
		Cookie: rng.Uint64N(4), CookieMask: []uint64{0, 0, 1, 3}[rng.IntN(4)],
	}
	if rng.IntN(3) == 0 {
		f.Keep = func(e *Entry[int]) bool { return e.Value%2 == 0 }
	}
	return f
}

// Far more entries than fit a page, under one mask, added and removed: pages
// split, the directory grows, and at the end all shrinks.
func TestPagesSplitAndShrink(t *testing.T) {
	const n = 20_000
	c := NewClassifier[int]()
	entries := make([]*Entry[int], n)
	for i := range entries {
		e := exact(EthDst, uint64(i), 0) // consecutive, the worst for a weak hash
		entries[i] = e
		if c.Insert(e); i%1000 == 0 {
			c.Publish()
		}
	}
	full := c.Publish()
	st := full.subtables[0]
	if load := float64(n) / float64(st.pages*pageSlots); load < 0.25 {
		t.Errorf("%d entries fill %d pages: load %.2f, want at least 0.25", n, st.pages, load)
	}
	present := func(s *Snapshot[int], from int) {
		t.Helper()
		for i, e := range entries {
			var want *Entry[int]
			if i >= from {
				want = e
			}
			key := e.Key()
			if got := s.Lookup(&key, nil); got != want {
				t.Fatalf("entry %d of %d..%d: got %+v", i, from, n, got)
			}
		}
	}
	present(full, 0)
	for _, e := range entries[:n-10] {
		if !c.Remove(e) {
			t.Fatal("Remove failed")
		}
	}
	few := c.Publish()
	present(few, n-10)
	present(full, 0)
	if pages := few.subtables[0].pages; pages > 4 {
		t.Errorf("10 entries take %d pages", pages)
	}
}

// Many priorities of one match share a slot; the highest is found.
func TestOneMatchManyPriorities(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	c := NewClassifier[int]()
	byPriority := make([]*Entry[int], 300)
	for _, p := range rng.Perm(300) {
		e := exact(InPort, 1, uint16(p))
		byPriority[p] = e
		c.Insert(e)
		c.Publish()
	}
	k := byPriority[0].Key()
	for p := 299; p >= 0; p-- {
		if got := c.Publish().Lookup(&k, nil); got != byPriority[p] {
			t.Fatalf("found priority %d, want %d", got.Priority, p)
		}
		if p%3 == 0 { // now and then one that is hidden goes first
			hidden := byPriority[p/3]
			match := hidden.Match()
			if c.Find(&match, hidden.Priority) != nil && hidden != byPriority[p] && !c.Remove(hidden) {
				t.Fatal("Remove of a hidden entry failed")
			}
			c.Insert(hidden)
		}
		c.Remove(byPriority[p])
	}
	if c.Len() != 0 || c.Subtables() != 0 {
		t.Errorf("%d entries, %d sub-tables left", c.Len(), c.Subtables())
	}
}

// More different words of masks than there are numbers for; and numbers that
// are given anew while older snapshots use them.
func TestMoreMasksThanAtoms(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	c, m := NewClassifier[int](), new(model)
	var old []held
	for i := range 400 {
		k := randomKey(rng)
		match := Match{Mask: testMasks[rng.IntN(len(testMasks))]}
		match.Mask.Add(IPv4Src, rng.Uint64N(64))
		match.Mask.Add(EthSrc, rng.Uint64N(8))
		match.Mask.Apply(&k, &match.Key)
		e := NewEntry(&match, uint16(rng.IntN(5)), 0)
		c.Insert(e)
		m.insert(e)
		if i%40 == 0 {
			for range 30 {
				victim := m.entries[rng.IntN(len(m.entries))]
				c.Remove(victim)
				m.remove(victim)
				if len(m.entries) == 0 {
					break
				}
			}
		}
		s := c.Publish()
		checkLookups(t, rng, s, m, 2)
		old = append(old, hold(rng, s, m))
	}
	for i := range old {
		old[i].check(t)
	}
}

// What a lookup passes over leaves the cached flow wide.
func TestWildIsNarrow(t *testing.T) {
	c := NewClassifier[int]()
	var arp, web Match
	arp.Exact(EthType, 0x0806)
	arp.Exact(ARPOp, 1)
	web.Exact(EthType, 0x0800)
	web.Exact(IPProto, 6)
	web.Exact(L4Dst, 80)
	c.Insert(NewEntry(&arp, 0, 0))
	c.Insert(NewEntry(&web, 0, 0))
	var k Key
	k.Set(EthType, 0x86dd)
	k.Set(IPProto, 6)
	k.Set(L4Dst, 80)
	var got, want Mask
	want.Exact(EthType)
	if e := c.Publish().Lookup(&k, &got); e != nil || got != want {
		t.Errorf("Lookup of IPv6 = %v, wild %v; want no entry and eth_type only, %v", e, got, want)
	}

	// Where the priority beats the rest, the rest is not looked at.
	drop := exact(InPort, 7, 9)
	c.Insert(drop)
	k.Set(InPort, 7)
	got, want = Mask{}, *drop.Mask()
	if e := c.Publish().Lookup(&k, &got); e != drop || got != want {
		t.Errorf("Lookup from port 7 = %v, wild %v; want in_port only, %v", e, got, want)
	}
}
