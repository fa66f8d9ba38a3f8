package userspace

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// queue is the action that chooses class 1:minor.
func queue(minor uint64) datapath.Act {
	return datapath.Act{Kind: datapath.Queue, Value: 1<<16 | minor}
}

// shape gives port no a root htb 1:, if it has none, and these classes.
func (l *lab) shape(no int, options string, minors ...uint64) {
	l.t.Helper()
	dev := fmt.Sprintf("p%d", no)
	if !strings.Contains(l.run("tc", "qdisc", "show", "dev", dev), "htb 1:") {
		l.run("tc", "qdisc", "add", "dev", dev, "root", "handle", "1:", "htb")
	}
	for _, minor := range minors {
		args := fmt.Sprintf("class add dev %s parent 1: classid 1:%x htb %s", dev, minor, options)
		l.run("tc", strings.Fields(args)...)
	}
}

// classes reads how many packets each class of port no has sent.
func (l *lab) classes(no int) map[uint64]int {
	l.t.Helper()
	counts, class := map[uint64]int{}, uint64(0)
	for line := range strings.Lines(l.run("tc", "-s", "class", "show", "dev", fmt.Sprintf("p%d", no))) {
		var minor uint64
		var bytes, packets int
		if k, _ := fmt.Sscanf(line, "class htb 1:%x", &minor); k == 1 {
			class = minor
		} else if k, _ := fmt.Sscanf(line, " Sent %d bytes %d pkt", &bytes, &packets); k == 2 {
			counts[class] = packets
		}
	}
	return counts
}

// sendBy executes actions on frames of main's own, n times.
func sendBy(t *testing.T, d *Datapath, n, size int, acts ...datapath.Act) {
	t.Helper()
	f := &datapath.Frame{Buf: make([]byte, datapath.Headroom+size), Start: datapath.Headroom, End: datapath.Headroom + size}
	copy(f.Bytes(), udp(1, nobody, 60, 7))
	var batch []datapath.Execution
	for range n {
		batch = append(batch, datapath.Execution{Frame: f, Key: new(flowtable.Key), Actions: acts})
	}
	if err := d.Execute(batch); err != nil {
		t.Fatal(err)
	}
}

// TestManyClasses sends into more classes than a sender gathers for and a device
// has sockets for, in turn and again: each class gets its frames, and those in
// none go by none.
func TestManyClasses(t *testing.T) {
	l := newLab(t, 2)
	want := map[uint64]int{}
	var minors []uint64
	var acts []datapath.Act
	for i := range uint64(maxClassSockets + maxClassQueues) {
		minor := 1 + i*3
		minors, want[minor] = append(minors, minor), 10
		acts = append(acts, queue(minor), output(2), datapath.Act{Kind: datapath.Queue}, output(2), queue(minor), output(2))
	}
	l.shape(2, "rate 1gbit", minors...)
	d, _ := l.byHand(2)
	before := l.received(2)
	sendBy(t, d, 5, 100, acts...)
	if got := l.classes(2); !maps.Equal(got, want) {
		t.Errorf("classes sent %v, want %v", got, want)
	}
	if n := l.received(2) - before; n != 15*len(minors) {
		t.Errorf("host 2 got %d frames of %d", n, 15*len(minors))
	}
}

// TestCopiesWaitForTheirClass sends frames that have to be copied, one into each of
// more classes than a sender gathers for: all come out as they were.
func TestCopiesWaitForTheirClass(t *testing.T) {
	const frames = 3 * maxClassQueues
	l := newLab(t, 2)
	b := l.wire(2)
	d, _ := l.byHand(2)
	var batch []datapath.Execution
	for i := range uint64(frames) {
		raw := udp(1, nobody, 64, uint16(i))
		batch = append(batch, datapath.Execution{
			Frame:   &datapath.Frame{Buf: raw, End: len(raw)}, // without room for what is sent before it
			Key:     new(flowtable.Key),
			Actions: []datapath.Act{queue(i + 1), output(2)},
		})
	}
	if err := d.Execute(batch); err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		if got := b.mustReceive(); !bytes.Equal(got, batch[i].Frame.Bytes()) {
			t.Errorf("frame %d: % x, want % x", i, got, batch[i].Frame.Bytes())
		}
	}
}

// TestFullClassHoldsUpNoOther fills a class that lets next to nothing through,
// till its frames find no room any more: those in others, or none, still pass.
func TestFullClassHoldsUpNoOther(t *testing.T) {
	l := newLab(t, 2)
	l.run("ip", "link", "set", "p2", "mtu", "65000")
	l.run("ip", "-n", l.hosts[1], "link", "set", "eth0", "mtu", "65000")
	l.shape(2, "rate 8kbit burst 1600", 1)
	l.shape(2, "rate 1gbit", 2)
	d, _ := l.byHand(2)
	sendBy(t, d, 300, 60000, queue(1), output(2))
	drops, err := d.dropsOf(2)
	if err != nil || drops[DropSendQueue] == 0 {
		t.Fatalf("the class did not fill: drops %v, %v", drops, err)
	}
	if got, want := d.PortDrops(2).Tx, drops[DropSendQueue]-d.ports.Load().lookup(2).counted.Load(); got != want || want == 0 {
		t.Errorf("PortDrops(2).Tx is %d, want %d", got, want)
	}
	before := l.received(2)
	sendBy(t, d, 20, 100, queue(2), output(2), datapath.Act{Kind: datapath.Queue}, output(2))
	if got := l.classes(2)[2]; got != 20 {
		t.Errorf("class 2 sent %d frames of 20", got)
	}
	if n := l.received(2) - before; n < 40 {
		t.Errorf("host 2 got %d frames of 40", n)
	}
}
