package datapathtest

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

const (
	patience = 5 * time.Second        // for what must happen
	silence  = 100 * time.Millisecond // for what must not
)

// rig is a datapath with ports 1 to n and two receivers, whose goroutines
// record every upcall and answer it as told.
type rig struct {
	*testing.T
	h     Harness
	dp    datapath.Datapath
	ports []string // name of port i+1

	upcalls chan datapath.Upcall // copies
	ends    chan error           // what ended each receiver's loop
	answer  atomic.Pointer[[]datapath.Act]
	pumps   sync.WaitGroup
	closed  bool
}

const receivers = 2

func newRig(t *testing.T, h Harness, ports int) *rig {
	r := &rig{T: t, h: h, dp: h.Datapath(), upcalls: make(chan datapath.Upcall, 4096), ends: make(chan error, receivers)}
	all, err := r.dp.Receivers(receivers)
	if err != nil {
		t.Fatalf("Receivers(%d): %v", receivers, err)
	}
	if len(all) != receivers {
		t.Fatalf("Receivers(%d) made %d", receivers, len(all))
	}
	for _, rx := range all {
		r.pumps.Go(func() { r.ends <- r.pump(rx) })
	}
	t.Cleanup(r.close)
	for i := range ports {
		name := h.NewInterface(t)
		r.ports = append(r.ports, name)
		r.add(datapath.PortSpec{No: datapath.PortNo(i + 1), Name: name})
	}
	return r
}

// close ends the datapath, and its receivers with it, once.
func (r *rig) close() {
	if r.closed {
		return
	}
	r.closed = true
	if err := r.dp.Close(); err != nil {
		r.Errorf("Close: %v", err)
	}
	ended := make(chan struct{})
	go func() { r.pumps.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		r.Errorf("a Receive is still blocked %v after Close", patience)
		return
	}
	for len(r.ends) > 0 {
		if err := <-r.ends; !errors.Is(err, net.ErrClosed) {
			r.Errorf("Receive ended with %v, want net.ErrClosed", err)
		}
	}
}

// pump is an upcall worker.
func (r *rig) pump(rx datapath.Receiver) error {
	batch := make([]datapath.Upcall, 16)
	executions := make([]datapath.Execution, 0, len(batch))
	for failures := 0; ; {
		n, err := rx.Receive(batch)
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			if failures++; failures == 100 {
				return err
			}
			continue
		}
		executions = executions[:0]
		for i := range batch[:n] {
			u := &batch[i]
			seen := *u
			seen.Frame = copyFrame(&u.Frame)
			if Ours(seen.Frame.Bytes()) {
				r.record(seen)
			}
			if acts := r.answer.Load(); acts != nil {
				executions = append(executions, datapath.Execution{Frame: &u.Frame, Key: &u.Key, Actions: *acts})
			}
		}
		if err := rx.Execute(executions); err != nil && !errors.Is(err, net.ErrClosed) {
			r.Errorf("Receiver.Execute: %v", err)
		}
	}
}

// record keeps an upcall for the test, as long as there is room: a receiver must
// not stand still.
func (r *rig) record(u datapath.Upcall) {
	select {
	case r.upcalls <- u:
	default:
	}
}

func (r *rig) add(spec datapath.PortSpec) {
	r.Helper()
	if err := r.dp.AddPort(spec); err != nil {
		r.Fatalf("AddPort(%+v): %v", spec, err)
	}
}

// send puts a frame on the wire before a port.
func (r *rig) send(port int, frame []byte) {
	r.Helper()
	r.h.Send(r.T, r.ports[port-1], frame)
}

// receive returns the next frame that leaves a port, which must be want, but
// for padding to the least length of a frame.
func (r *rig) receive(port int, want []byte) {
	r.Helper()
	got := r.h.Receive(r.T, r.ports[port-1], patience)
	if got == nil {
		r.Fatalf("no frame left port %d within %v, want\n%x", port, patience, want)
	}
	if !sameFrame(got, want) {
		r.Fatalf("port %d sent\n%x, want\n%x", port, got, want)
	}
}

// nothing checks that no frame leaves a port.
func (r *rig) nothing(port int) {
	r.Helper()
	if got := r.h.Receive(r.T, r.ports[port-1], silence); got != nil {
		r.Fatalf("port %d sent\n%x, want nothing", port, got)
	}
}

