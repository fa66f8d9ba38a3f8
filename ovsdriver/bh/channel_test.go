package bh

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func unlimited() (b [NumKinds]int) {
	for i := range b {
		b[i] = 1 << 20
	}
	return b
}

func frame(n int) *datapath.Frame {
	f := &datapath.Frame{Buf: make([]byte, 10+n), Start: 10, End: 10 + n}
	for i := range n {
		f.Buf[10+i] = byte(i)
	}
	return f
}

func send(t *testing.T, c *Channel, kind Kind, record uint64) {
	t.Helper()
	r := c.Reserve(kind, nil)
	if r == nil {
		t.Fatalf("lane %d is full", kind)
	}
	r.Record = record
	c.Submit(r)
}

func ready(c *Channel) bool {
	select {
	case <-c.Wake():
		return true
	default:
		return false
	}
}

func TestDrainOrderAndBudget(t *testing.T) {
	c := New(Quota{})
	if ready(c) {
		t.Error("awake before anything was sent")
	}
	for i := range uint64(3) {
		send(t, c, Install, 30+i)
		send(t, c, Trace, 20+i)
		send(t, c, CachedPacketIn, 10+i)
		send(t, c, PacketIn, i)
	}
	if !ready(c) || ready(c) {
		t.Error("one wake for what came meanwhile")
	}
	var got []uint64
	drain := func(budget [NumKinds]int) int {
		got = nil
		return c.Drain(budget, func(r *Request) { got = append(got, r.Record) })
	}
	if n := drain([NumKinds]int{PacketIn: 2, CachedPacketIn: 3, Trace: 1, Install: 1}); n != 7 || fmt.Sprint(got) != "[0 1 10 11 12 20 30]" {
		t.Errorf("served %d: %v", n, got)
	}
	if !ready(c) {
		t.Error("asleep though requests are left")
	}
	if n := drain(unlimited()); n != 5 || fmt.Sprint(got) != "[2 21 22 31 32]" {
		t.Errorf("then served %d: %v", n, got)
	}
	if ready(c) || drain(unlimited()) != 0 {
		t.Error("awake though nothing is left")
	}
}

// A full lane drops and counts, and takes nothing from the others.
func TestFullLane(t *testing.T) {
	c := New(Quota{PacketIn: 4, Install: 2})
	f := frame(60)
	for range 10 {
		if r := c.Reserve(PacketIn, f); r != nil {
			c.Submit(r)
		}
	}
	send(t, c, Install, 1)
	counts := c.Counts()
	if counts[PacketIn] != (Count{Sent: 4, Dropped: 6}) || counts[Install] != (Count{Sent: 1}) {
		t.Errorf("counts %+v", counts)
	}
	// A drained lane takes as many again.
	if n := c.Drain(unlimited(), func(*Request) {}); n != 5 {
		t.Errorf("drained %d", n)
	}
	for range 4 {
		if c.Reserve(PacketIn, f) == nil {
			t.Fatal("the lane is full")
		}
	}
	if c.Reserve(PacketIn, f) != nil {
		t.Error("reserved requests count for the quota")
	}
}

func TestFrames(t *testing.T) {
	c := New(Quota{Large: 2})
	offload := datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1448}
	for _, n := range []int{0, 14, 60, 2048, 2049, 65536 + 18} {
		f := frame(n)
		f.Offload = offload
		r := c.Reserve(PacketIn, f)
		if r == nil {
			t.Fatalf("%d bytes: dropped", n)
		}
		want := bytes.Clone(f.Bytes())
		clear(f.Buf) // the sender uses its buffer for the next frame
		c.Submit(r)
		c.Drain(unlimited(), func(r *Request) {
			if !bytes.Equal(r.Frame.Bytes(), want) || r.Frame.Offload != offload {
				t.Errorf("%d bytes: the frame is another", n)
			}
			if r.Frame.Start != datapath.Headroom {
				t.Errorf("%d bytes: %d bytes of headroom", n, r.Frame.Start)
			}
		})
	}
	if r := c.Reserve(PacketIn, frame(1<<17)); r != nil {
		t.Error("a frame beyond any size was taken")
	}
	// Of large frames only so many wait at once, and small ones still do.
	for range 2 {
		c.Submit(c.Reserve(CachedPacketIn, frame(9000)))
	}
	if r := c.Reserve(CachedPacketIn, frame(9000)); r != nil {
		t.Error("a third large frame was taken")
	}
	if r := c.Reserve(CachedPacketIn, frame(1500)); r == nil {
		t.Error("a small frame was dropped")
	}
	c.Drain(unlimited(), func(*Request) {})
	if r := c.Reserve(CachedPacketIn, frame(9000)); r == nil {
		t.Error("large buffers did not come back")
	}
}

