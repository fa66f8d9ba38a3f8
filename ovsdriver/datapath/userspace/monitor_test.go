package userspace

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// TestEventsLost fills the event channel; the last place says so.
func TestEventsLost(t *testing.T) {
	s := &eventSender{c: make(chan datapath.PortEvent, 3)}
	for range 5 {
		s.send(datapath.PortEvent{Kind: datapath.PortRemoved})
	}
	for _, want := range []datapath.PortEventKind{datapath.PortRemoved, datapath.PortRemoved, datapath.PortsChanged} {
		if e := <-s.c; e.Kind != want {
			t.Errorf("event %v, want %v", e.Kind, want)
		}
	}
}

// watched is a monitor, not running, of ports on interfaces, by their links.
func watched(t *testing.T, links ...link) (*monitor, []*port) {
	t.Helper()
	var table atomic.Pointer[portTable]
	table.Store(&portTable{})
	var ports []*port
	for i, l := range links {
		p := &port{spec: datapath.PortSpec{No: datapath.PortNo(i + 1), Name: l.name}, dev: &device{link: l, tap: true}}
		ports = append(ports, p)
		table.Store(table.Load().with(p))
	}
	m, err := newMonitor(&table, &eventSender{c: make(chan datapath.PortEvent, eventQueue)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.socket.Close() })
	return m, ports
}

// catchUp lets a monitor read until it knows all links.
func (m *monitor) catchUp(t *testing.T) {
	t.Helper()
	b := make([]byte, 64<<10)
	_ = m.socket.SetReadDeadline(time.Now().Add(3 * time.Second))
	for m.asked {
		n, err := m.socket.Read(b)
		if err != nil {
			t.Fatalf("the list of links did not come to an end: %v", err)
		}
		m.handle(b[:n])
	}
}

// TestResync lets a monitor miss the end of an interface and a change, and find
// both by asking for all links; also if it loses messages again while it asks,
// and the kernel, which is busy with the first list, refuses a second.
func TestResync(t *testing.T) {
	l := newLab(t, 1)
	for i := range 10 { // more links than one message holds
		l.ip("link", "add", fmt.Sprintf("x%d", i), "type", "veth", "peer", "name", fmt.Sprintf("y%d", i))
	}
	here, err := findLink("p1")
	if err != nil {
		t.Fatal(err)
	}
	for _, asks := range []int{1, 2, 3} {
		m, ports := watched(t, here, link{index: 1 << 20, name: "p2"})
		for range asks {
			m.resync()
		}
		m.catchUp(t)
		if len(m.events.c) != 1 {
			t.Fatalf("asked %d times: %d events, want 1", asks, len(m.events.c))
		}
		if e := <-m.events.c; e.Kind != datapath.PortRemoved || e.Port != ports[1].spec {
			t.Errorf("asked %d times: event %+v, want %+v removed", asks, e, ports[1].spec)
		}
		if n := ports[0].mtu.Load(); n != 1500 {
			t.Errorf("asked %d times: MTU %d, want 1500", asks, n)
		}
	}
}

// TestLivePortsStay: a list of links may lack some if others come and go
// meanwhile, and the end of an interface may be told when it is back, with the
// same index, and attached again.
func TestLivePortsStay(t *testing.T) {
	l := newLab(t, 2)
	d := l.open(2, 1, nil)
	if err := d.AddPort(datapath.PortSpec{No: 7, Name: "int7", Kind: datapath.Internal}); err != nil {
		t.Fatal(err)
	}
	m, err := newMonitor(&d.ports, &eventSender{c: make(chan datapath.PortEvent, eventQueue)})
	if err != nil {
		t.Fatal(err)
	}
	defer m.socket.Close()
	stay := func(when string) {
		t.Helper()
		m.dumped(m.seq) // as if none had been in the list
		for _, p := range d.ports.Load().all {
			m.vanished(p.dev.link)
		}
		if ports, err := d.ListPorts(nil); err != nil || len(ports) != 3 || len(m.events.c) != 0 {
			t.Fatalf("%s: ports %v, %v, and %d events", when, ports, err, len(m.events.c))
		}
	}
	stay("at first")
	before, _ := findLink("p2")
	l.ip("link", "set", "p2", "netns", l.hosts[0])
	if e := <-d.PortEvents(); e.Kind != datapath.PortRemoved || e.Port.No != 2 {
		t.Fatalf("event %+v, want port 2 removed", e)
	}
	l.ip("-n", l.hosts[0], "link", "set", "p2", "netns", l.sw)
	l.up(2)
	l.addPort(d, 2)
	if after, err := findLink("p2"); err != nil || after.index != before.index {
		t.Fatalf("p2 is back as %+v, %v; want index %d", after, err, before.index)
	}
	stay("when p2 is back")
	l.connect(d, 1, 2)
	a, b := l.wire(1), l.wire(2)
	a.mustSend(udp(1, nobody, 64, 7))
	b.mustReceive()
}