// upcall returns the next upcall.
func (r *rig) upcall() datapath.Upcall {
	r.Helper()
	select {
	case u := <-r.upcalls:
		return u
	case <-time.After(patience):
		r.Fatalf("no upcall within %v", patience)
	}
	panic("unreachable")
}

// miss sends a frame that no flow matches and returns its upcall.
func (r *rig) miss(port int, frame []byte) datapath.Upcall {
	r.Helper()
	r.send(port, frame)
	u := r.upcall()
	if u.Kind != datapath.Miss || !sameFrame(u.Frame.Bytes(), frame) {
		r.Fatalf("upcall of kind %d with frame\n%x, want a miss of\n%x", u.Kind, u.Frame.Bytes(), frame)
	}
	return u
}

// noUpcall checks that none comes.
func (r *rig) noUpcall() {
	r.Helper()
	select {
	case u := <-r.upcalls:
		r.Fatalf("upcall of kind %d with frame\n%x, want none", u.Kind, u.Frame.Bytes())
	case <-time.After(silence):
	}
}

// put installs flows that must all be taken.
func (r *rig) put(flows ...datapath.Flow) {
	r.Helper()
	errs := make([]error, len(flows))
	r.dp.PutFlows(flows, errs)
	for i, err := range errs {
		if err != nil {
			r.Fatalf("PutFlows: flow %d: %v", flows[i].ID, err)
		}
	}
}

// remove deletes a flow and returns its last counters.
func (r *rig) remove(id datapath.FlowID) (datapath.FlowStats, error) {
	last, errs := make([]datapath.FlowStats, 1), make([]error, 1)
	r.dp.DeleteFlows([]datapath.FlowID{id}, last, errs)
	return last[0], errs[0]
}

// stats dumps all counters.
func (r *rig) stats() map[datapath.FlowID]datapath.FlowStats {
	r.Helper()
	all := map[datapath.FlowID]datapath.FlowStats{}
	err := r.dp.DumpFlows(func(batch []datapath.FlowStats) error {
		for _, s := range batch {
			if _, twice := all[s.ID]; twice {
				r.Errorf("DumpFlows gave flow %d twice", s.ID)
			}
			all[s.ID] = s
		}
		return nil
	})
	if err != nil {
		r.Fatalf("DumpFlows: %v", err)
	}
	return all
}

// flow makes a flow that matches frames from a port like this one in the named
// fields, with whatever else the datapath insists on.
func (r *rig) flow(id datapath.FlowID, port int, frame []byte, acts []datapath.Act, fields ...flowtable.Field) datapath.Flow {
	var m flowtable.Match
	m.Mask.Exact(flowtable.InPort)
	for _, f := range fields {
		m.Mask.Exact(f)
	}
	return r.masked(id, port, frame, acts, m.Mask)
}

// masked makes a flow that matches frames from a port like this one under a
// mask, with whatever else the datapath insists on.
func (r *rig) masked(id datapath.FlowID, port int, frame []byte, acts []datapath.Act, mask flowtable.Mask) datapath.Flow {
	features := r.dp.Features()
	features.Widen(&mask, acts)
	flow := datapath.Flow{ID: id, Actions: acts}
	key := keyOf(port, frame)
	flow.Match.Mask = mask
	mask.Apply(&key, &flow.Match.Key)
	return flow
}

// need skips the case if cached flows can't hold an action.
func (r *rig) need(a datapath.Act) {
	r.Helper()
	if features := r.dp.Features(); !features.Can(&a) {
		r.Skipf("the %s datapath caches no action of kind %d", features.Name, a.Kind)
	}
}

// keyOf parses a frame as if it came in by a port.
func keyOf(port int, frame []byte) (k flowtable.Key) {
	f := NewFrame(frame)
	packet.Parse(&f, datapath.PortNo(port), &k)
	return k
}

// out is the action that sends a frame out of a port.
func out(port int) datapath.Act {
	return datapath.Act{Kind: datapath.Output, Port: datapath.PortNo(port)}
}

// eventually waits until a condition holds.
func (r *rig) eventually(what string, holds func() bool) {
	r.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("not within %v: %s", patience, what)
		}
	}
}
