package translate

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// sample is a frame, its key, and what OpenFlow makes of it.
type sample struct {
	frame   *datapath.Frame
	key     flowtable.Key
	out, in []string
	beyond  bool
}

// What is cached for one frame does, byte for byte, to every other frame that
// matches it what the tables would do: this is TestCachedEqualsSlow down to the
// frames, where actions that read the frame (copies of TTLs) can be wrong too.
func TestCachedActionsEqualInterpreter(t *testing.T) {
	for name, g := range gens() {
		t.Run(name, func(t *testing.T) {
			g.Rand = rand.New(rand.NewPCG(9, 10))
			hits := 0
			for range 60 {
				hits += g.cachedActions(t)
			}
			if hits < 300 {
				t.Errorf("only %d frames met a flow that was cached for another one", hits)
			}
		})
	}
}

// FuzzCachedActionsEqualInterpreter is the same from any seed.
func FuzzCachedActionsEqualInterpreter(f *testing.F) {
	f.Add(uint64(9), uint64(10))
	f.Fuzz(func(t *testing.T, seed, more uint64) {
		for _, g := range gens() {
			g.Rand = rand.New(rand.NewPCG(seed, more))
			g.cachedActions(t)
		}
	})
}

// cachedActions makes tables and frames, and does to each frame what was cached
// for each other that it matches. It returns how many times.
func (g *gen) cachedActions(t *testing.T) (hits int) {
	x := newTables(t)
	x.view.SetMeters(testMeters(&anything), nil)
	g.fill(x, 3)
	v := x.publish()
	samples := g.samples(newInterpreter(x, g.pushes), 40)
	var r Result
	for i := range samples {
		a := &samples[i]
		Translate(v, &a.key, &r)
		if r.Resume || a.beyond {
			continue
		}
		for j := range samples {
			b := &samples[j]
			if i == j || b.beyond || !covered(&a.key, &b.key, &r.Mask) {
				continue
			}
			hits++
			sink := &recorder{t: t, features: &anything}
			out, in := sink.cached(&r, b)
			if fmt.Sprint(out) != fmt.Sprint(b.out) || fmt.Sprint(in) != fmt.Sprint(b.in) {
				t.Fatalf("cached for %x\nmask %v, %s\nframe %x\ngot  %v %v\nwant %v %v",
					a.frame.Bytes(), r.Mask, words(r.Actions), b.frame.Bytes(), out, in, b.out, b.in)
			}
		}
	}
	return hits
}

// samples makes frames and what the interpreter makes of them.
func (g *gen) samples(model *interpreter, n int) []sample {
	list := make([]sample, n)
	for i := range list {
		s := &list[i]
		s.frame = g.frame()
		packet.Parse(s.frame, datapath.PortNo(1+g.IntN(2)), &s.key)
		model.run(s.frame, s.key.Get(flowtable.InPort))
		s.out, s.in, s.beyond = model.out, model.in, model.beyond
	}
	return list
}

// covered reports whether two keys are one under a mask.
func covered(a, b *flowtable.Key, mask *flowtable.Mask) bool {
	m := flowtable.Match{Mask: *mask}
	mask.Apply(a, &m.Key)
	return m.Matches(b)
}

// cached does cached actions to a frame, in place of a datapath.
func (s *recorder) cached(r *Result, b *sample) (out, in []string) {
	s.perform(r, r.Actions, copyOf(b.frame), &b.key, 0)
	return s.out, s.in
}

func (s *recorder) perform(r *Result, acts []datapath.Act, f *datapath.Frame, k *flowtable.Key, class uint64) {
	for i := 0; i < len(acts); i++ {
		switch a := &acts[i]; a.Kind {
		case datapath.Output:
			s.out = append(s.out, sent(uint32(a.Port), class, f))
		case datapath.Queue:
			class = a.Value
		case datapath.Meter:
			if !measured(f, uint32(a.Value)) {
				return
			}
		case datapath.Controller:
			s.PacketIn(&r.PacketIns[a.Value], k, f)
		case datapath.Clone:
			n := int(a.Value)
			s.perform(r, acts[i+1:i+1+n], copyOf(f), k, class)
			i += n
		default:
			if err := packet.Edit(f, a); err != nil {
				s.t.Fatalf("%s of %x: %v", words(acts[i:i+1]), f.Bytes(), err)
			}
		}
	}
}
