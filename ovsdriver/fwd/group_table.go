package fwd

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// groupTable is the groups as the next View will have them, and who uses each.
// Main goroutine only, but for the sets and counters that statistics pin.
type groupTable struct {
	set     *translate.GroupSet
	members map[uint32]*member
	ofType  [4]int // how many there are
	max     int    // of a type
	scratch []byte
}

// member is a group of the table.
type member struct {
	group   *translate.Group
	created int64 // CLOCK_MONOTONIC ns
	entries map[*entry]uint8
	parents map[uint32]struct{} // groups that forward to it
	refs    *atomic.Uint32      // entries and parents; anyone may read it
}

func newGroupTable(set *translate.GroupSet) *groupTable {
	return &groupTable{set: set, members: make(map[uint32]*member), max: maxGroups}
}

// count brings refs up to date.
func (m *member) count() { m.refs.Store(uint32(len(m.entries) + len(m.parents))) }

// known refuses groups that are not there (§7.4.4.3).
func (t *groupTable) known(groups []uint32) error {
	for _, id := range groups {
		if t.members[id] == nil {
			return ofp13.Errorf(ofp13.ErrTypeBadAction, ofp13.BadActionBadOutGroup,
				"there is no group %d; add it first", id)
		}
	}
	return nil
}

// follow takes note of which entries of a table use groups.
func (t *groupTable) follow(table uint8, changes []change) {
	for i := range changes {
		c := &changes[i]
		if c.Old != nil {
			for _, id := range c.Old.Value.Groups() {
				if m := t.members[id]; m != nil {
					delete(m.entries, c.Old)
					m.count()
				}
			}
		}
		if c.New != nil {
			for _, id := range c.New.Value.Groups() {
				m := t.members[id]
				m.entries[c.New] = table
				m.count()
			}
		}
	}
}

// put adds a group, or puts it in the place of its last version.
func (t *groupTable) put(g *translate.Group, now int64) {
	m := t.members[g.ID]
	if m == nil {
		m = &member{created: now, entries: make(map[*entry]uint8), parents: make(map[uint32]struct{}), refs: new(atomic.Uint32)}
		t.members[g.ID] = m
	} else {
		t.unlink(m.group)
	}
	m.group = g
	t.ofType[g.Type]++
	for _, id := range g.Groups() {
		child := t.members[id]
		child.parents[g.ID] = struct{}{}
		child.count()
	}
	t.set = t.set.With(g)
}

// unlink takes back what a version of a group uses.
func (t *groupTable) unlink(g *translate.Group) {
	t.ofType[g.Type]--
	for _, id := range g.Groups() {
		if child := t.members[id]; child != nil {
			delete(child.parents, g.ID)
			child.count()
		}
	}
}

// remove takes a group out. Its entries are the caller's affair.
func (t *groupTable) remove(m *member) {
	t.unlink(m.group)
	delete(t.members, m.group.ID)
	t.set = t.set.Without(m.group.ID)
}

// reach follows groups from one to the next, until there is none left, and
// returns how many follow each other at most. It is false if id is among them: a
// loop. No loop goes without id.
func (t *groupTable) reach(id uint32, from []uint32, next func(*member, func(uint32))) (steps int, ok bool) {
	for now := setOf(from); len(now) > 0; steps++ {
		if _, loop := now[id]; loop {
			return steps, false
		}
		if steps > translate.MaxChain {
			break // too many in any case
		}
		after := make(map[uint32]struct{})
		for g := range now {
			if m := t.members[g]; m != nil {
				next(m, func(g uint32) { after[g] = struct{}{} })
			}
		}
		now = after
	}
	return steps, true
}

func setOf(list []uint32) map[uint32]struct{} {
	set := make(map[uint32]struct{}, len(list))
	for _, id := range list {
		set[id] = struct{}{}
	}
	return set
}

// below yields the groups to which a group forwards, and those that it watches.
func below(m *member, yield func(uint32)) {
	for _, id := range m.group.Groups() {
		yield(id)
	}
	for _, id := range m.group.Watches() {
		yield(id)
	}
}

// above yields the groups that forward to a group.
func above(m *member, yield func(uint32)) {
	for id := range m.parents {
		yield(id)
	}
}
