package translate

import (
	"math/rand/v2"
	"testing"
)

// A GroupSet is not changed by what others make of it.
func TestGroupSet(t *testing.T) {
	type version struct {
		set  *GroupSet
		want map[uint32]*Group
	}
	g := rand.New(rand.NewPCG(1, 1))
	now := version{NewGroupSet(1), map[uint32]*Group{}}
	var versions []version
	for range 3000 {
		id := uint32(g.IntN(500)) << g.IntN(3) * 0x01000193
		next := version{nil, make(map[uint32]*Group, len(now.want)+1)}
		for k, v := range now.want {
			next.want[k] = v
		}
		if g.IntN(3) == 0 {
			next.set = now.set.Without(id)
			delete(next.want, id)
		} else {
			entry := &Group{ID: id}
			next.set = now.set.With(entry)
			next.want[id] = entry
		}
		now = next
		if g.IntN(100) == 0 {
			versions = append(versions, now)
		}
	}
	for _, v := range append(versions, now) {
		n := 0
		for e := range v.set.All() {
			n++
			if v.want[e.ID] != e || v.set.Get(e.ID) != e {
				t.Fatalf("group %d is not the one that was put there", e.ID)
			}
		}
		if n != len(v.want) {
			t.Fatalf("%d groups, want %d", n, len(v.want))
		}
	}
}
