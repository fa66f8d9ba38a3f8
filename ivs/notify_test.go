package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	var out bytes.Buffer
	log, err := newLog(&options{name: "ivs"}, &out)
	must(t, err)
	for _, socket := range []string{
		filepath.Join(t.TempDir(), "notify"),
		fmt.Sprintf("@ivs-test-notify-%d", os.Getpid()), // abstract
	} {
		manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
		must(t, err)
		defer manager.Close()
		must(t, manager.SetDeadline(time.Now().Add(10*time.Second)))
		t.Setenv("NOTIFY_SOCKET", socket)
		for _, state := range []string{"READY=1", "STOPPING=1"} {
			notify(log, state)
			b := make([]byte, 100)
			n, err := manager.Read(b)
			must(t, err)
			if got := string(b[:n]); got != state {
				t.Errorf("%s: the service manager reads %q, want %q", socket, got, state)
			}
		}
	}
	t.Setenv("NOTIFY_SOCKET", "")
	notify(log, "READY=1")
	if out.Len() != 0 {
		t.Errorf("the log says %q", &out)
	}
	t.Setenv("NOTIFY_SOCKET", "/nonexistent/notify")
	notify(log, "READY=1")
	if !strings.Contains(out.String(), "cannot tell the service manager READY=1") {
		t.Errorf("of a socket that is not there the log says %q", &out)
	}
}
