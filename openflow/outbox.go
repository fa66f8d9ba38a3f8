package openflow

import (
	"fmt"
	"sync"
	"time"
)

const (
	// chunkSize is about how much the writer gives to the socket at a time, and
	// so what a slow peer must take within the stall timeout to count as alive.
	chunkSize = 64 << 10
	// congestedBytes and congestedMessages of replies make main leave further
	// requests of the connection alone. Waiting loses nothing, so the limits are low.
	congestedBytes    = 256 << 10
	congestedMessages = 1000
)

// class is why a message is sent, which decides what happens when there are
// too many.
type class int

const (
	reply class = iota // answers wait, and hold up the requests after them
	async              // the rest is dropped above the limit
)

// message is what encodes itself, as every message of ofp13 does.
type message interface {
	AppendTo(b []byte, xid uint32) []byte
}

// outbox is what is queued for one peer: main appends, the writer takes. Encoded
// messages share chunks of about chunkSize, streams stand between them in order.
type outbox struct {
	limits *Limits
	wake   chan struct{}    // the writer sleeps on it
	direct func([]byte) int // writes what the socket takes at once; nil if nothing can

	mu       sync.Mutex
	queue    []segment
	taken    segment // what the writer is busy with
	total    tally
	replies  tally
	notify   bool      // main waits for room
	deadline time.Time // set when the connection is to end after a flush
	dead     bool      // nothing will be sent any more
	asleep   bool      // the writer has found the queue empty
	held     bool      // main is about to queue more
	spare    []byte
}

// segment is either encoded messages or one stream.
type segment struct {
	bytes   []byte
	stream  *multipart
	total   tally
	replies tally
}

// tally counts queued messages and their bytes. A stream counts as one message
// of a chunk's size.
type tally struct{ messages, bytes int }

func (t *tally) add(u tally) { t.messages += u.messages; t.bytes += u.bytes }
func (t *tally) sub(u tally) { t.messages -= u.messages; t.bytes -= u.bytes }

func newOutbox(l *Limits) *outbox {
	return &outbox{limits: l, wake: make(chan struct{}, 1)}
}

// send queues one message. It fails if the message is longer than its length
// field can say.
func (o *outbox) send(m message, xid uint32) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead {
		return nil
	}
	tail := o.tail()
	old := len(tail.bytes)
	encoded := m.AppendTo(tail.bytes, xid)
	n := len(encoded) - old
	if n > maxMessageLen {
		return fmt.Errorf("%T of %d bytes exceeds the longest message, %d", m, n, maxMessageLen)
	}
	tail.bytes = encoded
	o.count(tail, tally{1, n}, reply)
	return nil
}

// offer queues an encoded asynchronous message, or reports false if the limit
// is reached. Packet-ins are limited in number too, since a packet that waits
// behind a thousand is worth little. Of removed flows and ports a controller
// wants to hear whenever there is memory: nobody tells it again.
func (o *outbox) offer(encoded []byte, packetIn bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead || o.total.bytes+len(encoded) > o.limits.QueueBytes {
		return false
	}
	if packetIn && o.total.messages >= o.limits.QueueMessages {
		return false
	}
	tail := o.tail()
	tail.bytes = append(tail.bytes, encoded...)
	o.count(tail, tally{1, len(encoded)}, async)
	return true
}

// sendStream queues a multipart reply that is generated while it is sent.
func (o *outbox) sendStream(m *multipart) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dead {
		return
	}
	o.queue = append(o.queue, segment{stream: m})
	o.count(&o.queue[len(o.queue)-1], tally{1, chunkSize}, reply)
}

// tail returns the chunk that takes the next message.
func (o *outbox) tail() *segment {
	if n := len(o.queue); n > 0 {
		last := &o.queue[n-1]
		if last.stream == nil && len(last.bytes) < chunkSize {
			return last
		}
	}
	o.queue = append(o.queue, segment{bytes: o.spare[:0]})
	o.spare = nil
	return &o.queue[len(o.queue)-1]
}

func (o *outbox) count(s *segment, t tally, c class) {
	s.total.add(t)
	o.total.add(t)
	if c == reply {
		s.replies.add(t)
		o.replies.add(t)
	}
	if !o.held {
		o.signal()
	}
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// congested reports whether so many replies wait that the next request should.
func (o *outbox) congested() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.congestedLocked()
}

func (o *outbox) congestedLocked() bool {
	return !o.dead && (o.replies.messages >= congestedMessages || o.replies.bytes >= congestedBytes)
}

// askRoom makes the next call of roomWanted that finds no congestion true. It
// reports false if the outbox is dead, so that nobody would call.
func (o *outbox) askRoom() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notify = !o.dead
	o.signal()
	return !o.dead
}

// roomWanted reports, once, that main asked for room and now has it.
func (o *outbox) roomWanted() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.notify || o.congestedLocked() {
		return false
	}
	o.notify = false
	return true
}

// take gives the writer the oldest segment, which stays counted until done.
func (o *outbox) take() (segment, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asleep = len(o.queue) == 0
	if o.asleep {
		return segment{}, false
	}
	o.taken = o.queue[0]
	n := copy(o.queue, o.queue[1:])
	o.queue[n] = segment{}
	o.queue = o.queue[:n]
	return o.taken, true
}

// done says that the segment taken last is sent; its buffer is used again.
func (o *outbox) done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total.sub(o.taken.total)
	o.replies.sub(o.taken.replies)
	if b := o.taken.bytes; cap(b) <= 2*chunkSize {
		o.spare = b
	}
	o.taken = segment{}
}

// finish makes the writer end the connection once the outbox is empty, or at
// the deadline, which it gives to set at once.
func (o *outbox) finish(deadline time.Time, set func(time.Time) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.deadline.IsZero() {
		o.deadline = deadline
		_ = set(deadline) // fails only on a closed socket, which needs none
	}
	o.signal()
}

// arm gives the next write its deadline: timeout from now, or none if that is 0,
// but no later than finish said.
func (o *outbox) arm(timeout time.Duration, set func(time.Time) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.deadline.IsZero() {
		return set(o.deadline)
	}
	if timeout == 0 {
		return set(time.Time{})
	}
	return set(time.Now().Add(timeout))
}

// finishing reports whether finish was called and nothing is queued: what came
// before it may have been queued since the writer found nothing.
func (o *outbox) finishing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.deadline.IsZero() && len(o.queue) == 0
}

// kill empties the outbox for good, so that nobody waits for room in it.
func (o *outbox) kill() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dead = true
	o.queue, o.spare = nil, nil
	o.total, o.replies, o.taken = tally{}, tally{}, segment{}
}

// backlog reports whether anything waits besides what the writer has taken.
func (o *outbox) backlog() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.queue) > 0
}
