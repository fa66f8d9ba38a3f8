package kernel

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// TestCachedFlowsAreNoWider installs flows under random masks and sends frames
// that differ a little from the flow's own: a frame hits exactly if its key fits
// the match.
func TestCachedFlowsAreNoWider(t *testing.T) {
	s, rx := newStorm(t)
	w := widthTest{storm: s, rx: rx, batch: make([]datapath.Upcall, upcallSlots)}
	w.ends = [2][]byte{
		datapathtest.Ethernet(9, 9, 0x88b5, []byte("misses end")),
		datapathtest.Ethernet(9, 9, 0x88b6, []byte("actions end")),
	}
	// The last frame of each round hits this flow: see round.
	m := matchOf(0x88b6, nil)
	m.Key.Set(flowtable.InPort, 1)
	if err := putOne(s.d, datapath.Flow{ID: 1, Match: m, Actions: []datapath.Act{{Kind: datapath.Controller}}}); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 8))
	frames := oddFrames()
	flows := 0
	for id := datapath.FlowID(2); id < 400; id++ {
		frame := oddFrame(rng, frames)
		match := matchLike(rng, frame)
		if _, err := shapeOf(&match); err != nil {
			continue
		}
		if err := putOne(s.d, datapath.Flow{ID: id, Match: match, Actions: []datapath.Act{{Kind: datapath.Controller, Value: 1}}}); err != nil {
			t.Fatalf("flow %v: %v", match, err)
		}
		flows++
		w.round(match, variants(rng, frame))
		last, errs := make([]datapath.FlowStats, 1), make([]error, 1)
		s.d.DeleteFlows([]datapath.FlowID{id}, last, errs)
		if errs[0] != nil {
			t.Fatal(errs[0])
		}
	}
	t.Logf("%d flows, %d hits, %d misses", flows, w.hits, w.misses)
	if w.hits < 300 || w.misses < 300 {
		t.Error("too few of either to mean much")
	}
}

// matchLike is a match that frame fits, with random bits of its fields.
func matchLike(rng *rand.Rand, frame []byte) flowtable.Match {
	var k flowtable.Key
	f := datapathtest.NewFrame(frame)
	packet.Parse(&f, 1, &k)
	return maskedAtRandom(rng, k)
}

// variants are the frame, and others with a byte changed or the end cut off.
func variants(rng *rand.Rand, frame []byte) [][]byte {
	out := [][]byte{frame}
	for range 12 {
		v := bytes.Clone(frame)
		if rng.IntN(5) == 0 {
			v = v[:14+rng.IntN(len(v)-13)]
		}
		v[rng.IntN(len(v))] ^= 1 << rng.IntN(8)
		out = append(out, v)
	}
	return out
}

type widthTest struct {
	*storm
	rx           datapath.Receiver
	batch        []datapath.Upcall
	ends         [2][]byte
	hits, misses int
}

// round sends frames and checks what comes up of each: an Action is a hit. Misses
// and actions arrive on two sockets, and each is empty once the frame that was
// sent last for it has come.
func (w *widthTest) round(match flowtable.Match, frames [][]byte) {
	far := w.net.Far(w.in)
	for _, f := range append(frames, w.ends[0], w.ends[1]) {
		_ = far.Send(f) // some are refused on the way
	}
	for ended := 0; ended < len(w.ends); {
		n, err := w.rx.Receive(w.batch)
		if err != nil {
			w.Fatal(err)
		}
		for i := range w.batch[:n] {
			u := &w.batch[i]
			if bytes.Equal(u.Frame.Bytes(), w.ends[0]) || bytes.Equal(u.Frame.Bytes(), w.ends[1]) {
				ended++
				continue
			}
			w.check(match, u)
		}
	}
}

func (w *widthTest) check(match flowtable.Match, u *datapath.Upcall) {
	key := u.Key
	fixKey(&u.Frame, &key) // which is not done for actions, whose frames may be edited
	hit, fits := u.Kind == datapath.Action, match.Matches(&key)
	if hit {
		w.hits++
	} else {
		w.misses++
	}
	// A flow that looks at labels matches no stack without a bottom: such frames
	// go by the slow path.
	bottomless := isMPLS(uint16(key.Get(flowtable.EthType))) && u.Kind == datapath.Miss
	if hit != fits && !bottomless {
		w.Errorf("hit %t, but fits %t: frame\n%x\nkey  %v\nflow %v\nmask %v", hit, fits, u.Frame.Bytes(), key, match.Key, match.Mask)
	}
}
