package userspace

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// TestOverrun fills a small receive buffer; the kernel counts what it drops,
// and the count outlives the port.
func TestOverrun(t *testing.T) {
	l := newLab(t, 2)
	a := l.wire(1)
	d, w := l.byHand(2)
	l.connect(d, 1, 2)
	rx := d.ports.Load().lookup(1).dev.rx
	if err := unix.SetsockoptInt(rx, unix.SOL_SOCKET, unix.SO_RCVBUF, 8192); err != nil {
		t.Fatal(err)
	}
	const sent = 100
	for range sent {
		a.mustSend(udp(1, nobody, 1000, 7))
	}
	for range 3 {
		if err := w.forward(false); err != nil {
			t.Fatal(err)
		}
	}
	lost, passed := d.dropped(DropOverrun), d.byID[1].stats().Packets
	if lost == 0 || passed == 0 || lost+passed != sent {
		t.Errorf("%d frames lost, %d passed, want %d in all", lost, passed, sent)
	}
	drops, err := d.PortDrops(1)
	if err != nil || drops[DropOverrun] != lost {
		t.Errorf("PortDrops(1) = %v, %v, want %d overruns", drops, err, lost)
	}
	if err := d.DeletePort(1); err != nil {
		t.Fatal(err)
	}
	if n := d.dropped(DropOverrun); n != lost {
		t.Errorf("%d overruns after the port is gone, want %d", n, lost)
	}
}

// TestReceiveFailures counts what recvmmsg could not deliver.
func TestReceiveFailures(t *testing.T) {
	b := newBurst(newSlotPool(frameBudget))
	for _, c := range []struct {
		name   string
		flags  int32
		length uint32
		want   DropReason
	}{
		{"truncated", unix.MSG_TRUNC, 1000, DropTruncated},
		{"header only", 0, vnetHeader, DropReceive},
		{"nothing", 0, 0, DropReceive},
	} {
		p := new(port)
		b.headers[0].Hdr.Flags, b.headers[0].Len = c.flags, c.length
		b.finish(p, 0)
		if n := p.drops[c.want].Load(); n != 1 || b.frame(0).Frame.Len() != 0 {
			t.Errorf("%s: %d drops, frame of %d bytes", c.name, n, b.frame(0).Frame.Len())
		}
	}
	for errno, want := range map[unix.Errno]uint64{unix.EINVAL: 1, unix.EAGAIN: 0, unix.ENETDOWN: 0, unix.EINTR: 0} {
		p := new(port)
		b.failed(p, errno)
		if n := p.drops[DropReceive].Load(); n != want {
			t.Errorf("%v: %d drops, want %d", errno, n, want)
		}
	}
}

// TestTwoWorkers spreads ports and delivers each frame once, by its port's
// worker.
func TestTwoWorkers(t *testing.T) {
	l := newLab(t, 4)
	d := l.open(4, 2, nil)
	load := make(map[int]int)
	for _, p := range d.ports.Load().all {
		load[p.worker]++
	}
	if load[0] != 2 || load[1] != 2 {
		t.Errorf("ports of workers: %v, want 2 each", load)
	}
	put(t, d, portFlow(1, 1, output(3)), portFlow(2, 2, output(3)))
	c := l.wire(3)
	for i, w := range []*wire{l.wire(1), l.wire(2)} {
		w.mustSend(udp(byte(i+1), nobody, 64, 7))
		if got := c.mustReceive(); got[11] != byte(i+1) {
			t.Errorf("frame of host %d came, want %d", got[11], i+1)
		}
	}
	for i := range d.workers {
		counts := &d.workers[i].counts
		eventually(t, "each worker counts its frame", func() bool { return counts.masked.Load() == 1 && d.byID[datapath.FlowID(i+1)].stats().Packets == 1 })
	}
	for _, id := range []datapath.FlowID{1, 2} {
		s, now := d.byID[id].stats(), d.clock.now()
		if s.Packets != 1 || s.Bytes != 64 {
			t.Errorf("flow %d counted %d frames, %d bytes, want 1 and 64", id, s.Packets, s.Bytes)
		}
		if s.Used > now || now-s.Used > int64(10*time.Second) {
			t.Errorf("flow %d was used at %d; now is %d", id, s.Used, now)
		}
	}
}
