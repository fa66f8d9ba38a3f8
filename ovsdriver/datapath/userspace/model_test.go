package userspace

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// sentFrames is what left each port, in order.
type sentFrames map[datapath.PortNo][][]byte

// model does acts in the slow, obvious way: each output is a copy, a clone
// works on a copy.
func (s sentFrames) model(f *datapath.Frame, acts []datapath.Act) {
	for i := 0; i < len(acts); i++ {
		switch a := &acts[i]; a.Kind {
		case datapath.Output:
			s[a.Port] = append(s[a.Port], bytes.Clone(f.Bytes()))
		case datapath.Clone:
			c := *f
			c.Buf = bytes.Clone(f.Buf)
			n := int(a.Value)
			s.model(&c, acts[i+1:i+1+n])
			i += n
		default:
			if packet.Edit(f, a) != nil {
				return
			}
		}
	}
}

// randomActs makes a list of outputs to ports 2 and 3, edits and clones.
func randomActs(r *rand.Rand, n int) []datapath.Act {
	var acts []datapath.Act
	for len(acts) < n {
		switch r.IntN(8) {
		case 0, 1, 2:
			acts = append(acts, output(datapath.PortNo(2+r.IntN(2))))
		case 3:
			acts = append(acts, datapath.Act{Kind: datapath.PushVLAN, EtherType: 0x8100, Value: r.Uint64N(4096)})
		case 4:
			acts = append(acts, datapath.Act{Kind: datapath.PopVLAN})
		case 5:
			acts = append(acts, datapath.Act{Kind: datapath.Set, Field: flowtable.IPv4Src, Value: r.Uint64N(1 << 32)})
		case 6:
			acts = append(acts, datapath.Act{Kind: datapath.Set, Field: flowtable.EthSrc, Value: r.Uint64N(1<<40) << 1})
		case 7:
			inner := randomActs(r, r.IntN(4))
			acts = append(acts, datapath.Act{Kind: datapath.Clone, Value: uint64(len(inner))})
			acts = append(acts, inner...)
		}
	}
	return acts
}

// TestActionsAgainstModel runs random actions as a cached flow's, as a
// receiver's execution and as main's, and compares what leaves the ports with
// the model: no frame that is queued may change before it is sent.
func TestActionsAgainstModel(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, seed))
	l := newLab(t, 3)
	a := l.wire(1)
	wires := map[datapath.PortNo]*wire{2: l.wire(2), 3: l.wire(3)}
	d, w := l.byHand(3)
	raw := udp(1, nobody, 100, 7)
	var k flowtable.Key
	k.Set(flowtable.InPort, 1)
	fresh := func() *datapath.Frame {
		return &datapath.Frame{Buf: append(make([]byte, 256), raw...), Start: 256, End: 256 + len(raw)}
	}
	ways := []func(acts []datapath.Act){
		func(acts []datapath.Act) {
			put(t, d, portFlow(1, 1, acts...))
			a.mustSend(raw)
			if err := w.forward(true); err != nil {
				t.Fatal(err)
			}
		},
		func(acts []datapath.Act) {
			_ = w.Execute([]datapath.Execution{{Frame: fresh(), Key: &k, Actions: acts}})
		},
		func(acts []datapath.Act) {
			_ = d.Execute([]datapath.Execution{{Frame: fresh(), Key: &k, Actions: acts}})
		},
	}
	for round := range 120 {
		acts := randomActs(r, 1+r.IntN(8))
		want := sentFrames{}
		want.model(fresh(), acts)
		ways[round%len(ways)](acts)
		for no, wire := range wires {
			var got [][]byte
			for range want[no] {
				b, _ := wire.receive(1e9)
				got = append(got, b)
			}
			if !slices.EqualFunc(got, want[no], bytes.Equal) {
				t.Fatalf("round %d of seed %d, port %d, actions %+v:\ngot  %x\nwant %x", round, seed, no, acts, got, want[no])
			}
			if len(want[no]) == 0 {
				if b, _ := wire.receive(0); b != nil {
					t.Fatalf("round %d, port %d: unexpected % x", round, no, b)
				}
			}
		}
	}
	if free, all := len(w.slots.free), len(w.slots.slots); free != all-frameBudget {
		t.Errorf("%d slots free of %d, want all but a burst", free, all)
	}
}

// FuzzOffload describes arbitrary frames by arbitrary struct virtio_net_hdr:
// nothing panics, and a tag that is inserted is the only change.
func FuzzOffload(f *testing.F) {
	f.Add([]byte{1, 1, 66, 0, 0xa8, 5, 34, 0, 16, 0}, udp(1, 2, 100, 7), uint16(1500))
	f.Add([]byte{1, 0x84, 66, 0, 0xa8, 5, 0xff, 0xff, 16, 0}, udp(1, 2, 60, 7), uint16(0))
	f.Add(make([]byte, vnetHeader), []byte{}, uint16(1))
	f.Fuzz(func(t *testing.T, header, frame []byte, mtu uint16) {
		if len(header) < vnetHeader || len(frame) > slotPayload {
			return
		}
		fr := datapath.Frame{Buf: append(make([]byte, frameOffset), frame...), Start: frameOffset, End: frameOffset + len(frame)}
		getOffload(header, &fr.Offload)
		back := make([]byte, vnetHeader)
		if putOffload(back, &fr.Offload); !bytes.Equal(back, header[:vnetHeader]) {
			t.Errorf("% x became % x", header, back)
		}
		overMTU(&fr, int(mtu))
		if fr.Len() < etherHeader {
			return
		}
		insertTag(&fr, 0x8100, 5)
		b := fr.Bytes()
		if !bytes.Equal(b[:12], frame[:12]) || !bytes.Equal(b[16:], frame[12:]) || fr.Start != frameOffset-vlanTag {
			t.Errorf("% x tagged became % x", frame, b)
		}
	})
}
