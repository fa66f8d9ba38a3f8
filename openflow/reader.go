package openflow

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

const (
	batchMessages  = 64      // messages that main handles in a row for one connection
	batchBytes     = 1 << 16 // room for the longest message
	batchesPerConn = 2       // one for the reader to fill, one for main

	// reusedBelow is how long a message may be, in bytes, whose decoded value is
	// decoded into again. Flow-mods of five match fields and some actions are
	// shorter. What longer ones made room for is let go: lists within lists
	// grow with the square of a message's length, and there are many requests.
	reusedBelow = 256
)

// errFraming ends a connection whose bytes can't be cut into messages.
var errFraming = errors.New("message length is below 8: the stream is lost")

// request is one message of the peer. It is valid until its batch is handed
// back.
type request struct {
	header ofp13.Header
	frame  []byte // the message, header included; of several parts, the last
	body   any    // a pointer to the message, or to the multipart's body
	err    error  // why the body can't be used

	multipart uint16 // OFPMP_*, if it is a multipart request

	// Messages that come in floods are decoded into the same values again.
	flowMod   ofp13.FlowMod
	packetOut ofp13.PacketOut
}

// batch is what a reader hands to main at once. The frames of its requests point
// into buf. It belongs to the reader, then to main, then to the reader again.
type batch struct {
	conn     *conn
	buf      []byte
	requests [batchMessages]request
	n        int // requests in use
	next     int // main's position
}

func newBatch(c *conn) *batch {
	return &batch{conn: c, buf: make([]byte, batchBytes)}
}

// reset empties a batch that main is done with. A request may not be used again
// for long, so what it holds goes now.
func (b *batch) reset() {
	for i := range b.requests[:b.n] {
		r := &b.requests[i]
		r.body, r.err = nil, nil
		if len(r.frame) > reusedBelow {
			*r = request{}
		}
	}
	b.n, b.next = 0, 0
}

// reader is the goroutine that cuts a connection's bytes into batches.
type reader struct {
	*conn
	batch *batch
	rest  []byte // bytes of batch.buf that are not yet cut
	begun bool   // the first message is here
	parts assembler
}

// read runs until the peer is gone, and says so to main as its last act. The
// batches that it has posted are handled before.
func (c *conn) read() {
	r := reader{conn: c}
	err := r.run()
	close(c.readerDone)
	c.post(hungUp{c, err})
}

func (r *reader) run() error {
	_ = r.nc.SetReadDeadline(time.Now().Add(r.limits.HelloTimeout)) // Read reports the same
	for {
		if err := r.nextBatch(); err != nil {
			return err
		}
		err := r.fill()
		if r.batch.n > 0 {
			r.waiting.Store(true)
			if !r.post(r.batch) {
				return ErrClosed
			}
			r.waiting.Store(false)
		}
		if errors.Is(err, errFraming) {
			return r.drain()
		}
		if err != nil {
			return err
		}
	}
}

// nextBatch waits until main has handed one back, and moves into it what the
// one before has left over.
func (r *reader) nextBatch() error {
	r.waiting.Store(true)
	defer r.waiting.Store(false)
	select {
	case b := <-r.free:
		b.reset()
		r.rest = b.buf[:copy(b.buf, r.rest)]
		r.batch = b
		return nil
	case <-r.ended:
		return r.cause
	}
}

// fill reads until the batch has a request, then takes all that is there.
func (r *reader) fill() error {
	for {
		if err := r.cut(); err != nil || r.batch.n > 0 {
			return err
		}
		r.rest = r.batch.buf[:copy(r.batch.buf, r.rest)]
		n, err := r.nc.Read(r.batch.buf[len(r.rest):])
		r.reads.Add(1)
		r.rest = r.batch.buf[:len(r.rest)+n]
		if n == 0 && err != nil {
			return err
		}
	}
}

// cut takes complete messages off the rest.
func (r *reader) cut() error {
	for r.batch.n < batchMessages && len(r.rest) >= ofp13.HeaderLen {
		header := peekHeader(r.rest)
		length := int(header.Length)
		if length < ofp13.HeaderLen {
			req := r.take(header, r.rest[:ofp13.HeaderLen])
			req.err = &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestBadLen, Cause: errFraming}
			return errFraming
		}
		if len(r.rest) < length {
			return nil
		}
		frame := r.rest[:length:length]
		r.rest = r.rest[length:]
		r.accept(header, frame)
	}
	return nil
}

// accept decodes one message, unless it is no business of main's.
func (r *reader) accept(header ofp13.Header, frame []byte) {
	r.counters.received.Add(1)
	if !r.begun {
		r.begun = true
		_ = r.nc.SetReadDeadline(time.Time{}) // from the HELLO on, echo requests find out
		r.take(header, frame).decode()
		return
	}
	if header.Version == ofp13.Version && header.Type == ofp13.TypeEchoReply {
		r.timeEcho(header.XID)
		return
	}
	if header.Version == ofp13.Version && header.Type == ofp13.TypeMultipartRequest {
		r.acceptPart(header, frame)
		return
	}
	r.take(header, frame).decode()
}

// take appends a request to the batch.
func (r *reader) take(header ofp13.Header, frame []byte) *request {
	req := &r.batch.requests[r.batch.n]
	r.batch.n++
	req.header, req.frame, req.body, req.err, req.multipart = header, frame, nil, nil, 0
	return req
}

// timeEcho notes the round trip of the last echo request.
func (r *reader) timeEcho(xid uint32) {
	if xid == r.echoXID.Load() {
		r.counters.rtt.Store(time.Now().UnixNano() - r.echoSent.Load())
	}
}

// drain reads and forgets, so that the peer can read why we stopped listening.
func (r *reader) drain() error {
	var sink [4096]byte // the batch is main's
	for {
		if _, err := r.nc.Read(sink[:]); err != nil {
			return fmt.Errorf("%w (%w)", errFraming, err)
		}
	}
}

// peekHeader reads a message header; b holds at least HeaderLen bytes.
func peekHeader(b []byte) ofp13.Header {
	return ofp13.Header{
		Version: b[0],
		Type:    b[1],
		Length:  binary.BigEndian.Uint16(b[2:]),
		XID:     binary.BigEndian.Uint32(b[4:]),
	}
}

// hungUp says that a connection's reader is done, and why.
type hungUp struct {
	conn *conn
	err  error
}
