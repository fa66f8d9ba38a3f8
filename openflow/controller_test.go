package openflow

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// A controller that goes away is dialed again, and found when it is back.
func TestRedial(t *testing.T) {
	l := listen(t)
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Limits.RedialMax = 20 * time.Millisecond
	})
	for round := range 3 {
		c, err := openflowtest.Accept(l)
		must(t, err)
		greet(t, c)
		for range 2 {
			_, err = c.Request(of.TypeFeaturesRequest, nil, of.TypeFeaturesReply)
			must(t, err)
		}
		h.run(func() {
			info := h.server.Controllers()[0]
			if !info.Connected || !info.Dialed || info.LastError != nil || info.MessagesReceived != 4 {
				t.Errorf("round %d: %+v", round, info)
			}
		})
		must(t, c.Close())
		h.await("the end", func() bool { return h.server.Controllers()[0].LastError != nil })
	}
}

// A controller that is down costs one line, and one more when it comes up,
// however often it is dialed.
func TestUnreachableControllerIsQuiet(t *testing.T) {
	l := listen(t)
	address := l.Addr().String()
	must(t, l.Close())
	log, hook := logtest.NewNullLogger()
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{address}
		cfg.Limits.RedialMax = 2 * time.Millisecond
		cfg.Log = logrus.NewEntry(log)
	})
	h.await("an attempt", func() bool { return h.server.Controllers()[0].LastError != nil })
	time.Sleep(50 * time.Millisecond)
	if n := lines(hook, "not reachable"); n != 1 {
		t.Errorf("%d lines about the controller, want 1", n)
	}
	l, err := net.Listen("tcp", address)
	must(t, err)
	defer l.Close()
	c, err := openflowtest.Accept(l)
	must(t, err)
	defer c.Close()
	greet(t, c)
	if n := lines(hook, "controller connected"); n != 1 {
		t.Errorf("%d lines about the connection, want 1", n)
	}
}

// A controller that connects and hangs up all the time costs a line for each of
// the two, and no more.
func TestFlappingControllerIsQuiet(t *testing.T) {
	l := listen(t)
	log, hook := logtest.NewNullLogger()
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Listen = nil
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Limits.RedialMax = time.Second
		cfg.Log = logrus.NewEntry(log)
	})
	for range 5 {
		c, err := openflowtest.Accept(l)
		must(t, err)
		greet(t, c)
		must(t, c.Close())
	}
	h.await("the end of the last", func() bool { return h.server.Controllers()[0].LastError != nil })
	if n := len(hook.AllEntries()); n != 2 {
		t.Errorf("%d lines for 5 connections, want 2", n)
		for _, e := range hook.AllEntries() {
			t.Log(e.Message, e.Data)
		}
	}
}

// A controller that resets each connection at once is complained about once,
// though each had a port of its own.
func TestResettingControllerIsQuiet(t *testing.T) {
	l := listen(t)
	log, hook := logtest.NewNullLogger()
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Listen = nil
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Log = logrus.NewEntry(log)
	})
	for range 5 {
		nc, err := l.Accept()
		must(t, err)
		must(t, nc.(*net.TCPConn).SetLinger(0))
		must(t, nc.Close())
	}
	h.await("the end of the last", func() bool { return h.server.Controllers()[0].LastError != nil })
	told := map[string]int{} // some resets are seen by dial
	for _, e := range hook.AllEntries() {
		if told[e.Message]++; told[e.Message] > 1 {
			t.Error("another line:", e.Message, e.Data)
		}
	}
}

// That a controller connects that has been flapping is told once it stays.
func TestControllerThatStays(t *testing.T) {
	l := listen(t)
	log, hook := logtest.NewNullLogger()
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Limits.RedialMax = 200 * time.Millisecond
		cfg.Log = logrus.NewEntry(log)
	})
	for range 3 {
		nc, err := l.Accept()
		must(t, err)
		must(t, nc.Close())
	}
	h.await("the end of the last", func() bool { return h.server.Controllers()[0].LastError != nil })
	c, err := openflowtest.Accept(l)
	must(t, err)
	defer c.Close()
	greet(t, c)
	h.await("a line", func() bool { return lines(hook, "controller connected") == 1 })
}

func lines(hook *logtest.Hook, text string) (n int) {
	for _, e := range hook.AllEntries() {
		if strings.Contains(e.Message, text) {
			n++
		}
	}
	return n
}

// A controller that hangs up at once is not called faster and faster again: only
// a connection that has worked resets the backoff.
func TestHangUpKeepsBackoff(t *testing.T) {
	var mu sync.Mutex
	var dials []time.Time
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{"192.0.2.1:6653"}
		cfg.Limits.RedialFirst = 5 * time.Millisecond
		cfg.Limits.RedialMax = 40 * time.Millisecond
		cfg.Dialer = dialFunc(func() (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			dials = append(dials, time.Now())
			ours, theirs := net.Pipe()
			theirs.Close()
			return ours, nil
		})
	})
	h.await("seven dials", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(dials) >= 7
	})
	h.close()
	for i, earliest := range []time.Duration{0, 5, 15, 35, 75, 115, 155} {
		if after := dials[i].Sub(dials[0]); after < earliest*time.Millisecond {
			t.Errorf("dial %d came after %v, want %d ms at the earliest", i, after, earliest)
		}
	}
}

// dialFunc is a Dialer made by a function.
type dialFunc func() (net.Conn, error)

func (f dialFunc) DialContext(context.Context, string, string) (net.Conn, error) { return f() }

// An attempt that never ends must not keep Close waiting.
func TestCloseWhileDialing(t *testing.T) {
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{"192.0.2.1:1", "192.0.2.2:1"}
		cfg.Dialer = hangingDialer{}
	})
	begin := time.Now()
	h.close()
	if took := time.Since(begin); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}

type hangingDialer struct{}

func (hangingDialer) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A dialer may bring encryption: the rest does not notice.
func TestTLSDialer(t *testing.T) {
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificate.TLS.Certificates})
	must(t, err)
	defer l.Close()
	start(t, &fakeSwitch{ports: 4}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Dialer = &tls.Dialer{Config: certificate.Client().Transport.(*http.Transport).TLSClientConfig}
	})
	conn, err := l.Accept()
	must(t, err)
	c := openflowtest.NewController(conn)
	defer c.Close()
	must(t, openflowtest.ONOS(c))
}
