package userspace

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func (d *Datapath) dropped(r DropReason) uint64 { return d.Counters().Drops[r] }

// TestMTU holds frames to the egress port's MTU, before and, where the
// datapath has not yet heard of a change, in the kernel. One frame that is too
// long takes none of its batch with it.
func TestMTU(t *testing.T) {
	l := newLab(t, 2)
	a, b := l.wire(1), l.wire(2)
	d := l.open(2, 1, nil)
	l.connect(d, 1, 2)
	l.ip("link", "set", "p2", "mtu", "1000")
	p := d.ports.Load().lookup(2)
	eventually(t, "the monitor knows the MTU", func() bool { return p.mtu.Load() == 1000 })

	tagged := func(size int) []byte {
		f := udp(1, nobody, size, 7)
		return append(append(f[:12:12], 0x81, 0, 0, 5), f[12:]...)
	}
	for _, known := range []bool{true, false} {
		if !known {
			p.mtu.Store(9000)
		}
		before := d.dropped(DropMTU)
		for _, f := range [][]byte{udp(1, nobody, 100, 1), udp(1, nobody, 1015, 2), udp(1, nobody, 1014, 3), tagged(1014), tagged(1015), udp(1, nobody, 60, 4)} {
			a.mustSend(f)
		}
		for _, want := range []int{100, 1014, 1018, 60} {
			if got := b.mustReceive(); len(got) != want {
				t.Errorf("known %v: %d bytes, want %d", known, len(got), want)
			}
		}
		b.silent()
		if n := d.dropped(DropMTU) - before; n != 2 {
			t.Errorf("known %v: %d frames over MTU, want 2", known, n)
		}
	}
}

// TestMTUOfSegments drops frames whose segments would be too long, and those
// only.
func TestMTUOfSegments(t *testing.T) {
	tcp := func(csumStart uint16, size int, gso uint16) *datapath.Frame {
		b := make([]byte, size)
		b[csumStart+12] = 8 << 4 // 32 bytes of TCP header
		return &datapath.Frame{Buf: b, End: size, Offload: datapath.Offload{
			Flags: datapath.OffloadNeedsCsum, GSOType: datapath.GSOTCPv4 | datapath.GSOECN, GSOSize: gso, CsumStart: csumStart, CsumOffset: 16,
		}}
	}
	udp := &datapath.Frame{Buf: make([]byte, 5000), End: 5000, Offload: datapath.Offload{GSOType: datapath.GSOUDPL4, GSOSize: 1472, CsumStart: 34}}
	ufo := &datapath.Frame{Buf: make([]byte, 5000), End: 5000, Offload: datapath.Offload{GSOType: datapath.GSOUDP, GSOSize: 1480, CsumStart: 34}}
	for _, c := range []struct {
		name string
		f    *datapath.Frame
		mtu  int
		over bool
	}{
		{"TCP fits", tcp(34, 60000, 1448), 1500, false},
		{"TCP too long", tcp(34, 60000, 1449), 1500, true},
		{"TCP of one segment", tcp(34, 1514, 9000), 1500, false},
		{"TCP header cut off", &datapath.Frame{Buf: make([]byte, 40), End: 40, Offload: tcp(34, 100, 9000).Offload}, 1500, false},
		{"UDP fits", udp, 1500, false},
		{"UDP too long", udp, 1499, true},
		{"UDP fragments", ufo, 1000, false},
	} {
		if got := overMTU(c.f, c.mtu); got != c.over {
			t.Errorf("%s: over MTU %v, want %v", c.name, got, c.over)
		}
	}
}

// TestLinkDown keeps a port whose link goes down and comes up again.
func TestLinkDown(t *testing.T) {
	l := newLab(t, 2)
	a, b := l.wire(1), l.wire(2)
	d := l.open(2, 1, nil)
	l.connect(d, 1, 2)
	f := udp(1, nobody, 64, 7)
	pass := func() {
		t.Helper()
		a.mustSend(f)
		if got := b.mustReceive(); !bytes.Equal(got, f) {
			t.Fatalf("got % x", got)
		}
	}
	pass()
	for _, port := range []string{"p2", "p1"} {
		l.ip("link", "set", port, "down")
		before := d.dropped(DropLinkDown)
		_ = a.send(f, datapath.Offload{}) // the far end of a port that is down says ENETDOWN, or drops
		b.silent()
		if n := d.dropped(DropLinkDown) - before; port == "p2" && n != 1 {
			t.Errorf("%d frames dropped for a link that is down, want 1", n)
		}
		l.up(int(port[1] - '0'))
		pass()
	}
	// A port can be attached while its link is down.
	if err := d.DeletePort(1); err != nil {
		t.Fatal(err)
	}
	l.ip("link", "set", "p1", "down")
	l.addPort(d, 1)
	l.up(1)
	pass()
	select {
	case e := <-d.PortEvents():
		t.Errorf("event %+v for links that went down", e)
	default:
	}
}

