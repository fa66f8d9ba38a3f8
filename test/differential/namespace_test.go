package differential

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

// Namespaces end with their threads, but the first thread of a process never
// ends, so no goroutine of a test may get it.
func init() { runtime.LockOSThread() }

// namespace is a network namespace without a name. One OS thread lives in it,
// and what must happen there runs on that thread. It ends with the test, or with
// the test binary.
type namespace struct {
	path  string // for "ip link ... netns PATH"
	calls chan func()
}

// newNamespace makes a namespace whose interfaces have no IPv6, so that nothing
// in it sends of its own accord.
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

// commandLimit ends a command that hangs.
const commandLimit = 20 * time.Second

// run runs a command inside to its end and returns what it printed.
func (n *namespace) run(env []string, input, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	var out strings.Builder
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	err := n.do(cmd.Start)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String(), err
}

// mustRun is run for a command that must succeed.
func (n *namespace) mustRun(t *testing.T, env []string, input, name string, args ...string) {
	t.Helper()
	if _, err := n.run(env, input, name, args...); err != nil {
		t.Fatal(err)
	}
}

// process is a program that runs beside the test; it has ended when done is
// closed.
type process struct {
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
}

// spawn starts a program inside the namespace. It is ended with the test; if the
// test has failed, the end of what it printed is shown.
func (n *namespace) spawn(t *testing.T, dir string, env []string, name string, args ...string) *process {
	t.Helper()
	log, err := os.CreateTemp(dir, name[strings.LastIndexByte(name, '/')+1:]+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(name, args...), log: log, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	if err := n.do(p.cmd.Start); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended stands in its log
		close(p.done)
	}()
	t.Cleanup(func() { p.stop(t) })
	return p
}

// stop ends the process: asked first, then by force.
func (p *process) stop(t *testing.T) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	if t.Failed() {
		text, _ := os.ReadFile(p.log.Name())
		t.Logf("%s, the end of its log:\n%s", p.cmd.Path, text[max(0, len(text)-1024):])
	}
	p.log.Close()
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// await waits until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("gave up: %s", what)
		}
	}
}
