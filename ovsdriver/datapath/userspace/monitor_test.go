package userspace

import (
	"sync/atomic"
	"testing"

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

// TestResync lets a monitor miss the end of an interface and a change, and find
// both by asking for all links.
func TestResync(t *testing.T) {
	newLab(t, 1)
	here, err := findLink("p1")
	if err != nil {
		t.Fatal(err)
	}
	there := &port{spec: datapath.PortSpec{No: 1, Name: "p1"}, dev: &device{link: here}}
	gone := &port{spec: datapath.PortSpec{No: 2, Name: "p2"}, dev: &device{link: link{index: 1 << 20}}}
	var table atomic.Pointer[portTable]
	table.Store((&portTable{}).with(there).with(gone))
	events := &eventSender{c: make(chan datapath.PortEvent, eventQueue)}
	m, err := newMonitor(&table, events)
	if err != nil {
		t.Fatal(err)
	}
	defer m.socket.Close()

	m.resync()
	b := make([]byte, 64<<10)
	for m.seen != nil {
		n, err := m.socket.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		m.handle(b[:n])
	}
	if len(events.c) != 1 {
		t.Fatalf("%d events, want 1", len(events.c))
	}
	if e := <-events.c; e.Kind != datapath.PortRemoved || e.Port != gone.spec {
		t.Errorf("event %+v, want %+v removed", e, gone.spec)
	}
	if n := there.mtu.Load(); n != 1500 {
		t.Errorf("MTU %d, want 1500", n)
	}
}
