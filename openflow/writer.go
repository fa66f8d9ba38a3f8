package openflow

import (
	"errors"
	"os"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// writer is the goroutine that empties a connection's outbox into its socket
// and watches over the peer's life.
type writer struct {
	*conn
	ticker    *time.Ticker
	part      []byte // where a part of a stream is built
	xid       uint32 // of the last echo request
	unheard   int    // echo intervals without a sign of life
	seenReads uint64 // conn.reads at the last tick
}

// write runs until the connection ends, and ends it if writing fails.
func (c *conn) write() {
	w := writer{conn: c, ticker: time.NewTicker(c.limits.EchoInterval)}
	defer w.ticker.Stop()
	err := w.run()
	c.out.kill()
	w.grantRoom()
	c.fail(err)
}

func (w *writer) run() error {
	for {
		segment, ok := w.out.take()
		if !ok {
			if w.out.finishing() {
				return w.sayGoodbye()
			}
			if err := w.sleep(); err != nil {
				return err
			}
			continue
		}
		if err := w.send(segment); err != nil {
			return err
		}
		w.out.done()
		w.grantRoom()
		if err := w.tickIfDue(w.out.backlog()); err != nil {
			return err
		}
	}
}

// sleep waits for something to send, for the next echo, or for the end.
func (w *writer) sleep() error {
	w.grantRoom()
	select {
	case <-w.out.wake:
		return nil
	case <-w.ticker.C:
		return w.tick(false)
	case <-w.ended:
		return ErrClosed
	}
}

func (w *writer) send(s segment) error {
	if s.stream == nil {
		w.counters.sent.Add(uint64(s.total.messages))
		return w.writeAll(s.bytes)
	}
	for more := true; more; {
		w.part, more = s.stream.nextPart(w.part[:0])
		w.counters.sent.Add(1)
		if err := w.writeAll(w.part); err != nil {
			return err
		}
		if err := w.tickIfDue(true); err != nil {
			return err
		}
	}
	return nil
}

// writeAll gives the peer as long for a chunk as it has for its echo replies.
func (w *writer) writeAll(b []byte) error {
	if err := w.out.arm(w.limits.stallTimeout(), w.nc.SetWriteDeadline); err != nil {
		return err
	}
	_, err := w.nc.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errStalled
	}
	return err
}

// grantRoom tells main that its request for room is granted.
func (w *writer) grantRoom() {
	if w.out.roomWanted() {
		w.post(room{w.conn})
	}
}

func (w *writer) tickIfDue(busy bool) error {
	select {
	case <-w.ticker.C:
		return w.tick(busy)
	default:
		return nil
	}
}

// tick counts the intervals without a sign of life and sends the next echo
// request. While the writer is busy the request waits behind other bytes, so its
// answer can't be expected: then progress within the stall timeout is the
// sign. A reader that waits for main can't hear the peer at all.
func (w *writer) tick(busy bool) error {
	if !w.greeted.Load() {
		return nil
	}
	reads := w.reads.Load()
	alive := busy || reads != w.seenReads || w.waiting.Load()
	w.seenReads = reads
	if alive || w.xid == 0 {
		w.unheard = 0
	} else if w.unheard++; w.limits.EchoLosses >= 0 && w.unheard >= w.limits.EchoLosses {
		return errSilent
	}
	w.xid++
	w.echoXID.Store(w.xid)
	w.echoSent.Store(time.Now().UnixNano())
	w.part = (&ofp13.EchoRequest{}).AppendTo(w.part[:0], w.xid)
	if !busy { // main may be writing
		w.out.offer(w.part, false)
		return nil
	}
	w.counters.sent.Add(1)
	return w.writeAll(w.part)
}

// sayGoodbye ends a connection whose outbox is flushed.
func (w *writer) sayGoodbye() error {
	half, ok := w.nc.(interface{ CloseWrite() error })
	if !w.linger.Load() || !ok || half.CloseWrite() != nil {
		return ErrClosed
	}
	select {
	case <-w.readerDone:
	case <-time.After(w.limits.FlushTimeout):
	}
	return ErrClosed
}
