package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// namespace is a network namespace without a name. One OS thread lives in it,
// and whatever must happen there runs on that thread; the namespace ends with
// it, at the end of the test or when the test binary dies.
type namespace struct {
	path  string // for "ip link ... netns PATH"
	calls chan func()
}

// newNamespace makes a namespace whose new interfaces have no IPv6, so that
// hosts send nothing of their own accord.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	n := &namespace{calls: make(chan func())}
	ready := make(chan error)
	go n.live(ready)
	if err := <-ready; err != nil {
		t.Fatalf("network namespace: %v; run as root, outside a restricted container", err)
	}
	t.Cleanup(func() { close(n.calls) })
	return n
}

func (n *namespace) live(ready chan<- error) {
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

// do runs f inside: sockets that it opens and processes that it starts belong to
// the namespace.
func (n *namespace) do(f func() error) error {
	done := make(chan error)
	n.calls <- func() { done <- f() }
	return <-done
}

// start starts a command inside. It is killed when the namespace ends.
func (n *namespace) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	return n.do(cmd.Start)
}

// commandLimit ends a command that hangs.
const commandLimit = time.Minute

// try runs a command inside to its end and returns all that it printed.
func (n *namespace) try(name string, args ...string) (string, error) {
	return n.tryWith(nil, "", name, args...)
}

// tryWith is try with more environment variables and a standard input.
func (n *namespace) tryWith(env []string, input, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	var out strings.Builder
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := n.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String(), err
}

// run runs a command inside, which must succeed, and returns what it printed.
func (n *namespace) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := n.try(name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ip runs lines of the ip command.
func (n *namespace) ip(t *testing.T, lines ...string) {
	t.Helper()
	if _, err := n.tryWith(nil, strings.Join(lines, "\n")+"\n", "ip", "-batch", "-"); err != nil {
		t.Fatal(err)
	}
}
