package userspace

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// byHand opens a datapath with ports on p1 to pn and one worker that the test
// drives itself.
func (l *lab) byHand(ports int) (*Datapath, *worker) {
	l.t.Helper()
	d, err := Open(Config{Name: "usp0"})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			l.t.Error(err)
		}
	})
	if _, err := d.Receivers(1); err != nil {
		l.t.Fatal(err)
	}
	for i := 1; i <= ports; i++ {
		l.addPort(d, i)
	}
	return d, d.workers[0]
}

// ports returns the ingress ports of upcalls.
func ports(batch []datapath.Upcall) (n map[uint64]int) {
	n = make(map[uint64]int)
	for i := range batch {
		n[batch[i].Key.Get(flowtable.InPort)]++
	}
	return n
}

// TestMissBudget floods port 1 with misses. Each turn hands up a few, in their
// order; the one miss of port 2 gets its turn at once; what does not fit the
// queue is dropped, counted and no more than that.
func TestMissBudget(t *testing.T) {
	const flood = 3 * missQueue
	l := newLab(t, 2)
	a, b := l.wire(1), l.wire(2)
	d, w := l.byHand(2)
	for i := range flood {
		a.mustSend(udp(1, nobody, 64, uint16(i)))
	}
	b.mustSend(udp(2, nobody, 64, 7))

	batch := make([]datapath.Upcall, 64)
	var order []uint64
	for turn := 0; ; turn++ {
		n, err := w.Receive(batch)
		if err != nil {
			t.Fatal(err)
		}
		got := ports(batch[:n])
		if got[1] > missBudget {
			t.Errorf("turn %d: %d misses of port 1, want %d at most", turn, got[1], missBudget)
		}
		if turn == 0 && got[2] != 1 {
			t.Errorf("turn 0: %d misses of port 2, want 1", got[2])
		}
		for i := range batch[:n] {
			if k := &batch[i].Key; k.Get(flowtable.InPort) == 1 {
				order = append(order, k.Get(flowtable.L4Src))
			}
		}
		if c := d.Counters(); c.Misses == flood+1 && len(w.waiting) == 0 {
			break
		}
	}
	c := d.Counters()
	if len(order)+int(c.Lost) != flood || c.Drops[DropMissQueue] != c.Lost {
		t.Errorf("%d misses came up and %d were lost, want %d in all; %v", len(order), c.Lost, flood, c.Drops)
	}
	if len(order) < missQueue {
		t.Errorf("%d misses came up, want %d at least", len(order), missQueue)
	}
	for i := 1; i < len(order); i++ {
		if order[i] <= order[i-1] {
			t.Fatalf("miss %d after %d", order[i], order[i-1])
		}
	}
	if drops, err := d.dropsOf(1); err != nil || drops[DropMissQueue] != c.Lost {
		t.Errorf("drops of port 1: %v, %v", drops, err)
	}
}

// TestSmallBatch hands misses to a caller with little room, none lost.
func TestSmallBatch(t *testing.T) {
	l := newLab(t, 1)
	a := l.wire(1)
	_, w := l.byHand(1)
	for i := range 10 {
		a.mustSend(udp(1, nobody, 64, uint16(i)))
	}
	batch := make([]datapath.Upcall, 3)
	for next := uint64(0); next < 10; {
		n, err := w.Receive(batch)
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch[:n] {
			if got := batch[i].Key.Get(flowtable.L4Src); got != next {
				t.Fatalf("frame %d, want %d", got, next)
			}
			next++
		}
	}
	if n, err := w.Receive(nil); n != 0 || err != nil {
		t.Errorf("Receive without room = %d, %v", n, err)
	}
	if free, all := len(w.slots.free), len(w.slots.slots); free != all-frameBudget {
		t.Errorf("%d slots free of %d, want all but a burst", free, all)
	}
}

// TestExecuteOneFrameTwice outputs one frame, edits it and outputs it again, in
// one batch: what was sent first must be the frame as it was.
func TestExecuteOneFrameTwice(t *testing.T) {
	l := newLab(t, 2)
	b := l.wire(2)
	d, w := l.byHand(2)
	for _, execute := range []func([]datapath.Execution) error{d.Execute, w.Execute} {
		for _, headroom := range []int{datapath.Headroom, 0} {
			raw := udp(1, nobody, 64, 7)
			f := &datapath.Frame{Buf: append(make([]byte, headroom), raw...), Start: headroom, End: headroom + len(raw)}
			var k flowtable.Key
			set := datapath.Act{Kind: datapath.Set, Field: flowtable.EthSrc, Value: 0x020000000055}
			err := execute([]datapath.Execution{
				{Frame: f, Key: &k, Actions: []datapath.Act{output(2)}},
				{Frame: f, Key: &k, Actions: []datapath.Act{set, output(2)}},
				{Frame: f, Key: &k, Actions: []datapath.Act{output(99), output(2)}},
			})
			if err != nil {
				t.Fatal(err)
			}
			edited := bytes.Clone(raw)
			copy(edited[6:], []byte{2, 0, 0, 0, 0, 0x55})
			for i, want := range [][]byte{raw, edited, edited} {
				if got := b.mustReceive(); !bytes.Equal(got, want) {
					t.Errorf("frame %d, headroom %d: % x, want % x", i, headroom, got, want)
				}
			}
		}
	}
	if n := d.dropped(DropNoPort); n != 4 {
		t.Errorf("%d frames for a port that is not there, want 4", n)
	}
}

