package fwd

import (
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// commit is a publication that the datapath does not fully obey yet: cached
// flows wait to be translated again, or a worker may still run a batch on an
// older view.
type commit struct {
	epoch   uint64 // that workers must have left behind
	due     uint64 // how far the cache's Work must come
	removed []removal
	done    []func()
}

// removal is a removed entry of which the controllers want to hear. It waits
// for its commit, when the last packets are credited to it.
type removal struct {
	table  uint8
	reason uint8 // OFPRR_*
	entry  *entry
	at     int64 // CLOCK_MONOTONIC ns of the removal
}

// Publish makes what has changed since the last time a new View, for the
// workers and for the cached flows. Main calls it before it blocks.
func (t *Tables) Publish() {
	if !t.unsent {
		return
	}
	t.unsent = false
	view := t.view.Next()
	for id := range t.touched {
		if t.touched[id] {
			t.touched[id] = false
			view.SetTable(uint8(id), t.tables[id].Publish(), t.tables[id].Lookups())
		}
	}
	view.SetPorts(t.ports)
	view.SetGroups(t.groups.set)
	view.SetMeters(t.meters.set, t.meters.slow())
	view.SetFragDrop(t.fragDrop)
	t.view = view
	t.cfg.Publication.Publish(view)
	due := t.cfg.Cache.Revalidate(view)
	t.pending = append(t.pending, commit{epoch: view.Epoch, due: due, removed: t.removed, done: t.after})
	t.removed, t.after = nil, nil
}

// Commit publishes what has changed and calls done when the datapath obeys all
// changes so far: at once if it does already, or else from Poll.
func (t *Tables) Commit(done func()) {
	if len(t.departing) > 0 {
		t.waiting = append(t.waiting, done)
		return
	}
	t.Publish()
	if len(t.pending) == 0 {
		done()
		return
	}
	last := &t.pending[len(t.pending)-1]
	last.done = append(last.done, done)
}

// Pending reports whether a commit is under way: Poll must be called again, at
// once if it says so, else when workers have gone on.
func (t *Tables) Pending() bool { return len(t.pending) > 0 || len(t.departing) > 0 }

// Poll works on pending commits for about the given time and finishes those
// that are obeyed: it sends their flow-removed messages and calls who waits. A
// commit waits for no flow that only later changes have touched, so a stream of
// flow-mods cannot hold up a barrier for ever. Poll reports whether there is
// work left that does not wait for the workers.
func (t *Tables) Poll(slice time.Duration) (again bool) {
	if len(t.departing) == 0 {
		return t.poll(slice)
	}
	t.goOn(t.cfg.Now() + int64(slice/2))
	t.poll(slice / 2)
	return true
}

// poll is Poll for commits.
func (t *Tables) poll(slice time.Duration) (again bool) {
	until := t.cfg.Now() + int64(slice)
	obeyed := t.cfg.Cache.Work(slice)
	for len(t.pending) > 0 {
		first, last := &t.pending[0], &t.pending[len(t.pending)-1]
		if first.due > obeyed || !t.cfg.Quiesced(first.epoch) {
			return last.due > obeyed
		}
		t.finish(first)
		if t.cfg.Now() > until {
			return len(t.pending) > 0
		}
	}
	return false
}

// removedAtOnce is how many flow-removed messages are sent between two looks at
// the clock.
const removedAtOnce = 64

// finish does a part of what an obeyed commit, the first, is to do at its end:
// the messages first, then one by one who waits, who may change tables and
// commit again. A commit with nothing left goes.
func (t *Tables) finish(c *commit) {
	switch {
	case len(c.removed) > 0:
		n := min(removedAtOnce, len(c.removed))
		for i := range c.removed[:n] {
			t.sendRemoved(&c.removed[i])
		}
		c.removed = c.removed[n:]
	case len(c.done) > 0:
		done := c.done[0]
		c.done = c.done[1:]
		done()
	default:
		*c = commit{}
		if t.pending = t.pending[1:]; len(t.pending) == 0 {
			t.pending = nil
		}
	}
}

// changed takes note of what an operation has done to a table. The controllers
// hear of the entries that it has removed.
func (t *Tables) changed(id uint8, changes []change, now int64) {
	for i := range changes {
		c := &changes[i]
		switch c.Reason {
		case flowtable.Deleted, flowtable.Evicted: // 1.3 has no reason of its own for these
			t.gone(id, c.Old, ofp13.RemovedDelete, now)
		case flowtable.GroupGone:
			t.gone(id, c.Old, ofp13.RemovedGroupDelete, now)
		case flowtable.IdleExpired:
			t.gone(id, c.Old, ofp13.RemovedIdleTimeout, now)
		case flowtable.HardExpired:
			t.gone(id, c.Old, ofp13.RemovedHardTimeout, now)
		}
	}
	t.follow(id, changes)
}

// follow is changed without a word to the controllers: the next View, the cache,
// the groups and the meters follow the table. It takes the changes back.
func (t *Tables) follow(id uint8, changes []change) {
	if len(changes) == 0 {
		return
	}
	t.touched[id] = true
	t.unsent = true
	t.cfg.Cache.Change(id, changes)
	t.groups.follow(id, changes)
	t.meters.follow(id, changes)
	clear(changes)
	t.changes = changes[:0]
}

// gone keeps an entry for a flow-removed message, if it asked for one.
func (t *Tables) gone(id uint8, e *entry, reason uint8, now int64) {
	if e.Flags&flowtable.FlagSendFlowRem != 0 {
		t.removed = append(t.removed, removal{table: id, reason: reason, entry: e, at: now})
	}
}

// sendRemoved tells the controllers of a removed entry (§7.4.2).
func (t *Tables) sendRemoved(r *removal) {
	packets, bytes := counts(r.entry)
	sec, nsec := duration(r.entry.Created, r.at)
	t.cfg.FlowRemoved(&ofp13.FlowRemoved{
		Cookie:       r.entry.Cookie,
		Priority:     r.entry.Priority,
		Reason:       r.reason,
		TableID:      r.table,
		DurationSec:  sec,
		DurationNsec: nsec,
		IdleTimeout:  r.entry.IdleTimeout,
		HardTimeout:  r.entry.HardTimeout,
		PacketCount:  packets,
		ByteCount:    bytes,
		Match:        t.sentMatch(r.entry),
	})
}

// expireAtOnce is how many entries of a table a Tick looks at: some milliseconds
// of work. When more time out together, the rest goes with the next Ticks.
const expireAtOnce = 2048

// Tick removes the entries whose time is over, and moves meters. Call it a few
// times a second.
func (t *Tables) Tick() {
	t.relieveMeters()
	now := t.cfg.Now()
	for id, table := range t.tables {
		due := table.Due(now, expireAtOnce, t.due[:0])
		if len(due) == 0 {
			continue
		}
		t.cfg.Cache.SettleIdle(uint8(id), due, now)
		t.changed(uint8(id), table.Expire(due, now, t.changes[:0]), now)
		clear(due)
		t.due = due
	}
}