// A request starts empty, whatever the one before it was.
func TestRequestsAreClean(t *testing.T) {
	c := New(Quota{PacketIn: 1})
	r := c.Reserve(PacketIn, frame(60))
	r.Record, r.Cookie, r.Key[0] = 1, 2, 3
	c.Submit(r)
	c.Drain(unlimited(), func(*Request) {})
	r = c.Reserve(PacketIn, frame(0))
	if r.Record != 0 || r.Cookie != 0 || r.Key != (flowtable.Key{}) || r.Frame.Len() != 0 {
		t.Errorf("%+v", r)
	}
}

func TestSendAllocs(t *testing.T) {
	c := New(Quota{PacketIn: 8, Install: 8})
	small, large := frame(1500), frame(9000)
	fill := func() {
		for range 10 {
			for _, f := range []*datapath.Frame{small, large} {
				if r := c.Reserve(PacketIn, f); r != nil {
					c.Submit(r)
				}
			}
			if r := c.Reserve(Install, nil); r != nil {
				c.Submit(r)
			}
		}
		c.Drain(unlimited(), func(*Request) {})
	}
	for range 100 { // every request has then had a buffer of its own
		fill()
	}
	if n := testing.AllocsPerRun(100, fill); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Senders race each other and main; nothing is lost but what is counted, and
// each sender's requests stay in order.
func TestConcurrentSenders(t *testing.T) {
	const senders, each = 4, 5000
	c := New(Quota{PacketIn: 16, CachedPacketIn: 16, Install: 16})
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			f := frame(100)
			for i := range each {
				kind := Kind(i % int(NumKinds))
				from := f
				if kind == Install || kind == Trace {
					from = nil
				}
				if r := c.Reserve(kind, from); r != nil {
					r.Record, r.Cookie = uint64(i), uint64(s)
					c.Submit(r)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	var served uint64
	last := map[[2]uint64]uint64{}
	take := func(r *Request) {
		served++
		at := [2]uint64{uint64(r.Kind), r.Cookie}
		if was, ok := last[at]; ok && r.Record <= was {
			t.Errorf("sender %d: request %d after %d", r.Cookie, r.Record, was)
		}
		last[at] = r.Record
		if (r.Kind == PacketIn || r.Kind == CachedPacketIn) && r.Frame.Len() != 100 {
			t.Errorf("frame of %d bytes", r.Frame.Len())
		}
	}
	budget := [NumKinds]int{4, 4, 4, 4}
	for running := true; running; {
		select {
		case <-c.Wake():
			c.Drain(budget, take)
		case <-done:
			running = false
		}
	}
	c.Drain(unlimited(), take)
	var sent, dropped uint64
	for _, n := range c.Counts() {
		sent += n.Sent
		dropped += n.Dropped
	}
	if served != sent || sent+dropped != senders*each || sent == 0 {
		t.Errorf("served %d, sent %d, dropped %d of %d", served, sent, dropped, senders*each)
	}
}

func BenchmarkSend(b *testing.B) {
	c := New(Quota{})
	f := frame(100)
	budget := unlimited()
	b.ReportAllocs()
	for b.Loop() {
		c.Submit(c.Reserve(PacketIn, f))
		c.Drain(budget, func(*Request) {})
	}
}
