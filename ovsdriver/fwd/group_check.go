package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Limits of the group table.
const (
	maxGroups = 1 << 16 // of a type
	// maxGroupBuckets keeps what one packet can cost within bounds.
	maxGroupBuckets = 1024
	// maxGroupDesc is the longest description that fits a multipart message.
	maxGroupDesc = 0xffff - 16
)

// check refuses what is wrong with a group-mod that adds or modifies, its actions
// and what it says of other groups left aside.
func (t *groupTable) check(m *ofp13.GroupMod) error {
	old := t.members[m.GroupID]
	switch {
	case m.GroupID > ofp13.GroupMax:
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "identifiers are at most %#x", ofp13.GroupMax)
	case m.Command == ofp13.GroupAdd && old != nil:
		return groupError(m, ofp13.GroupModFailedGroupExists, "it is there; modify or delete it")
	case m.Command == ofp13.GroupModify && old == nil:
		return groupError(m, ofp13.GroupModFailedUnknownGroup, "there is none; add it")
	case t.ofType[m.Type] >= t.max && (old == nil || old.group.Type != m.Type):
		return groupError(m, ofp13.GroupModFailedOutOfGroups, "there are %d of its type; delete one", t.max)
	case len(m.Buckets) > maxGroupBuckets:
		return groupError(m, ofp13.GroupModFailedOutOfBuckets, "%d buckets; at most %d", len(m.Buckets), maxGroupBuckets)
	}
	desc := ofp13.GroupDesc{Type: m.Type, GroupID: m.GroupID, Buckets: m.Buckets}
	if t.scratch = desc.Append(t.scratch[:0]); len(t.scratch) > maxGroupDesc {
		return groupError(m, ofp13.GroupModFailedOutOfBuckets, "its description would not fit a message")
	}
	return checkBuckets(m)
}

// checkBuckets refuses buckets that do not go with the group's type (§6.5).
func checkBuckets(m *ofp13.GroupMod) error {
	if m.Type == ofp13.GroupTypeIndirect && len(m.Buckets) != 1 {
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "an indirect group has one bucket, not %d", len(m.Buckets))
	}
	weights := 0
	for i := range m.Buckets {
		b := &m.Buckets[i]
		weights += int(b.Weight)
		if err := checkWatch(m, i); err != nil {
			return err
		}
	}
	switch {
	case m.Type != ofp13.GroupTypeSelect && weights > 0:
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "only buckets of select groups have weights")
	case m.Type == ofp13.GroupTypeSelect && len(m.Buckets) > 0 && weights == 0:
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "the weights sum up to zero: no bucket could be selected; give each a weight of 1 or more")
	}
	return nil
}

// checkWatch refuses what a bucket watches, if there cannot be such a port or if
// buckets of this type watch nothing. Ports may come later, as for outputs.
func checkWatch(m *ofp13.GroupMod, i int) error {
	b := &m.Buckets[i]
	selects := m.Type == ofp13.GroupTypeSelect || m.Type == ofp13.GroupTypeFastFailover
	none := b.WatchPort == ofp13.PortAny && b.WatchGroup == ofp13.GroupAny
	unset := b.WatchPort == 0 && b.WatchGroup == 0 && m.Type != ofp13.GroupTypeFastFailover
	switch {
	case m.Type == ofp13.GroupTypeFastFailover && none:
		return groupError(m, ofp13.GroupModFailedInvalidGroup, "bucket %d of a fast failover group watches nothing", i)
	case none, unset:
		return nil
	case !selects:
		return groupError(m, ofp13.GroupModFailedWatchUnsupported, "bucket %d: only those of select and fast failover groups watch", i)
	case b.WatchPort != ofp13.PortAny && b.WatchPort != ofp13.PortLocal && (b.WatchPort == 0 || b.WatchPort > ofp13.PortMax):
		return groupError(m, ofp13.GroupModFailedBadWatch, "bucket %d: port %#x cannot be watched", i, b.WatchPort)
	case b.WatchGroup != ofp13.GroupAny && b.WatchGroup > ofp13.GroupMax:
		return groupError(m, ofp13.GroupModFailedBadWatch, "bucket %d: group %#x cannot be watched", i, b.WatchGroup)
	}
	return nil
}

// checkChain refuses a group that would be part of a loop or of too long a chain,
// and one that uses others that are not there.
func (t *groupTable) checkChain(m *ofp13.GroupMod, g *translate.Group) error {
	down, ok := t.reach(g.ID, append(g.Groups()[:len(g.Groups()):len(g.Groups())], g.Watches()...), below)
	if !ok {
		return groupError(m, ofp13.GroupModFailedLoop, "it would forward to itself, or watch itself")
	}
	if err := t.known(g.Groups()); err != nil {
		return err
	}
	for _, id := range g.Watches() {
		if t.members[id] == nil {
			return groupError(m, ofp13.GroupModFailedBadWatch, "there is no group %d to be watched; add it first", id)
		}
	}
	up := 0
	if old := t.members[g.ID]; old != nil {
		up, _ = t.reach(g.ID, keysOf(old.parents), above)
	}
	if up+1+down > translate.MaxChain {
		return groupError(m, ofp13.GroupModFailedChainingUnsupported,
			"a chain of more than %d groups; packets can go through no more", translate.MaxChain)
	}
	return nil
}

func keysOf(set map[uint32]struct{}) []uint32 {
	list := make([]uint32, 0, len(set))
	for id := range set {
		list = append(list, id)
	}
	return list
}
