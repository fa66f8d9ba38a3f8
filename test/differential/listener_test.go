package differential

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// listener is a controller's connection that hears packet-ins. A goroutine reads
// it until the connection is closed.
type listener struct {
	conn  net.Conn
	ended chan struct{}
	fence chan uint32 // the xid of each barrier's answer

	mu   sync.Mutex
	xid  uint32
	ins  []string // packet-ins and errors in their order, as text
	fail error
}

// Message types of OpenFlow 1.3.5, section 7.1.
const (
	typeHello        = 0
	typeError        = 1
	typeEchoRequest  = 2
	typeEchoReply    = 3
	typeSetConfig    = 9
	typePacketIn     = 10
	typePacketOut    = 13
	typeBarrier      = 20
	typeBarrierReply = 21
	typeSetAsync     = 28
)

// listen connects to a switch's TCP port inside its namespace and asks for all
// packet-ins, whole.
func listen(t *testing.T, space *namespace, address string) *listener {
	t.Helper()
	l := &listener{ended: make(chan struct{}), fence: make(chan uint32, 1)}
	await(t, "a connection to "+address, func() bool {
		return space.Do(func() (err error) {
			l.conn, err = (&net.Dialer{Timeout: time.Second}).Dial("tcp", address)
			return err
		}) == nil
	})
	go l.read()
	t.Cleanup(func() {
		l.conn.Close()
		<-l.ended
	})
	async := make([]byte, 24)
	for i := range 2 { // NO_MATCH, ACTION and INVALID_TTL, in every role
		binary.BigEndian.PutUint32(async[4*i:], 7)
	}
	err := errors.Join(l.send(typeHello, nil), l.send(typeSetConfig, []byte{0, 0, 0xff, 0xff}), l.send(typeSetAsync, async))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *listener) send(typ byte, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.xid++
	return l.write(typ, l.xid, body)
}

func (l *listener) write(typ byte, xid uint32, body []byte) error {
	b := binary.BigEndian.AppendUint16([]byte{4, typ}, uint16(8+len(body)))
	b = binary.BigEndian.AppendUint32(b, xid)
	_, err := l.conn.Write(append(b, body...))
	return err
}

// read hears until the connection ends.
func (l *listener) read() {
	defer close(l.ended)
	header := make([]byte, 8)
	for {
		if _, err := io.ReadFull(l.conn, header); err != nil {
			l.note(err)
			return
		}
		body := make([]byte, max(8, binary.BigEndian.Uint16(header[2:]))-8)
		if _, err := io.ReadFull(l.conn, body); err != nil {
			l.note(err)
			return
		}
		l.hear(header[1], binary.BigEndian.Uint32(header[4:]), body)
	}
}

func (l *listener) hear(typ byte, xid uint32, body []byte) {
	switch typ {
	case typeEchoRequest:
		l.mu.Lock()
		defer l.mu.Unlock()
		_ = l.write(typeEchoReply, xid, body) // if it fails, so does the next read
	case typePacketIn:
		text := packetIn(body)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ins = append(l.ins, text)
	case typeBarrierReply:
		l.fence <- xid
	case typeError:
		text := fmt.Sprintf("error type %d, code %d", binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:]))
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ins = append(l.ins, text)
	}
}

func (l *listener) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = errors.Join(l.fail, err)
}

// barrier waits until the switch has answered all that was asked before. What it
// has to tell of frames that it has forwarded may still come a little later.
func (l *listener) barrier() error {
	if err := l.send(typeBarrier, nil); err != nil {
		return err
	}
	select {
	case <-l.fence:
		return nil
	case <-l.ended:
	case <-time.After(answerLimit):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(errSilent, l.fail)
}

// packetOuts sends what of frames are packet-outs, and waits until the switch has
// done them.
func (l *listener) packetOuts(frames []injection) error {
	any := false
	for _, f := range frames {
		if f.out == nil {
			continue
		}
		any = true
		b := binary.BigEndian.AppendUint32([]byte{0xff, 0xff, 0xff, 0xff}, uint32(f.port)) // no buffer
		b = binary.BigEndian.AppendUint16(b, uint16(16*len(f.out)))
		b = append(b, make([]byte, 6)...)
		for _, no := range f.out {
			b = append(b, 0, 0, 0, 16) // OFPAT_OUTPUT
			b = binary.BigEndian.AppendUint32(b, no)
			b = append(b, make([]byte, 8)...)
		}
		if err := l.send(typePacketOut, append(b, f.frame...)); err != nil {
			return err
		}
	}
	if !any {
		return nil
	}
	return l.barrier()
}

// heard are the packet-ins since forget was called, sorted.
func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.ins))
}

// forget drops the packet-ins that there are.
func (l *listener) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ins = nil
}

// packetIn is a packet-in's body in words (section 7.4.1): all that it says.
func packetIn(b []byte) string {
	if len(b) < 24 {
		return fmt.Sprintf("cut short: %x", b)
	}
	end := 16 + int(binary.BigEndian.Uint16(b[18:]))
	fields := b[20:min(end, len(b))]
	data := b[min((end+7)/8*8+2, len(b)):]
	return fmt.Sprintf("reason %d, table %d, cookie %#x, buffer %#x, total %d, match %s\n        %s",
		b[6], b[7], binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:]),
		oxms(fields), describe(data))
}

// oxms are a match's fields, sorted: they have no order.
func oxms(b []byte) string {
	var all []string
	for len(b) >= 4 && len(b) >= 4+int(b[3]) {
		all = append(all, fmt.Sprintf("%x", b[:4+b[3]]))
		b = b[4+b[3]:]
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
