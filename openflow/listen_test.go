package openflow

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	of "github.com/netrack/openflow"

	"github.com/ivs-go/ivs/openflow/openflowtest"
)

func TestUnixSocket(t *testing.T) {
	path := socketPath(t)
	// What a killed process leaves: a socket file that nobody answers on.
	abandoned, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	must(t, err)
	abandoned.SetUnlinkOnClose(false)
	must(t, abandoned.Close())

	h := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.UnixSocket = path })
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("socket has mode %v, want 0600", info.Mode())
	}
	c, err := openflowtest.Dial("unix", path)
	must(t, err)
	defer c.Close()
	greet(t, c)

	second := NewServer(&fakeSwitch{}, Config{UnixSocket: path, Log: quietLog()})
	if err := second.Start(t.Context()); err == nil {
		t.Error("a second server took the socket")
		second.Close()
	}
	must(t, c.Barrier())
	h.close()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket file is left behind: %v", err)
	}
}

func TestStartFailures(t *testing.T) {
	taken := listen(t).Addr().String()
	tests := []struct {
		name string
		cfg  Config
	}{
		{"address in use", Config{Listen: []string{"127.0.0.1:0", taken}}},
		{"malformed listener", Config{Listen: []string{"127.0.0.1:x"}}},
		{"no such directory", Config{UnixSocket: "/nonexistent/s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.Log = quietLog()
			if err := NewServer(&fakeSwitch{}, tt.cfg).Start(t.Context()); err == nil {
				t.Error("Start succeeded")
			}
		})
	}
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 on loopback: %v", err)
	}
	defer l.Close()
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Listen = []string{"[::1]:0"}
		cfg.Controllers = []string{l.Addr().String()}
	})
	must(t, h.connect().Barrier())
	c, err := openflowtest.Accept(l)
	must(t, err)
	defer c.Close()
	greet(t, c)
}

// An address that no interface has (they are for documentation, RFC 5737 and
// 3849) is listened on all the same.
func TestAddressThatIsNotThereYet(t *testing.T) {
	for _, address := range []string{"192.0.2.5:0", "[2001:db8::5]:0"} {
		server := NewServer(&fakeSwitch{}, Config{Listen: []string{address}, Log: quietLog()})
		if err := server.Start(t.Context()); err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		server.Close()
	}
}

// Beyond the limit connections are refused, those for dialed controllers are
// kept free, and the place of one that ends is free again.
func TestConnectionLimit(t *testing.T) {
	l := listen(t)
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Limits.Connections = 3
		cfg.Controllers = []string{l.Addr().String()}
	})
	first := h.connect()
	h.connect()
	refused := h.dial()
	if before, err := refused.ExpectClose(); err != nil || len(before) != 0 {
		t.Errorf("third connection: %v, %v; want the end", before, err)
	}
	dialed, err := openflowtest.Accept(l)
	must(t, err)
	defer dialed.Close()
	greet(t, dialed)
	must(t, first.Close())
	h.await("the end of the first", func() bool { return len(h.server.sessions) == 2 })
	h.connect()
}

// What is queued when the server closes still arrives.
func TestCloseFlushes(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	c := h.connect()
	h.run(func() {
		for range 50 {
			sendAll(h.server)
		}
	})
	h.close()
	before, err := c.ExpectClose()
	must(t, err)
	if len(before) != 450 {
		t.Errorf("%d messages arrived, want 450: all but 50 packet-ins of invalid TTL", len(before))
	}
}

// A peer that does not read can't keep Close waiting for longer than a flush.
func TestCloseIsBounded(t *testing.T) {
	sw := &fakeSwitch{stream: func() Stream { return &numbered{n: manyFlows, size: 9600} }}
	h := start(t, sw, func(cfg *Config) { cfg.Limits.FlushTimeout = 50 * time.Millisecond })
	c := h.connect()
	must(t, c.SendBytes(flowStatsRequest(t, 1)))
	h.await("the request", func() bool { return len(sw.calls) == 1 })
	time.Sleep(20 * time.Millisecond)
	begin := time.Now()
	h.close()
	if took := time.Since(begin); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}

// When its context ends, a server stops listening, but what is queued is sent.
func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	server := NewServer(&fakeSwitch{}, Config{Listen: []string{"127.0.0.1:0"}, Log: quietLog()})
	must(t, server.Start(ctx))
	c, err := openflowtest.Dial("tcp", server.Addrs()[0].String())
	must(t, err)
	defer c.Close()
	server.Handle(<-server.Events())
	cancel()
	server.Close()
	server.Close() // twice does no harm
	before, err := c.ExpectClose()
	must(t, err)
	if len(before) != 1 || before[0].Type != of.TypeHello {
		t.Errorf("got %v, want our HELLO", before)
	}
}
