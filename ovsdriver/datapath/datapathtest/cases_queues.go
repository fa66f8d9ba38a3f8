package datapathtest

import (
	"fmt"
	"maps"
	"os/exec"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Shaper is what a Harness has besides if its interfaces can have queueing
// disciplines.
type Shaper interface {
	// Shape gives an interface a root htb with a class of each minor number.
	Shape(t *testing.T, name string, major uint16, minors ...uint16)
	// Classes returns how many packets each class has sent, by its handle.
	Classes(t *testing.T, name string) map[uint64]int
}

// Shape implements Shaper by tc, or skips the test where there is none or the
// kernel has no htb.
func (n *Network) Shape(t *testing.T, name string, major uint16, minors ...uint16) {
	t.Helper()
	lines := []string{fmt.Sprintf("qdisc add dev %s root handle %x: htb", name, major)}
	for _, minor := range minors {
		lines = append(lines, fmt.Sprintf("class add dev %s parent %x: classid %x:%x htb rate 1gbit", name, major, major, minor))
	}
	for _, line := range lines {
		if out, err := exec.Command("tc", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Skipf("tc %s: %v: %s", line, err, out)
		}
	}
}

// Classes implements Shaper by reading what tc prints.
func (n *Network) Classes(t *testing.T, name string) map[uint64]int {
	t.Helper()
	out, err := exec.Command("tc", "-s", "class", "show", "dev", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	counts, class := map[uint64]int{}, uint64(0)
	for line := range strings.Lines(string(out)) {
		var major, minor uint64
		var bytes, packets int
		if k, _ := fmt.Sscanf(line, "class htb %x:%x", &major, &minor); k == 2 {
			class = major<<16 | minor
		} else if k, _ := fmt.Sscanf(line, " Sent %d bytes %d pkt", &bytes, &packets); k == 2 {
			counts[class] = packets
		}
	}
	return counts
}

// queue is the action that chooses a class.
func queue(class uint64) datapath.Act { return datapath.Act{Kind: datapath.Queue, Value: class} }

// queueActs is a list that sends a frame into classes of ports 2 and 3 and, as
// edited, into others. The last class of one frame is that of a port to which
// the next one goes first.
func queueActs(edit datapath.Act) []datapath.Act {
	return []datapath.Act{
		out(3), queue(0x10010), out(2), queue(0x80020010), out(3), queue(0x10010), out(2), edit,
		out(2), {Kind: datapath.Clone, Value: 2}, queue(0x10020), out(2), out(2), queue(0), out(2), queue(0x80020010), out(3),
	}
}

// queueRig counts what queueActs has sent.
type queueRig struct {
	*rig
	Shaper
	frames int
}

// check takes up n more frames' worth, and sees each class count its own.
func (r *queueRig) check(what string, n int) {
	r.Helper()
	r.frames += n
	want2 := map[uint64]int{0x10010: 4 * r.frames, 0x10020: r.frames}
	want3 := map[uint64]int{0x80020010: 2 * r.frames}
	r.eventually(what+": the classes count their frames", func() bool {
		got2, got3 := r.Classes(r.T, r.ports[1]), r.Classes(r.T, r.ports[2])
		r.Log(what, got2, got3)
		return maps.Equal(got2, want2) && maps.Equal(got3, want3)
	})
	for port, each := range map[int]int{2: 6, 3: 3} {
		for range n * each {
			if r.h.Receive(r.T, r.ports[port-1], patience) == nil {
				r.Fatalf("%s: fewer than %d frames left port %d", what, n*each, port)
			}
		}
		r.nothing(port)
	}
}

// caseQueues sends by classes of two ports, cached and executed, in frames that
// are edited between, and sees each class count its own and nothing else.
func caseQueues(r *rig) {
	shaper, ok := r.h.(Shaper)
	if !ok {
		r.Skip("these interfaces have no queues")
	}
	q := &queueRig{rig: r, Shaper: shaper}
	shaper.Shape(r.T, r.ports[1], 1, 0x10, 0x20)
	shaper.Shape(r.T, r.ports[2], 0x8002, 0x10)
	set := datapath.Act{Kind: datapath.Set, Field: flowtable.EthDst, Value: 0x021e57000044}
	odd := datapath.Act{Kind: datapath.Set, Field: flowtable.EthType, Value: 0x88b6} // which not all cache
	cached, missed := UDP(2, 1, 80, 18), UDP(3, 1, 80, 18)
	const n = 3
	r.put(r.flow(1, 1, cached, queueActs(set), flowtable.EthType, flowtable.EthSrc))
	for range n {
		r.send(1, cached)
	}
	q.check("cached", n)
	for _, edit := range []datapath.Act{set, odd} {
		acts := queueActs(edit)
		r.answer.Store(&acts)
		for range n {
			r.send(1, missed)
		}
		q.check("executed by a receiver", n)
		r.answer.Store(nil)
		for range n {
			f, key := NewFrame(missed), keyOf(1, missed)
			if err := r.dp.Execute([]datapath.Execution{{Frame: &f, Key: &key, Actions: acts}}); err != nil {
				r.Fatal(err)
			}
		}
		q.check("executed by main", n)
	}
}
