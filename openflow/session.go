package openflow

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// timeSlice is how long main works for one connection before the others have
// their turn. A batch is rarely that much work.
const timeSlice = 10 * time.Millisecond

// peer is what the connections of one controller share. It belongs to main.
type peer struct {
	role        uint32 // OFPCR_ROLE_*
	async       asyncConfig
	missSendLen uint16
}

// session is what the switch knows of one connection. It belongs to main.
type session struct {
	*peer
	conn       *conn
	name       string      // the controller's address
	controller *controller // who is dialed; nil if the peer came to us, or for an auxiliary
	log        *logrus.Entry
	since      time.Time

	greeted bool  // HELLOs agree
	ready   bool  // features are told: the owner knows of it
	closing bool  // nothing more of it is handled
	cause   error // why, if this switch decided so

	fault complaint
	watch *watch // nil for most

	auxiliary *auxiliary   // what this connection is; nil for a main one
	aux       []*auxiliary // of a main connection, by id
	endAux    context.CancelFunc

	// Requests are handled in the order in which they came, all of them, even if
	// the peer has hung up meanwhile. So what can't be handled now waits here.
	pending []*batch
	gone    *hungUp // comes after pending
	barrier bool    // the datapath does not obey yet
	crowded bool    // too many replies wait, or the time slice is over
	running bool    // main is inside run
	removed bool
}

// open begins a session on a new connection and starts its reader and writer.
func (s *Server) open(nc net.Conn, name string, log *logrus.Entry) *session {
	ss := s.newSession(nc, name, log)
	s.spawn(ss.conn.read)
	s.spawn(ss.conn.write)
	return ss
}

// newSession adds a session. HELLO goes out first, at once: there are
// controllers that wait for it.
func (s *Server) newSession(nc net.Conn, name string, log *logrus.Entry) *session {
	ss := &session{
		peer:  &peer{role: ofp13.RoleEqual, async: defaultAsync(), missSendLen: defaultMissSendLen},
		conn:  newConn(nc, &s.limits, s.post),
		name:  name,
		log:   log,
		since: time.Now(),
	}
	ss.conn.session = ss
	s.sessions = append(s.sessions, ss)
	ss.reply(helloMessage(), 0)
	return ss
}

// handle queues the batch behind those before it and works on.
func (b *batch) handle(s *Server) {
	ss := b.conn.session
	ss.pending = append(ss.pending, b)
	s.run(ss)
}

// handle ends the session once all that came before is handled.
func (e hungUp) handle(s *Server) {
	e.conn.session.gone = &e
	s.endAuxiliaries(e.conn.session)
	s.run(e.conn.session)
}

// room says that the writer has caught up.
type room struct{ conn *conn }

func (e room) handle(s *Server) {
	e.conn.session.crowded = false
	s.run(e.conn.session)
}

// run handles what is pending, until it has to wait for the datapath or the
// peer, or its time is up.
func (s *Server) run(ss *session) {
	if ss.running {
		return
	}
	ss.running = true
	ss.conn.out.hold()
	start := time.Now()
	for ss.runnable(start) {
		b := ss.pending[0]
		if b.next == b.n {
			ss.pending = slices.Delete(ss.pending, 0, 1)
			b.conn.free <- b // there is room: no batch is in it twice
			continue
		}
		r := &b.requests[b.next]
		b.next++
		if !ss.closing {
			s.serve(ss, r)
		}
	}
	ss.running = false
	ss.conn.release()
	if ss.gone != nil && len(ss.pending) == 0 && !ss.barrier && !ss.removed {
		s.remove(ss)
	}
}

// runnable reports whether the next pending request may be handled now.
func (ss *session) runnable(start time.Time) bool {
	if len(ss.pending) == 0 || ss.crowded {
		return false
	}
	if ss.closing {
		return true
	}
	if ss.barrier {
		return false
	}
	if ss.conn.out.congested() || time.Since(start) > timeSlice {
		ss.crowded = ss.conn.out.askRoom()
	}
	return !ss.crowded
}

// hangUp ends a connection by this switch's decision, after what is queued.
func (s *Server) hangUp(ss *session, cause error) {
	if ss.closing {
		return
	}
	ss.closing, ss.cause = true, cause
	s.endAuxiliaries(ss)
	ss.conn.finish(true)
	s.run(ss)
}

// remove forgets a session whose reader is done.
func (s *Server) remove(ss *session) {
	ss.conn.finish(false)
	s.sessions = slices.DeleteFunc(s.sessions, func(o *session) bool { return o == ss })
	cause := ss.endCause()
	s.forget(ss, cause)
	s.countInterest()
	if c := ss.controller; c != nil && c.session == ss {
		s.lost(c, ss, cause)
	}
	if ss.auxiliary != nil {
		s.lostAuxiliary(ss.auxiliary, ss, cause)
		s.connectionsChanged() // it is not listed any more
	}
}

// forget tells the log that a session is over. What becomes of a controller that
// is dialed again is told by lost.
func (s *Server) forget(ss *session, cause error) {
	ss.closing, ss.removed = true, true
	if c := ss.controller; c == nil || s.ctx.Err() != nil {
		level := logrus.DebugLevel
		if c != nil && ss.greeted {
			level = logrus.InfoLevel
		}
		ss.log.WithError(cause).Log(level, "controller disconnected")
	}
}

// endCause is the first reason for the end that is known, in words that are the
// same for each connection to the same end: no port of ours is in them.
func (ss *session) endCause() error {
	if ss.cause != nil {
		return ss.cause
	}
	err := ss.gone.err
	select {
	case <-ss.conn.ended:
		err = ss.conn.cause
	default:
	}
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("peer closed the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("peer sent no HELLO in time")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errors.New("peer reset the connection")
	}
	return reason(err)
}

// reason is what a network error says, without the addresses.
func reason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// reply queues an answer. One that no length field can describe is an
// internal fault, which the log and the peer's timeout show.
func (ss *session) reply(m message, xid uint32) {
	if err := ss.conn.out.send(m, xid); err != nil {
		ss.accuse(err, "reply is lost")
	}
}

// accuse logs a fault of this switch, but not as often as a peer may provoke it.
func (ss *session) accuse(err error, text string) {
	if ss.fault.due(text+err.Error(), time.Now()) {
		ss.log.WithError(err).Error(text)
	}
}

// replyStream queues a multipart reply that the writer will generate.
func (ss *session) replyStream(typ uint16, xid uint32, stream Stream) {
	ss.conn.out.sendStream(&multipart{typ: typ, xid: xid, stream: stream})
}
