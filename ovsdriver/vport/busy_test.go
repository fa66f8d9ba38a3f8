package vport

import (
	"errors"
	"testing"
	"time"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// attempts counts how often Tick tries to attach eth1 within a time.
func (w *world) attempts(p *Ports, d time.Duration) (n int) {
	w.took()
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(100 * time.Millisecond) {
		p.Tick()
		for _, line := range w.took() {
			if line == "publish 1=eth1" {
				n++
			}
		}
	}
	return n
}

// A port whose interface another switch has takes it as soon as that has ended,
// of which no event tells. It asks less and less often.
func TestBusyInterfaceIsAskedForAgain(t *testing.T) {
	w, p := newWorld("eth1")
	w.fail["eth1"] = datapath.ErrBusy
	if no, err := p.Await("eth1", datapath.Netdev); no != 1 || !errors.Is(err, datapath.ErrBusy) {
		t.Fatalf("Await: %d, %v", no, err)
	}
	if n := w.attempts(p, time.Second); n != 2 {
		t.Errorf("%d attempts in the first second, want 2", n)
	}
	w.attempts(p, time.Minute)
	if n := w.attempts(p, 8*maxPause); n != 8 {
		t.Errorf("%d attempts after a minute in the time of 8 long pauses", n)
	}
	// News of the interface do not make it try at once, but soon.
	w.took()
	p.HandleLink(link.Event{Kind: link.Changed, Link: w.links["eth1"]})
	want(t, w.took())
	if n := w.attempts(p, time.Second); n != 2 {
		t.Errorf("%d attempts in the second after an event, want 2", n)
	}
	delete(w.fail, "eth1")
	w.attempts(p, maxPause+time.Second)
	if !p.byName["eth1"].attached {
		t.Error("the port is not attached though its interface is free")
	}
	if n := w.attempts(p, time.Minute); n != 0 || len(p.attempts) != 0 {
		t.Errorf("%d attempts to attach an attached port, %d to come", n, len(p.attempts))
	}
}

// What becomes of a waiting port ends the attempts.
func TestAttemptsEnd(t *testing.T) {
	for name, end := range map[string]func(*world, *Ports){
		"deleted": func(_ *world, p *Ports) {
			if err := p.Delete("eth1"); err != nil {
				t.Error(err)
			}
		},
		"failed for good":   func(w *world, _ *Ports) { w.fail["eth1"] = datapath.ErrUnsupported },
		"interface is gone": func(w *world, _ *Ports) { delete(w.links, "eth1") },
	} {
		w, p := newWorld("eth1")
		w.fail["eth1"] = datapath.ErrBusy
		p.Await("eth1", datapath.Netdev)
		end(w, p)
		w.attempts(p, time.Second)
		if n := w.attempts(p, time.Minute); n != 0 || len(p.attempts) != 0 {
			t.Errorf("%s: %d attempts, %d to come", name, n, len(p.attempts))
		}
	}
}
