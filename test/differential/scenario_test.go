package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// scenario is what both switches go through: steps, in this order.
type scenario struct {
	steps []step
	deaf  bool // packet-ins are not compared
}

// step is changes of the tables, then frames, all of them several times over: a
// cache forwards the first time other than the second, and than the third.
type step struct {
	mods   []string // flow-mods in the words of ovs-ofctl's files
	frames []injection
}

const (
	stepsEach  = 3
	framesEach = 20
	passes     = 4
)

// newScenario makes the scenario of a number under a seed.
func newScenario(seed, number uint64) *scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number)), seen: map[string]bool{}}
	g.edits, g.expiry, g.pushes = g.IntN(4) > 0, g.IntN(3) == 0, pushes(g.IntN(3))
	g.later, g.outs = g.IntN(2) == 0, g.IntN(2) == 0
	g.deaf = g.expiry && g.IntN(2) == 0
	maxTags := 1
	if g.pushes == pushUntagged {
		maxTags = 2 + g.IntN(2)
	}
	g.keepTags = maxTags == 3
	g.recirculates, g.grouping = g.IntN(2) == 0, g.IntN(2) == 0
	g.mpls = g.newMPLS()
	var flows []*flow
	s := &scenario{deaf: g.deaf}
	for range stepsEach {
		var st step
		var mods []string
		st.mods, flows = g.changeGroups(flows)
		mods, flows = g.change(flows)
		st.mods = append(st.mods, mods...)
		st.frames = g.injections(framesEach, maxTags)
		s.steps = append(s.steps, st)
	}
	return s
}

// newMPLS draws what a scenario does with label stacks.
func (g *generator) newMPLS() mpls {
	m := mpls{on: g.IntN(2) == 0, push: nowhere, inner: []uint16{0x0800, 0x0800, 0x86dd, 0x0806, 0x1234}[g.IntN(5)]}
	if !m.on {
		return m
	}
	m.pop, m.outer = g.recirculates, []uint16{0x8847, 0x8847, 0x8848}[g.IntN(3)]
	if n := g.IntN(tables + 4); n < tables {
		m.push = place(n)
	} else if n == tables && !g.recirculates {
		m.push = inSets
	} else if n < tables+2 {
		m.push = inBuckets
	}
	return m
}

// change makes flow-mods: the first time a program, later changes of it.
func (g *generator) change(flows []*flow) (mods []string, after []*flow) {
	for _, f := range flows {
		switch n := g.IntN(6); {
		case n == 0 && !f.isMiss():
			mods = append(mods, f.remove())
			continue
		case n == 1:
			f.instructions = g.instructions(f.table, &shape{kind: kinds[0], miss: f.priority == 0})
			mods = append(mods, f.modify())
		}
		after = append(after, f)
	}
	more := 4
	if flows == nil {
		more = 16
		for table := range tables {
			if g.IntN(4) > 0 {
				after = append(after, g.missFlow(table))
			}
		}
	}
	for range more {
		table := max(0, g.IntN(tables+2)-2)
		after = append(after, g.flows(table)...)
	}
	for _, f := range after {
		if !slices.Contains(flows, f) {
			g.lastCookie++
			f.cookie = g.lastCookie
			mods = append(mods, f.add())
		}
	}
	return mods, after
}

func (s *scenario) String() string {
	var b strings.Builder
	for i, st := range s.steps {
		fmt.Fprintf(&b, "step %d, flows:\n", i+1)
		for _, mod := range st.mods {
			fmt.Fprintf(&b, "    %s\n", mod)
		}
		fmt.Fprintf(&b, "  frames, each %d times:\n", passes)
		for _, f := range st.frames {
			fmt.Fprintf(&b, "    %v\n", &f)
		}
	}
	return b.String()
}

// describe is a frame in hexadecimal digits and in layers, a line for each.
func describe(frame []byte) string {
	text := fmt.Sprintf("%x", frame)
	for _, l := range gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default).Layers() {
		text += "\n        " + gopacket.LayerString(l)
	}
	return text
}
