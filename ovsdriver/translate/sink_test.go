package translate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// recorder is a Sink that does what a datapath would do.
type recorder struct {
	t        *testing.T
	features *datapath.Features
	waiting  []datapath.Execution
	asked    []*datapath.Frame // that have passed the datapath's own meters, for Return
	out, in  []string
	fulls    int
}

func (s *recorder) Execute(e datapath.Execution) {
	if s.features.MaxActs > 0 && len(e.Actions) > s.features.MaxActs {
		s.t.Fatalf("%d actions at once", len(e.Actions))
	}
	var k flowtable.Key
	packet.Parse(e.Frame, datapath.PortNo(e.Key.Get(flowtable.InPort)), &k)
	if k != *e.Key {
		s.t.Fatalf("execution's key\n%v is not of its frame\n%v", *e.Key, k)
	}
	s.waiting = append(s.waiting, e)
}

func (s *recorder) PacketIn(p *PacketIn, _ *flowtable.Key, f *datapath.Frame) {
	s.in = append(s.in, told(p, f))
}

// told is what the controller is told with a frame.
func told(p *PacketIn, f *datapath.Frame) string {
	return fmt.Sprintf("reason %d cookie %#x metadata %d tunnel %d: %x", p.Reason, p.Cookie, p.Metadata, p.TunnelID, f.Bytes())
}

func (s *recorder) Full() {
	s.fulls++
	s.flush()
}

// flush does the executions, as late as it may.
func (s *recorder) flush() {
	for _, e := range s.waiting {
		s.run(e.Frame, e.Actions, 0)
	}
	s.waiting = s.waiting[:0]
}

// run does actions on a frame, whose outputs are in this class.
func (s *recorder) run(f *datapath.Frame, acts []datapath.Act, class uint64) {
	for i := 0; i < len(acts); i++ {
		a := &acts[i]
		if !s.features.Can(a) || a.Kind == datapath.Controller && a.Value != Asked {
			s.t.Fatalf("the datapath cannot do %s", words(acts[i:i+1]))
		}
		switch a.Kind {
		case datapath.Output:
			s.out = append(s.out, sent(uint32(a.Port), class, f))
		case datapath.Queue:
			class = a.Value
		case datapath.Clone:
			n := int(a.Value)
			s.run(copyOf(f), acts[i+1:i+1+n], class)
			i += n
		case datapath.Meter:
			if !measured(f, uint32(a.Value)) {
				return
			}
		case datapath.Controller:
			s.asked = append(s.asked, copyOf(f))
		default:
			must(packet.Edit(f, a))
		}
	}
}

// sent tells that a frame left by a port, and in which class if it was in one.
func sent(port uint32, class uint64, f *datapath.Frame) string {
	if class != 0 {
		return fmt.Sprintf("%d/%x: %x", port, class, f.Bytes())
	}
	return fmt.Sprintf("%d: %x", port, f.Bytes())
}

// featureSets are what different datapaths can do.
func featureSets() map[string]datapath.Features {
	kernel := anything
	kernel.MaxActs, kernel.OwnMeters = 5, true
	for _, f := range []flowtable.Field{flowtable.VLANVID, flowtable.VLANPCP, flowtable.VLANTCI, flowtable.ARPOp, flowtable.ARPSHA,
		flowtable.ARPTHA, flowtable.IPProto, flowtable.EthType, flowtable.NDTargetHi, flowtable.NDTargetLo} {
		kernel.Sets &^= 1 << f
	}
	nothing := anything
	nothing.Acts = 1<<datapath.Output | 1<<datapath.Queue
	nothing.MaxActs = 2
	return map[string]datapath.Features{"anything": anything, "kernel": kernel, "nothing": nothing}
}

// gens are the kinds of tables and frames that the interpreter is asked about.
func gens() map[string]gen {
	return map[string]gen{
		"pushes": {pushes: true, headers: true, maxTags: 2, groups: true},
		// Three tags and more end a parse, so that pops have to Resume.
		"many tags":          {headers: true, maxTags: 4, groups: true},
		"truncated":          {maxTags: 3, truncate: true, groups: true},
		"headers, truncated": {headers: true, maxTags: 1, truncate: true, groups: true},
		"remarks":            {headers: true, maxTags: 1, remarks: true},
		"labels":             {labels: true, maxTags: 2, groups: true},
		"labels, pushes":     {labels: true, pushes: true, headers: true, maxTags: 2, groups: true},
		"labels, asking":     {labels: true, headers: true, asks: true, tunnels: true, maxTags: 2, groups: true},
		"labels, truncated":  {labels: true, headers: true, maxTags: 2, truncate: true},
	}
}

// The translation, executed, does to a frame what OpenFlow says, byte for byte.
func TestExecutorEqualsInterpreter(t *testing.T) {
	for name, g := range gens() {
		for kind, features := range featureSets() {
			t.Run(name+" on "+kind, func(t *testing.T) {
				g.Rand = rand.New(rand.NewPCG(7, 8))
				for range 40 {
					g.compare(t, features)
				}
			})
		}
	}
}

// FuzzExecutorEqualsInterpreter is the same from any seed.
func FuzzExecutorEqualsInterpreter(f *testing.F) {
	f.Add(uint64(7), uint64(8))
	// Headers that are cut short, and a push whose bottom of the stack was set.
	for _, seed := range []uint64{13, 16, 20, 42, 48, 97, 98, 103, 225, 239, 1182} {
		f.Add(seed, uint64(1))
	}
	f.Fuzz(func(t *testing.T, seed, more uint64) {
		for _, g := range gens() {
			for _, features := range featureSets() {
				g.Rand = rand.New(rand.NewPCG(seed, more))
				g.compare(t, features)
			}
		}
	})
}

// compare makes tables and sends frames through them in both ways.
func (g *gen) compare(t *testing.T, features datapath.Features) {
	x := newTablesOn(t, features)
	x.view.SetMeters(testMeters(&features), nil)
	g.fill(x, 3)
	v := x.publish()
	model := newInterpreter(x, g.pushes)
	var executor Executor
	sink := &recorder{t: t, features: &features}
	for i := range 30 {
		f := g.frame()
		original := bytes.Clone(f.Bytes())
		ingress := uint64(1 + g.IntN(3))
		model.run(f, ingress)
		var k flowtable.Key
		packet.Parse(f, datapath.PortNo(ingress), &k)
		sink.out, sink.in, sink.asked = nil, nil, nil
		executor.Ask = i%2 == 0
		executor.Packet(v, &k, f, 1, sink)
		sink.flush()
		executor.Reset()
		if len(sink.asked) > 0 {
			executor.Return(v, &k, sink.asked[0], 1, sink)
			sink.flush()
			executor.Reset()
		}
		if model.beyond {
			continue
		}
		if fmt.Sprint(sink.out) != fmt.Sprint(model.out) || fmt.Sprint(sink.in) != fmt.Sprint(model.in) {
			var text bytes.Buffer
			must(Trace(v, &k, &text))
			t.Fatalf("frame %x at port %d\ngot  %v %v\nwant %v %v\n%s", original, ingress, sink.out, sink.in, model.out, model.in, &text)
		}
	}
}
