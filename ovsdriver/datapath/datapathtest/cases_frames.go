package datapathtest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

func caseMiss(r *rig) {
	features := r.dp.Features()
	for name, frame := range shapes() {
		for port := range r.ports {
			u := r.miss(port+1, frame)
			var got, want flowtable.Key
			features.KeyMask.Apply(&u.Key, &got)
			key := keyOf(port+1, u.Frame.Bytes())
			features.KeyMask.Apply(&key, &want)
			AllowCutChain(&want, &got)
			if diff := cmp.Diff(want.String(), got.String()); diff != "" {
				r.Errorf("%s in by port %d: key, within Features.KeyMask, (-want +got)\n%s", name, port+1, diff)
			}
			if u.Frame.Start < datapath.Headroom/2 {
				r.Errorf("%s: a headroom of %d bytes, want about %d", name, u.Frame.Start, datapath.Headroom)
			}
		}
	}
	for port := range r.ports {
		r.nothing(port + 1)
	}
}

// AllowCutChain evens out in want what got says of an IPv6 extension header that
// the frame's end cuts off: how much of it must be there to count differs by
// release of the kernel's module. What matters is that nothing is read behind it.
func AllowCutChain(want, got *flowtable.Key) {
	cut := want.Get(flowtable.IPProto) == packet.ProtoNone || got.Get(flowtable.IPProto) == packet.ProtoNone
	if !cut || want.Get(flowtable.EthType) != packet.TypeIPv6 {
		return
	}
	for _, f := range [...]flowtable.Field{flowtable.IPProto, flowtable.IPFrag, flowtable.IPv6ExtHdr} {
		want.Set(f, got.Get(f))
	}
}

func caseFrameSizes(r *rig) {
	r.put(r.flow(1, 1, UDP(2, 1, 80, 0), []datapath.Act{out(2)}, flowtable.EthType, flowtable.VLANTCI))
	arp := ARP(2, 1)
	r.send(1, UDP(2, 1, 80, 0)) // 42 bytes
	r.receive(2, UDP(2, 1, 80, 0))
	if got := r.miss(1, arp); got.Frame.Len() > 60 {
		r.Errorf("a miss of %d bytes became %d", len(arp), got.Frame.Len())
	}
	for _, payload := range []int{17, 18, 19, 400, 1471, 1472} { // up to 1514 bytes
		frame := UDP(2, 1, 80, payload)
		r.send(1, frame)
		r.receive(2, frame)
	}
	full := Tagged(packet.TypeVLAN, 0x0064, UDP(2, 1, 80, 1472)) // 1518 bytes
	if u := r.miss(1, full); !bytes.Equal(u.Frame.Bytes(), full) {
		r.Errorf("miss with\n%x, want\n%x", u.Frame.Bytes(), full)
	}
}

func caseExecute(r *rig) {
	frame := UDP(2, 1, 80, 18)
	f, key := NewFrame(frame), keyOf(1, frame)
	edits := []datapath.Act{
		out(1),
		{Kind: datapath.Set, Field: flowtable.EthDst, Value: 0x021e57000009},
		{Kind: datapath.Set, Field: flowtable.IPv4Dst, Value: 0x0a000009},
		out(2),
		{Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 0x6064},
		out(3),
	}
	for i := range edits {
		if features := r.dp.Features(); !features.Can(&edits[i]) {
			r.Skip("the datapath edits nothing itself")
		}
	}
	other := NewFrame(ARP(2, 1))
	otherKey := keyOf(2, ARP(2, 1))
	err := r.dp.Execute([]datapath.Execution{
		{Frame: &f, Key: &key, Actions: edits},
		{Frame: &other, Key: &otherKey, Actions: nil},
		{Frame: &other, Key: &otherKey, Actions: []datapath.Act{out(1)}},
	})
	if err != nil {
		r.Fatalf("Execute: %v", err)
	}
	// The frames may be reused from here on.
	clear(f.Buf)
	clear(other.Buf)
	r.receive(1, frame)
	r.receive(1, ARP(2, 1))
	want := edited(r.T, frame, edits[1:3])
	r.receive(2, want)
	r.receive(3, edited(r.T, want, edits[4:5]))
	r.nothing(1)
	if got := r.stats(); len(got) != 0 {
		r.Errorf("Execute made flows: %v", got)
	}
	r.noUpcall()
}

// edited applies actions to a copy of a frame.
func edited(t testing.TB, frame []byte, acts []datapath.Act) []byte {
	t.Helper()
	f := NewFrame(frame)
	for i := range acts {
		if err := packet.Edit(&f, &acts[i]); err != nil {
			t.Fatalf("packet.Edit(%+v): %v", acts[i], err)
		}
	}
	return f.Bytes()
}

func caseReceiverExecutes(r *rig) {
	answer := []datapath.Act{out(2), out(1)}
	r.answer.Store(&answer)
	const frames = 50
	for i := range frames {
		r.send(1, UDP(2, 1, uint16(i), 18))
	}
	for i := range frames {
		r.receive(2, UDP(2, 1, uint16(i), 18))
		r.receive(1, UDP(2, 1, uint16(i), 18))
	}
}
