package datapathtest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func (r *rig) wantPorts(want ...datapath.PortSpec) {
	r.Helper()
	first := datapath.PortSpec{No: 9999, Name: "kept"}
	got, err := r.dp.ListPorts([]datapath.PortSpec{first})
	if err != nil {
		r.Fatalf("ListPorts: %v", err)
	}
	if len(got) == 0 || got[0] != first {
		r.Fatalf("ListPorts dropped what dst held: %v", got)
	}
	if !slices.Equal(got[1:], want) {
		r.Fatalf("ListPorts appended %v, want %v", got[1:], want)
	}
}

func (r *rig) wantError(what string, err, want error) {
	r.Helper()
	if !errors.Is(err, want) {
		r.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func casePorts(r *rig) {
	r.wantPorts()
	a := datapath.PortSpec{No: 7, Name: r.h.NewInterface(r.T)}
	b := datapath.PortSpec{No: 2, Name: r.h.NewInterface(r.T)}
	r.add(a)
	r.add(b)
	r.wantPorts(b, a)

	r.wantError("AddPort of a missing interface",
		r.dp.AddPort(datapath.PortSpec{No: 3, Name: "no-such-if"}), datapath.ErrNoInterface)
	r.wantError("AddPort of an attached interface",
		r.dp.AddPort(datapath.PortSpec{No: 3, Name: a.Name}), datapath.ErrPortExists)
	c := datapath.PortSpec{No: 7, Name: r.h.NewInterface(r.T)}
	r.wantError("AddPort with a number in use", r.dp.AddPort(c), datapath.ErrPortExists)
	r.wantError("DeletePort of none", r.dp.DeletePort(3), datapath.ErrNoPort)
	r.wantPorts(b, a)

	if err := r.dp.DeletePort(7); err != nil {
		r.Fatalf("DeletePort(7): %v", err)
	}
	r.wantPorts(b)
	r.wantError("DeletePort again", r.dp.DeletePort(7), datapath.ErrNoPort)
	r.add(c)
	r.wantPorts(b, c)
	c.No, c.Name = 3, a.Name
	r.add(c) // an interface that was detached can come back, by another number
}

func caseInternalPort(r *rig) {
	spec := datapath.PortSpec{No: 4, Name: fmt.Sprintf("ti%d", os.Getpid()), Kind: datapath.Internal}
	r.add(spec)
	r.wantPorts(spec)
	again := spec
	again.No = 5
	r.wantError("AddPort of an internal port again", r.dp.AddPort(again), datapath.ErrPortExists)
	if err := r.dp.DeletePort(4); err != nil {
		r.Fatalf("DeletePort(4): %v", err)
	}
	r.wantPorts()
	r.add(spec) // its interface went with it
}

func caseDeletedPort(r *rig) {
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}))
	if err := r.dp.DeletePort(2); err != nil {
		r.Fatalf("DeletePort(2): %v", err)
	}
	r.send(1, frame) // a counted drop, and no harm
	r.send(2, frame)
	f, key := NewFrame(frame), keyOf(1, frame)
	if err := r.dp.Execute([]datapath.Execution{{Frame: &f, Key: &key, Actions: []datapath.Act{out(2), out(1)}}}); err != nil {
		r.Errorf("Execute with an output to a deleted port: %v, want a counted drop", err)
	}
	r.receive(1, frame)
	if got := r.h.Receive(r.T, r.ports[1], silence); got != nil {
		r.Errorf("a deleted port sent\n%x", got)
	}
	r.noUpcall()
}

func caseInterfaceVanishes(r *rig) {
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}))
	r.h.RemoveInterface(r.T, r.ports[1])
	deadline := time.After(patience)
	for gone := false; !gone; {
		select {
		case e, ok := <-r.dp.PortEvents():
			if !ok {
				r.Fatal("PortEvents closed before Close")
			}
			gone = e.Kind == datapath.PortsChanged || e.Kind == datapath.PortRemoved && e.Port.No == 2
		case <-deadline:
			r.Fatalf("no PortRemoved within %v of the interface's end", patience)
		}
	}
	r.send(1, frame) // a counted drop
	f, key := NewFrame(frame), keyOf(2, frame)
	if err := r.dp.Execute([]datapath.Execution{{Frame: &f, Key: &key, Actions: []datapath.Act{out(2), out(1)}}}); err != nil {
		r.Errorf("Execute with an output to a vanished port: %v, want a counted drop", err)
	}
	r.receive(1, frame)
	if err := r.dp.DeletePort(2); err != nil && !errors.Is(err, datapath.ErrNoPort) {
		r.Errorf("DeletePort of a vanished port: %v, want nil or ErrNoPort", err)
	}
	r.wantPorts(datapath.PortSpec{No: 1, Name: r.ports[0]})
	again := datapath.PortSpec{No: 2, Name: r.h.NewInterface(r.T)}
	r.add(again)
	r.send(1, frame)
	if got := r.h.Receive(r.T, again.Name, patience); !sameFrame(got, frame) {
		r.Errorf("after its interface was replaced, port 2 sent\n%x, want\n%x", got, frame)
	}
}

func caseClose(r *rig) {
	r.miss(1, UDP(2, 1, 80, 18)) // the receivers are at work, then blocked
	time.Sleep(20 * time.Millisecond)
	events := r.dp.PortEvents()
	r.close() // checks that Receive returns net.ErrClosed
	for deadline := time.After(patience); ; {
		select {
		case _, ok := <-events:
			if !ok {
				return
			}
		case <-deadline:
			r.Fatal("PortEvents is still open after Close")
		}
	}
}
