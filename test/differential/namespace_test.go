package differential

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivs-go/ivs/test/netns"
)

// namespace is a network namespace, and how tests run programs there.
type namespace struct{ *netns.Namespace }

func newNamespace(t *testing.T) *namespace {
	t.Helper()
	return &namespace{netns.New(t)}
}

// commandLimit ends a command that hangs.
const commandLimit = 20 * time.Second

// run runs a command inside to its end and returns what it printed.
func (n *namespace) run(env []string, input, name string, args ...string) (string, error) {
	return n.Run(commandLimit, env, input, name, args...)
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
	if err := n.Start(p.cmd); err != nil {
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
