package translate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// A cached flow does to every frame that it matches what the tables would do:
// whatever the mask leaves out may be anything. This is the test that finds
// flows cached too wide (CVE-2020-35498, CVE-2023-1668).
func TestCachedEqualsSlow(t *testing.T) {
	g := &gen{Rand: rand.New(rand.NewPCG(1, 2)), pushes: true, headers: true, labels: true, maxTags: 3, truncate: true, groups: true}
	cached := 0
	for range 200 {
		cached += g.cachedEqualsSlow(t)
	}
	if cached < 200*60/2 {
		t.Errorf("only %d of %d translations could be cached", cached, 200*60)
	}
}

// FuzzCachedEqualsSlow is the same from any seed.
func FuzzCachedEqualsSlow(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, seed, more uint64) {
		g := &gen{Rand: rand.New(rand.NewPCG(seed, more)), pushes: true, headers: true, labels: true, maxTags: 3, truncate: true, groups: true}
		g.cachedEqualsSlow(t)
	})
}

// cachedEqualsSlow makes tables, translates keys, and translates again with what
// the mask leaves out changed. It returns how many of 60 could be cached.
func (g *gen) cachedEqualsSlow(t *testing.T) (cached int) {
	x := newTables(t)
	g.fill(x, 3)
	x.view.SetMeters(testMeters(&anything), nil)
	x.view.SetFragDrop(g.chance(20))
	v := x.publish()
	var first, second Result
	for range 60 {
		k := g.key()
		Translate(v, &k, &first)
		if first.Resume {
			continue // never cached
		}
		cached++
		for range 6 {
			other := g.vary(&k, &first.Mask)
			Translate(v, &other, &second)
			g.complete(&second)
			if !same(&first, &second) {
				t.Fatalf("key   %v\nother %v\nmask  %v\n%s\n%s", k, other, first.Mask, traced(t, v, &k), traced(t, v, &other))
			}
		}
	}
	return cached
}

// complete goes on with a translation that has stopped for want of the frame, with
// anything in the place of what only the frame tells. Of two reasons why an entry
// does not match, a lookup may give one that the key tells for one key, and for
// another one that it does not tell; neither decides what becomes of the frame.
func (g *gen) complete(r *Result) {
	whole := packet.Layout{L3: 1, L4: 1, NDTarget: 1, NDSource: 1, NDDest: 1, Labels: 3}
	var acts []datapath.Act
	for r.Resume {
		acts = append(acts, r.Actions...)
		key := r.walk.key
		for part, bits := range partMasks {
			for word, b := range bits {
				if r.walk.stale>>part&1 != 0 {
					key[word] = key[word]&^b | g.Uint64()&b
				}
			}
		}
		Continue(&key, &whole, r)
		if !r.Resume {
			r.Actions = append(acts, r.Actions...)
			r.trim(0)
		}
	}
}

