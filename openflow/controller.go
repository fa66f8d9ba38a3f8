package openflow

import (
	"context"
	"net"
	"time"

	"github.com/sirupsen/logrus"
)

// controller is a peer that this switch dials, and dials again when the
// connection ends. It belongs to main; each attempt runs in a goroutine of its
// own, which ends with one dialed event.
type controller struct {
	address string
	log     *logrus.Entry
	backoff backoff
	session *session // nil unless connected
	since   time.Time
	lastErr error
	trouble complaint

	// flapping controllers hang up soon after each connection. That they connect
	// is no news until they stay.
	flapping bool
}

// backoff is the time to wait before an attempt: first, then twice as long
// each time, up to max.
type backoff struct {
	first, max time.Duration
	next       time.Duration
}

func (b *backoff) delay() time.Duration {
	d := max(b.next, b.first)
	b.next = min(2*d, b.max)
	return min(d, b.max)
}

func (b *backoff) reset() { b.next = 0 }

// addController begins to dial an address, and keeps at it.
func (s *Server) addController(address string) {
	c := &controller{
		address: address,
		log:     s.cfg.Log.WithField("controller", address),
		backoff: backoff{first: s.limits.RedialFirst, max: s.limits.RedialMax},
		since:   time.Now(),
	}
	s.controllers = append(s.controllers, c)
	s.connectionsChanged()
	s.dial(c, 0)
}

// dial makes one attempt after a delay.
func (s *Server) dial(c *controller, delay time.Duration) {
	s.attempt(s.ctx, delay, s.cfg.Dialer, c.address, func(nc net.Conn, err error) Event { return dialed{c, nc, err} })
}

// attempt dials after a delay and tells main the outcome, unless ctx ends before.
func (s *Server) attempt(ctx context.Context, delay time.Duration, d Dialer, address string, outcome func(net.Conn, error) Event) {
	s.spawn(func() {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(ctx, s.limits.DialTimeout)
		defer cancel()
		nc, err := d.DialContext(ctx, "tcp", address)
		if !s.post(outcome(nc, err)) && nc != nil {
			nc.Close()
		}
	})
}

// dialed is the outcome of one attempt.
type dialed struct {
	controller *controller
	nc         net.Conn
	err        error
}

func (e dialed) handle(s *Server) {
	c := e.controller
	switch {
	case s.ctx.Err() != nil: // the switch ends
		if e.nc != nil {
			e.nc.Close()
		}
	case e.err != nil:
		s.dialAgain(c, e.err, "controller is not reachable, dialing again")
	default:
		c.session = s.open(e.nc, c.address, c.log)
		c.session.controller = c
		c.since = time.Now()
	}
}

// connected is called when a controller's HELLO has come.
func (s *Server) connected(ss *session) {
	ss.controller.lastErr = nil
	if !ss.controller.flapping {
		ss.log.Info("controller connected")
		return
	}
	s.spawn(func() {
		select {
		case <-time.After(s.limits.RedialMax):
			s.post(settled{ss})
		case <-ss.conn.ended:
		case <-s.ctx.Done():
		}
	})
}

// settled says that the connection of a controller that was flapping has lasted.
type settled struct{ session *session }

func (e settled) handle(*Server) {
	if !e.session.closing {
		e.session.controller.flapping = false
		e.session.log.Info("controller connected")
	}
}

// dialAgain says why a controller is not there, unless that is known, and tries
// again later.
func (s *Server) dialAgain(c *controller, cause error, text string) {
	c.lastErr = cause
	if c.trouble.due(text+cause.Error(), time.Now()) {
		c.log.WithError(cause).Warn(text)
	}
	s.dial(c, c.backoff.delay())
}

// lost is called when a controller's connection has ended. Only a connection
// that worked for a while makes the next attempt an early one and its end worth
// a line, so a controller that hangs up on every handshake is neither called
// nor complained about a thousand times a second.
func (s *Server) lost(c *controller, ss *session, cause error) {
	c.session = nil
	c.flapping = !ss.ready || time.Since(c.since) < s.limits.RedialMax
	if !c.flapping {
		c.backoff.reset()
		c.trouble.over()
	}
	c.since = time.Now()
	if s.ctx.Err() == nil {
		s.dialAgain(c, cause, "controller disconnected, dialing again")
	}
}