// TestInterfaceVanishes deletes one under traffic. Its port goes, the others
// work on, and an interface of that name can be attached again.
func TestInterfaceVanishes(t *testing.T) {
	l := newLab(t, 3)
	a, c := l.wire(1), l.wire(3)
	d := l.open(3, 2, nil)
	put(t, d, portFlow(1, 1, output(2), output(3)))
	f := udp(1, nobody, 64, 7)
	a.mustSend(f)
	c.mustReceive()
	l.ip("link", "del", "p2")
	select {
	case e := <-d.PortEvents():
		if e.Kind != datapath.PortRemoved || e.Port.No != 2 || e.Port.Name != "p2" {
			t.Errorf("event %+v, want port 2 removed", e)
		}
	case <-time.After(3 * time.Second):
		t.Fatal("no event")
	}
	a.mustSend(f)
	c.mustReceive()
	ports, err := d.ListPorts(nil)
	if err != nil || len(ports) != 2 || ports[0].No != 1 || ports[1].No != 3 {
		t.Errorf("ListPorts = %v, %v", ports, err)
	}
	if err := d.DeletePort(2); !errors.Is(err, datapath.ErrNoPort) {
		t.Errorf("DeletePort: %v, want ErrNoPort", err)
	}
	if err := d.AddPort(datapath.PortSpec{No: 2, Name: "p2"}); !errors.Is(err, datapath.ErrNoInterface) {
		t.Errorf("AddPort: %v, want ErrNoInterface", err)
	}
	l.ip("link", "add", "p2", "type", "veth", "peer", "name", "eth0", "netns", l.hosts[1])
	l.up(2)
	b := l.wire(2)
	l.addPort(d, 2)
	a.mustSend(f)
	b.mustReceive()
}

// TestInternalVanishes deletes a TAP behind the datapath's back: its descriptor
// stays readable for ever, which must not keep the worker busy.
func TestInternalVanishes(t *testing.T) {
	l := newLab(t, 0)
	d := l.open(0, 1, nil)
	spec := datapath.PortSpec{No: 7, Name: "int7", Kind: datapath.Internal}
	if err := d.AddPort(spec); err != nil {
		t.Fatal(err)
	}
	if err := d.AddPort(datapath.PortSpec{No: 8, Name: "lo", Kind: datapath.Internal}); !errors.Is(err, datapath.ErrPortExists) {
		t.Errorf("an internal port called lo: %v, want ErrPortExists", err)
	}
	if err := d.AddPort(datapath.PortSpec{No: 8, Name: "all", Kind: datapath.Internal}); err == nil || errors.Is(err, datapath.ErrPortExists) {
		t.Errorf("an internal port with a name that the kernel refuses: %v", err)
	}
	l.ip("link", "del", "int7")
	if e := <-d.PortEvents(); e.Kind != datapath.PortRemoved || e.Port != spec {
		t.Errorf("event %+v, want %+v removed", e, spec)
	}
	time.Sleep(10 * time.Millisecond)
	before := d.workers[0].epoch.n.Load()
	time.Sleep(20 * time.Millisecond)
	if n := d.workers[0].epoch.n.Load() - before; n > 2 {
		t.Errorf("the worker took %d turns for a port that is gone", n/2)
	}
	if err := d.AddPort(spec); err != nil {
		t.Errorf("AddPort again: %v", err)
	}
	if err := d.DeletePort(7); err != nil {
		t.Errorf("DeletePort: %v", err)
	}
	if exec.Command("ip", "link", "show", "int7").Run() == nil {
		t.Error("the interface is still there")
	}
}

// TestPromiscuous hears frames for every station as long as the port is there.
func TestPromiscuous(t *testing.T) {
	l := newLab(t, 1)
	d := l.open(1, 1, nil)
	for _, want := range []string{"promiscuity 1 ", "promiscuity 0 "} {
		if out := l.run("ip", "-n", l.sw, "-d", "link", "show", "p1"); !strings.Contains(out, want) {
			t.Errorf("want %q in %s", want, out)
		}
		_ = d.DeletePort(1)
	}
}

// TestAttachErrors is about the errors that callers decide on.
func TestAttachErrors(t *testing.T) {
	l := newLab(t, 2)
	bridged := exec.Command("ip", "link", "add", "br0", "type", "bridge").Run() == nil
	if bridged {
		l.ip("link", "set", "p2", "master", "br0")
	} else {
		t.Log("this kernel has no bridges")
	}
	d, other := l.open(1, 1, nil), l.open(0, 1, nil)
	busy := datapath.ErrBusy
	if !bridged {
		busy = nil
	}
	for _, c := range []struct {
		d    *Datapath
		spec datapath.PortSpec
		want error
	}{
		{d, datapath.PortSpec{No: 5, Name: "none"}, datapath.ErrNoInterface},
		{d, datapath.PortSpec{No: 1, Name: "p2"}, datapath.ErrPortExists},
		{d, datapath.PortSpec{No: 5, Name: "p1"}, datapath.ErrPortExists},
		{d, datapath.PortSpec{No: 5, Name: "p2"}, busy},
		{other, datapath.PortSpec{No: 5, Name: "p1"}, datapath.ErrBusy},
		{d, datapath.PortSpec{No: 6, Name: "lo"}, datapath.ErrUnsupported},
		{d, datapath.PortSpec{No: 0, Name: "p2"}, datapath.ErrUnsupported},
		{d, datapath.PortSpec{No: 0x10000, Name: "p2"}, datapath.ErrUnsupported},
	} {
		if err := c.d.AddPort(c.spec); !errors.Is(err, c.want) {
			t.Errorf("AddPort(%+v) = %v, want %v", c.spec, err, c.want)
		}
	}
	if err := d.DeletePort(1); err != nil {
		t.Fatal(err)
	}
	if err := other.AddPort(datapath.PortSpec{No: 5, Name: "p1"}); err != nil {
		t.Errorf("AddPort of an interface that was given back: %v", err)
	}
}
