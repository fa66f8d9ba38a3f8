package kflow

import (
	"fmt"
	"slices"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// What cached flows of buckets do that watch a port which has failed is wrong in
// the worst way: their packets are lost. So these flows leave the datapath before
// anything else is done, which costs much less than to translate them again.
// Their packets then go by the slow path, until Work has come to them.

const (
	recently = 3 * DefaultReadEvery // a flow in use has been read as used since
	// A datapath that would take longer than withdrawTime to give up flows one by
	// one, as withdrawTrial of it have shown, is asked to give up all.
	withdrawTime  = 20 * time.Millisecond
	withdrawTrial = 3 * time.Millisecond
	// withdrawFirst flows are taken out in the first call, so that a datapath that
	// takes its time is found out soon.
	withdrawFirst = 64
)

// urgency is the flows that are to leave the datapath before any task is done.
type urgency struct {
	flows []*flow
	since int64 // when the first of them came, CLOCK_MONOTONIC ns
	done  int   // flows that have left since
	took  int64 // the datapath, for these, ns
}

// dependents queues the flows that depend on what a token names, to be translated
// again by Work.
func (c *Cache) dependents(token translate.Token) {
	if !c.view.Failed(token) {
		c.index.dependents(token, c.mark)
		return
	}
	u, now := &c.urgent, c.cfg.Now()
	if len(u.flows) == 0 {
		u.since, u.done, u.took = now, 0, 0
	}
	var others []*flow
	c.index.dependents(token, func(f *flow) {
		c.mark(f)
		if now-f.used < int64(recently) {
			u.flows = append(u.flows, f) // these first: their packets come now
		} else {
			others = append(others, f)
		}
	})
	u.flows = append(u.flows, others...)
}

// withdraw takes flows out of the datapath that wait for that, as long as it may
// work, and reports whether none is left and there is time.
func (c *Cache) withdraw(until int64) bool {
	u, begin := &c.urgent, c.cfg.Now()
	for len(u.flows) > 0 {
		part := u.flows[:min(u.partLen(), len(u.flows))]
		flows := slices.DeleteFunc(append(c.scratch[:0], part...), func(f *flow) bool { return f.gone || f.out })
		kept := c.takeDown(flows, &c.counters.Removed)
		for _, f := range flows {
			f.out = !slices.Contains(kept, f)
		}
		u.flows, u.done = u.flows[len(part):], u.done+len(part)
		now := c.cfg.Now()
		u.took, begin = u.took+now-begin, now
		if u.slow(now) && 2*len(u.flows) >= len(c.slots)-len(c.free) {
			c.withdrawAll()
		}
		if now > until {
			return false
		}
	}
	u.flows = nil
	return true
}

// partLen is how many flows the next call takes out.
func (u *urgency) partLen() int {
	if u.done == 0 {
		return withdrawFirst
	}
	return batchLen
}

// slow reports whether it will have taken too long when the last flow has left.
func (u *urgency) slow(now int64) bool {
	left := int64(len(u.flows))
	return left > 0 && u.took > int64(withdrawTrial) &&
		now-u.since+u.took*left/int64(u.done) > int64(withdrawTime)
}

// withdrawAll takes all flows out of the datapath at once. What they have counted
// since they were read last, a second before at most, is lost.
func (c *Cache) withdrawAll() {
	if err := c.dp.FlushFlows(); err != nil {
		c.warn(fmt.Errorf("take all cached flows out of the datapath: %w; going on one by one", err))
		return
	}
	n := len(c.urgent.flows)
	for i := range c.slots {
		if f := c.slots[i].flow; f != nil && !f.out {
			f.out = true
			c.counters.Removed++
			c.mark(f)
		}
	}
	c.urgent.flows = nil
	c.warn(fmt.Errorf("a port has failed that %d cached flows were waiting to leave: "+
		"all flows were taken out at once, with what they had counted since they were read last", n))
}
