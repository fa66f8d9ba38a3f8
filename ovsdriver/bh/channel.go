package bh

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Sizes of frame buffers, headroom included. A large one holds any frame that
// segmentation offload can make, with its Ethernet and VLAN headers.
const (
	smallFrame = 2048 + datapath.Headroom
	largeFrame = 1<<16 + 256 + datapath.Headroom
)

// Channel carries requests from workers to main. Reserve and Submit may be
// called from any goroutine, Drain from main only.
type Channel struct {
	lanes [NumKinds]lane
	large pool
	wake  chan struct{}
}

// lane is the queue of one kind and the requests that it reuses.
type lane struct {
	queue   chan *Request
	free    chan *Request
	made    atomic.Int64 // requests that exist, at most cap(queue)
	sent    atomic.Uint64
	dropped atomic.Uint64
}

// pool lends large buffers: at most cap(free) of them exist.
type pool struct {
	free chan []byte
	made atomic.Int64
}

// New returns a channel whose lanes are as long as q says.
func New(q Quota) *Channel {
	c := &Channel{wake: make(chan struct{}, 1)}
	for kind, n := range [NumKinds]int{
		PacketIn:       orDefault(q.PacketIn, 512),
		CachedPacketIn: orDefault(q.CachedPacketIn, 512),
		Trace:          orDefault(q.Trace, 64),
		Install:        orDefault(q.Install, 1024),
	} {
		c.lanes[kind].queue = make(chan *Request, n)
		c.lanes[kind].free = make(chan *Request, n)
	}
	c.large.free = make(chan []byte, orDefault(q.Large, 64))
	return c
}

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}

// Reserve returns a request of this kind, to be filled and given to Submit. Of
// a packet-in's frame it takes a copy; for Trace and Install frame is nil. It
// returns nil if the lane is full, and has counted that. It never blocks, and
// allocates only until the lane has once been full.
func (c *Channel) Reserve(kind Kind, frame *datapath.Frame) *Request {
	l := &c.lanes[kind]
	r := l.take()
	if r == nil {
		l.dropped.Add(1)
		return nil
	}
	r.Kind = kind
	if frame != nil && !c.copyFrame(r, frame) {
		l.free <- r
		l.dropped.Add(1)
		return nil
	}
	return r
}

// take returns a request that nobody uses, or nil if there are enough.
func (l *lane) take() *Request {
	select {
	case r := <-l.free:
		return r
	default:
	}
	if l.made.Add(1) > int64(cap(l.queue)) {
		l.made.Add(-1)
		return nil
	}
	return &Request{}
}

// copyFrame fills r.Frame from f, in the request's own buffer if it fits.
func (c *Channel) copyFrame(r *Request, f *datapath.Frame) bool {
	n := f.Len()
	var buf []byte
	switch {
	case n <= smallFrame-datapath.Headroom:
		if r.buf == nil {
			r.buf = make([]byte, smallFrame)
		}
		buf = r.buf
	case n <= largeFrame-datapath.Headroom:
		if r.large = c.large.take(); r.large == nil {
			return false
		}
		buf = r.large
	default:
		return false
	}
	end := datapath.Headroom + copy(buf[datapath.Headroom:], f.Bytes())
	r.Frame = datapath.Frame{Buf: buf, Start: datapath.Headroom, End: end, Offload: f.Offload}
	return true
}

// take returns a large buffer, or nil if all are lent.
func (p *pool) take() []byte {
	select {
	case b := <-p.free:
		return b
	default:
	}
	if p.made.Add(1) > int64(cap(p.free)) {
		p.made.Add(-1)
		return nil
	}
	return make([]byte, largeFrame)
}

// Submit sends a reserved request and wakes main. It never blocks.
func (c *Channel) Submit(r *Request) {
	l := &c.lanes[r.Kind]
	l.sent.Add(1)
	l.queue <- r // no more requests exist than the queue holds
	c.notify()
}

// notify makes Wake ready, if it is not already.
func (c *Channel) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Wake is ready when there may be requests.
func (c *Channel) Wake() <-chan struct{} { return c.wake }

// Drain calls fn with waiting requests, lane by lane in the order of the kinds,
// at most budget[kind] of each. A request and its frame are fn's until it
// returns. Drain does not block; what the budgets leave makes Wake ready again.
func (c *Channel) Drain(budget [NumKinds]int, fn func(*Request)) (served int) {
	more := false
	for kind := range c.lanes {
		l := &c.lanes[kind]
		n := min(budget[kind], len(l.queue))
		for range n {
			r := <-l.queue
			fn(r)
			c.release(l, r)
		}
		served += n
		more = more || len(l.queue) > 0
	}
	if more {
		c.notify()
	}
	return served
}

// release makes r available to senders again.
func (c *Channel) release(l *lane, r *Request) {
	if r.large != nil {
		c.large.free <- r.large
	}
	*r = Request{buf: r.buf}
	l.free <- r
}

// Counts returns what the lane of each kind has seen. Any goroutine may call it.
func (c *Channel) Counts() (counts [NumKinds]Count) {
	for kind := range c.lanes {
		l := &c.lanes[kind]
		counts[kind] = Count{Sent: l.sent.Load(), Dropped: l.dropped.Load()}
	}
	return counts
}
