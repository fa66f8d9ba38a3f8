package openflow

import (
	"bytes"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

func testLimits() *Limits {
	l := Limits{}.withDefaults()
	return &l
}

// drainBox takes everything out as a writer would.
func drainBox(o *outbox) []byte {
	var b []byte
	for {
		s, ok := o.take()
		if !ok {
			return b
		}
		if s.stream == nil {
			b = append(b, s.bytes...)
		}
		for more := s.stream != nil; more; {
			var part []byte
			part, more = s.stream.nextPart(nil)
			b = append(b, part...)
		}
		o.done()
	}
}

// xids lists the xids of consecutive messages.
func xids(t *testing.T, b []byte) (list []uint32) {
	t.Helper()
	for len(b) > 0 {
		h := peekHeader(b)
		if int(h.Length) < ofp13.HeaderLen || int(h.Length) > len(b) {
			t.Fatalf("message of %d bytes in %d", h.Length, len(b))
		}
		list = append(list, h.XID)
		b = b[h.Length:]
	}
	return list
}

func TestOutboxKeepsOrder(t *testing.T) {
	o := newOutbox(testLimits())
	must(t, o.send(&ofp13.BarrierReply{}, 1))
	o.sendStream(&multipart{xid: 2, stream: &numbered{n: 3, size: 8}})
	must(t, o.send(&ofp13.BarrierReply{}, 3))
	o.offer(rawMessage(4, ofp13.TypePacketIn, 8, 4), true)
	o.sendStream(&multipart{xid: 5, stream: noElements()})
	for i, xid := range xids(t, drainBox(o)) {
		if int(xid) != i+1 {
			t.Errorf("message %d has xid %d", i+1, xid)
		}
	}
	if o.total != (tally{}) || o.replies != (tally{}) {
		t.Errorf("empty, but %+v and %+v are counted", o.total, o.replies)
	}
}

func TestOutboxDropsAsyncAboveItsLimits(t *testing.T) {
	tests := []struct {
		name     string
		limits   Limits
		packetIn bool
		size     int
		want     int // messages with room
	}{
		{"messages", Limits{QueueMessages: 10}, true, 100, 10},
		{"bytes", Limits{QueueBytes: 10_050}, true, 100, 100},
		{"removed flows beyond the number", Limits{QueueMessages: 10}, false, 100, 1000},
		{"removed flows beyond the bytes", Limits{QueueBytes: 10_050}, false, 100, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := tt.limits.withDefaults()
			o := newOutbox(&l)
			encoded := rawMessage(4, ofp13.TypePacketIn, tt.size, 0, make([]byte, tt.size-8)...)
			queued := 0
			for range 1000 {
				if o.offer(encoded, tt.packetIn) {
					queued++
				}
			}
			if queued != tt.want {
				t.Errorf("%d messages were queued, want %d", queued, tt.want)
			}
			must(t, o.send(&ofp13.BarrierReply{}, 77)) // replies are never dropped
			if list := xids(t, drainBox(o)); len(list) != tt.want+1 || list[tt.want] != 77 {
				t.Errorf("%d messages came out, the last with xid %d", len(list), list[len(list)-1])
			}
			if !o.offer(encoded, tt.packetIn) {
				t.Error("no room after all is sent")
			}
		})
	}
}

func TestOutboxGrantsRoomOnce(t *testing.T) {
	o := newOutbox(testLimits())
	for !o.congested() {
		must(t, o.send(&ofp13.EchoReply{Data: make([]byte, 1000)}, 1))
	}
	if o.replies.bytes > congestedBytes+2000 {
		t.Errorf("congested at %d bytes, should be at %d", o.replies.bytes, congestedBytes)
	}
	if !o.askRoom() || o.roomWanted() {
		t.Error("room was granted while congested")
	}
	drainBox(o)
	if !o.roomWanted() {
		t.Error("room was not granted")
	}
	if o.roomWanted() {
		t.Error("room was granted twice")
	}
}

// Whoever asks a dead outbox for room would wait forever.
func TestOutboxDead(t *testing.T) {
	o := newOutbox(testLimits())
	for !o.congested() {
		o.sendStream(&multipart{stream: noElements()})
	}
	o.askRoom()
	o.kill()
	if o.congested() {
		t.Error("a dead outbox is congested")
	}
	if !o.roomWanted() {
		t.Error("who asked before death is not told")
	}
	if o.askRoom() {
		t.Error("who asks after death is made to wait")
	}
	must(t, o.send(&ofp13.BarrierReply{}, 1))
	if _, ok := o.take(); ok {
		t.Error("a dead outbox takes messages")
	}
}

func TestOutboxRefusesOverlongMessages(t *testing.T) {
	o := newOutbox(testLimits())
	must(t, o.send(&ofp13.BarrierReply{}, 1))
	overlong := appender(func(b []byte) []byte { return append(b, make([]byte, maxMessageLen+1)...) })
	if err := o.send(overlong, 2); err == nil {
		t.Error("a message of 65536 bytes was queued")
	}
	must(t, o.send(&ofp13.BarrierReply{}, 3))
	if got := xids(t, drainBox(o)); len(got) != 2 || got[1] != 3 {
		t.Errorf("xids %v came out", got)
	}
}

// appender is a message made by a function.
type appender func([]byte) []byte

func (a appender) AppendTo(b []byte, _ uint32) []byte { return a(b) }

func TestOutboxDeadlineOfFinishStays(t *testing.T) {
	o := newOutbox(testLimits())
	var set []time.Time
	remember := func(d time.Time) error { set = append(set, d); return nil }
	end := time.Now().Add(time.Millisecond)
	must(t, o.arm(time.Hour, remember))
	o.finish(end, remember)
	o.finish(end.Add(time.Hour), remember)
	must(t, o.arm(time.Hour, remember))
	if len(set) != 3 || !set[1].Equal(end) || !set[2].Equal(end) {
		t.Errorf("deadlines %v, want the last two to be %v", set, end)
	}
}

// Replies and asynchronous messages must not cost garbage in the steady state.
func TestOutboxAllocatesNothing(t *testing.T) {
	o := newOutbox(testLimits())
	reply := &ofp13.EchoReply{Data: bytes.Repeat([]byte{1}, 64)}
	encoded := rawMessage(4, ofp13.TypePacketIn, 100, 0, make([]byte, 92)...)
	allocs := testing.AllocsPerRun(100, func() {
		for range 20 {
			if err := o.send(reply, 1); err != nil || !o.offer(encoded, true) {
				t.Fatal("no room")
			}
		}
		for {
			if _, ok := o.take(); !ok {
				break
			}
			o.done()
		}
	})
	if allocs != 0 {
		t.Errorf("%.1f allocations", allocs)
	}
}

// Last words that come just after the writer has found nothing to send go out
// before the connection ends.
func TestFinishWaitsForLastWords(t *testing.T) {
	o := newOutbox(testLimits())
	if _, ok := o.take(); ok {
		t.Fatal("something is queued")
	}
	o.hold()
	must(t, o.send(&ofp13.BarrierReply{}, 1))
	o.finish(time.Now().Add(time.Minute), func(time.Time) error { return nil })
	if o.finishing() {
		t.Error("the connection ends with an answer queued")
	}
	if !woken(o) {
		t.Error("the writer is not woken for it")
	}
	if list := xids(t, drainBox(o)); len(list) != 1 || !o.finishing() {
		t.Errorf("messages %v went; then the end: %t", list, o.finishing())
	}
}
