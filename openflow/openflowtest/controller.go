package openflowtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// DefaultTimeout is how long a Controller waits for a message.
const DefaultTimeout = 5 * time.Second

// Controller is the controller's end of one connection. It answers echo requests
// by itself while it waits for something else, as controllers do; nothing else
// happens without being asked for. It is for one goroutine.
type Controller struct {
	// Timeout is how long to wait for what is expected, however much else comes
	// before it; set to DefaultTimeout at first.
	Timeout time.Duration
	// Deaf leaves echo requests unanswered.
	Deaf bool

	conn  net.Conn
	r     *bufio.Reader
	xid   uint32
	async []Message
}

// NewController plays the controller on a connection, however it came about.
// Nothing is sent.
func NewController(conn net.Conn) *Controller {
	return &Controller{Timeout: DefaultTimeout, conn: conn, r: bufio.NewReader(conn), xid: 0x1000}
}

// Dial connects to a switch that listens; network is "tcp" or "unix".
func Dial(network, address string) (*Controller, error) {
	conn, err := net.DialTimeout(network, address, DefaultTimeout)
	if err != nil {
		return nil, fmt.Errorf("connect to the switch: %w", err)
	}
	return NewController(conn), nil
}

// Accept waits for a switch to connect.
func Accept(l net.Listener) (*Controller, error) {
	if d, ok := l.(interface{ SetDeadline(time.Time) error }); ok {
		if err := d.SetDeadline(time.Now().Add(DefaultTimeout)); err != nil {
			return nil, err
		}
	}
	conn, err := l.Accept()
	if err != nil {
		return nil, fmt.Errorf("wait for the switch to connect: %w", err)
	}
	return NewController(conn), nil
}

// Close ends the connection.
func (c *Controller) Close() error { return c.conn.Close() }

// Conn is the connection itself, for tests that want to disturb it. Bytes may
// have been read ahead from it.
func (c *Controller) Conn() net.Conn { return c.conn }

// Send sends a message with a fresh xid, which it returns. A nil body means that
// there is none.
func (c *Controller) Send(typ of.Type, body io.WriterTo) (xid uint32, err error) {
	c.xid++
	return c.xid, c.SendXID(c.xid, typ, body)
}

// SendXID is Send with an xid of the caller's choice.
func (c *Controller) SendXID(xid uint32, typ of.Type, body io.WriterTo) error {
	b, err := Encode(xid, typ, body)
	if err != nil {
		return err
	}
	return c.SendBytes(b)
}

// Encode returns the bytes of a message.
func Encode(xid uint32, typ of.Type, body io.WriterTo) ([]byte, error) {
	request := of.NewRequest(typ, body)
	request.Header.Transaction = xid
	var b bytes.Buffer
	if _, err := request.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("encode %v: %w", typ, err)
	}
	return b.Bytes(), nil
}

// SendBytes sends bytes as they are.
func (c *Controller) SendBytes(b []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.Timeout)); err != nil {
		return err
	}
	_, err := c.conn.Write(b)
	return err
}

// Receive returns the next message, whatever it is.
func (c *Controller) Receive() (Message, error) {
	if err := c.startWaiting(); err != nil {
		return Message{}, err
	}
	return c.receive()
}

// startWaiting sets the time by which all that is received until the next call
// must have come.
func (c *Controller) startWaiting() error {
	return c.conn.SetReadDeadline(time.Now().Add(c.Timeout))
}

func (c *Controller) receive() (Message, error) {
	var m Message
	if _, err := m.Header.ReadFrom(c.r); err != nil {
		return m, err
	}
	if m.Length < HeaderLen {
		return m, fmt.Errorf("message of type %v says it has %d bytes", m.Type, m.Length)
	}
	m.Body = make([]byte, m.Length-HeaderLen)
	_, err := io.ReadFull(c.r, m.Body)
	return m, err
}

// Next returns the next message that is neither an echo request, which it
// answers, nor asynchronous: those are kept for Async.
func (c *Controller) Next() (Message, error) {
	return c.next(func(m Message) bool {
		if m.async() {
			c.async = append(c.async, m)
		}
		return !m.async()
	})
}

