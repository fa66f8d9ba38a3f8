package vport

import (
	"errors"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestInterfaceVanishesAndReturns(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	w.took()
	gone := w.links["eth1"]
	delete(w.links, "eth1")
	p.HandleLink(link.Event{Kind: link.Gone, Link: gone})
	want(t, w.took(), "detach 1", "status delete 1 eth1", "publish ")
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: datapath.PortSpec{No: 1, Name: "eth1"}})
	want(t, w.took()) // known already
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("eth1", 77)})
	want(t, w.took(), "publish 1=eth1", "attach 1 eth1", "publish 1=eth1", "status add 1 eth1")
	// The end of the first one may be told late.
	p.HandleLink(link.Event{Kind: link.Gone, Link: gone})
	want(t, w.took())
}

func TestLinkChangesAreTold(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	w.took()
	change := func(l link.Link) {
		w.links["eth1"] = l
		p.HandleLink(link.Event{Kind: link.Changed, Link: l})
	}
	l := w.links["eth1"]
	change(l)
	want(t, w.took()) // counters move, nothing else
	l.Running = false
	change(l)
	want(t, w.took(), "publish 1=eth1", "status modify 1 eth1")
	if d := p.byName["eth1"].describe(); d.State != ofp13.PortStateLinkDown || d.Config != 0 {
		t.Errorf("without carrier: %+v", d)
	}
	l.Up = false
	change(l)
	if d := p.byName["eth1"].describe(); d.State != ofp13.PortStateLinkDown || d.Config != ofp13.PortConfigDown {
		t.Errorf("down: %+v", d)
	}
	w.took()
	l.Up, l.Running = true, true
	w.links["eth1"] = l
	p.HandleLink(link.Event{Kind: link.Lost})
	want(t, w.took(), "publish 1=eth1", "status modify 1 eth1")
}

// An event that had waited in a queue while its port was attached tells of a
// state that is over.
func TestOldEventsAreNotTold(t *testing.T) {
	w, p := newWorld()
	down := w.appear("eth1", 10)
	down.Up, down.Running = false, false
	w.links["eth1"] = down
	add(t, p, "eth1") // brings it up
	w.took()
	p.HandleLink(link.Event{Kind: link.Changed, Link: down})
	want(t, w.took())
}

// An interface is given a name that another port of ours waits for: the one port
// loses it, the other gets it.
func TestRenamedToAWaitingPort(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	if _, err := p.Await("eth2", datapath.Netdev); err == nil {
		t.Fatal("eth2 is attached without an interface")
	}
	w.took()
	delete(w.links, "eth1")
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("eth2", 10)})
	if got := w.published(); got != "2=eth2" {
		t.Errorf("ports after the renaming: %s, want 2=eth2", got)
	}
	// Two interfaces swap their names, by way of a third.
	w.appear("eth1", 11)
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.links["eth1"]})
	for _, step := range []struct {
		name  string
		index int
	}{{"tmp", 10}, {"eth2", 11}, {"eth1", 10}} {
		for old, l := range w.links {
			if l.Index == step.index {
				delete(w.links, old)
			}
		}
		p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear(step.name, step.index)})
	}
	swapped := func(when string) {
		t.Helper()
		one, two := p.byName["eth1"].link.Index, p.byName["eth2"].link.Index
		if one != w.links["eth1"].Index || two != w.links["eth2"].Index || w.published() != "1=eth1,2=eth2" {
			t.Errorf("%s: interfaces %d and %d, ports %s", when, one, two, w.published())
		}
	}
	swapped("after a swap")
	for range 20 { // in whatever order a map has the ports
		one, two := w.links["eth1"].Index, w.links["eth2"].Index
		w.appear("eth1", two)
		w.appear("eth2", one)
		p.HandleLink(link.Event{Kind: link.Lost})
		swapped("after a swap of which the events were lost")
	}
}

func TestAnotherProgramTakesAPort(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	delete(w.ports, 1)
	w.took()
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: datapath.PortSpec{No: 1, Name: "eth1"}})
	want(t, w.took(), "status delete 1 eth1", "publish ")
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.links["eth1"]})
	want(t, w.took()) // not fought over
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("eth1", 99)})
	want(t, w.took(), "publish 1=eth1", "attach 1 eth1", "publish 1=eth1", "status add 1 eth1")
}

// Which interfaces there are is read again when events are lost: an internal port's
// is made anew, and one that can't be read is not held to be gone.
func TestLostLinkEvents(t *testing.T) {
	w, p := newWorld("eth1", "eth2")
	add(t, p, "eth1")
	add(t, p, "eth2")
	for name, kind := range map[string]datapath.PortKind{"in0": datapath.Internal, "ivs": datapath.LocalPort} {
		if _, err := p.Add(name, kind); err != nil {
			t.Fatal(err)
		}
		delete(w.links, name)
	}
	w.fail["get eth1"] = errors.New("EINTR")
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: w.ports[1]})
	delete(w.links, "eth2")
	w.took()
	p.HandleLink(link.Event{Kind: link.Lost})
	if got := w.published(); got != "1=eth1,3=in0,4294967294=ivs" && got != "1=eth1,4=in0,4294967294=ivs" {
		t.Errorf("ports: %s", got)
	}
	for _, name := range []string{"in0", "ivs"} {
		if _, there := w.links[name]; !there {
			t.Errorf("%s has not been made anew", name)
		}
	}
	if slices.Contains(w.took(), "detach 1") {
		t.Error("eth1, which can't be read, was detached")
	}
}

