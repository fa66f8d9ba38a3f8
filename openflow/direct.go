package openflow

import (
	"net"
	"syscall"
)

// directWrite returns a function that writes to a socket what it takes at once,
// perhaps nothing, or nil if the transport is no plain socket. It waits for
// nobody and no deadline bounds it. A failure shows at the writer's next write.
func directWrite(nc net.Conn) func([]byte) int {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	var b []byte
	var n int
	write := func(fd uintptr) { n, _ = syscall.Write(int(fd), b) } // Go's sockets don't block
	return func(p []byte) int {
		b, n = p, 0
		if raw.Control(write) != nil { // the socket is closed
			n = 0
		}
		b = nil
		return max(n, 0)
	}
}

// hold puts off waking the writer until release: main is about to queue
// replies.
func (o *outbox) hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = true
}

// release ends hold. If the writer sleeps, what is queued goes to the socket at
// once, as far as the socket takes it: waking a goroutine on another processor
// costs a round trip more than the write itself. The writer gets the rest.
// It returns how many messages have gone.
func (o *outbox) release() (sent int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = false
	if len(o.queue) == 0 {
		return 0
	}
	if sent = o.sendDirect(); len(o.queue) > 0 {
		o.signal()
	}
	return sent
}

// sendDirect writes the only chunk of the queue, unless the writer is at work or
// has to end the connection.
func (o *outbox) sendDirect() (sent int) {
	s := &o.queue[0]
	if o.direct == nil || !o.asleep || len(o.queue) > 1 || s.stream != nil || !o.deadline.IsZero() {
		return 0
	}
	n := o.direct(s.bytes)
	if n < len(s.bytes) {
		s.bytes = s.bytes[n:]
		return 0
	}
	sent = s.total.messages
	o.total.sub(s.total)
	o.replies.sub(s.replies)
	if cap(s.bytes) <= 2*chunkSize {
		o.spare = s.bytes
	}
	o.queue[0] = segment{}
	o.queue = o.queue[:0]
	return sent
}
