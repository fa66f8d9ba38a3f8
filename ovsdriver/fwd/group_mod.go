package fwd

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Groups answers for groups (§5.6): the group table, which is published with the
// flow tables. Main goroutine only, but for the streams that it returns.
type Groups struct {
	tables *Tables
}

// NewGroups returns the groups that entries of these tables use.
func NewGroups(tables *Tables) *Groups { return &Groups{tables} }

// GroupMod adds, modifies or deletes groups (§6.5, §7.3.4.2). Errors are
// *ofp13.Error, mostly of the type OFPET_GROUP_MOD_FAILED, or what is wrong with
// an action of a bucket; then nothing has changed.
func (g *Groups) GroupMod(m *ofp13.GroupMod) error {
	g.tables.complete()
	if m.Command == ofp13.GroupDelete {
		return g.delete(m)
	}
	return g.set(m)
}

// groupError is an OFPET_GROUP_MOD_FAILED.
func groupError(m *ofp13.GroupMod, code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeGroupModFailed, code, "group %d: "+format, append([]any{m.GroupID}, args...)...)
}

// set adds or modifies a group. A modified group goes on counting, its buckets
// begin anew (§6.5).
func (g *Groups) set(m *ofp13.GroupMod) error {
	t := g.tables
	if err := t.groups.check(m); err != nil {
		return err
	}
	group, err := translate.CompileGroup(m)
	if err != nil {
		return err
	}
	if err := t.groups.checkChain(m, group); err != nil {
		return err
	}
	if old := t.groups.members[m.GroupID]; old != nil {
		group.Stats = old.group.Stats
	}
	t.groups.put(group, t.cfg.Now())
	t.touchGroup(m.GroupID)
	return nil
}

// touchGroup takes note that a group has changed.
func (t *Tables) touchGroup(id uint32) {
	t.tokens = append(t.tokens[:0], translate.GroupToken(id))
	t.cfg.Cache.ChangeTokens(t.tokens)
	t.unsent = true
}

// delete deletes a group, or all of them for OFPG_ALL, and the entries that use
// it. Type and buckets do not matter: some controllers send the group that they
// mean. One that is not there is no error; one to which others forward stays
// (OFPGFC_CHAINING_CHECKS).
func (g *Groups) delete(m *ofp13.GroupMod) error {
	t := g.tables
	switch {
	case m.GroupID == ofp13.GroupAll:
		var all []departure
		for _, gone := range t.groups.members {
			clear(gone.parents) // they go as well
			all = append(all, t.departureOfGroup(gone))
		}
		t.depart(all...)
		return nil
	case m.GroupID > ofp13.GroupMax:
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "of the reserved identifiers, only OFPG_ALL can be deleted")
	}
	gone := t.groups.members[m.GroupID]
	if gone == nil {
		return nil
	}
	for parent := range gone.parents {
		return groupError(m, ofp13.GroupModFailedChainedGroup, "group %d forwards to it; modify or delete that first", parent)
	}
	t.depart(t.departureOfGroup(gone))
	return nil
}

// departureOfGroup deletes a group and the entries that use it.
func (t *Tables) departureOfGroup(m *member) departure {
	return departure{m.entries, flowtable.GroupGone, func() {
		t.groups.remove(m)
		t.touchGroup(m.group.ID)
	}}
}
