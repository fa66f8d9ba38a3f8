package fwd

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// The log against a map, with pins taken on the way that must never change.
func TestMatchLogAgainstAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var log matchLog
	model := map[int64]uint64{}
	type pinned struct {
		pin  pinnedMatches
		want map[int64]uint64
	}
	var pins []pinned
	created := int64(0)
	for step := range 20000 {
		created += 1 + random.Int64N(3)
		log.add(created, match(inPort(uint64(created))))
		model[created] = uint64(created)
		if random.IntN(5) != 0 {
			for old := range model { // any
				log.remove(old)
				log.remove(old) // again does nothing
				delete(model, old)
				break
			}
		}
		if step%2000 == 0 {
			want := map[int64]uint64{}
			for k, v := range model {
				want[k] = v
			}
			pins = append(pins, pinned{log.pin(), want})
		}
	}
	if live := len(log.records) - log.died; live != len(model) {
		t.Errorf("%d live records, want %d", live, len(model))
	}
	if len(log.records) > 2*len(model)+2*compactBelow {
		t.Errorf("%d records kept for %d entries", len(log.records), len(model))
	}
	pins = append(pins, pinned{log.pin(), model})
	for i, p := range pins {
		for at, port := range p.want {
			if got := p.pin.get(at); len(got.Fields) != 1 || got.Fields[0] != inPort(port) {
				t.Fatalf("pin %d: match of %d is %v", i, at, got)
			}
		}
	}
	if got := log.get(created + 1); len(got.Fields) != 0 {
		t.Errorf("match of an entry that never was: %v", got)
	}
}

// A pin is read by others while main goes on.
func TestMatchLogPinIsSafeElsewhere(t *testing.T) {
	var log matchLog
	for i := range int64(100) {
		log.add(i, match(inPort(uint64(i))))
	}
	pin := log.pin()
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 20 {
			for i := range int64(100) {
				if got := pin.get(i); got.Fields[0] != inPort(uint64(i)) {
					t.Errorf("match of %d is %v", i, got)
				}
			}
		}
	})
	for i := int64(100); i < 5000; i++ {
		log.add(i, ofp13.Match{})
		log.remove(i - 50)
	}
	wg.Wait()
}
