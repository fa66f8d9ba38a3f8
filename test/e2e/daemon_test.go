package e2e

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/internal/control"
)

const (
	listenAddress     = "127.0.0.1:6634" // where switches listen
	controllerAddress = "127.0.0.1:6653" // where controllers do
	switchName        = "ivs"
)

// daemon is a running ivs.
type daemon struct {
	*process
	lab *lab
	run control.RunDir
	env []string

	// mayComplain is set by tests in which errors are logged for good reason.
	mayComplain bool
}

// start runs ivs with the lab's ports in their order, a listener, and other
// flags, and waits until it is ready. At the end of the test it must end
// well and leave nothing behind.
func (l *lab) start(t *testing.T, flags ...string) *daemon {
	t.Helper()
	return l.startWith(t, append(l.ports(), flags...)...)
}

// startWith is start with the ports among the flags.
func (l *lab) startWith(t *testing.T, flags ...string) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "ivs-e2e-run") // a short path: it holds unix sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &daemon{lab: l, run: control.RunDir(dir), env: append([]string{control.RunDirVariable + "=" + dir}, l.env...)}
	d.launch(t, flags...)
	return d
}

// launch starts the process, perhaps after another that was killed, and sees to
// its end.
func (d *daemon) launch(t *testing.T, flags ...string) {
	t.Helper()
	args := append([]string{"-l", listenAddress, "--dpid", "00000000000000aa", "--datapath", dataPath}, flags...)
	p := d.lab.spawn(t, d.env, program("ivs"), args...)
	d.process = p
	t.Cleanup(func() {
		if d.process == p {
			d.checkEnd(t)
		}
	})
	await(t, "ivs is ready", func() bool {
		if d.ended() {
			t.Fatalf("ivs %s: %v", strings.Join(args, " "), d.err)
		}
		_, err := d.client().Status(t.Context())
		return err == nil
	})
}

// client talks to the control socket.
func (d *daemon) client() *control.Client {
	return control.NewClient(switchName, d.run.Socket(switchName))
}

// stat asks the daemon for all that it tells of itself.
func (d *daemon) stat(t *testing.T) control.Status {
	t.Helper()
	s, err := d.client().Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ctl runs ivs-ctl, which must succeed, and returns what it printed.
func (d *daemon) ctl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := d.tryCtl(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *daemon) tryCtl(args ...string) (string, error) {
	return d.lab.tryWith(d.env, "", program("ivs-ctl"), args...)
}

// checkEnd ends the daemon and looks for what it should have taken with it.
func (d *daemon) checkEnd(t *testing.T) {
	if d.ended() {
		t.Errorf("ivs has ended before the test has: %v", d.err)
		return
	}
	if _, err := d.stop(patience); err != nil || d.status() != 0 {
		t.Errorf("ivs ends with status %d (%v), want 0", d.status(), err)
	}
	for _, word := range []string{"panic:", "DATA RACE", "goroutine ", "level=error"} {
		if strings.Contains(d.out.String(), word) && !(word == "level=error" && d.mayComplain) {
			t.Errorf("the log of ivs has %q", word)
		}
	}
	d.checkGone(t)
}

// checkGone looks for a datapath and files without a daemon.
func (d *daemon) checkGone(t *testing.T) {
	files, err := os.ReadDir(string(d.run))
	if err != nil || len(files) != 0 {
		t.Errorf("ivs left files: %v %v", files, err)
	}
	_ = d.lab.Do(func() error {
		if link, err := net.InterfaceByName(switchName); err == nil {
			t.Errorf("ivs left its interface: %+v", link)
		}
		return nil
	})
	out, err := d.lab.tryWith(d.env, "", program("ivs-ctl"), "show")
	if err != nil || out != "" {
		t.Errorf("ivs-ctl show with nothing running: %v: %q", err, out)
	}
}

// port finds a port in the daemon's status.
func (d *daemon) port(t *testing.T, name string) (control.Port, bool) {
	t.Helper()
	for _, p := range d.stat(t).Ports {
		if p.Name == name {
			return p, true
		}
	}
	return control.Port{}, false
}

// ofctl runs an ovs-ofctl command on the switch, which must succeed.
func (d *daemon) ofctl(t *testing.T, command string, args ...string) string {
	t.Helper()
	out, err := d.tryOfctl("", command, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tryOfctl runs an ovs-ofctl command with a standard input.
func (d *daemon) tryOfctl(input, command string, args ...string) (string, error) {
	line := append([]string{"-O", "OpenFlow13", command, "unix:" + d.run.OpenFlowSocket(switchName)}, args...)
	return d.lab.tryWith(nil, input, "ovs-ofctl", line...)
}

// setFlows makes the flows, in ovs-ofctl's words, the only ones, and waits until
// the switch obeys.
func (d *daemon) setFlows(t *testing.T, flows ...string) {
	t.Helper()
	input := strings.Join(flows, "\n") + "\n"
	if _, err := d.tryOfctl(input, "replace-flows", "-"); err != nil {
		t.Fatalf("%v\nflows:\n%s", err, input)
	}
}