// traced is what Trace says.
func traced(t *testing.T, v *View, k *flowtable.Key) string {
	var b strings.Builder
	if err := Trace(v, k, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// same reports whether two translations say the same. Their masks need not be
// the same: of two reasons why an entry does not match, one is enough.
func same(a, b *Result) bool {
	return a.Resume == b.Resume && slices.Equal(a.Actions, b.Actions) &&
		slices.Equal(a.PacketIns, b.PacketIns) && slices.Equal(a.Credits, b.Credits) && slices.Equal(a.Tokens, b.Tokens)
}

// key makes a random key: mostly of a frame, sometimes of none that exists.
func (g *gen) key() (k flowtable.Key) {
	packet.Parse(g.frame(), 1, &k)
	k.Set(flowtable.InPort, uint64(1+g.IntN(3)))
	if g.chance(30) {
		for range 3 {
			g.scramble(&k)
		}
	}
	return k
}

// scramble gives some field a value, often an odd one.
func (g *gen) scramble(k *flowtable.Key) {
	f := flowtable.Field(g.IntN(int(flowtable.NumFields)))
	if f == flowtable.InPort {
		return
	}
	k.Set(f, pick(g, 0, 1, 2, 255, 256, 0x800, 0x806, 0x86dd, 0x8100, 0x1000, 0x1001, g.Uint64()))
}

// vary changes what the mask leaves out of a key.
func (g *gen) vary(k *flowtable.Key, mask *flowtable.Mask) flowtable.Key {
	other := *k
	if g.chance(50) { // plausible
		other = g.key()
	} else { // anything
		for i := range other {
			other[i] = g.Uint64()
		}
	}
	for i := range other {
		other[i] = k[i]&mask[i] | other[i]&^mask[i]
	}
	return other
}

// translations are those of 20 random keys.
func (g *gen) translations(v *View) (keys []flowtable.Key, results []Result) {
	keys, results = make([]flowtable.Key, 20), make([]Result, 20)
	for i := range keys {
		keys[i] = g.key()
		Translate(v, &keys[i], &results[i])
	}
	return keys, results
}

// Known tells of a visit what every frame of the translation has there, but for
// the TTL of a label, which no entry matches.
func TestKnownHoldsForAllFrames(t *testing.T) {
	g := &gen{Rand: rand.New(rand.NewPCG(3, 4)), pushes: true, headers: true, labels: true, maxTags: 3, groups: true}
	for range 150 {
		x := newTables(t)
		g.fill(x, 3)
		v := x.publish()
		var first, second Result
		for range 40 {
			k := g.key()
			Translate(v, &k, &first)
			if first.Resume {
				continue
			}
			other := g.vary(&k, &first.Mask)
			Translate(v, &other, &second)
			g.complete(&second)
			for i := range first.Visits {
				if !agree(&first.Visits[i], &second.Visits[i]) {
					t.Fatalf("visit %d: %v and %v differ in known %v\n%s\n%s", i, first.Visits[i].Key, second.Visits[i].Key,
						first.Visits[i].Known, traced(t, v, &k), traced(t, v, &other))
				}
			}
		}
	}
}

// agree reports whether b has found what a has, by a key that is a's wherever
// that is known.
func agree(a, b *Visit) bool {
	known := a.Known
	known.Set(flowtable.MPLSTTL, 0)
	for word := range a.Key {
		if (a.Key[word]^b.Key[word])&known[word] != 0 {
			return false
		}
	}
	return a.Entry == b.Entry
}

// touched reports whether adding e to the visit's table can change what the visit
// found, by what Visit.Known promises.
func touched(v *Visit, e *Entry) bool {
	return (v.Entry == nil || v.Entry.Priority <= e.Priority) && e.Touches(&v.Key, &v.Known)
}

// Revalidation finds every translation that an added entry changes.
func TestTouchedFindsAllChanges(t *testing.T) {
	g := &gen{Rand: rand.New(rand.NewPCG(5, 6)), pushes: true, headers: true, labels: true, maxTags: 2, groups: true}
	changed := 0
	for range 300 {
		x := newTables(t)
		g.fill(x, 2)
		v := x.publish()
		keys, before := g.translations(v)
		match, s := g.match()
		table := uint8(g.IntN(3))
		e, err := x.try(table, uint16(20+g.IntN(2)), match, g.instructions(table, s, 2)...)
		if err != nil {
			continue
		}
		v = x.publish()
		for i := range keys {
			var after Result
			other := g.vary(&keys[i], &before[i].Mask)
			Translate(v, &other, &after)
			g.complete(&after)
			if same(&before[i], &after) {
				continue
			}
			changed++
			if before[i].Resume {
				continue // never cached
			}
			found := slices.ContainsFunc(before[i].Visits, func(v Visit) bool { return v.Table == table && touched(&v, e) })
			if !found {
				t.Fatalf("an entry of table %d with mask %v changed %v\nbut touched none of %+v", table, *e.Mask(), keys[i], before[i].Visits)
			}
		}
	}
	if changed < 200 {
		t.Errorf("only %d translations changed", changed)
	}
}
