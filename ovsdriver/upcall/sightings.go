package upcall

import (
	"encoding/binary"

	"github.com/bits-and-blooms/bloom/v3"
)

// The original's Bloom filter: this many bits, this many flows. Four hashes
// then err once in some 2,000 new flows, which costs a needless cached flow.
const (
	bloomBits   = 65536
	bloomHashes = 4
	bloomFlows  = 4096
)

// sightings remembers which flows were seen before, so that a flow of a single
// packet is never cached. Of two filters the older is cleared and takes over
// when the younger is full: what was seen among the last bloomFlows new flows
// is always known. One worker owns it.
type sightings struct {
	young, old *bloom.BloomFilter
	flows      int // in young
	hash       [8]byte
}

func newSightings() *sightings {
	return &sightings{young: bloom.New(bloomBits, bloomHashes), old: bloom.New(bloomBits, bloomHashes)}
}

// again notes a flow, by the hash of its key, and reports whether it was seen
// before.
func (s *sightings) again(hash uint64) bool {
	binary.NativeEndian.PutUint64(s.hash[:], hash)
	b := s.hash[:]
	if s.young.Test(b) {
		return true
	}
	seen := s.old.Test(b)
	if s.flows == bloomFlows {
		s.young, s.old = s.old, s.young
		s.young.ClearAll()
		s.flows = 0
	}
	s.young.Add(b)
	s.flows++
	return seen
}

// askAgain is how long, in nanoseconds, a worker waits for main to cache a flow
// before it asks again: many times what main takes, and short for a person.
const askAgain = 5_000_000

// asked remembers for which flows a cached one was asked lately, so that a burst
// asks once. Flows whose hashes fall together displace each other, which costs
// a needless question. One worker owns it.
type asked [256]struct {
	hash uint64
	at   int64
}

// lately notes a question at now, and reports whether it was asked just before.
func (a *asked) lately(hash uint64, now int64) bool {
	e := &a[hash%uint64(len(a))]
	if e.hash == hash && now-e.at < askAgain {
		return true
	}
	e.hash, e.at = hash, now
	return false
}

// forget makes the next question about a flow the first.
func (a *asked) forget(hash uint64) { a[hash%uint64(len(a))].hash = ^hash }
