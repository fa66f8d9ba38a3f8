package translate

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// packetOut does a packet-out's actions. TABLE gets a copy.
func (p *interpreter) packetOut(f *datapath.Frame, ingress uint64, list []ofp13.Action) {
	p.begin(f, ingress)
	nobody := &Entry{Cookie: noCookie, Priority: 1}
	for _, a := range list {
		if a.Type == ofp13.ActionOutput && a.ID == ofp13.PortTable {
			before := *p
			p.frame = copyOf(p.frame)
			p.tables()
			p.frame, p.queue, p.tunnel, p.pushed = before.frame, before.queue, before.tunnel, before.pushed
			p.metadata, p.done = 0, false
		} else if !p.action(a, nobody) {
			return
		}
	}
}

// packetOut makes a random list of actions for a packet-out.
func (g *gen) packetOut() (list []ofp13.Action) {
	_, s := g.match()
	for range g.IntN(6) {
		list = append(list, g.action(s))
		if g.chance(30) {
			list = append(list, output(ofp13.PortTable))
		}
	}
	return list
}

// packetOutGens are the kinds of tables and frames for packet-outs. None push tags:
// of a frame that comes to the tables with more than two, no more are seen, as of one
// off a port, and by the interpreter that follows pushes, all.
func packetOutGens() map[string]gen {
	gens := gens()
	maps.DeleteFunc(gens, func(_ string, g gen) bool { return g.pushes })
	return gens
}

// A packet-out, executed, does to a frame what OpenFlow says, byte for byte.
func TestPacketOutEqualsInterpreter(t *testing.T) {
	for name, g := range packetOutGens() {
		for kind, features := range featureSets() {
			t.Run(name+" on "+kind, func(t *testing.T) {
				g.Rand = rand.New(rand.NewPCG(11, 12))
				for range 20 {
					g.comparePacketOuts(t, features)
				}
			})
		}
	}
}

// FuzzPacketOutEqualsInterpreter is the same from any seed.
func FuzzPacketOutEqualsInterpreter(f *testing.F) {
	f.Add(uint64(11), uint64(12))
	f.Fuzz(func(t *testing.T, seed, more uint64) {
		for _, g := range packetOutGens() {
			for _, features := range featureSets() {
				g.Rand = rand.New(rand.NewPCG(seed, more))
				g.comparePacketOuts(t, features)
			}
		}
	})
}

// comparePacketOuts makes tables and packet-outs, and does them in both ways.
func (g *gen) comparePacketOuts(t *testing.T, features datapath.Features) {
	x := newTablesOn(t, features)
	x.view.SetMeters(testMeters(&features), nil)
	g.fill(x, 2)
	v := x.publish()
	model := newInterpreter(x, false)
	var executor Executor
	sink := &recorder{t: t, features: &features}
	for range 30 {
		f, list := g.frame(), g.packetOut()
		original := bytes.Clone(f.Bytes())
		ingress := pick[uint64](g, 1, 2, uint64(ofp13.PortController))
		model.packetOut(f, ingress, list)
		program, err := CompileActions(list)
		must(err)
		var k flowtable.Key
		packet.Parse(f, datapath.PortNo(ingress), &k)
		sink.out, sink.in = nil, nil
		executor.PacketOut(v, program, &k, f, 1, sink)
		sink.flush()
		executor.Reset()
		if fmt.Sprint(sink.out) != fmt.Sprint(model.out) || fmt.Sprint(sink.in) != fmt.Sprint(model.in) {
			t.Fatalf("packet-out of %x at port %d: %v\ngot  %v %v\nwant %v %v",
				original, ingress, list, sink.out, sink.in, model.out, model.in)
		}
	}
}
