package e2e

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A crash does not end the program with a status that it gives itself: 2, Go's
// own for a crash, says that a flag is wrong. SIGABRT stands for a panic here:
// Go's runtime treats it as one.
func TestCrashIsNoExitStatus(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	d := l.start(t)
	if err := d.cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	if err := d.wait(patience); err != nil {
		t.Fatal(err)
	}
	status := d.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("it ended with %v, want by SIGABRT", d.cmd.ProcessState)
	}
	if !strings.Contains(d.out.String(), "goroutine 1 ") {
		t.Error("the log lacks the goroutines' stacks")
	}
	d.launch(t, l.ports()...) // ends well, and leaves nothing
}

// A service manager hears when the switch works, which takes neither controllers
// nor interfaces, and when it ends.
func TestServiceManagerHears(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	socket := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	hear := func(limit time.Duration) (string, error) {
		b := make([]byte, 100)
		if err := manager.SetReadDeadline(time.Now().Add(limit)); err != nil {
			t.Fatal(err)
		}
		n, err := manager.Read(b)
		return string(b[:n]), err
	}
	l.env = append(l.env, "NOTIFY_SOCKET="+socket)
	d := l.start(t, "-i", "missing", "-c", "192.0.2.1")
	d.mayComplain = true
	if state, err := hear(patience); err != nil || state != "READY=1" {
		t.Errorf("it hears %q, %v", state, err)
	}
	if state, err := hear(time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("before the end it hears %q, %v", state, err)
	}
	if _, err := d.stop(patience); err != nil {
		t.Error(err)
	}
	if state, err := hear(patience); err != nil || state != "STOPPING=1" {
		t.Errorf("it hears %q, %v", state, err)
	}
	d.process = nil
}

// A listener's address may come after the switch, as by DHCP.
func TestListenerAddressComesLater(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	d := l.start(t, "-l", "192.0.2.5", "-l", "2001:db8::5")
	for _, address := range []string{"192.0.2.5", "[2001:db8::5]"} {
		show := func() error {
			_, err := l.try("ovs-ofctl", "-O", "OpenFlow13", "show", "tcp:"+address+":6634")
			return err
		}
		if show() == nil {
			t.Fatalf("%s is there already", address)
		}
		l.ip(t, "addr add "+strings.Trim(address, "[]")+" dev lo")
		await(t, "connections to "+address, func() bool { return show() == nil })
	}
	if n := strings.Count(d.out.String(), "no interface has this address yet"); n != 2 {
		t.Errorf("%d warnings of an address that is not there, want 2", n)
	}
}