// next returns the next message that is wanted, within Timeout for all that come
// before, and answers echo requests.
func (c *Controller) next(wanted func(Message) bool) (Message, error) {
	if err := c.startWaiting(); err != nil {
		return Message{}, err
	}
	for {
		m, err := c.receive()
		switch {
		case err != nil:
			return m, err
		case m.Type == of.TypeEchoRequest && c.Deaf:
		case m.Type == of.TypeEchoRequest:
			if err := c.SendXID(m.Transaction, of.TypeEchoReply, bytes.NewReader(m.Body)); err != nil {
				return m, err
			}
		case wanted(m):
			return m, nil
		}
	}
}

// Expect returns the next message as Next does, and fails if it has another type.
func (c *Controller) Expect(typ of.Type) (Message, error) {
	m, err := c.Next()
	if err != nil {
		return m, fmt.Errorf("expected %v: %w", typ, err)
	}
	if m.Type != typ {
		return m, fmt.Errorf("expected %v, got %v", typ, m)
	}
	return m, nil
}

// ExpectReply is Expect for the answer to one request.
func (c *Controller) ExpectReply(xid uint32, typ of.Type) (Message, error) {
	m, err := c.Expect(typ)
	if err == nil && m.Transaction != xid {
		err = fmt.Errorf("expected %v with xid %d, got %v", typ, xid, m)
	}
	return m, err
}

// ExpectError expects a certain error for one request.
func (c *Controller) ExpectError(xid uint32, typ ofp.ErrType, code ofp.ErrCode) (Message, error) {
	m, err := c.ExpectReply(xid, of.TypeError)
	if err != nil {
		return m, err
	}
	if t, code2, _ := m.Error(); t != typ || code2 != code {
		return m, fmt.Errorf("expected error type %d, code %d, got %v", typ, code, m)
	}
	return m, nil
}

// ExpectClose expects the switch to end the connection, after any other messages,
// which it returns.
func (c *Controller) ExpectClose() ([]Message, error) {
	var before []Message
	if err := c.startWaiting(); err != nil {
		return nil, err
	}
	for {
		m, err := c.receive()
		switch {
		case err == nil:
			before = append(before, m)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return before, fmt.Errorf("the switch keeps the connection open: %w", err)
		default:
			return before, nil
		}
	}
}

// Request sends a message and returns its answer, which must have the given type.
func (c *Controller) Request(typ of.Type, body io.WriterTo, reply of.Type) (Message, error) {
	xid, err := c.Send(typ, body)
	if err != nil {
		return Message{}, err
	}
	return c.ExpectReply(xid, reply)
}

// Barrier returns when the switch has done all that came before. An error that
// an earlier request caused fails it.
func (c *Controller) Barrier() error {
	_, err := c.Request(of.TypeBarrierRequest, nil, of.TypeBarrierReply)
	return err
}

// Multipart sends a multipart request in one part and collects the parts of the
// answer: the body of each, without headers.
func (c *Controller) Multipart(typ ofp.MultipartType, body io.WriterTo) (parts [][]byte, err error) {
	xid, err := c.Send(of.TypeMultipartRequest, ofp.NewMultipartRequest(typ, body))
	if err != nil {
		return nil, err
	}
	for {
		m, err := c.ExpectReply(xid, of.TypeMultipartReply)
		if err != nil {
			return parts, fmt.Errorf("%v: %w", typ, err)
		}
		if got := ofp.MultipartType(m.Uint16(0)); got != typ || len(m.Body) < multipartHeaderLen {
			return parts, fmt.Errorf("asked for %v, got %v in %v", typ, got, m)
		}
		parts = append(parts, m.Body[multipartHeaderLen:])
		if more := m.Uint16(2); more == 0 {
			return parts, nil
		}
	}
}

// Async returns the asynchronous messages that arrived while something else was
// expected, and forgets them.
func (c *Controller) Async() []Message {
	async := c.async
	c.async = nil
	return async
}

// ExpectAsync waits for an asynchronous message of one type. Others that come
// before are kept for Async.
func (c *Controller) ExpectAsync(typ of.Type) (Message, error) {
	for i, m := range c.async {
		if m.Type == typ {
			c.async = append(c.async[:i], c.async[i+1:]...)
			return m, nil
		}
	}
	m, err := c.next(func(m Message) bool {
		if m.async() && m.Type != typ {
			c.async = append(c.async, m)
			return false
		}
		return true
	})
	if err != nil {
		return m, fmt.Errorf("expected %v: %w", typ, err)
	}
	if m.Type != typ {
		return m, fmt.Errorf("expected %v, got %v", typ, m)
	}
	return m, nil
}
