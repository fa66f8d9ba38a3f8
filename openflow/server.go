package openflow

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// Server holds every OpenFlow connection of one switch. All its methods but
// WantsPacketIn belong to one goroutine, main, which also runs the Switch.
// None of them blocks, Close excepted.
type Server struct {
	cfg    Config
	sw     Switch
	limits Limits

	ctx    context.Context // ends when Close begins; what events are sent under
	cancel context.CancelFunc
	events chan Event
	wg     sync.WaitGroup // every goroutine of the server
	aside  func(func())   // runs what may block: spawn, but for tests

	listeners   []net.Listener
	controllers []*controller
	sessions    []*session
	election    election
	overflow    complaint

	interest atomic.Uint32 // reasons of packet-ins that somebody wants
	scratch  []byte        // where an asynchronous message is encoded once
}

// Event is one thing that happened to a connection. It is handed to
// [Server.Handle] as it is.
type Event interface {
	handle(*Server)
}

// ErrClosed is the end of connections that the server itself closed.
var ErrClosed = errors.New("openflow: connection closed by this switch")

// NewServer returns a server that does nothing until Start.
func NewServer(sw Switch, cfg Config) *Server {
	if cfg.Dialer == nil {
		cfg.Dialer = &net.Dialer{}
	}
	s := &Server{
		cfg:    cfg,
		sw:     sw,
		limits: cfg.Limits.withDefaults(),
		events: make(chan Event),
	}
	s.aside = s.spawn
	return s
}

// Start binds the listeners and begins to dial the controllers of the
// configuration. When ctx ends, nothing more is accepted, dialed or read, but
// what is queued is written until Close. On an error nothing is left behind.
func (s *Server) Start(ctx context.Context) error {
	s.ctx, s.cancel = context.WithCancel(ctx)
	if err := s.listenAll(); err != nil {
		s.Close()
		return err
	}
	for _, address := range s.cfg.Controllers {
		s.addController(address)
	}
	return nil
}

// Events is the channel that main selects on. It is never closed.
func (s *Server) Events() <-chan Event { return s.events }

// Handle does what an event asks for: it calls the Switch for each request of a
// bounded batch, and queues the replies.
func (s *Server) Handle(e Event) { e.handle(s) }

// Close ends every connection, after giving its writer FlushTimeout for what is
// queued, and returns when no goroutine of the server is left. No event need be
// received meanwhile. It may be called twice.
func (s *Server) Close() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	for _, l := range s.listeners {
		l.Close()
	}
	for _, ss := range s.sessions {
		ss.conn.finish(false)
	}
	s.wg.Wait()
	for _, ss := range s.sessions {
		s.forget(ss, ErrClosed)
	}
	s.sessions, s.listeners, s.controllers = nil, nil, nil
	s.countInterest()
}

// post hands an event to main, and reports false if the server is closing.
func (s *Server) post(e Event) bool {
	select {
	case s.events <- e:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// spawn runs f in a goroutine that Close waits for.
func (s *Server) spawn(f func()) {
	s.wg.Go(f)
}
