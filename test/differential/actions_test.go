package differential

import (
	"fmt"
	"slices"
	"strings"
)

// path is what is known of a packet where an action is made for it.
type path struct {
	table          int
	miss           bool // it comes by a table-miss entry
	kind           kind
	below          *kind // what a pushed label is on
	tag            tag
	pushed, edited bool // the tag
	pushedLabel    bool
	popped         bool // a tag or a label
	set            bool // in an action set, where each kind of action is once
	bucket         bool // which is a bucket's
	any            bool // there are actions before
}

// maker makes actions of one kind, in ovs-ofctl's words. It returns nil where
// they would not be valid, or mean nothing that the specification says.
type maker struct {
	weight int
	make   func(*generator, *path) []string
}

var makers = []maker{
	{8, (*generator).output},
	{8, (*generator).setField},
	{2, (*generator).changeTTL},
	{2, (*generator).push},
	{2, (*generator).pop},
	{2, (*generator).setTag},
	{4, (*generator).toGroup},
	{8, (*generator).pushLabel},
	{4, (*generator).popLabel},
	{2, (*generator).changeLabelTTL},
	{1, (*generator).setQueue},
}

// actions makes up to n actions.
func (g *generator) actions(p *path, n int) []string {
	total := 0
	for _, m := range makers {
		total += m.weight
	}
	var all []string
	taken := map[string]bool{}
	for range n {
		at := g.IntN(total)
		for _, m := range makers {
			if at -= m.weight; at >= 0 {
				continue
			}
			for _, action := range m.make(g, p) {
				if !p.set || !taken[kindOf(action)] {
					all = append(all, action)
				}
				taken[kindOf(action)], p.any = true, true
			}
			break
		}
	}
	return all
}

// kindOf is the kind of an action: an action set has one of each.
func kindOf(action string) string {
	word, _, _ := strings.Cut(action, ":")
	switch word {
	case "set_field":
		return action[strings.Index(action, "->"):]
	case "all", "flood", "in_port", "controller":
		return "output"
	case "dec_ttl", "mod_nw_ttl":
		return "ttl"
	case "dec_mpls_ttl", "set_mpls_ttl":
		return "label's ttl"
	}
	return word
}

func (g *generator) output(p *path) []string {
	switch n := g.IntN(20); n {
	case 0, 1:
		return []string{"in_port"}
	case 2:
		return []string{"all"}
	case 3:
		return []string{"flood"}
	case 4, 5:
		if p.set && !p.bucket || p.miss && (g.recirculates || g.outs) {
			return nil // see docs/conformance.md
		}
		return []string{"controller"}
	default:
		return []string{fmt.Sprint("output:", 1+n%ports)}
	}
}

// setQueue names a queue that no port has: it changes nothing.
func (g *generator) setQueue(*path) []string { return []string{fmt.Sprint("set_queue:", g.IntN(4))} }

func (g *generator) setField(p *path) []string {
	f := p.kind.fields[g.IntN(len(p.kind.fields))]
	if f.noSet || !g.edits && !slices.Contains(always, f) {
		return nil
	}
	v := f.value(g.Rand)
	if f == icmp6Type && (v[0] == 135 || v[0] == 136) {
		v = f.pool[0]
	}
	return []string{set(f, v)}
}

func set(f *field, v []byte) string { return "set_field:" + f.show(v) + "->" + f.name }

func (g *generator) changeTTL(p *path) []string {
	switch {
	case !p.kind.ttl || !g.edits:
		return nil
	case g.IntN(2) == 0:
		return []string{fmt.Sprint("mod_nw_ttl:", g.ttl())}
	case !g.mayExpire(p):
		return nil
	}
	return []string{"dec_ttl"}
}

// mayExpire reports whether a TTL may expire here, if it may at all.
func (g *generator) mayExpire(p *path) bool {
	switch {
	case !g.expiry:
		return true
	case p.bucket:
		return false
	case p.set:
		return g.deaf
	}
	return p.table == 0
}

// instructions makes what a flow does, in the order in which it is done.
func (g *generator) instructions(table int, s *shape) string {
	p := &path{table: table, miss: s.miss, kind: s.kind, tag: s.tag.known}
	all := g.actions(p, g.IntN(6))
	if g.IntN(8) == 0 {
		all = append(all, "clear_actions")
	}
	if !g.recirculates && g.IntN(3) == 0 {
		p := &path{table: table, kind: p.kind, tag: p.tag, set: true}
		if set := g.actions(p, 1+g.IntN(4)); len(set) > 0 {
			all = append(all, "write_actions("+strings.Join(set, ",")+")")
		}
	}
	if table < tables-1 && g.IntN(2) == 0 {
		if g.IntN(2) == 0 {
			all = append(all, fmt.Sprintf("write_metadata:%#x/%#x",
				number(metadata.value(g.Rand)), number(metadata.mask(g.Rand))))
		}
		all = append(all, fmt.Sprint("goto_table:", table+1+g.IntN(tables-1-table)))
	}
	if g.IntN(8) == 0 {
		all = slices.Insert(all, 0, "meter:1") // see anyMeter
	}
	if len(all) == 0 {
		return "drop"
	}
	return strings.Join(all, ",")
}
