package kernel

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

func inspector(t *testing.T) *Inspector {
	t.Helper()
	in, err := Inspect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	return in
}

func TestInspect(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	receiversOf(t, d)
	name := network.NewInterface(t)
	addPort(t, d, 3, name)
	flow := forwardAll(3, 11)
	if err := putOne(d, flow); err != nil {
		t.Fatal(err)
	}
	network.Send(t, name, datapathtest.UDP(2, 1, 80, 18))

	in := inspector(t)
	list, err := in.Datapaths()
	i := slices.IndexFunc(list, func(info DatapathInfo) bool { return info.Name == d.name })
	if err != nil || i < 0 {
		t.Fatalf("datapaths %+v, %v; want %s among them", list, err, d.name)
	}
	if s := list[i].Stats; s.Flows != 1 || s.Masks != 1 || s.Hit != 1 {
		t.Errorf("datapath statistics %+v, want one flow, one mask, one hit", s)
	}
	ports, err := in.Ports(d.name)
	if err != nil || len(ports) != 2 {
		t.Fatalf("ports %+v, %v; want two", ports, err)
	}
	if p := ports[0]; p.No != datapath.Local || p.Name != d.name || p.Kind != datapath.LocalPort || p.Type != "internal" {
		t.Errorf("first port %+v, want the local one", p)
	}
	if p := ports[1]; p.PortSpec != (datapath.PortSpec{No: 3, Name: name}) || p.Type != "netdev" || p.RxPackets != 1 {
		t.Errorf("second port %+v, want %s with one frame received", p, name)
	}
	if _, err := in.Ports("nobody"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ports of no datapath: %v, want os.ErrNotExist", err)
	}
	flows := 0
	err = in.Flows(d.name, func(f *FlowInfo) error {
		flows++
		if f.Stats.ID != flow.ID || f.Stats.Packets != 1 || f.Unknown != "" || !slices.Equal(f.Actions, flow.Actions) {
			t.Errorf("flow %+v, want %+v with one frame", f, flow)
		}
		return nil
	})
	if err != nil || flows != 1 {
		t.Errorf("%d flows, %v; want one", flows, err)
	}
	if err := in.DeleteDatapath(d.name); err != nil {
		t.Error(err)
	}
	if err := in.DeleteDatapath(d.name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("deleting it again: %v, want os.ErrNotExist", err)
	}
}

// TestKernelHoldsMatches installs random matches and reads them back: the kernel
// must hold exactly what was asked for.
func TestKernelHoldsMatches(t *testing.T) {
	d := open(t)
	in := inspector(t)
	receiversOf(t, d)
	rng := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for id := datapath.FlowID(1); id <= 1500; id++ {
		m := randomMatch(rng)
		s, err := shapeOf(&m)
		if err != nil {
			continue
		}
		if err := putOne(d, datapath.Flow{ID: id, Match: m, Actions: []datapath.Act{outputTo(1)}}); err != nil {
			t.Fatalf("flow %v: %v", m, err)
		}
		taken++
		want := flowtable.Match{Mask: s.mask}
		want.Mask.Apply(&m.Key, &want.Key)
		var got flowtable.Match
		if err := in.Flows(d.name, func(f *FlowInfo) error { got = f.Match; return nil }); err != nil {
			t.Fatal(err)
		}
		// The kernel tells the other tag and the shape's constants as exact.
		for i := range got.Mask {
			got.Mask[i] &= s.carried[i]
			want.Mask[i] &= s.carried[i]
		}
		normalize(&want.Mask, &s)
		normalize(&got.Mask, &s)
		want.Mask.Apply(&want.Key, &want.Key)
		got.Mask.Apply(&got.Key, &got.Key)
		if diff := cmp.Diff(describe(want), describe(got)); diff != "" {
			t.Fatalf("flow %v in the kernel (-want +got)\n%s", m, diff)
		}
		if err := d.FlushFlows(); err != nil {
			t.Fatal(err)
		}
	}
	if taken < 300 {
		t.Errorf("only %d of 1500 matches were tried", taken)
	}
}

func describe(m flowtable.Match) string {
	return strings.Join([]string{m.Key.String(), m.Mask.String()}, " under ")
}

