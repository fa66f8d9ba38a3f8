package kflow

import (
	"cmp"
	"slices"

	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// What cached flows of buckets do that watch a port which has failed is wrong in
// the worst way: their packets are lost. So these flows leave the datapath before
// anything else is done, which costs much less than to translate them again.
// Their packets then go by the slow path, until Work has come to them.

// dependents queues the flows that depend on what a token names, to be translated
// again by Work.
func (c *Cache) dependents(token translate.Token) {
	if !c.view.Failed(token) {
		c.index.dependents(token, c.mark)
		return
	}
	c.index.dependents(token, func(f *flow) {
		c.mark(f)
		c.urgent = append(c.urgent, f)
	})
	// Those that were used last are likely to be used next.
	slices.SortFunc(c.urgent, func(a, b *flow) int { return cmp.Compare(b.used, a.used) })
}

// withdraw takes flows out of the datapath that wait for that, as long as it may
// work, and reports whether none is left and there is time.
func (c *Cache) withdraw(until int64) bool {
	for len(c.urgent) > 0 {
		part := c.urgent[:min(batchLen, len(c.urgent))]
		flows := slices.DeleteFunc(append(c.scratch[:0], part...), func(f *flow) bool { return f.gone || f.out })
		kept := c.takeDown(flows, &c.counters.Removed)
		for _, f := range flows {
			f.out = !slices.Contains(kept, f)
		}
		clear(part)
		c.urgent = c.urgent[len(part):]
		if c.cfg.Now() > until {
			return false
		}
	}
	c.urgent = nil
	return true
}
