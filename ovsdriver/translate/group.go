package translate

import (
	"slices"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// MaxChain is how many groups a packet can go through, one after the other: a
// walk keeps a place for each.
const MaxChain = 32

// Group is a group entry (§5.6). It is immutable once it is in a GroupSet; a
// modification makes another one.
type Group struct {
	ID      uint32
	Type    uint8 // OFPGT_*
	Buckets []Bucket
	// Stats counts the group's packets. Versions of a group share it.
	Stats *flowtable.Stats

	weights uint64 // sum
	groups  []uint32
	watches []uint32
}

// Bucket is an action bucket: a set of actions that works on a copy of the
// packet.
type Bucket struct {
	// Spec is the bucket as it was sent. It must not be changed.
	Spec ofp13.Bucket
	// Stats counts the packets that went through the bucket.
	Stats *flowtable.Stats

	ops   []op // in the order of execution (§5.10)
	edits bool // they may change the packet
}

// CompileGroup checks the actions of a group-mod's buckets and compiles them.
// Nothing of the message is kept. Errors are *ofp13.Error of the type
// OFPET_BAD_ACTION. Nothing is known of the packets that will come: a set of a
// field that one does not have changes nothing. Whether the groups exist that
// buckets use, and what else a group-mod says, is not looked at.
func CompileGroup(m *ofp13.GroupMod) (*Group, error) {
	g := &Group{ID: m.GroupID, Type: m.Type, Stats: &flowtable.Stats{}, Buckets: make([]Bucket, len(m.Buckets))}
	for i := range m.Buckets {
		b := &g.Buckets[i]
		b.Spec = m.Buckets[i]
		b.Spec.Actions = ofp13.CloneActions(b.Spec.Actions)
		b.Stats = &flowtable.Stats{}
		if err := g.compile(b); err != nil {
			return nil, err
		}
		g.weights += uint64(b.Spec.Weight)
		if b.Spec.WatchGroup != ofp13.GroupAny && !b.Unwatched() {
			g.watches = append(g.watches, b.Spec.WatchGroup)
		}
	}
	slices.Sort(g.groups)
	g.groups = slices.Compact(g.groups)
	return g, nil
}

// compile makes a bucket's action set. Of two actions of a kind, the later one
// is in the set.
func (g *Group) compile(b *Bucket) error {
	var p Program
	list, err := p.actions(b.Spec.Actions, false)
	if err != nil {
		return err
	}
	g.groups = append(g.groups, p.groups...)
	var set actionSet
	for i := range list {
		set.write(&list[i], nil, 0)
	}
	set.sort()
	for _, s := range set.order[:set.n] {
		b.ops = append(b.ops, *s.op)
		b.edits = b.edits || s.op.kind != opOutput && s.op.kind != opGroup
	}
	return nil
}

// compileGroup compiles a group action. Whether there is such a group, a
// Program's Groups let others ask.
func compileGroup(id uint32) (op, error) {
	if id > ofp13.GroupMax {
		return op{}, badAction(ofp13.BadActionBadOutGroup, "there can be no group %#x; identifiers are at most %#x", id, ofp13.GroupMax)
	}
	return op{kind: opGroup, group: id}, nil
}

// Unwatched reports whether nothing controls the bucket's liveness: port and
// group are OFPP_ANY and OFPG_ANY. Controllers that leave both zero mean the
// same, as there is no port 0.
func (b *Bucket) Unwatched() bool {
	port, group := b.Spec.WatchPort, b.Spec.WatchGroup
	return port == ofp13.PortAny && group == ofp13.GroupAny || port == 0 && group == 0
}

// Groups returns the groups to which buckets forward, each once. The slice must
// not be changed.
func (g *Group) Groups() []uint32 { return g.groups }

// Watches returns the groups whose liveness decides that of buckets. The slice
// must not be changed.
func (g *Group) Watches() []uint32 { return g.watches }
