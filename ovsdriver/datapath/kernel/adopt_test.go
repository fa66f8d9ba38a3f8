package kernel

import (
	"errors"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// die leaves a datapath as a killed process does: sockets closed, nothing
// deleted.
func die(t *testing.T, d *Datapath) {
	t.Helper()
	if err := d.abandon(false); err != nil {
		t.Fatal(err)
	}
}

func event(t *testing.T, d *Datapath) datapath.PortEvent {
	t.Helper()
	select {
	case e := <-d.PortEvents():
		return e
	case <-time.After(5 * time.Second):
		t.Fatal("no event")
	}
	panic("unreachable")
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v: %s", args, err, out)
	}
}

func addPort(t *testing.T, d *Datapath, no datapath.PortNo, name string) {
	t.Helper()
	if err := d.AddPort(datapath.PortSpec{No: no, Name: name}); err != nil {
		t.Fatal(err)
	}
}

func receiversOf(t *testing.T, d *Datapath) []datapath.Receiver {
	t.Helper()
	all, err := d.Receivers(2)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func forwardAll(inPort datapath.PortNo, id datapath.FlowID) datapath.Flow {
	m := matchOf(packet.TypeIPv4, nil)
	m.Key.Set(flowtable.InPort, uint64(inPort))
	return datapath.Flow{ID: id, Match: m, Actions: []datapath.Act{outputTo(2)}}
}

func putOne(d *Datapath, f datapath.Flow) error {
	errs := make([]error, 1)
	d.PutFlows([]datapath.Flow{f}, errs)
	return errs[0]
}

// TestAdoption opens a datapath whose former owner was killed: flows are gone,
// ports are there, wanted ones are heard again, others can be removed.
func TestAdoption(t *testing.T) {
	first := open(t)
	network := datapathtest.NewNetwork(t)
	receiversOf(t, first)
	kept, unwanted, moved := network.NewInterface(t), network.NewInterface(t), network.NewInterface(t)
	addPort(t, first, 1, kept)
	addPort(t, first, 5, unwanted)
	addPort(t, first, 6, moved)
	internal := datapath.PortSpec{No: 7, Name: "int" + first.name[2:], Kind: datapath.Internal}
	if err := first.AddPort(internal); err != nil {
		t.Fatal(err)
	}
	if err := putOne(first, forwardAll(1, 1)); err != nil {
		t.Fatal(err)
	}
	die(t, first)

	second, err := Open(Config{Name: first.name})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	receivers := receiversOf(t, second)
	ports, err := second.ListPorts(nil)
	want := []datapath.PortSpec{{No: 1, Name: kept}, {No: 5, Name: unwanted}, {No: 6, Name: moved}, internal}
	if err != nil || !slices.Equal(ports, want) {
		t.Fatalf("ports after adoption: %v, %v, want %v", ports, err, want)
	}
	addPort(t, second, 1, kept)
	if err := second.AddPort(internal); err != nil {
		t.Errorf("AddPort of an adopted internal port: %v", err)
	}
	if err := second.AddPort(datapath.PortSpec{No: 9, Name: moved}); !errors.Is(err, datapath.ErrPortExists) {
		t.Errorf("AddPort of an adopted port by another number: %v, want ErrPortExists", err)
	}
	for _, no := range []datapath.PortNo{5, 6} {
		if err := second.DeletePort(no); err != nil {
			t.Errorf("DeletePort of an adopted port: %v", err)
		}
	}
	addPort(t, second, 9, moved)
	network.Send(t, kept, datapathtest.UDP(2, 1, 80, 18))
	batch := make([]datapath.Upcall, 4)
	n, err := receivers[1%len(receivers)].Receive(batch)
	if err != nil || n == 0 || batch[0].Key.Get(flowtable.InPort) != 1 {
		t.Errorf("Receive after adoption: %d upcalls, %v; want a miss of port 1: the old flow must be gone", n, err)
	}
	select {
	case e := <-second.PortEvents():
		t.Errorf("our own changes were told as news: %+v", e)
	case <-time.After(50 * time.Millisecond):
	}
}

// TestFeaturesSetBack has another program ask for upcalls by CPU, as ovs-dpctl
// does: upcalls still come.
func TestFeaturesSetBack(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	receivers := receiversOf(t, d)
	a := network.NewInterface(t)
	addPort(t, d, 1, a)
	other, err := dialControl()
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	const perCPU = 1 << 3 // OVS_DP_F_DISPATCH_UPCALL_PER_CPU
	b := appendUint32Attr(nil, dpAttrUserFeatures, dpUnaligned|perCPU)
	if _, err := other.request(other.families.datapath, netlink.Acknowledge, cmdSet, datapathVersion, d.index, b); err != nil {
		t.Skipf("this kernel has no upcalls by CPU: %v", err)
	}
	came := make(chan int)
	go func() {
		n, _ := receivers[1%len(receivers)].Receive(make([]datapath.Upcall, 4))
		came <- n
	}()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		network.Send(t, a, datapathtest.UDP(2, 1, 80, 18))
		select {
		case n := <-came:
			if n == 0 {
				t.Error("no upcall")
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Error("no upcall within 5 s")
	d.Close()
	<-came
}

// TestOthers has another program change the ports and delete the datapath.
func TestOthers(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	receiversOf(t, d)
	a, b := network.NewInterface(t), network.NewInterface(t)
	addPort(t, d, 1, a)
	other, err := dialControl()
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()

	if err := other.newPort(d.index, 2, vportNetdev, b, 0); err != nil {
		t.Fatal(err)
	}
	if e := event(t, d); e.Kind != datapath.PortAdded || e.Port != (datapath.PortSpec{No: 2, Name: b}) {
		t.Errorf("event %+v, want that port 2 was added", e)
	}
	if err := other.deletePort(d.index, 1); err != nil {
		t.Fatal(err)
	}
	if e := event(t, d); e.Kind != datapath.PortRemoved || e.Port != (datapath.PortSpec{No: 1, Name: a}) {
		t.Errorf("event %+v, want that port 1 was removed", e)
	}
	addPort(t, d, 1, a) // although DeletePort was not called

	if err := other.deleteDatapath(d.index); err != nil {
		t.Fatal(err)
	}
	for {
		if e := event(t, d); e.Kind == datapath.DatapathGone {
			break
		}
	}
	err = putOne(d, forwardAll(1, 1))
	if !errors.Is(err, unix.ENODEV) {
		t.Errorf("PutFlows without a datapath: %v, want ENODEV in words", err)
	}
	t.Log(err)
	if err := d.DumpFlows(func([]datapath.FlowStats) error { return nil }); !errors.Is(err, unix.ENODEV) {
		t.Errorf("DumpFlows without a datapath: %v, want ENODEV in words", err)
	}
	if err := d.DeletePort(1); !errors.Is(err, datapath.ErrNoPort) {
		t.Errorf("DeletePort without a datapath: %v, want ErrNoPort", err)
	}
}

// TestPortErrors names what cannot be a port.
func TestPortErrors(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	if err := d.AddPort(datapath.PortSpec{No: 1, Name: "lo"}); err == nil {
		t.Error("AddPort before Receivers succeeded")
	}
	receiversOf(t, d)
	member, other := network.NewInterface(t), network.NewInterface(t)
	twin := open(t)
	receiversOf(t, twin)
	addPort(t, twin, 1, member)
	for _, tt := range []struct {
		what string
		spec datapath.PortSpec
		want error
	}{
		{"another datapath's port", datapath.PortSpec{No: 1, Name: member}, datapath.ErrBusy},
		{"another datapath's local port", datapath.PortSpec{No: 1, Name: twin.name}, datapath.ErrBusy},
		{"loopback", datapath.PortSpec{No: 1, Name: "lo"}, datapath.ErrUnsupported},
		{"nothing", datapath.PortSpec{No: 1, Name: "nothing"}, datapath.ErrNoInterface},
		{"an internal port named like an interface", datapath.PortSpec{No: 1, Name: other, Kind: datapath.Internal}, datapath.ErrBusy},
	} {
		if err := d.AddPort(tt.spec); !errors.Is(err, tt.want) {
			t.Errorf("AddPort of %s: %v, want %v", tt.what, err, tt.want)
		}
	}
	for _, no := range []datapath.PortNo{0, maxPorts, noPort, datapath.Local} {
		if err := d.AddPort(datapath.PortSpec{No: no, Name: other}); err == nil {
			t.Errorf("AddPort as number %#x succeeded", uint32(no))
		}
	}
	if _, err := Open(Config{Name: other}); !errors.Is(err, datapath.ErrBusy) {
		t.Errorf("Open with the name of an interface: %v, want ErrBusy", err)
	}
	if _, err := Open(Config{Name: "a-name-that-is-too-long"}); err == nil {
		t.Error("Open with a name that is too long succeeded")
	}
}

// TestLocalPort hears what the host sends on the datapath's own interface.
func TestLocalPort(t *testing.T) {
	d := open(t)
	network := datapathtest.NewNetwork(t)
	receivers := receiversOf(t, d)
	addPort(t, d, 1, network.NewInterface(t))
	if err := d.DeletePort(datapath.Local); !errors.Is(err, datapath.ErrNoPort) {
		t.Errorf("DeletePort(Local) before AddPort: %v, want ErrNoPort", err)
	}
	local := datapath.PortSpec{No: datapath.Local, Name: d.name, Kind: datapath.LocalPort}
	if err := d.AddPort(local); err != nil {
		t.Fatal(err)
	}
	ports, err := d.ListPorts(nil)
	if err != nil || len(ports) != 2 || ports[1] != local {
		t.Errorf("ports %v, %v; want the local port last", ports, err)
	}
	ip(t, "link", "set", d.name, "up")
	s, err := datapathtest.OpenPacketSocket(d.name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	frame := datapathtest.UDP(2, 1, 80, 18)
	if err := s.Send(frame); err != nil {
		t.Fatal(err)
	}
	batch := make([]datapath.Upcall, 1)
	for {
		if n, err := receivers[0].Receive(batch); n != 1 || err != nil {
			t.Fatalf("Receive: %d, %v", n, err)
		}
		if datapathtest.Ours(batch[0].Frame.Bytes()) {
			break
		}
	}
	if got := datapath.PortNo(batch[0].Key.Get(flowtable.InPort)); got != datapath.Local {
		t.Errorf("in_port %#x, want LOCAL", uint32(got))
	}
	answer := []datapath.Execution{{Frame: &batch[0].Frame, Key: &batch[0].Key, Actions: []datapath.Act{outputTo(datapath.Local)}}}
	if err := receivers[0].Execute(answer); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Receive(5 * time.Second); err != nil || string(got) != string(frame) {
		t.Errorf("the host got %x, %v; want the frame back", got, err)
	}
	if err := d.DeletePort(datapath.Local); err != nil {
		t.Error(err)
	}
	if _, err := net.InterfaceByName(d.name); err != nil {
		t.Errorf("the local interface went before the datapath: %v", err)
	}
}
