package openflow

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

const manyFlows = 100_000

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// flowStatsRequest is one request for all flow statistics.
func flowStatsRequest(t *testing.T, xid uint32) []byte {
	t.Helper()
	b, err := openflowtest.Encode(xid, of.TypeMultipartRequest, ofp.NewMultipartRequest(ofp.MultipartTypeFlow, allFlows()))
	must(t, err)
	return b
}

// checkAlive measures that another connection and main itself answer at once.
func checkAlive(t *testing.T, h *harness, c *openflowtest.Controller) {
	t.Helper()
	begin := time.Now()
	for range 20 {
		_, err := c.Request(of.TypeEchoRequest, nil, of.TypeEchoReply)
		must(t, err)
		h.run(func() {})
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("20 round trips of another connection took %v", took)
	}
}

// A slow controller that asks for 100,000 flows gets them all, as fast as it
// reads; until then they don't exist in memory, and nobody else waits.
func TestSlowReaderOfManyFlows(t *testing.T) {
	sw := &fakeSwitch{stream: func() Stream { return &numbered{n: manyFlows, size: 96} }}
	h := start(t, sw, nil)
	slow, other := h.connect(), h.connect()
	before := heap()
	must(t, slow.SendBytes(flowStatsRequest(t, 5)))
	must(t, slow.SendBytes(rawMessage(4, ofp13.TypeBarrierRequest, 8, 6)))
	h.await("the request", func() bool { return len(sw.calls) == 2 })
	checkAlive(t, h, other)
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("%d flows wait in %d bytes", manyFlows, grown)
	}
	count := 0
	for more := true; more; {
		m, err := slow.ExpectReply(5, of.TypeMultipartReply)
		must(t, err)
		more = m.Uint16(2) != 0
		for b := m.Body[8:]; len(b) > 0; b = b[96:] {
			if got := binary.BigEndian.Uint32(b[2:]); int(got) != count {
				t.Fatalf("element %d is numbered %d", count, got)
			}
			count++
		}
		if count%10_000 < 700 {
			time.Sleep(time.Millisecond)
		}
	}
	if count != manyFlows {
		t.Errorf("%d flows came, want %d", count, manyFlows)
	}
	_, err := slow.ExpectReply(6, of.TypeBarrierReply)
	must(t, err)
}

// A controller that asks and asks and reads nothing is not served further: what
// it asks for stays in its own socket.
func TestAskingWithoutReading(t *testing.T) {
	sw := &fakeSwitch{stream: func() Stream { return &numbered{n: manyFlows, size: 96} }}
	h := start(t, sw, nil)
	greedy, other := h.connect(), h.connect()
	before := heap()
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		for range 1000 {
			if greedy.SendBytes(append(flowStatsRequest(t, 5), rawMessage(4, ofp13.TypeEchoRequest, 60000, 6, make([]byte, 59992)...)...)) != nil {
				return
			}
		}
	}()
	h.await("the first requests", func() bool { return len(sw.calls) >= 2 })
	checkAlive(t, h, other)
	time.Sleep(100 * time.Millisecond)
	h.run(func() {
		if len(sw.calls) > 8 {
			t.Errorf("%d answers are queued for a peer that does not read", len(sw.calls))
		}
	})
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("a peer that does not read costs %d bytes", grown)
	}
	must(t, greedy.Close())
	<-flooded
	h.await("its end", func() bool { return len(h.server.sessions) == 1 })
}

// A flood of packets for a controller that does not read is dropped and
// counted above the limit, and main does not wait.
func TestPacketInsForNobody(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	stuck, other := h.connect(), h.connect()
	before := heap()
	const n, size = 50_000, 1500
	m := &ofp13.PacketIn{BufferID: ofp13.NoBuffer, Data: make([]byte, size)}
	h.run(func() {
		for range n {
			h.server.PacketIn(m)
		}
	})
	if grown := heap() - before; grown > 40<<20 {
		t.Errorf("packet-ins wait in %d bytes", grown)
	}
	checkAlive(t, h, other)
	var dropped uint64
	h.run(func() { dropped = h.server.Controllers()[0].AsyncDropped })
	if dropped == 0 {
		t.Error("nothing was dropped")
	}
	arrived := 0
	must(t, stuck.SendBytes(rawMessage(4, ofp13.TypeEchoRequest, 8, 1)))
	for {
		m, err := stuck.Receive()
		must(t, err)
		if m.Type == of.TypeEchoReply {
			break
		}
		if m.Type == of.TypePacketIn { // and not the switch's own echo request
			arrived++
		}
	}
	if uint64(arrived)+dropped != n {
		t.Errorf("%d arrived and %d count as dropped, of %d", arrived, dropped, n)
	}
}

// fastEcho makes connections show life every 100 ms. Less would be a matter of
// luck on a busy machine.
func fastEcho(cfg *Config) { cfg.Limits.EchoInterval = 100 * time.Millisecond }

