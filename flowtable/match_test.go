package flowtable

import (
	"math/rand/v2"
	"testing"
)

// isWithin reports whether every key that fits m fits other too: other is as wide
// as m or wider. This is the test of a loose modify or delete (OpenFlow 1.3.5
// §6.4).
func isWithin(m, other *Match) bool {
	for i, w := range other.Mask {
		if w&^m.Mask[i] != 0 || (m.Key[i]^other.Key[i])&w != 0 {
			return false
		}
	}
	return true
}

// The relations between matches, against their definitions on all keys of a
// small world: three bits in each of two words.
func TestMatchRelations(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	small := func() (m Match) {
		m.Masked(L4Dst, rng.Uint64N(8), rng.Uint64N(8))
		m.Masked(EthType, rng.Uint64N(8), rng.Uint64N(8))
		return m
	}
	var keys []Key
	for i := range uint64(64) {
		var k Key
		k.Set(L4Dst, i%8)
		k.Set(EthType, i/8)
		keys = append(keys, k)
	}
	for range 3000 {
		a, b := small(), small()
		overlap, within := false, true
		for _, k := range keys {
			overlap = overlap || a.Matches(&k) && b.Matches(&k)
			within = within && (!a.Matches(&k) || b.Matches(&k))
		}
		if a.Overlaps(&b) != overlap || isWithin(&a, &b) != within {
			t.Fatalf("%v, %v: Overlaps %v, want %v; Within %v, want %v", a, b, a.Overlaps(&b), overlap, isWithin(&a, &b), within)
		}
		// A cached flow is the keys that equal one key under its mask.
		key, cached := keys[rng.IntN(len(keys))], small().Mask
		touches := false
		for _, k := range keys {
			flow := Match{Mask: cached}
			cached.Apply(&key, &flow.Key)
			touches = touches || flow.Matches(&k) && a.Matches(&k)
		}
		if NewEntry(&a, 0, 0).Touches(&key, &cached) != touches {
			t.Fatalf("%v.Touches(%v, %v) = %v, want %v", a, key, cached, !touches, touches)
		}
	}
}

// Every view lies in its word, and reads back what was set without disturbing
// the fields beside it.
func TestFieldsReadBack(t *testing.T) {
	for f := range NumFields {
		v := ViewOf(f)
		if int(v.Word) >= Words || v.Bits == 0 || v.Shift+v.Bits > 64 {
			t.Fatalf("field %d has view %+v", f, v)
		}
		var ones Key
		for i := range ones {
			ones[i] = ^uint64(0)
		}
		k := ones
		k.Set(f, 0)
		if k.Get(f) != 0 {
			t.Errorf("field %d: %x after Set 0", f, k.Get(f))
		}
		k.Set(f, ^uint64(0))
		if k != ones || k.Get(f) != f.Ones() {
			t.Errorf("field %d: %v after Set of all bits, want all ones", f, k)
		}
		var m Mask
		m.Exact(f)
		if m.Get(f) != f.Ones() || m[v.Word] != f.Ones()<<v.Shift {
			t.Errorf("field %d: mask %v", f, m)
		}
	}
}

// Views that overlap are of one header field; all others are apart.
func TestFieldsLieApart(t *testing.T) {
	same := map[[2]Field]bool{
		{VLANTCI, VLANVID}: true, {VLANTCI, VLANPCP}: true,
		{IPTOS, IPDSCP}: true, {IPTOS, IPECN}: true,
		{MPLS0, MPLSLabel}: true, {MPLS0, MPLSTC}: true, {MPLS0, MPLSBOS}: true, {MPLS0, MPLSTTL}: true,
	}
	for a := range NumFields {
		for b := a + 1; b < NumFields; b++ {
			var ma, mb Mask
			ma.Exact(a)
			mb.Exact(b)
			overlap := ma[ViewOf(a).Word]&mb[ViewOf(a).Word] != 0
			if overlap != same[[2]Field{a, b}] {
				t.Errorf("fields %d and %d overlap: %v", a, b, overlap)
			}
		}
	}
}
