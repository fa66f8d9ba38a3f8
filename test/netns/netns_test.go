package netns

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	n := New(t)
	interfaces := func() (names []string, err error) {
		list, err := net.Interfaces()
		for i := range list {
			names = append(names, list[i].Name)
		}
		return names, err
	}
	var inside []string
	err := n.Do(func() (err error) { inside, err = interfaces(); return err })
	if err != nil || len(inside) != 1 || inside[0] != "lo" {
		t.Errorf("a new namespace has %v, %v; want lo alone", inside, err)
	}
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.Readlink(n.Path())
	if err != nil || theirs == ours {
		t.Errorf("%s is %s, %v; ours is %s", n.Path(), theirs, err, ours)
	}
	out, err := n.Run(time.Minute, []string{"WORD=hello"}, "input", "sh", "-c", "echo $WORD; cat; readlink /proc/self/ns/net")
	if err != nil || out != "hello\ninput"+theirs+"\n" {
		t.Errorf("a command printed %q, %v", out, err)
	}
	if _, err := n.Run(time.Minute, nil, "", "sh", "-c", "echo what >&2; exit 3"); err == nil || !strings.Contains(err.Error(), "what") {
		t.Errorf("a command that fails: %v", err)
	}
}

// An interface runs once it is there and up.
func TestRunning(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	n := New(t)
	if n.Running("lo") || n.Running("absent") {
		t.Error("an interface that is down, or one that is not there, runs")
	}
	if _, err := n.Run(time.Minute, nil, "", "ip", "link", "set", "lo", "up"); err != nil {
		t.Skip("needs the ip command: ", err)
	}
	if !n.Running("lo") {
		t.Error("lo is up but does not run")
	}
}

// What was started inside ends with the namespace.
func TestEnd(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	cmd := exec.Command("sleep", "3600")
	t.Run("namespace", func(t *testing.T) {
		if err := New(t).Start(cmd); err != nil {
			t.Fatal(err)
		}
	})
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Errorf("it still runs: %v", <-ended)
	}
}
