package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stand is a Backend whose state only the serving goroutine touches.
type stand struct {
	ports   []string
	traced  chan<- string
	stopped bool
}

func (s *stand) Status() func() Status {
	st := Status{Name: "t", DPID: "00000000000000aa", Hit: 1 << 60}
	for i, name := range s.ports {
		st.Ports = append(st.Ports, Port{Number: uint32(i + 1), Name: name})
	}
	return func() Status { return st }
}

func (s *stand) AddPort(r PortRequest) (PortReply, error) {
	if r.Name == "missing0" {
		return PortReply{}, errors.New("interface missing0: no such network interface")
	}
	s.ports = append(s.ports, r.Name)
	return PortReply{Number: uint32(len(s.ports))}, nil
}

func (s *stand) DeletePort(name string) error { return fmt.Errorf("no port %q", name) }

func (s *stand) Flows() func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "port=1 -> output 2\nport=2 -> drop\n")
		return err
	}
}

func (s *stand) Trace(port uint32, lines chan<- string) (func(), error) {
	if port == 77 {
		return nil, errors.New("there is no port 77")
	}
	s.traced = lines
	lines <- fmt.Sprintf("tracing %d\n", port)
	return func() { s.traced = nil }, nil
}

func (s *stand) Stop() { s.stopped = true }

// start serves a stand until the test ends and returns a client.
func start(t *testing.T) (*Client, *stand, *Server) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.sock")
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	b, end, ended := new(stand), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case r := <-srv.Requests():
				r.Serve(b)
			case <-end:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(end)
		<-ended
		srv.Close()
	})
	return NewClient("t", path), b, srv
}

func TestPortsAndStatus(t *testing.T) {
	c, _, _ := start(t)
	ctx := context.Background()
	for i, name := range []string{"eth1", "eth2"} {
		r, err := c.AddPort(ctx, PortRequest{Name: name})
		if err != nil || r.Number != uint32(i+1) {
			t.Fatalf("AddPort(%s) = %+v, %v", name, r, err)
		}
	}
	_, err := c.AddPort(ctx, PortRequest{Name: "missing0"})
	if err == nil || err.Error() != "interface missing0: no such network interface" {
		t.Errorf("the daemon's words did not come through: %v", err)
	}
	for _, name := range []string{"a/b c", "", ".", "..", "../stop", "in%0?#&x=y", "ü"} {
		if err := c.DeletePort(ctx, name); err == nil || err.Error() != fmt.Sprintf("no port %q", name) {
			t.Errorf("DeletePort(%q): %v", name, err)
		}
	}
	st, err := c.Status(ctx)
	if err != nil || len(st.Ports) != 2 || st.Ports[1].Name != "eth2" || st.Hit != 1<<60 {
		t.Errorf("Status = %+v, %v", st, err)
	}
}

func TestFlowsTraceStop(t *testing.T) {
	c, b, _ := start(t)
	var text strings.Builder
	if err := c.CopyFlows(context.Background(), &text); err != nil || text.String() != "port=1 -> output 2\nport=2 -> drop\n" {
		t.Errorf("CopyFlows: %q, %v", text.String(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- c.CopyTrace(ctx, 7, w) }()
	line := make([]byte, 64)
	n, _ := r.Read(line)
	if string(line[:n]) != "tracing 7\n" {
		t.Errorf("trace said %q", line[:n])
	}
	cancel()
	<-done
	if err := c.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	// Served in order on one goroutine: this call sees what the last one did.
	if _, err := c.Status(context.Background()); err != nil || !b.stopped {
		t.Errorf("stopped %v, %v", b.stopped, err)
	}
}

func TestNoDaemon(t *testing.T) {
	c := NewClient("s9", filepath.Join(t.TempDir(), "s9.sock"))
	if _, err := c.Status(context.Background()); !errors.Is(err, ErrNoDaemon) || !strings.HasPrefix(err.Error(), "s9: ") {
		t.Errorf("error %v", err)
	}
}

func TestBusyMainDoesNotHoldClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := NewClient("t", path).Status(context.Background())
		failed <- err
	}()
	time.Sleep(20 * time.Millisecond) // nobody reads Requests
	begin := time.Now()
	srv.Close()
	if err := <-failed; err == nil || time.Since(begin) > time.Second {
		t.Errorf("client got %v after %v", err, time.Since(begin))
	}
}

// A switch that is stopped accepts connections and says nothing.
func TestCallsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := NewClient("t", path)
	c.timeout = 20 * time.Millisecond
	_, status := c.Status(context.Background())
	for _, err := range []error{status, c.CopyFlows(t.Context(), io.Discard), c.CopyTrace(t.Context(), 1, io.Discard)} {
		if err == nil || !strings.HasPrefix(err.Error(), "t: no answer within 20ms") {
			t.Errorf("a call of a stopped switch: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Status, interrupted: %v", err)
	}
}

