package datapathtest

import (
	"errors"
	"fmt"
	"net"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestMain(m *testing.M) {
	Isolate()
	goleak.VerifyTestMain(m)
}

func TestFakeConforms(t *testing.T) {
	Run(t, func(*testing.T) Harness { return &FakeHarness{Fake: NewFake()} })
}

// TestPoorFakeConforms: the suite asks no more of a datapath than it offers.
func TestPoorFakeConforms(t *testing.T) {
	poor := AllFeatures()
	poor.Acts = 1 << datapath.Output
	poor.MaxActs = 2
	poor.KeyMask.Set(flowtable.VLAN2TCI, 0)
	poor.Always.Exact(flowtable.InPort)
	poor.Always.Exact(flowtable.EthType)
	poor.Always.Exact(flowtable.VLANTCI)
	Run(t, func(*testing.T) Harness { return &FakeHarness{Fake: NewFakeWith(poor)} })
}

// fakeWithPorts has ports 1 to n.
func fakeWithPorts(t *testing.T, n int) *Fake {
	t.Helper()
	f := NewFake()
	t.Cleanup(func() { _ = f.Close() })
	for i := range n {
		name := fmt.Sprintf("eth%d", i+1)
		f.AddInterface(name)
		if err := f.AddPort(datapath.PortSpec{No: datapath.PortNo(i + 1), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestFakeOccupiedInterface(t *testing.T) {
	f := fakeWithPorts(t, 0)
	f.AddInterface("eth1")
	f.Occupy("eth1")
	if err := f.AddPort(datapath.PortSpec{No: 1, Name: "eth1"}); !errors.Is(err, datapath.ErrBusy) {
		t.Errorf("AddPort of another switch's interface: %v, want ErrBusy", err)
	}
}

func TestFakeEventsOverflow(t *testing.T) {
	f := fakeWithPorts(t, 100)
	for i := range 100 {
		f.RemoveInterface(fmt.Sprintf("eth%d", i+1))
	}
	_ = f.Close()
	var removed, changed int
	var last datapath.PortEvent
	for last = range f.PortEvents() {
		if last.Kind == datapath.PortsChanged {
			changed++
		} else {
			removed++
		}
	}
	if removed != 63 || changed != 1 || last.Kind != datapath.PortsChanged {
		t.Errorf("%d ports removed and %d times PortsChanged, want 63 and then one", removed, changed)
	}
}

func TestFakeCountsDrops(t *testing.T) {
	f := fakeWithPorts(t, 1)
	frame := UDP(2, 1, 80, 18)
	f.Inject(9, frame) // no such port
	f.Inject(1, frame) // no receiver
	key := keyOf(1, frame)
	for _, acts := range [][]datapath.Act{{out(9)}, {{Kind: datapath.Set, Field: flowtable.Metadata}}} {
		x := NewFrame(frame)
		if err := f.Execute([]datapath.Execution{{Frame: &x, Key: &key, Actions: acts}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := f.Drops(), (Drops{NoPort: 2, NoReceiver: 1, Invalid: 1}); got != want {
		t.Errorf("drops %+v, want %+v", got, want)
	}
}

func TestFakeQueueOverflow(t *testing.T) {
	f := NewFake()
	all, err := f.Receivers(1)
	if err != nil {
		t.Fatal(err)
	}
	f.AddInterface("eth1")
	if err := f.AddPort(datapath.PortSpec{No: 1, Name: "eth1"}); err != nil {
		t.Fatal(err)
	}
	for range queueLen + 5 {
		f.Inject(1, ARP(2, 1))
	}
	if got := f.Drops().NoReceiver; got != 5 {
		t.Errorf("%d upcalls lost, want 5", got)
	}
	batch := make([]datapath.Upcall, queueLen+5)
	if n, err := all[0].Receive(batch); n != queueLen || err != nil {
		t.Errorf("Receive: %d, %v; want %d in one batch", n, err, queueLen)
	}
	_ = f.Close()
	if n, err := all[0].Receive(batch); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Receive after Close: %d, %v", n, err)
	}
}

// TestFakeSegments: what leaves a port has no offload left.
func TestFakeSegments(t *testing.T) {
	f := fakeWithPorts(t, 2)
	key := keyOf(1, UDP(2, 1, 80, 3000))
	x := NewFrame(UDP(2, 1, 80, 3000))
	x.Offload = datapath.Offload{GSOType: datapath.GSOUDPL4, GSOSize: 1000}
	if err := f.Execute([]datapath.Execution{{Frame: &x, Key: &key, Actions: []datapath.Act{out(1), out(2)}}}); err != nil {
		t.Fatal(err)
	}
	for port := range datapath.PortNo(2) {
		if got := f.Sent(port + 1); len(got) != 3 {
			t.Errorf("port %d sent %d frames, want 3 segments", port+1, len(got))
		}
	}
}

func TestFakeClock(t *testing.T) {
	f := fakeWithPorts(t, 2)
	f.SetClock(func() int64 { return 1234 })
	flow := datapath.Flow{ID: 1, Actions: []datapath.Act{out(2)}}
	flow.Match.Exact(flowtable.InPort, 1)
	errs := make([]error, 1)
	f.PutFlows([]datapath.Flow{flow}, errs)
	f.Inject(1, ARP(2, 1))
	last := make([]datapath.FlowStats, 1)
	f.DeleteFlows([]datapath.FlowID{1}, last, errs)
	if last[0].Used != 1234 || errs[0] != nil {
		t.Errorf("last used at %d (%v), want the clock's 1234", last[0].Used, errs[0])
	}
	if got := f.Next(2, 0); !sameFrame(got, ARP(2, 1)) {
		t.Errorf("port 2 sent %x", got)
	}
}
