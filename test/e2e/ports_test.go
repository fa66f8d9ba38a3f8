package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// portStatus waits for a port status of one kind about one port.
func (c *controller) portStatus(t *testing.T, reason uint8, port uint32) ofp13.Port {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		m := expect(t, c.ports, "port status")
		if m.Reason == reason && m.Port.PortNo == port {
			return m.Port
		}
	}
	t.Fatalf("no port status of reason %d for port %d", reason, port)
	panic("unreachable")
}

// stream sends numbered frames from one wire to another until it is stopped,
// closed loop, so that none is lost for want of room.
func stream(t *testing.T, from, to *wire) (stop func()) {
	t.Helper()
	quit, done := make(chan struct{}), make(chan string)
	go func() {
		lost := ""
		for i := uint16(1); ; i++ {
			select {
			case <-quit:
				done <- lost
				return
			default:
			}
			frame := udpFrame(i, 4000, nil)
			from.send(t, frame)
			if !to.awaitFrame(frame, time.Second) && lost == "" {
				lost = describe(frame)
			}
		}
	}()
	return func() {
		t.Helper()
		close(quit)
		if lost := <-done; lost != "" {
			t.Errorf("of the traffic beside, a frame was lost: %s", lost)
		}
	}
}

// Ports come and go by ivs-ctl while others forward: their numbers stay, and a
// name that comes back has its number again.
func TestPortsUnderTraffic(t *testing.T) {
	t.Parallel()
	l := newLab(t, 4)
	d := l.startWith(t, "-i", "p1", "-i", "p2")
	d.setFlows(t, "udp,tp_dst=4000,actions=output:2", "priority=1,actions=FLOOD")
	w := l.wires(t)
	c := d.connect(t)
	stop := stream(t, w[0], w[1])
	defer func() { stop() }()

	d.ctl(t, "add-port", "p3")
	if p := c.portStatus(t, ofp13.PortReasonAdd, 3); p.Name != "p3" {
		t.Errorf("port 3 is %q", p.Name)
	}
	d.ctl(t, "add-port", "p4")
	c.portStatus(t, ofp13.PortReasonAdd, 4)
	c.barrier(t)
	frame := udpFrame(1, 2, nil)
	w[3].send(t, frame)
	w[2].expect(t, "flooded to the new port", frame)

	d.ctl(t, "del-port", "p3")
	c.portStatus(t, ofp13.PortReasonDelete, 3)
	for range 3 {
		w[3].send(t, frame)
	}
	w[2].expectNothing(t, "deleted port")
	if got := strings.Fields(d.ctl(t, "list-ports")); !slices.Contains(got, "p4") || slices.Contains(got, "p3") {
		t.Errorf("ports are %q", got)
	}
	if p, ok := c.portDesc(t, 4); !ok || p.Name != "p4" {
		t.Errorf("port 4 is %+v", p)
	}
	d.ctl(t, "add-port", "p3")
	c.portStatus(t, ofp13.PortReasonAdd, 3)
	c.barrier(t) // cached flows follow
	w[3].send(t, frame)
	w[2].expect(t, "port that was added again", frame)

	stop()
	stop = func() {}
}

// What can't be added or deleted is named.
func TestBadPorts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	d := l.start(t)
	for _, bad := range [][]string{{"add-port", "p1"}, {"add-port", "nowhere"}, {"del-port", "nowhere"}, {"add-port", "much-too-long-name"}} {
		if out, err := d.tryCtl(bad...); err == nil || !strings.Contains(out, bad[1]) {
			t.Errorf("ivs-ctl %q: %v, want an error that names %s", bad, err, bad[1])
		}
	}
}

// An interface that is deleted and made again is the same port again.
func TestInterfaceRecreated(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.mayComplain = true
	d.setFlows(t, "in_port=1,actions=output:2,output:3", "in_port=2,actions=output:1")
	c := d.connect(t)
	frame := udpFrame(1, 2, nil)
	for round := range 2 {
		w := l.wires(t)
		for range 4 {
			w[0].send(t, frame)
			w[1].expect(t, "before", frame)
			w[2].expect(t, "before", frame)
		}
		l.unplug(t, l.hosts[1])
		c.portStatus(t, ofp13.PortReasonDelete, 2)
		if p, ok := d.port(t, "p2"); !ok || !p.Missing || p.Number != 2 {
			t.Errorf("round %d: without its interface the port is %+v", round, p)
		}
		w[0].send(t, frame)
		w[2].expect(t, "the port that is left", frame)
		l.plug(t, l.hosts[1])
		l.awaitCarrier(t, l.hosts[1])
		c.portStatus(t, ofp13.PortReasonAdd, 2)
		c.barrier(t) // cached flows follow
	}
	l.hosts[0].ping(t, l.hosts[1], 2)
}

// An interface that is moved to another network namespace and back, where it has
// its index again, is the same port again.
func TestInterfaceMovedAndBack(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	elsewhere := newNamespace(t)
	d := l.start(t)
	d.mayComplain = true
	d.setFlows(t, "actions=FLOOD")
	c := d.connect(t)
	for range 5 { // who tells first, host or datapath, is a matter of luck
		l.hosts[0].ping(t, l.hosts[1], 2)
		l.ip(t, "link set p2 netns "+elsewhere.Path())
		elsewhere.ip(t, "link set p2 netns "+l.Path())
		c.portStatus(t, ofp13.PortReasonDelete, 2)
		c.portStatus(t, ofp13.PortReasonAdd, 2)
		l.awaitCarrier(t, l.hosts[1])
	}
	l.hosts[0].ping(t, l.hosts[1], 2)
}

// An interface that is missing at the start keeps its number for when it comes;
// the others have theirs.
func TestMissingInterface(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	l.unplug(t, l.hosts[1])
	d := l.start(t)
	d.mayComplain = true
	d.setFlows(t, "actions=FLOOD")
	if !strings.Contains(d.out.String(), "p2") {
		t.Errorf("the log does not name the missing interface:\n%s", d.out.String())
	}
	c := d.connect(t)
	if p, ok := c.portDesc(t, 3); !ok || p.Name != "p3" {
		t.Errorf("port 3 is %+v", p)
	}
	l.hosts[0].ping(t, l.hosts[2], 2)
	l.plug(t, l.hosts[1])
	l.awaitCarrier(t, l.hosts[1])
	if p := c.portStatus(t, ofp13.PortReasonAdd, 2); p.Name != "p2" {
		t.Errorf("port 2 is %q", p.Name)
	}
	l.pingAll(t)
}

// A cable that loses its carrier is told, and is no longer flooded to.
func TestLinkDown(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	c := d.connect(t)
	l.hosts[1].ip(t, "link set eth0 down")
	if p := c.portStatus(t, ofp13.PortReasonModify, 2); p.State&ofp13.PortStateLinkDown == 0 {
		t.Errorf("state without a carrier is %#x", p.State)
	}
	l.hosts[1].ip(t, "link set eth0 up")
	if p := c.portStatus(t, ofp13.PortReasonModify, 2); p.State&ofp13.PortStateLinkDown != 0 {
		t.Errorf("state with a carrier is %#x", p.State)
	}
	if p, _ := c.portDesc(t, 2); p.CurrSpeed == 0 {
		t.Errorf("no speed in %+v", p)
	}
}
