package kflow

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// batch is room for one call of the datapath.
type batch struct {
	flows [batchLen]datapath.Flow
	ids   [batchLen]datapath.FlowID
	taken [batchLen]*flow // whose flows or ids they are
	last  [batchLen]datapath.FlowStats
	errs  [batchLen]error
}

// Install asks for a cached flow for the frames like one of this key. The key
// is translated again, against the present tables, because whoever asks may
// have seen older ones. The flow is there after Flush at the latest.
func (c *Cache) Install(key *flowtable.Key) {
	if c.cfg.DisableKflows {
		return
	}
	r := &c.result
	translate.Translate(c.view, key, r)
	if r.Slow != 0 || r.Resume {
		c.counters.Uncached++
		return
	}
	now := c.cfg.Now()
	f := &flow{used: now}
	f.match.Mask = c.maskOf(r)
	f.match.Mask.Apply(key, &f.match.Key)
	if c.masks[f.match.Mask][f.match.Key] != nil {
		c.counters.Known++
		return
	}
	if c.refusals.holds(&f.match, now) {
		c.counters.Refused++
		return
	}
	if err := c.limit(&f.match); err != nil {
		c.counters.Limited++
		c.warn(err)
		return
	}
	c.fill(f, r)
	c.adopt(f)
	if c.installs = append(c.installs, f); len(c.installs) == batchLen {
		c.Flush()
	}
}

// maskOf returns the mask under which a translation is cached.
func (c *Cache) maskOf(r *translate.Result) flowtable.Mask {
	mask := r.Mask
	if c.cfg.DisableMegaflows {
		mask.Merge(&c.features.KeyMask)
	}
	c.features.Widen(&mask, r.Actions)
	return mask
}

// limit says why one more flow of this match must not be cached, if so.
func (c *Cache) limit(m *flowtable.Match) error {
	if c.cfg.Unlimited {
		return nil
	}
	port := m.Key.Get(flowtable.InPort)
	if c.perPort[port] >= c.cfg.PerPort {
		return fmt.Errorf("port %d has %d cached flows: further ones go by the slow path until some expire", port, c.cfg.PerPort)
	}
	if c.masks[m.Mask] == nil && len(c.masks) >= c.cfg.Masks {
		return fmt.Errorf("cached flows have %d different masks: those that need another go by the slow path; simplify the tables", c.cfg.Masks)
	}
	return nil
}

// fill makes f what a translation says and enters it into the index.
func (c *Cache) fill(f *flow, r *translate.Result) {
	f.actions, f.records = c.bind(r)
	f.credits = slices.Clone(r.Credits)
	c.index.add(f, r)
}

// bind returns a translation's actions with names of records in the Controller
// actions, and the names.
func (c *Cache) bind(r *translate.Result) (acts []datapath.Act, names []uint64) {
	acts = slices.Clone(r.Actions)
	for i := range acts {
		if acts[i].Kind == datapath.Controller {
			name := c.records.acquire(&r.PacketIns[acts[i].Value])
			acts[i].Value = name
			names = append(names, name)
		}
	}
	return acts, names
}

// Flush puts what Install has collected into the datapath.
func (c *Cache) Flush() {
	c.put(c.installs, &c.counters.Installed)
	clear(c.installs)
	c.installs = c.installs[:0]
}

// put installs or replaces flows. One that the datapath does not take is
// removed from both, since what it would do there may be stale.
func (c *Cache) put(flows []*flow, count *uint64) {
	var refused []*flow
	for part := range slices.Chunk(flows, batchLen) {
		n := 0
		for _, f := range part {
			if !f.gone && !f.out { // else Work translates it again first
				c.batch.flows[n], c.batch.taken[n] = datapath.Flow{ID: f.id, Match: f.match, Actions: f.actions}, f
				n++
			}
		}
		c.dp.PutFlows(c.batch.flows[:n], c.batch.errs[:n])
		for i, err := range c.batch.errs[:n] {
			if err == nil {
				*count++
				continue
			}
			c.notPut(err)
			c.refusals.add(&c.batch.flows[i].Match, c.cfg.Now())
			refused = append(refused, c.batch.taken[i])
		}
		clear(c.batch.flows[:n])
		clear(c.batch.taken[:n])
		clear(c.batch.errs[:n])
	}
	if len(refused) > 0 {
		c.remove(refused, &c.counters.Removed)
	}
}

// notPut counts a flow that the datapath did not take. That it holds no such
// flows is in its nature, and nobody's trouble.
func (c *Cache) notPut(err error) {
	if errors.Is(err, datapath.ErrUnsupported) {
		c.counters.Uncached++
		return
	}
	c.counters.Failed++
	c.warn(fmt.Errorf("install cached flow: %w; its packets go by the slow path", err))
}
