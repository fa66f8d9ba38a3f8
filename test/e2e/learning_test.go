package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startController starts a program that is a controller, and waits until it
// listens; Python takes its time on an emulated machine.
func (l *lab) startController(t *testing.T, name string, args ...string) *process {
	t.Helper()
	dir, err := os.MkdirTemp("", "ivs-e2e-ovs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	// There ovs-testcontroller keeps its control socket.
	p := l.spawn(t, []string{"OVS_RUNDIR=" + dir}, name, args...)
	awaitFor(t, 150*time.Second, name+" listens", func() bool {
		if p.ended() {
			t.Fatalf("%s has ended: %v", name, p.err)
		}
		return l.Do(func() error {
			conn, err := net.Dial("tcp", controllerAddress)
			if err == nil {
				conn.Close()
			}
			return err
		}) == nil
	})
	return p
}

// testController starts Open vSwitch's learning controller.
func (l *lab) testController(t *testing.T) *process {
	t.Helper()
	need(t, "ovs-testcontroller")
	return l.startController(t, "ovs-testcontroller", "-O", "OpenFlow13", "--max-idle=60", "ptcp:6653:127.0.0.1")
}

// osKen starts the learning switch of testdata on Debian's os-ken.
func (l *lab) osKen(t *testing.T) *process {
	t.Helper()
	needOSKen(t)
	app, err := filepath.Abs("testdata/learning.py")
	if err != nil {
		t.Fatal(err)
	}
	return l.startController(t, debianPython, "-B", "-m", "os_ken.cmd.manager",
		"--ofp-listen-host", "127.0.0.1", "--ofp-tcp-listen-port", "6653", app)
}

// debianPython is the interpreter that has Debian's modules.
const debianPython = "/usr/bin/python3"

func needOSKen(t *testing.T) {
	t.Helper()
	if out, err := exec.Command(debianPython, "-c", "import os_ken").CombinedOutput(); err != nil {
		t.Skipf("needs os-ken (Debian: python3-os-ken): %s", out)
	}
}

// Two independent learning controllers bring three hosts together, for pings
// and TCP, and their flows, not they, carry the bulk.
func TestLearningControllers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		start func(*lab, *testing.T) *process
	}{
		{"ovs-testcontroller", (*lab).testController},
		{"os-ken", (*lab).osKen},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, 3)
			tt.start(l, t)
			d := l.start(t, "-c", controllerAddress)
			await(t, "the table-miss flow", func() bool {
				return strings.Contains(d.ofctl(t, "dump-flows"), "CONTROLLER")
			})
			l.pingAll(t)
			if rate := l.hosts[0].transfer(t, l.hosts[2], 4<<20); rate <= 0 {
				t.Error("no TCP")
			}
			if s := d.stat(t); s.Hit <= s.Missed {
				t.Errorf("%d frames forwarded by cached flows, %d not", s.Hit, s.Missed)
			}
			if s := d.stat(t); len(s.Controllers) != 1 || !s.Controllers[0].Connected {
				t.Errorf("controllers: %+v", s.Controllers)
			}
		})
	}
}
