package kflow

import (
	"slices"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// changes is what has changed between the view of the cached flows and the next
// one. It is collected, and looked at only together with that next view: a flow
// installed in between still follows the old one.
type changes struct {
	tables map[uint8]*tableChanges
	tokens []translate.Token
	all    bool
}

type tableChanges struct {
	old   []*translate.Entry // gone, or superseded by another version
	added []*translate.Entry
}

// Change tells what happened in a table. Cached flows obey after the next
// Revalidate.
func (c *Cache) Change(table uint8, changed []flowtable.Change[*translate.Program]) {
	t := c.changes.tables[table]
	if t == nil {
		if c.changes.tables == nil {
			c.changes.tables = make(map[uint8]*tableChanges)
		}
		t = &tableChanges{}
		c.changes.tables[table] = t
	}
	for i := range changed {
		if changed[i].Old != nil {
			t.old = append(t.old, changed[i].Old)
		}
		if changed[i].Reason == flowtable.Added {
			t.added = append(t.added, changed[i].New)
		}
	}
}

// ChangeTokens tells of changes beside the tables: ports, those that a flood
// reaches and those that are live, groups and meters.
func (c *Cache) ChangeTokens(tokens []translate.Token) {
	c.changes.tokens = append(c.changes.tokens, tokens...)
}

// ChangeAll tells of a change that can touch any translation, such as that of
// the fragment handling.
func (c *Cache) ChangeAll() { c.changes.all = true }

// task is something to be done until cached flows follow the present view: a
// flow to be translated again, or a search for more of them.
type task struct {
	flow   *flow
	search *search
}

// Revalidate makes view the one that cached flows follow. Those that the told
// changes can touch are translated again by Work, until which they follow the
// view before. All obey when Work has come to due.
func (c *Cache) Revalidate(view *translate.View) (due uint64) {
	c.Flush()
	c.view = view
	clear(c.refusals)
	if c.changes.all {
		for i := range c.slots {
			if f := c.slots[i].flow; f != nil {
				c.mark(f)
			}
		}
	} else {
		for table, t := range c.changes.tables {
			c.revalidateTable(table, t)
		}
	}
	for _, token := range c.changes.tokens {
		c.dependents(token)
	}
	c.changes = changes{}
	return c.queued
}

// revalidateTable queues what a table's changes ask for.
func (c *Cache) revalidateTable(table uint8, t *tableChanges) {
	for _, e := range t.old {
		c.index.hits(table, e, c.mark)
	}
	if len(t.added) == 0 || len(c.index.known[table]) == 0 {
		return
	}
	s := c.searches[table]
	if s == nil {
		s = &search{table: table, byMask: make(map[flowtable.Mask][]*translate.Entry)}
		c.searches[table] = s
		c.queue(task{search: s})
	}
	s.add(t.added)
}

// mark queues a flow to be translated again.
func (c *Cache) mark(f *flow) {
	if !f.waits {
		f.waits = true
		c.queue(task{flow: f})
	}
}

func (c *Cache) queue(t task) {
	c.tasks = append(c.tasks, t)
	c.queued++
}

// Work translates flows again that changes can have touched, in the order of the
// changes, and makes the datapath obey, for about the given time. It returns how
// far it has come, as a number to compare with those of Revalidate: who waits
// for a change does not wait for later ones.
func (c *Cache) Work(slice time.Duration) (done uint64) {
	until := c.cfg.Now() + int64(slice)
	for c.withdraw(until) && len(c.tasks) > 0 {
		n := c.workOnce()
		clear(c.tasks[:n])
		c.tasks = c.tasks[n:]
		if c.cfg.Now() > until {
			break
		}
	}
	if len(c.tasks) == 0 {
		c.tasks = c.tasks[:0]
	}
	if !c.insists() {
		c.obeyed = c.queued - uint64(len(c.tasks))
	}
	return c.obeyed
}

// workOnce does the first tasks, or a part of the first, and returns how many
// are done. What a search finds is translated again at once, whether or not it
// waits among later tasks too.
func (c *Cache) workOnce() (done int) {
	flows, over := c.scratch[:0], false
	if s := c.tasks[0].search; s != nil {
		if !s.begun {
			delete(c.searches, s.table)
			s.begin(c.index.known[s.table])
		}
		if flows, over = s.proceed(flows); over {
			done = 1
		}
	} else {
		for done < len(c.tasks) && done < batchLen && c.tasks[done].search == nil {
			f := c.tasks[done].flow
			f.waits = false
			flows = append(flows, f)
			done++
		}
	}
	c.recheck(flows)
	clear(flows)
	c.scratch = flows
	return done
}

// recheck translates up to batchLen different flows again. A flow whose packets
// now go to other accounts is deleted and put again under a new id, so that each
// account gets exactly the packets of its time.
func (c *Cache) recheck(flows []*flow) {
	var put, out, renewed []*flow
	for _, f := range flows {
		if f.gone {
			continue
		}
		c.counters.Checked++
		v := c.compare(f)
		switch {
		case v == same && !f.out:
			c.reindex(f)
		case v == otherActions && !f.out:
			c.reindex(f)
			put = append(put, f)
		case v != uncacheable:
			next := &flow{match: f.match, used: f.used}
			c.fill(next, &c.result)
			out = append(out, f)
			renewed = append(renewed, next)
		default:
			out = append(out, f)
		}
	}
	c.remove(out, &c.counters.Removed)
	for _, f := range renewed {
		c.adopt(f)
	}
	c.put(append(put, renewed...), &c.counters.Replaced)
}

// verdict is what a second translation of a flow has shown.
type verdict uint8

const (
	same verdict = iota
	otherActions
	otherCredits
	uncacheable // or it looks at bits that the flow's mask leaves out
)

// compare translates f again, into c.result. A translation that looks at bits that
// the flow's mask leaves out is told by its mask.
func (c *Cache) compare(f *flow) verdict {
	r := &c.result
	translate.Translate(c.view, f.key(), r)
	if r.Slow != 0 || r.Resume {
		return uncacheable
	}
	if mask := c.maskOf(r); !f.match.Mask.Covers(&mask) {
		return uncacheable
	}
	if !slices.Equal(f.credits, r.Credits) {
		return otherCredits
	}
	if !c.sameActions(f, r) {
		return otherActions
	}
	return same
}

// sameActions compares f's actions with a translation's, records by content.
func (c *Cache) sameActions(f *flow, r *translate.Result) bool {
	return slices.EqualFunc(f.actions, r.Actions, func(has, wants datapath.Act) bool {
		if wants.Kind == datapath.Controller && has.Kind == datapath.Controller {
			content, ok := c.records.lookup(has.Value)
			return ok && content == r.PacketIns[wants.Value]
		}
		return has == wants
	})
}

// reindex makes f what c.result says, under its old id.
func (c *Cache) reindex(f *flow) {
	c.index.remove(f)
	old := f.records
	c.fill(f, &c.result)
	for _, name := range old {
		c.records.release(name)
	}
}
