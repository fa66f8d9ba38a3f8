package kernel

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// wire is a receiver whose ports are ends of socket pairs, so that tests send it
// what they like. It needs no module.
type wire struct {
	testing.TB
	r      *receiver
	counts counters
	kernel []int // the other ends
}

func newWire(t testing.TB, ports int) *wire {
	w := &wire{TB: t}
	r, err := newReceiver(testFamily, testIndex, &w.counts)
	if errors.Is(err, os.ErrPermission) {
		t.Skip("needs root, for netlink sockets with large buffers")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.r = r
	t.Cleanup(r.close)
	for range ports {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		_ = unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 4<<20)
		t.Cleanup(func() { _ = unix.Close(pair[1]) })
		if err := r.add(&socket{fd: pair[0]}); err != nil {
			t.Fatal(err)
		}
		w.kernel = append(w.kernel, pair[1])
	}
	return w
}

// send sends a message to a port, in the kernel's place.
func (w *wire) send(port int, msg []byte) {
	w.Helper()
	if err := unix.Send(w.kernel[port], msg, unix.MSG_DONTWAIT); err != nil {
		w.Fatalf("send to port %d: %v", port, err)
	}
}

// frameFrom is a frame whose bytes after the addresses are a number.
func frameFrom(n int) []byte {
	return append(make([]byte, 12), 0x88, 0xb5, byte(n>>8), byte(n))
}

func plainKey(port uint32) []byte {
	b := appendUint32Attr(nil, keyInPort, port)
	b = append(attr(b, keyEthernet, lenEthernet), make([]byte, lenEthernet)...)
	return appendBE16Attr(b, keyEthertype, 0x88b5)
}

func (w *wire) receive(n int) []datapath.Upcall {
	w.Helper()
	batch := make([]datapath.Upcall, n)
	got, err := w.r.Receive(batch)
	if err != nil {
		w.Fatal(err)
	}
	return batch[:got]
}

func TestReceive(t *testing.T) {
	w := newWire(t, 1)
	w.send(0, upcallMessage(packetCmdMiss, plainKey(4), frameFrom(1), nil))
	w.send(0, []byte("no netlink message"))
	w.send(0, upcallMessage(packetCmdAction, plainKey(0), frameFrom(2), host.AppendUint64(nil, 77)))
	w.send(0, make([]byte, slotLen)) // longer than a slot without its headroom
	w.send(0, upcallMessage(9, plainKey(0), frameFrom(2), nil))
	got := w.receive(8)
	if len(got) != 2 {
		t.Fatalf("%d upcalls, want 2", len(got))
	}
	miss, action := &got[0], &got[1]
	if miss.Kind != datapath.Miss || miss.Key.Get(flowtable.InPort) != 4 || string(miss.Frame.Bytes()) != string(frameFrom(1)) {
		t.Errorf("miss: kind %d, key %v, frame %x", miss.Kind, miss.Key, miss.Frame.Bytes())
	}
	if miss.Frame.Start < datapath.Headroom {
		t.Errorf("a headroom of %d bytes, want %d", miss.Frame.Start, datapath.Headroom)
	}
	if action.Kind != datapath.Action || action.Record != 77 || action.Key.Get(flowtable.InPort) != uint64(datapath.Local) ||
		string(action.Frame.Bytes()) != string(frameFrom(2)) {
		t.Errorf("action: %+v", action)
	}
	if n := w.counts.invalid.Load(); n != 3 {
		t.Errorf("%d invalid upcalls counted, want 3", n)
	}
}

// TestReceiveInTurn checks that a port with much to say does not keep others
// waiting for longer than its turn.
func TestReceiveInTurn(t *testing.T) {
	w := newWire(t, 2)
	const much = 3 * portTurn
	for i := range much {
		w.send(0, upcallMessage(packetCmdMiss, plainKey(1), frameFrom(i), nil))
	}
	w.send(1, upcallMessage(packetCmdMiss, plainKey(2), frameFrom(0), nil))
	before, total := -1, 0
	for total < much+1 {
		for _, u := range w.receive(50) {
			if u.Key.Get(flowtable.InPort) == 2 {
				before = total
			}
			total++
		}
	}
	if before < 0 || before > portTurn {
		t.Errorf("the quiet port was heard after %d upcalls of the loud one, want at most %d", before, portTurn)
	}
}

// TestReceiveBlocks checks that Receive sleeps until something comes, that ports
// come and go meanwhile, and that close ends it.
func TestReceiveBlocks(t *testing.T) {
	w := newWire(t, 1)
	type result struct {
		n   int
		err error
	}
	results := make(chan result)
	go func() {
		for {
			n, err := w.r.Receive(make([]datapath.Upcall, 4))
			results <- result{n, err}
			if err != nil {
				return
			}
		}
	}()
	wait := func() result {
		select {
		case r := <-results:
			return r
		case <-time.After(5 * time.Second):
			t.Fatal("Receive still blocks")
			panic("unreachable")
		}
	}
	select {
	case r := <-results:
		t.Fatalf("Receive returned %v without an upcall", r)
	case <-time.After(20 * time.Millisecond):
	}
	w.send(0, upcallMessage(packetCmdMiss, plainKey(1), frameFrom(1), nil))
	if r := wait(); r.n != 1 || r.err != nil {
		t.Errorf("Receive: %v, want one upcall", r)
	}
	w.r.remove(w.r.sockets[slotPorts])
	w.r.close()
	if r := wait(); !errors.Is(r.err, net.ErrClosed) {
		t.Errorf("Receive after close: %v, want net.ErrClosed", r.err)
	}
	if _, err := w.r.Receive(make([]datapath.Upcall, 4)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Receive again: %v, want net.ErrClosed", err)
	}
}

// TestBatchAllocates holds a batch, from the socket to the executions' send, to
// no allocations.
func TestBatchAllocates(t *testing.T) {
	w := newWire(t, 1)
	batch := make([]datapath.Upcall, 32)
	executions := make([]datapath.Execution, 0, 32)
	acts := []datapath.Act{set(flowtable.EthDst, 5), {Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 5}, outputTo(2)}
	msg := upcallMessage(packetCmdMiss, plainKey(1), make([]byte, 60), nil)
	run := func() {
		for range 16 {
			w.send(0, msg)
		}
		n, err := w.r.Receive(batch)
		if n != 16 || err != nil {
			t.Fatalf("Receive: %d, %v", n, err)
		}
		executions = executions[:0]
		for i := range batch[:n] {
			executions = append(executions, datapath.Execution{Frame: &batch[i].Frame, Key: &batch[i].Key, Actions: acts})
		}
		// Without a family of that number, the kernel's only answers are errors.
		if err := w.r.Execute(executions); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("a batch of 16 upcalls allocates %.0f times, want 0", n)
	}
}

func BenchmarkParseUpcall(b *testing.B) {
	msg := upcallMessage(packetCmdMiss, goldenKeyBytes(b)[0], make([]byte, 60), nil)
	buf := append(make([]byte, datapath.Headroom), msg...)
	var u datapath.Upcall
	b.ReportAllocs()
	for b.Loop() {
		if !parseUpcall(buf, datapath.Headroom, len(msg), testFamily, testIndex, &u) {
			b.Fatal("not parsed")
		}
	}
}
