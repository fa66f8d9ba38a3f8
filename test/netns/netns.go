// Package netns gives tests network namespaces without names: in one, a test
// makes interfaces, opens sockets and runs programs, and all of it is gone when
// the test ends or the test binary dies.
package netns

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A namespace ends with the one thread that lives in it, but the first thread of
// a process never ends, so no goroutine of a test may get that one.
func init() { runtime.LockOSThread() }

// Namespace is a network namespace. One OS thread lives in it, and what must
// happen there runs on that thread, one call after the other. Any goroutine may
// call its methods, until the test ends.
type Namespace struct {
	path  string
	calls chan func()
}

// New makes a namespace, with nothing in it but a loopback that is down, whose
// new interfaces have no IPv6, so that nothing in it sends of its own accord. It
// ends with the test.
func New(t testing.TB) *Namespace {
	t.Helper()
	n := &Namespace{calls: make(chan func())}
	ready := make(chan error)
	go n.live(ready)
	if err := <-ready; err != nil {
		t.Fatalf("network namespace: %v; run as root, outside a restricted container", err)
	}
	t.Cleanup(func() { close(n.calls) })
	return n
}

func (n *Namespace) live(ready chan<- error) {
	runtime.LockOSThread() // and never unlock: the thread ends with this goroutine
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		ready <- err
		return
	}
	n.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
	// This file is that of the thread's namespace. A kernel may lack it.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o644)
	ready <- nil
	for call := range n.calls {
		call()
	}
}

// Path is that of the namespace's file, for "ip link ... netns PATH".
func (n *Namespace) Path() string { return n.path }

// Do runs f inside: sockets that it opens and processes that it starts belong to
// the namespace. It returns f's error.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error)
	n.calls <- func() { done <- f() }
	return <-done
}

// Start starts a command inside. It is killed when the namespace ends.
func (n *Namespace) Start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	return n.Do(cmd.Start)
}

// Run runs a command inside to its end, or to the limit, with more environment
// variables and a standard input, and returns all that it printed. The error
// tells the command and what it printed.
func (n *Namespace) Run(limit time.Duration, env []string, input, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out strings.Builder
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := n.Start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String(), err
}

// Running reports whether an interface inside is there, up, and has a carrier;
// till then the kernel drops what is sent.
func (n *Namespace) Running(name string) bool {
	running := false
	_ = n.Do(func() error {
		link, err := net.InterfaceByName(name)
		running = err == nil && link.Flags&net.FlagRunning != 0
		return nil
	})
	return running
}
