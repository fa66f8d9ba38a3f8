package differential

import "fmt"

// setTag sets one field of the tag.
func (g *generator) setTag(p *path) []string {
	if p.tag != tagPresent {
		return nil
	}
	p.edited = true
	if g.IntN(2) == 0 {
		return []string{g.setVID()}
	}
	return []string{g.setPCP()}
}

func (g *generator) setVID() string {
	return fmt.Sprintf("set_field:%#x->vlan_vid", number(vids[g.IntN(len(vids))]))
}

func (g *generator) setPCP() string {
	return fmt.Sprintf("set_field:%d->vlan_pcp", number(pcps[g.IntN(len(pcps))]))
}

// push makes a tag. Unless there surely is none yet, its fields follow at once:
// the specification copies them from the tag below (section 5.12.1), and Open
// vSwitch does not.
func (g *generator) push(p *path) []string {
	switch {
	case p.bucket && p.tag != tagNone,
		p.set && !p.bucket && g.pushes != pushInSet,
		!p.set && p.tag != tagNone && !(g.pushes == pushLast && p.table == tables-1 && !p.pushed):
		return nil
	}
	actions := []string{[]string{"push_vlan:0x8100", "push_vlan:0x88a8"}[g.IntN(2)]}
	if p.tag != tagNone || p.set || g.IntN(2) == 0 {
		actions = append(actions, g.setVID(), g.setPCP())
	}
	p.tag, p.pushed = tagPresent, true
	return actions
}

func (g *generator) pop(p *path) []string {
	// An action set pops before it pushes and sets.
	if g.keepTags || p.tag != tagPresent || p.set && (p.pushed || p.edited) {
		return nil
	}
	p.tag, p.popped = tagUnknown, true
	return []string{"pop_vlan"}
}
