package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// tables is how many tables scenarios use.
const tables = 4

// generator makes flows and frames.
type generator struct {
	*rand.Rand
	edits    bool // of IP and ARP; without, frames may be odder
	expiry   bool // TTLs may expire, but not once there is an action set
	outs     bool // there are packet-outs too
	later    bool // frames may be fragments other than the first
	deaf     bool // packet-ins are not compared, so that TTLs may expire in the action set
	keepTags bool // no tag is popped: Open vSwitch parses two, and does not parse again
	pushes   pushes
	mpls     mpls
	seen     map[string]bool // priorities taken, by table

	grouping  bool
	groups    []*group // that there are, each made after those that it chains to
	lastGroup int

	lastCookie uint64

	// recirculates says that actions may make Open vSwitch parse a packet again.
	// Then there is no action set: with one it can abort.
	recirculates bool
}

// pushes says where a scenario may push a second tag. Open vSwitch parses two,
// so no path may lead to a third. Elsewhere only untagged packets get one.
type pushes int

const (
	pushUntagged pushes = iota // nowhere
	pushLast                   // in the last table; frames have one tag at most
	pushInSet                  // in the action set; frames have one tag at most
)

// tag is what is known of a packet's outer tag.
type tag int

const (
	tagUnknown tag = iota
	tagNone
	tagPresent
)

// flow is an entry of a table, its parts in the words of ovs-ofctl.
type flow struct {
	table, priority int
	match           []string
	instructions    string
	cookie          uint64
}

// isMiss reports whether the flow is the table-miss entry of a later table, which
// stays (see missFlows).
func (f *flow) isMiss() bool { return f.priority == 0 && f.table > 0 }

func (f *flow) key() string {
	return strings.Join(append([]string{fmt.Sprintf("table=%d,priority=%d", f.table, f.priority)}, f.match...), ",")
}

func (f *flow) add() string {
	return fmt.Sprintf("add cookie=%#x,%s,actions=%s", f.cookie, f.key(), f.instructions)
}
func (f *flow) modify() string { return "modify_strict " + f.key() + ",actions=" + f.instructions }
func (f *flow) remove() string { return "delete_strict " + f.key() }

// shape is which fields flows match, and under which masks. Flows of one shape
// differ only in values, so that they can share a priority and not overlap.
type shape struct {
	kind   kind
	fields []*field
	masks  [][]byte // nil for an exact match
	tag    tagShape
	miss   bool // that of a table-miss entry
}

func (g *generator) shape(table int) *shape {
	s := &shape{kind: kinds[g.IntN(len(kinds))], tag: g.tagShape()}
	if g.mpls.on && g.IntN(3) > 0 {
		s.kind = g.anyMPLSKind()
	}
	for _, f := range s.kind.fields {
		if f.noMatch || g.IntN(6) > 0 || f == metadata && table == 0 {
			continue
		}
		var m []byte
		if f.masks && g.IntN(2) == 0 {
			m = f.mask(g.Rand)
		}
		s.fields, s.masks = append(s.fields, f), append(s.masks, m)
	}
	return s
}

// match draws values for a shape. The values' bits outside of masks are zero.
func (g *generator) match(s *shape) []string {
	match := append(slices.Clone(s.kind.match), s.tag.match(g)...)
	for i, f := range s.fields {
		text := f.name + "=" + f.show(g.matchValue(f, s.masks[i]))
		if s.masks[i] != nil {
			text += "/" + f.show(s.masks[i])
		}
		match = append(match, text)
	}
	return match
}

// matchValue draws a value under a mask, which may be nil. It is not 0 where
// fragments may lack the field: that is 0 to Open vSwitch.
func (g *generator) matchValue(f *field, mask []byte) []byte {
	for {
		v := slices.Clone(f.value(g.Rand))
		for b := range mask {
			v[b] &= mask[b]
		}
		if !f.later || !g.later || slices.ContainsFunc(v, func(b byte) bool { return b != 0 }) {
			return v
		}
	}
}

// tagShape is what a shape asks of the outer tag (section 7.2.3.7, table 13).
type tagShape struct {
	known tag
	exact bool   // the VLAN id is matched
	mask  uint16 // and under this mask, if it is not 0
	pcp   bool
}

func (g *generator) tagShape() tagShape {
	if g.mpls.push != nowhere && g.IntN(4) > 0 {
		return tagShape{known: tagNone}
	}
	switch g.IntN(10) {
	case 0, 1:
		return tagShape{known: tagNone}
	case 2:
		return tagShape{known: tagPresent, pcp: g.IntN(2) == 0}
	case 3:
		return tagShape{known: tagPresent, exact: true, pcp: g.IntN(2) == 0}
	case 4:
		return tagShape{known: tagPresent, exact: true, mask: 0x1000 | uint16(1+g.IntN(0xfff)), pcp: g.IntN(4) == 0}
	}
	return tagShape{}
}

func (s tagShape) match(g *generator) []string {
	vid := number(vids[g.IntN(len(vids))])
	var match []string
	switch {
	case s.known == tagUnknown:
		return nil
	case s.known == tagNone:
		return []string{"vlan_vid=0"}
	case !s.exact:
		match = []string{"vlan_vid=0x1000/0x1000"}
	case s.mask != 0:
		match = []string{fmt.Sprintf("vlan_vid=%#x/%#x", vid&uint64(s.mask), s.mask)}
	default:
		match = []string{fmt.Sprintf("vlan_vid=%#x", vid)}
	}
	if s.pcp {
		match = append(match, fmt.Sprintf("vlan_pcp=%d", number(pcps[g.IntN(len(pcps))])))
	}
	return match
}

// flows makes some flows of one shape and one priority, which no other flow of
// the table has.
func (g *generator) flows(table int) []*flow {
	priority := 1 + g.IntN(60000)
	for g.seen[fmt.Sprint(table, " ", priority)] {
		priority++
	}
	g.seen[fmt.Sprint(table, " ", priority)] = true
	s, n := g.shape(table), 1
	if len(s.fields) > 0 && g.IntN(2) == 0 {
		n += g.IntN(8)
	}
	var all []*flow
	for range n {
		f := &flow{table: table, priority: priority, match: g.match(s)}
		f.instructions = g.instructions(table, s)
		all = append(all, f)
	}
	return all
}

// missFlow is a table-miss entry.
func (g *generator) missFlow(table int) *flow {
	return &flow{table: table, instructions: g.instructions(table, &shape{kind: kinds[0], miss: true})}
}
