package userspace

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"golang.org/x/sys/unix"
)

// TestStuckRing stops a ring as a kernel does that forgets a slot: neither side
// has it. The port goes on without the ring, and nothing that was dropped is
// forgotten.
func TestStuckRing(t *testing.T) {
	l := newLab(t, 2)
	for _, end := range [][]string{{"-n", l.sw, "link", "set", "p1"}, {"-n", l.sw, "link", "set", "p2"}, {"-n", l.hosts[0], "link", "set", "eth0"}, {"-n", l.hosts[1], "link", "set", "eth0"}} {
		l.run("ip", append(end, "mtu", "9000")...)
	}
	a, c := l.wire(1), l.wire(2)
	d, w := l.byHand(2)
	l.connect(d, 1, 2)
	p := d.ports.Load().lookup(1)
	atomic.StoreUint32(&ringSlotHeader(p.dev.ring.slot(0)).Status, unix.TP_STATUS_COPY)
	sent := uint64(0)
	for ; p.dev.ring != nil && sent < 100; sent++ {
		a.mustSend(udp(1, nobody, 100, 7))
		w.checked = 0 // half a second is over
		if err := w.forward(false); err != nil {
			t.Fatal(err)
		}
	}
	if p.dev.ring != nil {
		t.Fatal("the ring is stuck, and still in use")
	}
	if other := d.ports.Load().lookup(2); other.dev.ring == nil {
		t.Error("the ring of port 2 is given up as well")
	}
	if n := d.dropped(DropOverrun); n != sent {
		t.Errorf("%d overruns, want %d", n, sent)
	}
	for i, size := range []int{100, 5000, 1514, 8900} {
		f := udp(1, nobody, size, uint16(i))
		if i%2 == 0 {
			f = append(append(f[:12:12], 0x88, 0xa8, 0x60, 5), f[12:]...)
		}
		a.mustSend(f)
		if err := w.forward(true); err != nil {
			t.Fatal(err)
		}
		if got := c.mustReceive(); !bytes.Equal(got, f) {
			t.Errorf("frame of %d bytes came as % x", len(f), got)
		}
	}
}

// queued is a datapath whose ports have no rings.
type queued struct{ *Datapath }

func (d queued) AddPort(spec datapath.PortSpec) error {
	if err := d.Datapath.AddPort(spec); err != nil {
		return err
	}
	table := d.ports.Load()
	p := table.lookup(spec.No)
	if p.dev.tap {
		return nil
	}
	d.ports.Store(table.without(p))
	d.settle()
	err := p.dev.leaveRing()
	d.ports.Store(table)
	return err
}

type queuedHarness struct{ harness }

func (h queuedHarness) Datapath() datapath.Datapath { return queued{h.d} }

// The suite holds without rings as well.
func TestSuiteWithoutRings(t *testing.T) {
	datapathtest.Run(t, func(t *testing.T) datapathtest.Harness {
		n := datapathtest.NewNetwork(t)
		d, err := Open(Config{Name: "usp1"})
		if err != nil {
			t.Fatal(err)
		}
		return queuedHarness{harness{n, d}}
	})
}
