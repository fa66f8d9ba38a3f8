package link

import (
	"encoding/binary"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func tc(t *testing.T, line string) {
	t.Helper()
	if out, err := exec.Command("tc", strings.Fields(line)...).CombinedOutput(); err != nil {
		if strings.Contains(string(out), "qdisc kind is unknown") {
			t.Skip("this kernel lacks a queueing discipline")
		}
		t.Fatalf("tc %s: %v: %s", line, err, out)
	}
}

// shaped makes an interface q0, with a far end, and returns its index.
func shaped(t *testing.T) int {
	t.Helper()
	// Without IPv6 the host sends nothing of its own accord.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o644)
	ip(t, "link", "add", "q0", "type", "veth", "peer", "name", "q1")
	t.Cleanup(func() { ip(t, "link", "del", "q0") })
	ip(t, "link", "set", "q0", "up")
	ip(t, "link", "set", "q1", "up")
	l, err := Get("q0")
	if err != nil {
		t.Fatal(err)
	}
	return l.Index
}

func TestClasses(t *testing.T) {
	index := shaped(t)
	read := func() []Class {
		t.Helper()
		classes, err := Classes(index)
		if err != nil {
			t.Fatal(err)
		}
		return classes
	}
	if got := read(); len(got) != 0 {
		t.Errorf("without a queueing discipline: %+v", got)
	}
	tc(t, "qdisc add dev q0 root handle 8007: htb default 2")
	if got := read(); len(got) != 0 {
		t.Errorf("without classes: %+v", got)
	}
	tc(t, "class add dev q0 parent 8007: classid 8007:fff0 htb rate 8mbit ceil 16mbit")
	tc(t, "class add dev q0 parent 8007: classid 8007:2 htb rate 40gbit")
	// One below a class is nobody's egress, though its classes look the same.
	tc(t, "qdisc add dev q0 parent 8007:fff0 handle 9: htb")
	tc(t, "class add dev q0 parent 9: classid 9:1 htb rate 8mbit")
	want := []Class{
		{Handle: 0x80070002, Rate: 5e9, Ceil: 5e9}, // more than 32 bits hold
		{Handle: 0x8007fff0, Rate: 1e6, Ceil: 2e6},
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("classes (-want +got)\n%s", diff)
	}

	sendInto(t, index, 3)
	got := read()[0]
	if got.Packets != 3 || got.Bytes != 300 || got.Drops != 0 {
		t.Errorf("after 3 frames of 100 bytes: %+v", got)
	}
	tc(t, "qdisc replace dev q0 parent 8007:2 handle a: bfifo limit 1")
	sendInto(t, index, 2)
	if got := read()[0]; got.Packets != 3 || got.Drops != 2 {
		t.Errorf("after 2 more without room: %+v", got)
	}

	tc(t, "qdisc replace dev q0 root handle 5: pfifo")
	if got := read(); len(got) != 0 {
		t.Errorf("after the end of the htb: %+v", got)
	}
	if got, err := Classes(1 << 30); len(got) != 0 || err != nil {
		t.Errorf("of no interface: %+v, %v", got, err)
	}
}

// TestClassesOfAnotherRoot has an htb that is at no root.
func TestClassesOfAnotherRoot(t *testing.T) {
	index := shaped(t)
	tc(t, "qdisc add dev q0 root handle 5: tbf rate 8mbit burst 3000 latency 10ms")
	tc(t, "qdisc add dev q0 parent 5:1 handle 6: htb")
	tc(t, "class add dev q0 parent 6: classid 6:1 htb rate 8mbit")
	if got, err := Classes(index); len(got) != 0 || err != nil {
		t.Errorf("under another discipline: %+v, %v", got, err)
	}
}

// sendInto sends frames of 100 bytes by the interface.
func sendInto(t *testing.T, index, n int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	frame := make([]byte, 100)
	binary.BigEndian.PutUint16(frame[12:], 0x88b5)
	for range n {
		err := unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: index})
		if err != nil && err != unix.ENOBUFS {
			t.Fatal(err)
		}
	}
}

// TestParseTCTakesAnything reads messages that are cut off anywhere.
func TestParseTCTakesAnything(t *testing.T) {
	whole := make([]byte, 20)
	attr := func(typ uint16, data ...byte) []byte {
		b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(data)))
		b = append(binary.NativeEndian.AppendUint16(b, typ), data...)
		return append(b, make([]byte, -len(b)&3)...)
	}
	whole = append(whole, attr(1, []byte("htb\x00")...)...)
	whole = append(whole, attr(2, attr(1, make([]byte, 44)...)...)...)
	whole = append(whole, attr(7, append(attr(1, make([]byte, 12)...), attr(3, make([]byte, 20)...)...)...)...)
	if o, ok := parseTC(whole); !ok || o.kind != "htb" || o.class() != (Class{}) {
		t.Errorf("the whole message: %+v, %v", o, ok)
	}
	for n := range whole {
		if o, ok := parseTC(whole[:n]); ok {
			_ = o.class()
		}
	}
	for i := range whole {
		odd := append([]byte{}, whole...)
		odd[i] ^= 0xff
		if o, ok := parseTC(odd); ok {
			_ = o.class()
		}
	}
}

// shapeEvents collects what a watcher tells of the shape of an interface, up to n.
func shapeEvents(t *testing.T, w *Watcher, index, n int) (got []Event) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for len(got) < n {
		select {
		case e := <-w.Events():
			if e.Kind >= Shaped && e.Link.Index == index {
				got = append(got, e)
			}
		case <-deadline:
			t.Fatalf("only %+v came in 5 s", got)
		}
	}
	return got
}

func TestWatchShapes(t *testing.T) {
	index := shaped(t)
	tc(t, "qdisc add dev q0 root handle 1: htb")
	tc(t, "class add dev q0 parent 1: classid 1:10 htb rate 8mbit")
	w, err := Watch()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	want := func(events ...Event) {
		t.Helper()
		for i := range events {
			events[i].Link.Index = index
		}
		if diff := cmp.Diff(events, shapeEvents(t, w, index, len(events))); diff != "" {
			t.Fatalf("events (-want +got)\n%s", diff)
		}
	}
	want(Event{Kind: Shaped, Handle: 0x10000}, Event{Kind: ClassAdded, Handle: 0x10010})
	tc(t, "class add dev q0 parent 1: classid 1:20 htb rate 8mbit")
	tc(t, "class del dev q0 classid 1:10")
	want(Event{Kind: ClassAdded, Handle: 0x10020}, Event{Kind: ClassGone, Handle: 0x10010})
	tc(t, "qdisc add dev q0 parent 1:20 handle 2: htb")
	tc(t, "class add dev q0 parent 2: classid 2:1 htb rate 8mbit")
	tc(t, "qdisc del dev q0 root")
	want(Event{Kind: Shaped})
	tc(t, "qdisc add dev q0 root handle 8003: htb")
	want(Event{Kind: Shaped, Handle: 0x80030000})
	tc(t, "qdisc replace dev q0 root handle 7: pfifo")
	want(Event{Kind: Shaped})
}
