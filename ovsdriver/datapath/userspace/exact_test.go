package userspace

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
)

// TestExactCache finds what was inserted as long as the flow lives and matches.
func TestExactCache(t *testing.T) {
	c := newExactCache()
	spec := portFlow(1, 1, output(2))
	f := newFlow(spec.ID, &spec.Match, spec.Actions, make([]counter, 1))
	key := func(port, src uint64) (k flowtable.Key) {
		k.Set(flowtable.InPort, port)
		k.Set(flowtable.EthSrc, src)
		return k
	}
	a, b, other := key(1, 5), key(1, 6), key(2, 5)
	if c.lookup(&a, c.hash(&a)) != nil {
		t.Error("an empty cache knows a flow")
	}
	c.insert(c.hash(&a), f)
	if c.lookup(&a, c.hash(&a)) != f {
		t.Error("a key that was inserted is not found")
	}
	if c.lookup(&b, c.hash(&b)) != nil {
		t.Error("a key that was not inserted is found")
	}
	// Two keys of one hash: the flow must match.
	if c.lookup(&other, c.hash(&a)) != nil {
		t.Error("a key that the flow does not match is found")
	}
	f.dead.Store(true)
	if c.lookup(&a, c.hash(&a)) != nil {
		t.Error("a dead flow is found")
	}
}

// TestExactCachePair keeps the two latest keys that fall on one slot.
func TestExactCachePair(t *testing.T) {
	c := newExactCache()
	var k flowtable.Key
	var flows [3]*flow
	for i := range flows {
		spec := portFlow(1, 0)
		flows[i] = newFlow(1, &spec.Match, nil, nil)
		c.insert(uint64(i)*exactSlots, flows[i])
		c.insert(uint64(i)*exactSlots, flows[i]) // again: displaces no other
	}
	for i, want := range []*flow{nil, flows[1], flows[2]} {
		if got := c.lookup(&k, uint64(i)*exactSlots); got != want {
			t.Errorf("key %d: %p, want %p", i, got, want)
		}
	}
}

// TestExactHash depends on every word that a frame fills, and on the seed.
func TestExactHash(t *testing.T) {
	c, other := newExactCache(), newExactCache()
	var k flowtable.Key
	zero := c.hash(&k)
	if zero == other.hash(&k) {
		t.Error("two caches hash alike")
	}
	for _, f := range []flowtable.Field{
		flowtable.InPort, flowtable.EthDst, flowtable.EthSrc, flowtable.VLANTPID, flowtable.IPProto, flowtable.L4Src,
		flowtable.IPv4Src, flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo,
		flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA, flowtable.MPLS0, flowtable.MPLS2, flowtable.TunnelID,
	} {
		k = flowtable.Key{}
		k.Set(f, 1)
		if c.hash(&k) == zero {
			t.Errorf("field %d does not enter the hash", f)
		}
	}
}

func BenchmarkExactHit(b *testing.B) {
	c := newExactCache()
	spec := portFlow(1, 1)
	f := newFlow(1, &spec.Match, nil, nil)
	var k flowtable.Key
	k.Set(flowtable.InPort, 1)
	c.insert(c.hash(&k), f)
	b.ReportAllocs()
	for b.Loop() {
		if c.lookup(&k, c.hash(&k)) == nil {
			b.Fatal("not found")
		}
	}
}