// TestExecuteToController hands copies of executions' frames up: main's to the
// first receiver, even while it waits.
func TestExecuteToController(t *testing.T) {
	l := newLab(t, 1)
	up := make(chan datapath.Upcall, 10)
	d := l.open(1, 2, func(r datapath.Receiver, batch []datapath.Upcall) {
		for _, u := range batch {
			u.Frame.Buf = bytes.Clone(u.Frame.Buf[:u.Frame.End])
			up <- u
			if u.Record == 7 { // once more, by the receiver
				again := datapath.Act{Kind: datapath.Controller, Value: 8}
				_ = r.Execute([]datapath.Execution{{Frame: &u.Frame, Key: &u.Key, Actions: []datapath.Act{again}}})
			}
		}
	})
	raw := udp(1, nobody, 64, 7)
	var k flowtable.Key
	k.Set(flowtable.InPort, 1)
	f := &datapath.Frame{Buf: raw, End: len(raw)}
	time.Sleep(10 * time.Millisecond)
	err := d.Execute([]datapath.Execution{{Frame: f, Key: &k, Actions: []datapath.Act{{Kind: datapath.Controller, Value: 7}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range []uint64{7, 8} {
		select {
		case u := <-up:
			if u.Kind != datapath.Action || u.Record != record || u.Key != k || !bytes.Equal(u.Frame.Bytes(), raw) {
				t.Errorf("upcall %+v, want record %d", u, record)
			}
		case <-time.After(3 * time.Second):
			t.Fatal("no upcall")
		}
	}
}

// TestCloned leaves the frame as it was after a clone, whatever happened to
// the copy.
func TestCloned(t *testing.T) {
	l := newLab(t, 3)
	a, b, c := l.wire(1), l.wire(2), l.wire(3)
	d := l.open(3, 1, nil)
	tag := datapath.Act{Kind: datapath.PushVLAN, EtherType: 0x8100, Value: 5}
	put(t, d, portFlow(1, 1,
		output(2),
		datapath.Act{Kind: datapath.Clone, Value: 4}, tag, output(2), tag, output(2),
		output(3)))
	raw := udp(1, nobody, 64, 7)
	a.mustSend(raw)
	once := append(append(raw[:12:12], 0x81, 0, 0, 5), raw[12:]...)
	twice := append(append(raw[:12:12], 0x81, 0, 0, 5), once[12:]...)
	for i, want := range [][]byte{raw, once, twice} {
		if got := b.mustReceive(); !bytes.Equal(got, want) {
			t.Errorf("frame %d to port 2: % x, want % x", i, got, want)
		}
	}
	if got := c.mustReceive(); !bytes.Equal(got, raw) {
		t.Errorf("port 3: % x, want % x", got, raw)
	}
}

// TestSlotsRunOut does a flow whose copies need more slots than there are, so
// that the worker has to send in the middle of a list of actions: every frame
// goes out as it should, and no slot is lost track of.
func TestSlotsRunOut(t *testing.T) {
	const frames = frameBudget + 10
	l := newLab(t, 3)
	a, b, c := l.wire(1), l.wire(2), l.wire(3)
	d, w := l.byHand(3)
	w.slots.limit = len(w.slots.slots) + 9 // two in each list, so that it runs out at either
	source := func(v uint64) datapath.Act {
		return datapath.Act{Kind: datapath.Set, Field: flowtable.EthSrc, Value: v}
	}
	put(t, d, portFlow(1, 1, output(2), source(0x55),
		datapath.Act{Kind: datapath.Clone, Value: 2}, source(0x66), output(2),
		output(3)))
	for range frames {
		a.mustSend(udp(1, nobody, 64, 7))
	}
	for d.byID[1].stats().Packets < frames {
		if err := w.forward(true); err != nil {
			t.Fatal(err)
		}
	}
	for range frames {
		for _, want := range []struct {
			w      *wire
			source byte
		}{{b, 1}, {b, 0x66}, {c, 0x55}} {
			if got := want.w.mustReceive(); got[11] != want.source {
				t.Fatalf("a frame from %#x, want %#x", got[11], want.source)
			}
		}
	}
	if free, all := len(w.slots.free), len(w.slots.slots); free != all-frameBudget {
		t.Errorf("%d slots free of %d, want all but a burst", free, all)
	}
}

// TestClosed calls everything after Close.
func TestClosed(t *testing.T) {
	l := newLab(t, 1)
	d, w := l.byHand(1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	errs, last := make([]error, 1), make([]datapath.FlowStats, 1)
	_, receive := w.Receive(make([]datapath.Upcall, 1))
	_, list := d.ListPorts(nil)
	_, receivers := d.Receivers(1)
	d.PutFlows([]datapath.Flow{portFlow(1, 1)}, errs)
	put := errs[0]
	d.DeleteFlows([]datapath.FlowID{1}, last, errs)
	for i, err := range []error{
		receive, list, receivers, put, errs[0], w.Execute(nil), d.Execute(nil), d.FlushFlows(),
		d.AddPort(datapath.PortSpec{No: 2, Name: "p1"}), d.DeletePort(1), d.DumpFlows(nil),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("call %d: %v, want net.ErrClosed", i, err)
		}
	}
	if _, open := <-d.PortEvents(); open {
		t.Error("PortEvents is still open")
	}
}
