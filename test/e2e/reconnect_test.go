package e2e

import (
	"strings"
	"testing"
)

// A controller that is killed and comes back: meanwhile its flows work on, and
// then it is found again.
func TestControllerKilledAndBack(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	first := l.testController(t)
	d := l.start(t, "-c", controllerAddress)
	connected := func() bool { return d.stat(t).Controllers[0].Connected }
	await(t, "the controller is connected", connected)
	await(t, "the table-miss flow", func() bool {
		return strings.Contains(d.ofctl(t, "dump-flows"), "CONTROLLER")
	})
	a, b, c := l.hosts[0], l.hosts[1], l.hosts[2]
	a.ping(t, b, 3)
	before := d.dump(t)

	first.kill()
	await(t, "the controller is missed", func() bool { return !connected() })
	a.ping(t, b, 10)
	if after := d.dump(t); len(after) < len(before) {
		t.Errorf("of %d flows %d are left without a controller", len(before), len(after))
	}

	l.testController(t)
	await(t, "the controller is connected again", connected)
	a.ping(t, c, 3)
	if out := d.ctl(t, "show", "-v"); !strings.Contains(out, controllerAddress+" connected") {
		t.Errorf("ivs-ctl show -v does not tell of the controller:\n%s", out)
	}
}

// A controller that nobody runs, beside one that works, does no harm; a second
// listener of the same kind neither.
func TestSeveralControllers(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	l.testController(t)
	d := l.start(t, "-c", "127.0.0.1:6699", "-c", controllerAddress, "-c", "[::1]:6653", "-l", "127.0.0.1:6635")
	await(t, "the table-miss flow", func() bool {
		return strings.Contains(d.ofctl(t, "dump-flows"), "CONTROLLER")
	})
	l.pingAll(t)
	var working int
	for _, c := range d.stat(t).Controllers {
		if c.Connected {
			working++
		}
	}
	if working != 1 {
		t.Errorf("%d controllers work of %+v", working, d.stat(t).Controllers)
	}
}
