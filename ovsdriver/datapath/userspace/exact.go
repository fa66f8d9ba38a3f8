package userspace

import (
	"math/bits"
	"math/rand/v2"

	"github.com/ivs-go/ivs/flowtable"
)

// exactSlots is the size of an exact-match cache, a power of two.
const exactSlots = 8192

// exactCache remembers which flow a key hit. One worker owns it. An entry is a
// hint: a hit counts only if its flow lives and matches the key, so that
// nobody has to remove entries of flows that are gone.
type exactCache struct {
	seed  [flowtable.PipelineWord]uint64
	slots [exactSlots]exactSlot
}

type exactSlot struct {
	hash uint64
	flow *flow
}

func newExactCache() *exactCache {
	c := new(exactCache)
	for i := range c.seed {
		c.seed[i] = rand.Uint64()
	}
	return c
}

// hash mixes the packet words of k, two by two, with secret numbers, so that a
// sender can't choose keys that fall on one slot. The words from RecircID on
// are zero in every frame off a port.
func (c *exactCache) hash(k *flowtable.Key) uint64 {
	var sum uint64
	for i := 0; i+1 < flowtable.PipelineWord; i += 2 {
		hi, lo := bits.Mul64(k[i]^c.seed[i], k[i+1]^c.seed[i+1])
		sum += hi ^ lo
	}
	return sum ^ sum>>29
}

// lookup returns the flow that k hit last time, or nil.
func (c *exactCache) lookup(k *flowtable.Key, hash uint64) *flow {
	i := hash % exactSlots
	for _, s := range [2]*exactSlot{&c.slots[i], &c.slots[i^1]} {
		if s.hash == hash && s.flow != nil && !s.flow.dead.Load() && s.flow.matches(k) {
			return s.flow
		}
	}
	return nil
}

// insert remembers that keys of this hash hit f. The pair of slots holds the
// two latest.
func (c *exactCache) insert(hash uint64, f *flow) {
	i := hash % exactSlots
	s := &c.slots[i]
	if s.hash != hash && s.flow != nil {
		c.slots[i^1] = *s
	}
	*s = exactSlot{hash: hash, flow: f}
}
