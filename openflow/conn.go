package openflow

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// sendBufferSize bounds what the kernel holds for a TCP peer that does not
// read, and with it how stale an answer can be when it is read at last.
const sendBufferSize = 256 << 10

// conn is the transport of one connection: a socket, an outbox, a reader and a
// writer. Main may call finish and use the outbox; what else main reads is atomic.
type conn struct {
	nc     net.Conn
	limits *Limits
	post   func(Event) bool // hands an event to main
	out    *outbox
	free   chan *batch // batches that main is done with
	ended  chan struct{}
	cause  error // why it ended; set before ended is closed
	once   sync.Once

	session *session // main's; readers and writers never look inside

	readerDone chan struct{}
	greeted    atomic.Bool // HELLO is over: echo requests may be sent
	linger     atomic.Bool // let the peer read our last words before closing
	waiting    atomic.Bool // the reader waits for main, not for the peer
	reads      atomic.Uint64
	echoXID    atomic.Uint32
	echoSent   atomic.Int64 // Unix nanoseconds

	counters connCounters
}

// connCounters are what Controllers shows of a connection.
type connCounters struct {
	received atomic.Uint64 // messages
	sent     atomic.Uint64 // messages
	dropped  atomic.Uint64 // asynchronous messages for which there was no room
	rtt      atomic.Int64  // nanoseconds of the last echo; 0 before the first
}

// errSilent and errStalled end connections whose peer shows no life.
var (
	errSilent  = errors.New("peer answers no echo request")
	errStalled = errors.New("peer takes nothing of what is sent")
)

func newConn(nc net.Conn, l *Limits, post func(Event) bool) *conn {
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBufferSize) // a smaller default is as good
	}
	c := &conn{
		nc:         nc,
		limits:     l,
		post:       post,
		out:        newOutbox(l),
		free:       make(chan *batch, batchesPerConn),
		ended:      make(chan struct{}),
		readerDone: make(chan struct{}),
	}
	c.out.direct = directWrite(nc)
	for range batchesPerConn {
		c.free <- newBatch(c)
	}
	return c
}

// fail ends the connection at once; the first cause counts.
func (c *conn) fail(cause error) {
	c.once.Do(func() {
		c.cause = cause
		close(c.ended)
		c.nc.Close()
	})
}

// release sends what was queued since outbox.hold, or has the writer do it.
func (c *conn) release() { c.counters.sent.Add(uint64(c.out.release())) }

// finish ends the connection once its outbox is flushed, or after FlushTimeout.
// With linger the socket stays half open for as long, so that bytes of the
// peer that nobody read don't turn into a reset that destroys our last words.
func (c *conn) finish(linger bool) {
	if linger {
		c.linger.Store(true)
	}
	c.out.finish(time.Now().Add(c.limits.FlushTimeout), c.nc.SetWriteDeadline)
}