// A peer that hangs is disconnected: one that answers no echo, and one that takes
// nothing while much waits for it.
func TestDeadPeers(t *testing.T) {
	t.Run("silent", func(t *testing.T) {
		h := start(t, &fakeSwitch{}, fastEcho)
		c := h.connect()
		c.Deaf = true
		before, err := c.ExpectClose()
		must(t, err)
		if len(before) < 3 || before[0].Type != of.TypeEchoRequest {
			t.Errorf("before the end came %v, want echo requests", before)
		}
	})
	t.Run("not reading", func(t *testing.T) {
		sw := &fakeSwitch{stream: func() Stream { return &numbered{n: manyFlows, size: 960} }}
		h := start(t, sw, fastEcho)
		c := h.connect()
		must(t, c.SendBytes(flowStatsRequest(t, 1)))
		h.await("the end of the session", func() bool { return len(sw.calls) == 1 && len(h.server.sessions) == 0 })
	})
}

// A peer that answers no echo stays where that is no reason to reset it (§6.3.2).
func TestEchoDisabled(t *testing.T) {
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Limits.EchoInterval, cfg.Limits.EchoLosses = time.Millisecond, -1
	})
	c := h.connect()
	c.Deaf = true
	h.await("20 echo requests", func() bool { return h.server.sessions[0].conn.counters.sent.Load() > 20 })
	must(t, c.Barrier())
}

// A peer that answers stays, and so does one that is slow but reads, and one
// whose answers wait in the socket because main is not ready for them.
func TestLivingPeers(t *testing.T) {
	t.Run("answering", func(t *testing.T) {
		h := start(t, &fakeSwitch{}, fastEcho)
		c := h.connect()
		c.Timeout = 600 * time.Millisecond
		if m, err := c.Next(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got %v, %v; want nothing but echo requests", m, err)
		}
		c.Timeout = openflowtest.DefaultTimeout
		must(t, c.Barrier())
		h.run(func() {
			if rtt := h.server.Controllers()[0].EchoRTT; rtt <= 0 || rtt > time.Second {
				t.Errorf("round trip time is %v", rtt)
			}
		})
	})
	t.Run("reading slowly", func(t *testing.T) {
		sw := &fakeSwitch{stream: func() Stream { return &numbered{n: manyFlows, size: 960} }}
		h := start(t, sw, fastEcho)
		c := h.connect()
		c.Deaf = true // its answers would come too late in any case
		must(t, c.SendBytes(flowStatsRequest(t, 1)))
		for deadline := time.Now().Add(700 * time.Millisecond); time.Now().Before(deadline); {
			_, err := c.Next()
			must(t, err)
			time.Sleep(2 * time.Millisecond)
		}
	})
	t.Run("parked", func(t *testing.T) {
		sw := &fakeSwitch{}
		var done func()
		sw.park = func(d func()) { done = d }
		h := start(t, sw, fastEcho)
		c := h.connect()
		messages := validRequests()
		stream := messages[ofp13.TypeBarrierRequest].AppendTo(nil, 1)
		for range 3 * batchMessages {
			stream = messages[ofp13.TypePortMod].AppendTo(stream, 2)
		}
		must(t, c.SendBytes(stream))
		time.Sleep(600 * time.Millisecond)
		h.run(func() { done() })
		_, err := c.ExpectReply(1, of.TypeBarrierReply)
		must(t, err)
	})
}

// awaitReader waits until a connection's reader has something for main.
func awaitReader(t *testing.T, ss *session) {
	t.Helper()
	for deadline := time.Now().Add(openflowtest.DefaultTimeout); !ss.conn.waiting.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the reader has nothing")
			return
		}
	}
}

// turn has a connection ask for n port-mods, and then another one for a barrier,
// before main comes to either. It returns how many port-mods are done when the
// other's turn comes.
func turn(t *testing.T, sw *fakeSwitch, n int) int {
	t.Helper()
	h := start(t, sw, nil)
	busy, other := h.connect(), h.connect()
	messages := validRequests()
	var stream []byte
	for range n {
		stream = messages[ofp13.TypePortMod].AppendTo(stream, 1)
	}
	h.run(func() { // while main is here, both readers get ready
		must(t, busy.SendBytes(stream))
		awaitReader(t, h.server.sessions[0])
		must(t, other.SendBytes(messages[ofp13.TypeBarrierRequest].AppendTo(nil, 2)))
		awaitReader(t, h.server.sessions[1])
	})
	_, err := other.ExpectReply(2, of.TypeBarrierReply)
	must(t, err)
	must(t, busy.Barrier())
	var calls []string
	h.run(func() { calls = sw.calls })
	if len(calls) != n+2 {
		t.Errorf("%d calls, want %d", len(calls), n+2)
	}
	return slices.Index(calls, "commit")
}

// A reader that floods has only its own turn: others are served meanwhile.
func TestFloodIsFair(t *testing.T) {
	const flood = 1000
	if done := turn(t, &fakeSwitch{}, flood); done > 4*batchMessages || done > flood/2 {
		t.Errorf("the other connection's turn came after %d of %d calls", done, flood)
	}
}

// Costly requests of one connection leave main after a time slice, not after the
// batch.
func TestTimeSlice(t *testing.T) {
	if done := turn(t, &fakeSwitch{pace: time.Millisecond}, batchMessages); done > batchMessages/2 {
		t.Errorf("the other connection's turn came after %d calls of 1 ms", done)
	}
}
