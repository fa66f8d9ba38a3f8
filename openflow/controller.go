package openflow

import (
	"context"
	"fmt"
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
	ctx     context.Context // ends when the controller is removed
	cancel  context.CancelFunc
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

// AddController begins to dial HOST[:PORT], and keeps at it until
// RemoveController. It fails if the address is malformed or known already, and
// with ErrLimit.
func (s *Server) AddController(address string) error {
	address, err := ParseAddress(address, DefaultControllerPort)
	if err != nil {
		return err
	}
	if s.findController(address) != nil {
		return fmt.Errorf("controller %s is there already", address)
	}
	if len(s.controllers) >= s.limits.Controllers {
		return fmt.Errorf("controller %s: at most %d can be dialed: %w", address, s.limits.Controllers, ErrLimit)
	}
	c := &controller{
		address: address,
		log:     s.cfg.Log.WithField("controller", address),
		backoff: backoff{first: s.limits.RedialFirst, max: s.limits.RedialMax},
		since:   time.Now(),
	}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	s.controllers = append(s.controllers, c)
	s.connectionsChanged()
	s.dial(c, 0)
	return nil
}

// RemoveController stops dialing an address and ends its connection, if there
// is one. It reports whether the address was known.
func (s *Server) RemoveController(address string) bool {
	address, err := ParseAddress(address, DefaultControllerPort)
	if err != nil {
		return false
	}
	for i, c := range s.controllers {
		if c.address != address {
			continue
		}
		s.controllers = append(s.controllers[:i], s.controllers[i+1:]...)
		c.cancel()
		if c.session != nil {
			s.hangUp(c.session, ErrClosed)
		}
		s.connectionsChanged()
		return true
	}
	return false
}

func (s *Server) findController(address string) *controller {
	for _, c := range s.controllers {
		if c.address == address {
			return c
		}
	}
	return nil
}

// dial makes one attempt after a delay.
func (s *Server) dial(c *controller, delay time.Duration) {
	if c.ctx.Err() != nil {
		return
	}
	s.attempt(c.ctx, delay, s.cfg.Dialer, c.address, func(nc net.Conn, err error) Event { return dialed{c, nc, err} })
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
	case c.ctx.Err() != nil: // removed meanwhile
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
	if c.ctx.Err() == nil {
		s.dialAgain(c, cause, "controller disconnected, dialing again")
	}
}