// One that can't be attached is tried again when it has been gone, or may have
// been.
func TestRefusedInterfaceReturns(t *testing.T) {
	for _, kind := range []link.EventKind{link.Gone, link.Lost} {
		w, p := newWorld("eth1")
		w.fail["eth1"] = datapath.ErrUnsupported
		if _, err := p.Await("eth1", datapath.Netdev); !errors.Is(err, datapath.ErrUnsupported) {
			t.Fatal(err)
		}
		was := w.links["eth1"]
		p.HandleLink(link.Event{Kind: link.Changed, Link: was})
		delete(w.fail, "eth1")
		w.took()
		p.HandleLink(link.Event{Kind: link.Changed, Link: was})
		want(t, w.took())
		p.HandleLink(link.Event{Kind: kind, Link: was})
		p.HandleLink(link.Event{Kind: link.Changed, Link: was})
		if w.published() != "1=eth1" {
			t.Errorf("event %d: ports: %q, want eth1", kind, w.published())
		}
	}
}

// Another program takes a port out of the datapath and puts it back: it is ours
// again, under the same number only.
func TestAnotherProgramGivesAPortBack(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	spec := w.ports[1]
	delete(w.ports, 1)
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: spec})
	w.took()
	other := spec
	other.No = 9
	w.ports[9] = other
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortAdded, Port: other})
	want(t, w.took())
	delete(w.ports, 9)
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortAdded, Port: spec})
	want(t, w.took()) // it has been taken out again
	w.ports[1] = spec
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortAdded, Port: spec})
	want(t, w.took(), "publish 1=eth1", "attach 1 eth1", "publish 1=eth1", "status add 1 eth1")
	if p.byName["eth1"].refused != 0 {
		t.Error("the port's interface is still refused")
	}
	// And both at once: what is there when we hear of it has never been attached by us.
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: spec})
	want(t, w.took())
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortAdded, Port: spec})
	want(t, w.took(), "detach 1", "status delete 1 eth1", "publish ",
		"publish 1=eth1", "attach 1 eth1", "publish 1=eth1", "status add 1 eth1")
}

// An interface leaves for another network namespace and comes back with the same
// index. That it has gone is told by the host and the datapath, in either order.
func TestInterfaceReturnsUnchanged(t *testing.T) {
	for _, tt := range []struct {
		name   string
		events string // l: the host's, d: the datapath's, r: the interface returns
	}{
		{"the host first", "ldr"}, {"the datapath first", "dlr"},
		{"back before the host tells", "drl"}, {"back before the datapath tells", "lrd"},
		{"back before anyone tells, the datapath first", "rdl"}, {"back before anyone tells, the host first", "rld"},
	} {
		w, p := newWorld("eth1")
		add(t, p, "eth1")
		was, spec := w.links["eth1"], w.ports[1]
		delete(w.links, "eth1")
		delete(w.ports, 1)
		for _, e := range tt.events {
			switch e {
			case 'l':
				p.HandleLink(link.Event{Kind: link.Gone, Link: was})
			case 'd':
				p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: spec})
			case 'r':
				w.links["eth1"] = was
			}
		}
		p.HandleLink(link.Event{Kind: link.Changed, Link: was})
		if w.published() != "1=eth1" || w.ports[1] != spec {
			t.Errorf("%s: ports %q, the datapath has %v; want eth1", tt.name, w.published(), w.ports)
		}
	}
}

// An interface goes and comes back; only then the datapath tells that it had lost
// the first. That must not take away the second.
func TestOldRemovalsAreNotObeyed(t *testing.T) {
	w, p := newWorld("eth1")
	add(t, p, "eth1")
	gone := w.links["eth1"]
	delete(w.links, "eth1")
	delete(w.ports, 1)
	p.HandleLink(link.Event{Kind: link.Gone, Link: gone})
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.appear("eth1", 77)})
	w.took()
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortRemoved, Port: datapath.PortSpec{No: 1, Name: "eth1"}})
	want(t, w.took())
	if w.published() != "1=eth1" || w.ports[1].Name != "eth1" {
		t.Errorf("ports %q, the datapath has %v; want eth1", w.published(), w.ports)
	}
}

func TestAnotherProgramAddsAPort(t *testing.T) {
	w, p := newWorld("eth1", "eth7", "eth8", "eth9")
	add(t, p, "eth1")
	w.took()
	added := func(spec datapath.PortSpec) {
		w.ports[spec.No] = spec
		p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortAdded, Port: spec})
	}
	added(datapath.PortSpec{No: 7, Name: "eth7"})
	want(t, w.took(), "publish 1=eth1,7=eth7", "attach 7 eth7", "publish 1=eth1,7=eth7", "status add 7 eth7")
	added(datapath.PortSpec{No: 1, Name: "eth8"})
	want(t, w.took()) // the number is eth1's
	w.fail["eth9"] = datapath.ErrBusy
	added(datapath.PortSpec{No: 9, Name: "eth9"})
	if w.published() != "1=eth1,7=eth7" || len(p.List()) != 2 {
		t.Errorf("a port that can't be attached is there: %s, %v", w.published(), p.List())
	}
	if p.HandleDatapath(datapath.PortEvent{Kind: datapath.DatapathGone}) {
		t.Error("a datapath that is gone is said to be alive")
	}
}

func TestLostDatapathEvents(t *testing.T) {
	w, p := newWorld("eth1", "eth2", "eth3")
	add(t, p, "eth1")
	add(t, p, "eth2")
	delete(w.ports, 1)
	w.ports[9] = datapath.PortSpec{No: 9, Name: "eth3"}
	w.took()
	p.HandleDatapath(datapath.PortEvent{Kind: datapath.PortsChanged})
	if w.published() != "2=eth2,9=eth3" {
		t.Errorf("ports: %s", w.published())
	}
}
