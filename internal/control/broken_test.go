package control

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// answer listens as a switch that says text to whoever comes, and then does end.
func answer(t *testing.T, text string, end func(net.Conn)) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 4096)
			if _, err := nc.Read(request); err == nil {
				io.WriteString(nc, text)
			}
			end(nc)
		}
	}()
	return NewClient("t", path)
}

func hangUp(nc net.Conn) { nc.Close() }

const halfAnAnswer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nflow\n\r\n"

// A switch that ends in the middle of a call is told as that.
func TestSwitchEndsInACall(t *testing.T) {
	silent := answer(t, "", hangUp)
	_, status := silent.Status(t.Context())
	var text strings.Builder
	flows := answer(t, halfAnAnswer, hangUp).CopyFlows(t.Context(), &text)
	for what, err := range map[string]error{
		"Status":                    status,
		"Stop":                      silent.Stop(t.Context()),
		"CopyFlows":                 silent.CopyFlows(t.Context(), io.Discard),
		"CopyFlows, half an answer": flows,
		"CopyTrace":                 answer(t, halfAnAnswer, hangUp).CopyTrace(t.Context(), 0, io.Discard),
		"CopyTrace, ended in order": answer(t, halfAnAnswer+"0\r\n\r\n", hangUp).CopyTrace(t.Context(), 0, io.Discard),
	} {
		if !errors.Is(err, ErrEnded) || err.Error() != "t: the switch has ended" {
			t.Errorf("%s: %v, want that the switch has ended", what, err)
		}
	}
	if text.String() != "flow\n" {
		t.Errorf("of half an answer %q came through", text.String())
	}
}

// A switch that stops in the middle of its flows is not waited for.
func TestSwitchStopsInAStream(t *testing.T) {
	c := answer(t, halfAnAnswer, func(net.Conn) {})
	c.timeout = 20 * time.Millisecond
	if err := c.CopyFlows(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "no answer within 20ms") {
		t.Errorf("CopyFlows: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*c.timeout)
	defer cancel()
	if err := c.CopyTrace(ctx, 0, io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("CopyTrace of a quiet switch ends before it is asked to: %v", err)
	}
}

// What can't be written is not blamed on the switch.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	c, _, _ := start(t)
	if err := c.CopyFlows(t.Context(), full); !errors.Is(err, syscall.ENOSPC) || strings.HasPrefix(err.Error(), "t:") {
		t.Errorf("CopyFlows to a full disk: %v", err)
	}
}

// Whoever may not open the socket is told so, and not that nothing runs.
func TestForeignSocket(t *testing.T) {
	c := NewClient("t", "/run/t.sock")
	if err := c.unreachable(syscall.EACCES); errors.Is(err, ErrNoDaemon) || !strings.Contains(err.Error(), "/run/t.sock is open to root only") {
		t.Errorf("permission denied: %v", err)
	}
	if err := c.unreachable(syscall.EAGAIN); errors.Is(err, ErrNoDaemon) {
		t.Errorf("a full backlog: %v", err)
	}
}

// A port that is not there is not traced.
func TestTraceOfNoPort(t *testing.T) {
	c, b, _ := start(t)
	if err := c.CopyTrace(t.Context(), 77, io.Discard); err == nil || err.Error() != "there is no port 77" {
		t.Errorf("trace of port 77: %v", err)
	}
	if b.traced != nil {
		t.Error("it is traced all the same")
	}
}
