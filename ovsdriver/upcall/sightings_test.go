package upcall

import (
	"math/rand/v2"
	"testing"
)

func TestSightings(t *testing.T) {
	s := newSightings()
	if s.again(1) {
		t.Error("a new flow was seen before")
	}
	for range 2 {
		if !s.again(1) {
			t.Error("a flow is not known the second time")
		}
	}
}

// The last bloomFlows new flows are known however many came before, and what
// is much older is forgotten.
func TestSightingsRotate(t *testing.T) {
	s := newSightings()
	r := rand.New(rand.NewPCG(1, 2))
	var hashes []uint64
	wrong := 0
	for range 5 * bloomFlows {
		h := r.Uint64()
		if s.again(h) {
			wrong++
		}
		hashes = append(hashes, h)
	}
	// Two filters, each up to full: 2 * (1-e^(-4*4096/65536))^4 is 0.5%.
	if limit := len(hashes) / 100; wrong > limit {
		t.Errorf("%d of %d new flows were taken for known ones, want at most %d", wrong, len(hashes), limit)
	}
	for _, h := range hashes[len(hashes)-bloomFlows:] {
		if !s.again(h) {
			t.Fatal("a recent flow is not known")
		}
	}
	forgotten := 0
	for _, h := range hashes[:bloomFlows] {
		if !s.again(h) {
			forgotten++
		}
	}
	if forgotten < bloomFlows*9/10 {
		t.Errorf("only %d of %d old flows were forgotten", forgotten, bloomFlows)
	}
}

func TestSightingsAllocs(t *testing.T) {
	s := newSightings()
	h := uint64(0)
	if n := testing.AllocsPerRun(3*bloomFlows, func() { h += 0x9e3779b97f4a7c15; s.again(h) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
