package userspace

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// underFlood makes a switch of three ports and floods port 1 until the test
// ends.
func (l *lab) underFlood() *Datapath {
	l.t.Helper()
	a := l.wire(1)
	d := l.open(3, 2, nil)
	var stop atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		frame := udp(1, nobody, 64, 7)
		for !stop.Load() {
			_ = a.send(frame, datapath.Offload{})
		}
	}()
	l.t.Cleanup(func() { stop.Store(true); <-done })
	return d
}

// TestDeletedFlows deletes flows under a flood. A flow's last counters are
// exactly the frames that it forwarded.
func TestDeletedFlows(t *testing.T) {
	l := newLab(t, 3)
	d := l.underFlood()
	errs, last := make([]error, 1), make([]datapath.FlowStats, 1)
	var sent [4]int
	for id := datapath.FlowID(1); id <= 30; id++ {
		to := datapath.PortNo(2 + id%2)
		put(t, d, portFlow(id, 1, output(to)))
		f := d.byID[id]
		eventually(t, "the flow is hit", func() bool { return f.stats().Packets > 0 })
		d.DeleteFlows([]datapath.FlowID{id}, last, errs)
		if errs[0] != nil {
			t.Fatal(errs[0])
		}
		sent[to] += int(last[0].Packets)
		time.Sleep(time.Millisecond)
		if now := f.stats(); now != last[0] {
			t.Errorf("flow %d counted on after its deletion: %+v, then %+v", id, last[0], now)
		}
	}
	for _, no := range []int{2, 3} {
		if n := l.received(no); n != sent[no] || n == 0 {
			t.Errorf("port %d sent %d frames, its flows counted %d", no, n, sent[no])
		}
	}
	if c := d.Counters(); c.ExactHits == 0 || c.Flows != 0 || c.Masks != 0 {
		t.Errorf("counters %+v", c)
	}
}

// TestReplacedFlows replaces a flow under a flood. When PutFlows returns, no
// worker acts by the old version, which its exact-match cache still holds.
func TestReplacedFlows(t *testing.T) {
	l := newLab(t, 3)
	d := l.underFlood()
	for range 8 {
		put(t, d, portFlow(1, 1, output(2)))
		f := d.byID[1]
		before := f.stats().Packets
		eventually(t, "the flow forwards to port 2", func() bool { return f.stats().Packets > before+100 })
		put(t, d, portFlow(1, 1, output(3)))
		after := l.received(2)
		counted := f.stats().Packets
		eventually(t, "the flow counts on", func() bool { return f.stats().Packets > counted+100 })
		if n := l.received(2); n != after {
			t.Errorf("port 2 sent %d frames after the change", n-after)
		}
	}
}
