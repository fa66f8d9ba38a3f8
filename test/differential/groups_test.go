package differential

import (
	"fmt"
	"slices"
	"strings"
)

// group is an entry of the group table, its buckets in the words of ovs-ofctl.
type group struct {
	id      int
	kind    kind // of the packets that it is for
	tag     tag
	typ     string
	buckets []string
	traits
}

// traits are what a group, or one that it chains to, does.
type traits struct {
	stacks bool // pushes or pops tags or labels
	pushes bool // pushes a label
	tells  bool // makes packet-ins
}

func (t traits) with(o traits) traits {
	return traits{t.stacks || o.stacks, t.pushes || o.pushes, t.tells || o.tells}
}

// Group-mods stand among the flow-mods of a step, behind this word.
const groupWord = "=group "

func isGroupMod(mod string) bool { return strings.HasPrefix(mod, groupWord) }

func (e *group) text() string {
	text := fmt.Sprintf("group_id=%d,type=%s", e.id, e.typ)
	for _, b := range e.buckets {
		text += ",bucket=" + b
	}
	return text
}

func (e *group) add() string    { return groupWord + "add " + e.text() }
func (e *group) modify() string { return groupWord + "modify " + e.text() }
func (e *group) remove() string { return fmt.Sprintf("%sdelete group_id=%d", groupWord, e.id) }

// name is how flows and buckets name the group. No id is the beginning of
// another.
func (e *group) name() string { return fmt.Sprint("group:", e.id) }

const firstGroup = 100

// newGroup makes a group that may chain to those that there are.
func (g *generator) newGroup() *group {
	g.lastGroup++
	e := &group{id: firstGroup + g.lastGroup, kind: g.groupKind(), tag: []tag{tagUnknown, tagUnknown, tagNone, tagPresent}[g.IntN(4)]}
	g.fill(e, g.groups)
	return e
}

// groupKind draws a kind that many flows have.
func (g *generator) groupKind() kind {
	if g.mpls.on && g.IntN(3) == 0 {
		return g.anyMPLSKind()
	}
	return kinds[[]int{0, 0, 0, 1, 2}[g.IntN(5)]]
}

// fill makes the type and the buckets of a group, which may chain to others.
func (g *generator) fill(e *group, others []*group) {
	e.typ, e.buckets = []string{"all", "all", "indirect", "ff"}[g.IntN(4)], nil
	e.traits = traits{}
	if g.recirculates && g.IntN(4) == 0 {
		e.typ = "select" // with one bucket: which of several is the switch's own choice
	}
	n := 1
	switch e.typ {
	case "all":
		n = g.IntN(4)
	case "ff":
		n = 1 + g.IntN(3)
	}
	for range n {
		e.buckets = append(e.buckets, g.bucket(e, others))
	}
}

func (g *generator) bucket(e *group, others []*group) string {
	p := &path{kind: e.kind, tag: e.tag, set: true, bucket: true}
	all := g.actions(p, 1+g.IntN(4))
	if next := g.pickGroup(p, others); next != nil && g.IntN(3) == 0 {
		all = append(all, next.name())
		e.traits = e.traits.with(next.traits)
	}
	e.traits = e.traits.with(traits{p.popped || p.pushed || p.pushedLabel, p.pushedLabel, slices.Contains(all, "controller")})
	head := ""
	if e.typ == "ff" {
		head = fmt.Sprintf("watch_port:%d,", 1+g.IntN(ports))
	}
	if len(all) == 0 {
		all = []string{"drop"}
	}
	return head + "actions=" + strings.Join(all, ",")
}

// pickGroup draws a group that packets like this one may go to, or nil.
func (g *generator) pickGroup(p *path, among []*group) *group {
	var fit []*group
	for _, e := range among {
		if !isPrefix(e.kind.match, p.kind.match) || e.tag != tagUnknown && e.tag != p.tag ||
			(e.stacks || e.tells) && p.set && !p.bucket || e.pushes && p.pushedLabel {
			continue
		}
		fit = append(fit, e)
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[g.IntN(len(fit))]
}

// isPrefix reports whether all that a says b says too: of two kinds the one with
// fewer conditions has those that the other begins with.
func isPrefix(a, b []string) bool {
	return len(a) <= len(b) && slices.Equal(a, b[:len(a)])
}

// toGroup sends to a group. A bucket's is chosen elsewhere: it is the last of
// what the bucket does.
func (g *generator) toGroup(p *path) []string {
	if p.bucket {
		return nil
	}
	if e := g.pickGroup(p, g.groups); e != nil {
		return []string{e.name()}
	}
	return nil
}

// changeGroups makes group-mods: the first time some groups, later changes of
// them. It returns what is left of the flows, since a group takes along those
// that name it (section 6.5).
func (g *generator) changeGroups(flows []*flow) (mods []string, left []*flow) {
	more := 1
	if flows == nil {
		more = 5
	}
	if !g.grouping {
		return nil, flows
	}
	for i := len(g.groups) - 1; i >= 0; i-- {
		e := g.groups[i]
		switch g.IntN(6) {
		case 0:
			if chained(e, g.groups) || needed(e, flows) {
				continue
			}
			mods = append(mods, e.remove())
			g.groups = slices.Delete(g.groups, i, i+1)
			flows = slices.DeleteFunc(slices.Clone(flows), func(f *flow) bool { return strings.Contains(f.instructions, e.name()) })
		case 1:
			before := e.traits
			g.fill(e, g.groups[:i]) // older ones only: no loop comes of it
			if e.traits.with(before) != before {
				e.typ, e.buckets = "indirect", []string{"actions=in_port"} // it may be where more is not wanted
			}
			e.traits = before
			mods = append(mods, e.modify())
		}
	}
	for range more {
		e := g.newGroup()
		mods = append(mods, e.add())
		g.groups = append(g.groups, e)
	}
	return mods, flows
}

// needed reports whether e must stay for the sake of a flow: a later table's
// table-miss entry, or one that names it twice, at which Open vSwitch aborts.
func needed(e *group, flows []*flow) bool {
	return slices.ContainsFunc(flows, func(f *flow) bool {
		n := strings.Count(f.instructions, e.name())
		return n > 1 || n > 0 && f.isMiss()
	})
}

// chained reports whether another group's bucket names e.
func chained(e *group, all []*group) bool {
	return slices.ContainsFunc(all, func(o *group) bool { return strings.Contains(strings.Join(o.buckets, " "), e.name()) })
}
