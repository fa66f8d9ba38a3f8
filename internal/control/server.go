package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// Backend is the switch as the control socket sees it. Its methods run on the
// main goroutine, by way of Request.Serve.
type Backend interface {
	// Status pins the switch's state. What it returns completes it with what
	// others have to be asked for, and is called on another goroutine.
	Status() func() Status
	AddPort(PortRequest) (PortReply, error)
	DeletePort(name string) error
	// Flows pins the cached flows. What it returns writes a line for each, and
	// is called on another goroutine.
	Flows() func(io.Writer) error
	// Trace starts to send a paragraph for each new flow that enters at port
	// (all ports if 0) to lines, dropping what lines does not take at once.
	// What it returns ends that. It fails if there is no such port.
	Trace(port uint32, lines chan<- string) (stop func(), err error)
	// Stop ends the daemon soon after it returns.
	Stop()
}

// Request is a call that waits for the main goroutine.
type Request struct {
	call func(Backend)
	done chan struct{}
}

// Serve runs the call. Each Request is served once.
func (r Request) Serve(b Backend) {
	defer close(r.done)
	r.call(b)
}

// Server listens on a control socket. Its goroutines never touch the switch:
// they put Requests into a channel that main reads.
type Server struct {
	http     *http.Server
	requests chan Request
	ctx      context.Context // ends when Close begins
	cancel   context.CancelFunc
	wait     sync.WaitGroup
	path     string
	patience time.Duration // for main to take a request
}

const (
	requestTimeout = 5 * time.Second        // for main to take a request, and for a peer to make one
	closeTimeout   = 100 * time.Millisecond // for peers that have said nothing yet
	maxBody        = 4096                   // bytes of a request's body
	traceBacklog   = 256                    // paragraphs that a slow reader may lag behind
)

// Listen makes the socket, in place of one that a dead daemon left, and serves
// it until Close. That no live daemon has it is for the caller to know.
func Listen(path string) (*Server, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("control socket: %w", err)
	}
	s := &Server{requests: make(chan Request), path: path, patience: requestTimeout}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: requestTimeout, ConnState: s.connState}
	s.wait.Go(func() { s.http.Serve(l) })
	return s, nil
}

// Requests is read by the main goroutine.
func (s *Server) Requests() <-chan Request { return s.requests }

// connState counts the goroutines of connections, each of which handles its
// requests itself: http.Server does not wait for them when it is closed.
func (s *Server) connState(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew: // said by the goroutine that accepts, which wait knows
		s.wait.Add(1)
	case http.StateClosed:
		s.wait.Done()
	}
}

// Close ends every call, removes the socket and waits for all goroutines. Main
// need not read Requests meanwhile.
func (s *Server) Close() {
	s.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	s.wait.Wait()
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", s.status)
	mux.HandleFunc("POST /v1/ports", s.addPort)
	mux.HandleFunc("DELETE /v1/ports", s.deletePort)
	mux.HandleFunc("GET /v1/flows", s.flows)
	mux.HandleFunc("GET /v1/trace", s.trace)
	mux.HandleFunc("POST /v1/stop", s.stop)
	return mux
}

// errStopping answers calls that main will not serve any more.
var errStopping = errors.New("the switch is stopping")

// do has main run the call and waits for its end. A client that has given up
// was told that nothing came of it: a daemon that was stopped meanwhile, or
// main, must not do it now.
func (s *Server) do(r *http.Request, call func(Backend)) (err error) {
	deadline, ok := deadlineOf(r)
	if !ok {
		return errors.New("malformed request: " + deadlineHeader)
	}
	q := Request{done: make(chan struct{})}
	q.call = func(b Backend) {
		if !deadline.IsZero() && time.Now().After(deadline) {
			err = errors.New("the client waits no longer")
			return
		}
		call(b)
	}
	select {
	case s.requests <- q:
		<-q.done // main never blocks for long
		return err
	case <-s.ctx.Done():
		return errStopping
	case <-r.Context().Done():
		return r.Context().Err()
	case <-time.After(s.patience):
		return errors.New("the switch is too busy to answer")
	}
}

// tell has main run the call, however long main is busy, unless Close comes
// first.
func (s *Server) tell(call func(Backend)) {
	select {
	case s.requests <- Request{call: call, done: make(chan struct{})}:
	case <-s.ctx.Done():
	}
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	var complete func() Status
	if err := s.do(r, func(b Backend) { complete = b.Status() }); err != nil {
		reply(w, nil, err)
		return
	}
	reply(w, complete(), nil)
}

func (s *Server) addPort(w http.ResponseWriter, r *http.Request) {
	var req PortRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		reply(w, nil, fmt.Errorf("malformed request: %w", err))
		return
	}
	var out PortReply
	var failure error
	err := s.do(r, func(b Backend) { out, failure = b.AddPort(req) })
	reply(w, out, errors.Join(err, failure))
}

func (s *Server) deletePort(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	var failure error
	err := s.do(r, func(b Backend) { failure = b.DeletePort(name) })
	reply(w, struct{}{}, errors.Join(err, failure))
}

func (s *Server) flows(w http.ResponseWriter, r *http.Request) {
	var write func(io.Writer) error
	if err := s.do(r, func(b Backend) { write = b.Flows() }); err != nil {
		reply(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	defer s.hurry(w)()
	_ = write(w) // fails only if the peer has gone
}

func (s *Server) trace(w http.ResponseWriter, r *http.Request) {
	port, err := tracedPort(r.URL.Query().Get("port"))
	if err != nil {
		reply(w, nil, err)
		return
	}
	lines := make(chan string, traceBacklog)
	var stop func()
	var failure error
	err = s.do(r, func(b Backend) { stop, failure = b.Trace(port, lines) })
	if err := errors.Join(err, failure); err != nil {
		reply(w, nil, err)
		return
	}
	// The client may be gone; main must forget the channel all the same.
	defer s.tell(func(Backend) { stop() })
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	flush := http.NewResponseController(w)
	flush.Flush()
	defer s.hurry(w)()
	for {
		select {
		case line := <-lines:
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
			flush.Flush()
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// hurry makes writes fail when Close begins, so that a peer that does not read
// cannot hold it up. What it returns ends that.
func (s *Server) hurry(w http.ResponseWriter) (done func() bool) {
	return context.AfterFunc(s.ctx, func() { http.NewResponseController(w).SetWriteDeadline(time.Now()) })
}

func (s *Server) stop(w http.ResponseWriter, r *http.Request) {
	reply(w, struct{}{}, s.do(r, func(b Backend) { b.Stop() }))
}

func tracedPort(text string) (uint32, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("port %q is not a number", text)
	}
	return uint32(n), nil
}

func reply(w http.ResponseWriter, body any, err error) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case err == nil:
	case errors.Is(err, errStopping):
		w.WriteHeader(http.StatusServiceUnavailable)
		body = ErrorReply{err.Error()}
	default:
		w.WriteHeader(http.StatusBadRequest)
		body = ErrorReply{err.Error()}
	}
	json.NewEncoder(w).Encode(body)
}
