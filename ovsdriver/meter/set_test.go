package meter

import (
	"math/rand/v2"
	"testing"
)

// A set is what a map would be, and those that it came from do not change.
func TestSetKeepsVersions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var set *Set[int]
	want := map[uint32]int{}
	type version struct {
		set  *Set[int]
		id   uint32
		want int
	}
	var versions []version
	for i := range 2000 {
		id := uint32(r.IntN(300)) << (r.IntN(2) * 20)
		versions = append(versions, version{set, id, want[id]})
		want[id] = i % 3 // 0: taken out
		set = set.Put(id, i%3)
		for id, v := range want {
			if got := set.Get(id); got != v {
				t.Fatalf("after %d changes %d is kept as %d, want %d", i+1, id, got, v)
			}
		}
	}
	for i, v := range versions {
		if got := v.set.Get(v.id); got != v.want {
			t.Fatalf("version %d keeps %d under %d, want %d", i, got, v.id, v.want)
		}
	}
	for id := range want {
		set = set.Put(id, 0)
	}
	if len(set.pages) != 0 {
		t.Errorf("an empty set holds %d pages", len(set.pages))
	}
}