// TestBatches puts and deletes more flows than fit in one system call, some of
// which must fail, and finds each error at its flow.
func TestBatches(t *testing.T) {
	d := open(t)
	receiversOf(t, d)
	const n = 3*maxBatch + 7
	flows := make([]datapath.Flow, n)
	for i := range flows {
		m := matchOf(packet.TypeIPv4, nil)
		m.Key.Set(flowtable.InPort, 1)
		m.Exact(flowtable.IPv4Dst, uint64(i))
		flows[i] = datapath.Flow{ID: datapath.FlowID(i + 1), Match: m, Actions: []datapath.Act{outputTo(2)}}
	}
	flows[10].Match.Mask.Set(flowtable.EthType, 0)                 // refused here
	flows[100].Match = flows[20].Match                             // refused by the kernel: flow 21 is in the way
	flows[150].Actions = []datapath.Act{set(flowtable.IPProto, 1)} // refused here
	bad := map[int]bool{10: true, 100: true, 150: true}
	errs := make([]error, n)
	for range 2 { // the second time, all are replaced by themselves
		d.PutFlows(flows, errs)
		for i, err := range errs {
			if (err != nil) != bad[i] {
				t.Errorf("PutFlows: flow %d: %v, should fail: %v", i+1, err, bad[i])
			}
		}
	}
	ids, last := make([]datapath.FlowID, n), make([]datapath.FlowStats, n)
	for i := range ids {
		ids[i] = flows[i].ID
	}
	d.DeleteFlows(ids, last, errs)
	for i, err := range errs {
		if bad[i] != errors.Is(err, datapath.ErrNoFlow) || err != nil && !bad[i] || last[i].ID != ids[i] {
			t.Errorf("DeleteFlows: flow %d: %v, last %+v", i+1, err, last[i])
		}
	}
}

// TestReplaceRefused gives a flow a match that another flow has. The kernel
// refuses that; the flow can be put again, with its old match or another.
func TestReplaceRefused(t *testing.T) {
	d := open(t)
	receiversOf(t, d)
	first, second, third := forwardAll(1, 1), forwardAll(2, 2), forwardAll(3, 2)
	taken := datapath.Flow{ID: 2, Match: first.Match, Actions: first.Actions}
	for i, step := range []struct {
		flow datapath.Flow
		ok   bool
	}{{first, true}, {second, true}, {taken, false}, {second, true}, {taken, false}, {third, true}, {third, true}} {
		if err := putOne(d, step.flow); (err == nil) != step.ok {
			t.Errorf("step %d: put flow %d: %v, should succeed: %v", i, step.flow.ID, err, step.ok)
		}
	}
}

// TestExecuteFallsBack sends a list that the kernel's actions cannot do: the
// frame is edited here, and the kernel only outputs.
func TestExecuteFallsBack(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	receiversOf(t, d)
	one, two := network.NewInterface(t), network.NewInterface(t)
	addPort(t, d, 1, one)
	addPort(t, d, 2, two)
	frame := datapathtest.ARP(2, 1)
	f := datapathtest.NewFrame(frame)
	key := keyWith(fields{flowtable.InPort: uint64(noPort), flowtable.EthType: packet.TypeARP})
	acts := []datapath.Act{
		{Kind: datapath.Clone, Value: 2}, set(flowtable.ARPOp, 2), outputTo(1),
		outputTo(2),
		{Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 5}, outputTo(2),
	}
	if err := d.Execute([]datapath.Execution{{Frame: &f, Key: &key, Actions: acts}}); err != nil {
		t.Fatal(err)
	}
	reply := slices.Clone(frame)
	reply[21] = 2
	for _, want := range []struct {
		port  string
		frame []byte
	}{{one, reply}, {two, frame}, {two, datapathtest.Tagged(packet.TypeVLAN, 5, frame)}} {
		if got := network.Receive(t, want.port, 5e9); string(got) != string(want.frame) {
			t.Errorf("%s sent\n%x, want\n%x", want.port, got, want.frame)
		}
	}
	if c := d.Counters(); c != (Counters{}) {
		t.Errorf("counters %+v, want none", c)
	}
}

// TestRefusedExecution sends a frame without an Ethernet header, and one that the
// kernel takes: the former is counted.
func TestRefusedExecution(t *testing.T) {
	d := open(t)
	receiversOf(t, d)
	short, whole := datapathtest.NewFrame([]byte{1, 2, 3}), datapathtest.NewFrame(datapathtest.ARP(2, 1))
	key := keyWith(fields{flowtable.InPort: uint64(noPort)})
	acts := []datapath.Act{outputTo(1)}
	if err := d.Execute([]datapath.Execution{{Frame: &short, Key: &key, Actions: acts}, {Frame: &whole, Key: &key, Actions: acts}}); err != nil {
		t.Fatal(err)
	}
	if c := d.Counters(); c != (Counters{Refused: 1}) {
		t.Errorf("counters %+v, want one execution refused", c)
	}
}
