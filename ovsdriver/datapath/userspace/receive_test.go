package userspace

import (
	"bytes"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// TestOverrun fills the receive ring; the kernel counts what it drops,
// and the count outlives the port.
func TestOverrun(t *testing.T) {
	l := newLab(t, 2)
	a := l.wire(1)
	d, w := l.byHand(2)
	l.connect(d, 1, 2)
	const sent = ringFrames + 100
	for range sent {
		a.mustSend(udp(1, nobody, 1000, 7))
	}
	for range ringFrames/frameBudget + 1 {
		if err := w.forward(false); err != nil {
			t.Fatal(err)
		}
	}
	lost, passed := d.dropped(DropOverrun), d.byID[1].stats().Packets
	if lost == 0 || passed == 0 || lost+passed != sent {
		t.Errorf("%d frames lost, %d passed, want %d in all", lost, passed, sent)
	}
	drops, err := d.dropsOf(1)
	if err != nil || drops[DropOverrun] != lost {
		t.Errorf("drops of port 1: %v, %v, want %d overruns", drops, err, lost)
	}
	if got, want := d.PortDrops(1), (datapath.PortDrops{Rx: lost}); got != want {
		t.Errorf("PortDrops(1) = %+v, want %+v", got, want)
	}
	if err := d.DeletePort(1); err != nil {
		t.Fatal(err)
	}
	if n := d.dropped(DropOverrun); n != lost {
		t.Errorf("%d overruns after the port is gone, want %d", n, lost)
	}
}

// TestTAPFailures counts what a TAP could not deliver, and nothing where it has
// nothing to deliver. A directory and an empty pipe fail as it does.
func TestTAPFailures(t *testing.T) {
	pool := newSlotPool(frameBudget)
	defer pool.close()
	b, err := newBurst(pool)
	if err != nil {
		t.Fatal(err)
	}
	directory, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(directory)
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	for fd, want := range map[int]uint64{directory: 1, pipe[0]: 0} {
		p := &port{dev: &device{tap: true, rx: fd}}
		if n := b.fillTAP(p); n != 0 || p.drops[DropReceive].Load() != want || p.lost {
			t.Errorf("%d frames, %d dropped, lost: %v; want %d dropped", n, p.drops[DropReceive].Load(), p.lost, want)
		}
	}
}

// TestReceiveFailures counts what recvmmsg could not deliver.
func TestReceiveFailures(t *testing.T) {
	pool := newSlotPool(frameBudget)
	defer pool.close()
	b, err := newBurst(pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		got    bool
		flags  int32
		length uint32
		want   DropReason
	}{
		{"truncated", true, unix.MSG_TRUNC, 1000, DropTruncated},
		{"header only", true, 0, vnetHeader, DropReceive},
		{"not there", false, 0, 1000, DropReceive},
	} {
		p := new(port)
		b.place[0] = 0
		b.long[0].Hdr.Flags, b.long[0].Len = c.flags, c.length
		b.finish(p, 0, c.got)
		if n := p.drops[c.want].Load(); n != 1 || b.frame(0).Frame.Len() != 0 {
			t.Errorf("%s: %d drops, frame of %d bytes", c.name, n, b.frame(0).Frame.Len())
		}
	}
}

// TestLongFrames mixes frames that fit a slot of the ring with longer ones, some
// with a VLAN tag: all come, in their order and whole, as hits and as misses.
// One that neither the ring nor the socket's queue has room for is a counted
// drop, and takes no other with it.
func TestLongFrames(t *testing.T) {
	l := newLab(t, 2)
	for _, end := range [][]string{{"-n", l.sw, "link", "set", "p1"}, {"-n", l.sw, "link", "set", "p2"}, {"-n", l.hosts[0], "link", "set", "eth0"}, {"-n", l.hosts[1], "link", "set", "eth0"}} {
		l.run("ip", append(end, "mtu", "9000")...)
	}
	a, c := l.wire(1), l.wire(2)
	d, w := l.byHand(2)
	frames := make([][]byte, 0, 40)
	for i := range cap(frames) {
		f := udp(1, nobody, []int{64, 5000, 1514, 8900, 1900}[i%5], uint16(i))
		if i%3 == 0 {
			f = append(append(f[:12:12], 0x81, 0, 0, 5), f[12:]...)
		}
		frames = append(frames, f)
	}
	send := func() {
		for _, f := range frames {
			a.mustSend(f)
		}
	}
	send()
	forward := func() {
		for range len(frames)/longBudget + 1 { // more turns than the long ones need
			if err := w.forward(false); err != nil {
				t.Fatal(err)
			}
		}
	}
	batch := make([]datapath.Upcall, len(frames))
	for got := 0; got < len(frames); {
		n, err := w.Receive(batch)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if !bytes.Equal(batch[i].Frame.Bytes(), frames[got]) {
				t.Fatalf("miss %d has %d bytes, want %d", got, batch[i].Frame.Len(), len(frames[got]))
			}
			got++
		}
	}
	l.connect(d, 1, 2)
	send()
	forward()
	for i, f := range frames {
		if got := c.mustReceive(); !bytes.Equal(got, f) {
			t.Fatalf("frame %d has %d bytes, want %d", i, len(got), len(f))
		}
	}

	rx := d.ports.Load().lookup(1).dev.rx
	if err := unix.SetsockoptInt(rx, unix.SOL_SOCKET, unix.SO_RCVBUF, 8192); err != nil {
		t.Fatal(err)
	}
	send()
	forward()
	lost := int(d.dropped(DropOverrun))
	if lost == 0 || lost > len(frames)*3/5 {
		t.Errorf("%d frames lost, want some of the %d long ones", lost, len(frames)*3/5)
	}
	for i, next := 0, 0; i < len(frames)-lost; i++ {
		got := c.mustReceive()
		for next < len(frames) && !bytes.Equal(frames[next], got) {
			next++
		}
		if next == len(frames) {
			t.Fatalf("frame %d of %d bytes was not sent after the one before it", i, len(got))
		}
	}
	c.silent()
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
