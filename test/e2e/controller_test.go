package e2e

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// controller is a controller that does nothing by itself but greet and answer
// echo requests. One goroutine reads and sorts what comes; tests send and wait.
type controller struct {
	conn net.Conn
	xid  uint32

	replies   chan []byte // whole messages: answers and errors
	packetIns chan *ofp13.PacketIn
	removed   chan *ofp13.FlowRemoved
	ports     chan *ofp13.PortStatus
	unasked   chan *ofp13.Experimenter
}

// connect connects a controller to a switch that listens.
func (d *daemon) connect(t *testing.T) *controller {
	t.Helper()
	conn, err := d.lab.dialSwitch()
	if err != nil {
		t.Fatal(err)
	}
	return converse(t, conn)
}

// dialSwitch makes a connection to the switch that listens.
func (l *lab) dialSwitch() (conn net.Conn, err error) {
	err = l.Do(func() (err error) {
		conn, err = net.Dial("tcp", listenAddress)
		return err
	})
	return conn, err
}

// converse starts to talk OpenFlow on a connection.
func converse(t *testing.T, conn net.Conn) *controller {
	t.Helper()
	const many = 1 << 15
	c := &controller{
		conn:      conn,
		replies:   make(chan []byte, many),
		packetIns: make(chan *ofp13.PacketIn, many),
		removed:   make(chan *ofp13.FlowRemoved, many),
		ports:     make(chan *ofp13.PortStatus, many),
		unasked:   make(chan *ofp13.Experimenter, many),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.read()
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	c.send(t, &ofp13.Hello{Version: 4})
	var features ofp13.FeaturesReply
	c.request(t, &ofp13.FeaturesRequest{}, &features)
	return c
}

// read reads until the connection ends.
func (c *controller) read() {
	for r := bufio.NewReader(c.conn); ; {
		head, err := r.Peek(4)
		if err != nil {
			return
		}
		b := make([]byte, max(8, binary.BigEndian.Uint16(head[2:])))
		if _, err := io.ReadFull(r, b); err != nil {
			return
		}
		c.sort(b)
	}
}

// sort puts a message where it is waited for.
func (c *controller) sort(b []byte) {
	switch b[1] {
	case ofp13.TypeHello:
	case ofp13.TypeEchoRequest:
		b[1] = ofp13.TypeEchoReply
		_, _ = c.conn.Write(b) // a broken connection ends the reader
	case ofp13.TypePacketIn:
		deliver(c.packetIns, b)
	case ofp13.TypeFlowRemoved:
		deliver(c.removed, b)
	case ofp13.TypePortStatus:
		deliver(c.ports, b)
	case ofp13.TypeExperimenter:
		if binary.BigEndian.Uint32(b[4:]) != 0 { // an answer has the request's xid
			c.replies <- b
			break
		}
		deliver(c.unasked, b)
	default:
		c.replies <- b
	}
}

// deliver decodes a message and queues it.
func deliver[M any, P interface {
	*M
	ofp13.Message
}](queue chan P, b []byte) {
	m := P(new(M))
	if err := m.Decode(b); err != nil {
		panic(fmt.Sprintf("malformed message %x: %v", b, err))
	}
	queue <- m
}

// expect waits for the next message of a queue.
func expect[T any](t *testing.T, queue <-chan T, what string) T {
	t.Helper()
	select {
	case m := <-queue:
		return m
	case <-time.After(patience):
		t.Fatalf("no %s within %v", what, patience)
		panic("unreachable")
	}
}

// send sends a message and returns its xid.
func (c *controller) send(t *testing.T, m ofp13.Message) uint32 {
	t.Helper()
	c.xid++
	if _, err := c.conn.Write(m.AppendTo(nil, c.xid)); err != nil {
		t.Fatalf("send %T: %v", m, err)
	}
	return c.xid
}

// request sends a message and waits for its answer, which must be of answer's
// type.
func (c *controller) request(t *testing.T, m, answer ofp13.Message) {
	t.Helper()
	xid := c.send(t, m)
	b := expect(t, c.replies, fmt.Sprintf("answer to %T", m))
	if err := answer.Decode(b); err != nil || binary.BigEndian.Uint32(b[4:]) != xid {
		t.Fatalf("answer to %T: %s (%v), want %T with xid %d", m, nameOf(b), err, answer, xid)
	}
}

// nameOf tells what a message is.
func nameOf(b []byte) string {
	var e ofp13.ErrorMessage
	if e.Decode(b) == nil {
		return e.Name()
	}
	return fmt.Sprintf("message of type %d, xid %d", b[1], binary.BigEndian.Uint32(b[4:]))
}

// barrier waits until the switch has done all that came before, without an
// error.
func (c *controller) barrier(t *testing.T) {
	t.Helper()
	c.request(t, &ofp13.BarrierRequest{}, &ofp13.BarrierReply{})
}

// refused sends a message that must be answered by this error.
func (c *controller) refused(t *testing.T, what string, m ofp13.Message, typ, code uint16) {
	t.Helper()
	var e ofp13.ErrorMessage
	c.request(t, m, &e)
	want := ofp13.ErrorMessage{Type: typ, Code: code}
	if e.Name() != want.Name() {
		t.Errorf("%s: answered by %s, want %s", what, e.Name(), want.Name())
	}
}

// multipart asks for statistics and returns the bodies of all parts as one.
func (c *controller) multipart(t *testing.T, typ uint16, body []byte) []byte {
	t.Helper()
	var all []byte
	var part ofp13.MultipartReply
	c.request(t, &ofp13.MultipartRequest{Type: typ, Body: body}, &part)
	for {
		all = append(all, part.Body...)
		if part.Flags&ofp13.MultipartMore == 0 {
			return all
		}
		if err := part.Decode(expect(t, c.replies, "part of an answer")); err != nil {
			t.Fatal(err)
		}
	}
}

// noPacketIn fails if a packet-in comes within a while.
func (c *controller) noPacketIn(t *testing.T, what string) {
	t.Helper()
	select {
	case m := <-c.packetIns:
		t.Fatalf("%s: unexpected packet-in, reason %d, table %d, cookie %#x\n%s",
			what, m.Reason, m.TableID, m.Cookie, describe(m.Data))
	case <-time.After(quiet):
	}
}
