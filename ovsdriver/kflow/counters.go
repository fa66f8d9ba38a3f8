package kflow

import (
	"fmt"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Merge credits a batch of readings and gives its buffer back.
func (c *Cache) Merge(batch Readings) {
	for i := range batch {
		if f := c.flowOf(batch[i].ID); f != nil {
			f.credit(&batch[i])
		}
	}
	if c.reader != nil {
		c.reader.recycle(batch)
	}
}

// Tick does what time asks for: it removes flows that no packet has used for
// ten seconds, in slices of about the given time, and tries again what failed.
// Call it a few times a second.
func (c *Cache) Tick(slice time.Duration) {
	now := c.cfg.Now()
	select {
	case err := <-c.failed:
		c.warn(fmt.Errorf("read counters of cached flows: %w", err))
	default:
	}
	c.retry()
	if c.sweepAt == 0 {
		if now-c.lastSweep < int64(sweepEvery) {
			return
		}
		c.lastSweep = now
	}
	c.sweep(now, now+int64(slice))
}

// sweepPart is how many slots are looked at between two looks at the clock.
const sweepPart = 256

// sweep goes on with the search for idle flows where it had stopped.
func (c *Cache) sweep(now, until int64) {
	for c.sweepAt < len(c.slots) {
		part := c.slots[c.sweepAt:min(c.sweepAt+sweepPart, len(c.slots))]
		idle := c.scratch[:0]
		for i := range part {
			if f := part[i].flow; f != nil && now-f.used >= int64(idleAfter) {
				idle = append(idle, f)
			}
		}
		c.remove(idle, &c.counters.Expired)
		clear(idle)
		c.scratch = idle
		c.sweepAt += len(part)
		if c.cfg.Now() > until {
			break
		}
	}
	if c.sweepAt == len(c.slots) {
		c.sweepAt = 0
	}
}

// SettleIdle brings the counters of those among a table's entries up to date
// that would else time out idle at now: readings are up to a dump's period old,
// so an entry that looks idle may not be. Its cached flows are removed, which
// yields their last counters; if packets still come, the next ones bring them
// back.
func (c *Cache) SettleIdle(table uint8, entries []*translate.Entry, now int64) {
	var flows []*flow
	for _, e := range entries {
		_, _, used := e.Stats.Read()
		if e.IdleTimeout == 0 || now-used < int64(e.IdleTimeout)*int64(time.Second) {
			continue
		}
		c.index.hits(table, e, func(f *flow) { flows = append(flows, f) })
	}
	c.remove(flows, &c.counters.Removed)
}