// A trace that ends while main is busy for long is ended in the switch as well.
func TestTraceEndsThoughMainIsBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	srv.patience = 10 * time.Millisecond
	b := new(stand)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewClient("t", path).CopyTrace(ctx, 7, io.Discard) }()
	(<-srv.Requests()).Serve(b)
	if b.traced == nil {
		t.Fatal("no trace began")
	}
	cancel()
	<-done
	time.Sleep(20 * srv.patience) // main is busy
	select {
	case r := <-srv.Requests():
		r.Serve(b)
	case <-time.After(5 * time.Second):
	}
	if b.traced != nil {
		t.Error("the trace goes on though its client is gone")
	}
}

// Peers that say nothing, and one that follows a trace without reading it, do not
// keep the daemon from ending within its second.
func TestStuckPeersDoNotHoldClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var main sync.WaitGroup
	main.Go(func() { // floods whoever traces
		b := &flood{}
		for {
			select {
			case r := <-srv.Requests():
				r.Serve(b)
			case <-stop:
				return
			case b.to() <- strings.Repeat("x", 4096):
			}
		}
	})
	silent, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	tracer, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Close()
	fmt.Fprintf(tracer, "GET /v1/trace HTTP/1.1\r\nHost: ivs\r\n\r\n")
	time.Sleep(100 * time.Millisecond) // the socket's buffer is full by now
	close(stop)
	main.Wait()
	begin := time.Now()
	srv.Close()
	if took := time.Since(begin); took > 300*time.Millisecond {
		t.Errorf("Close took %v", took)
	}
}

// slow is a switch whose state takes a while to tell.
type slow struct {
	stand
	asked, told chan struct{}
}

func (s *slow) Status() func() Status {
	return func() Status {
		close(s.asked)
		time.Sleep(3 * closeTimeout)
		close(s.told)
		return Status{}
	}
}

// Close waits for calls that are under way, even if it has hung up on their
// clients.
func TestCloseWaitsForCalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := NewClient("t", path).Status(context.Background())
		failed <- err
	}()
	b := &slow{asked: make(chan struct{}), told: make(chan struct{})}
	(<-srv.Requests()).Serve(b)
	<-b.asked
	srv.Close()
	select {
	case <-b.told:
	default:
		t.Error("Close did not wait for the call")
	}
	if err := <-failed; !errors.Is(err, ErrEnded) {
		t.Errorf("the client got %v, want ErrEnded", err)
	}
}

// A request whose body does not come keeps main from nothing.
func TestBodiesThatDoNotCome(t *testing.T) {
	c, _, srv := start(t)
	for _, request := range []string{"DELETE /v1/ports?name=p1", "GET /v1/trace?port=1", "POST /v1/ports", "POST /v1/stop"} {
		nc, err := net.Dial("unix", srv.path)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		fmt.Fprintf(nc, "%s HTTP/1.1\r\nHost: ivs\r\nContent-Length: 1000\r\n"+
			"Content-Type: multipart/form-data; boundary=x\r\n\r\n", request)
	}
	time.Sleep(20 * time.Millisecond) // main may be stuck by now
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := c.Status(ctx); err != nil {
		t.Error(err)
	}
}

// flood is a switch that is traced.
type flood struct {
	stand
	lines chan<- string
}

func (f *flood) to() chan<- string { return f.lines }

func (f *flood) Trace(_ uint32, lines chan<- string) (func(), error) {
	f.lines = lines
	return func() {}, nil
}

func TestSocketOfDeadDaemonIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.sock")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	srv, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode()&os.ModeSocket == 0 {
		t.Errorf("socket is %v, %v", info.Mode(), err)
	}
	srv.Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close left the socket: %v", err)
	}
}

func TestMalformedRequests(t *testing.T) {
	c, _, srv := start(t)
	web := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", srv.path) }}}
	for _, body := range []string{"", "{", `{"nam":"eth1"}`, `{"name":7}`, `{"name":"` + strings.Repeat("x", 5000) + `"}`} {
		resp, err := web.Post("http://ivs/v1/ports", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "malformed request") {
			t.Errorf("%.20q: %s %s", body, resp.Status, text)
		}
	}
	if st, err := c.Status(context.Background()); err != nil || len(st.Ports) != 0 {
		t.Errorf("a malformed request did something: %+v, %v", st, err)
	}
	for header, words := range map[string]string{"x": "malformed request", "1000": "the client waits no longer"} {
		req, err := http.NewRequest(http.MethodPost, "http://ivs/v1/ports", strings.NewReader(`{"name":"late"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(deadlineHeader, header)
		resp, err := web.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), words) {
			t.Errorf("deadline %s: %s %s, want %q", header, resp.Status, text, words)
		}
	}
	if st, err := c.Status(context.Background()); err != nil || len(st.Ports) != 0 {
		t.Errorf("a late request did something: %+v, %v", st, err)
	}
	resp, err := web.Get("http://ivs/v1/trace?port=x")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("trace of port x: %s", resp.Status)
	}
}
