package kflow

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// remove deletes flows from the datapath, credits their last counters, and
// forgets them. Those that the datapath would not give up are tried again.
func (c *Cache) remove(flows []*flow, count *uint64) {
	kept := c.takeDown(flows, count)
	c.counters.Failed += uint64(len(kept))
	if len(c.doomed) == 0 {
		c.doomedSince = c.cfg.Now()
	}
	for _, f := range kept {
		c.doomed = append(c.doomed, &flow{id: f.id, credits: f.credits, packets: f.packets, bytes: f.bytes, behind: f.behind})
	}
	for _, f := range flows {
		c.forget(f)
	}
}

// insist is how long Work tries again, and says of no change that it is obeyed,
// while there are flows that the datapath would not give up: they may do what is
// no longer so. After that Tick goes on, and nobody waits.
const insist = 100 * time.Millisecond

// insists reports whether to wait for them, after another try.
func (c *Cache) insists() bool {
	if len(c.doomed) == 0 || c.cfg.Now()-c.doomedSince >= int64(insist) {
		return false
	}
	c.retry()
	return len(c.doomed) > 0
}

// retry tries again to delete what the datapath would not give up.
func (c *Cache) retry() {
	if len(c.doomed) > 0 {
		c.doomed = c.takeDown(c.doomed, &c.counters.Removed)
	}
}

// takeDown deletes flows from the datapath, as far as they are there, and credits
// their last counters. It returns those that the datapath would not give up.
func (c *Cache) takeDown(flows []*flow, count *uint64) (kept []*flow) {
	for part := range slices.Chunk(flows, batchLen) {
		n := 0
		for _, f := range part {
			if !f.out {
				c.batch.ids[n], c.batch.taken[n] = f.id, f
				n++
			}
		}
		c.dp.DeleteFlows(c.batch.ids[:n], c.batch.last[:n], c.batch.errs[:n])
		for i, f := range c.batch.taken[:n] {
			switch err := c.batch.errs[i]; {
			case err == nil:
				f.credit(&c.batch.last[i])
				*count++
			case !errors.Is(err, datapath.ErrNoFlow):
				c.warn(fmt.Errorf("delete cached flow: %w; trying again", err))
				kept = append(kept, f)
			}
		}
		clear(c.batch.errs[:n])
		clear(c.batch.taken[:n])
	}
	return kept
}
