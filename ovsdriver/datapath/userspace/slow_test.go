package userspace

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// stuck makes an interface whose far end takes nothing: a TAP that nobody reads.
func (l *lab) stuck(name string) {
	l.t.Helper()
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = unix.Close(fd) })
	request, err := unix.NewIfreq(name)
	if err != nil {
		l.t.Fatal(err)
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		l.t.Fatal(err)
	}
	l.ip("link", "set", name, "up")
	if err := running(name); err != nil {
		l.t.Fatal(err)
	}
}

// TestStuckEgress sends all frames to a port whose far end takes nothing (its
// kernel counts what it drops), to one that is down, and to one that works. The
// worker waits for none of them.
func TestStuckEgress(t *testing.T) {
	l := newLab(t, 2)
	l.stuck("p3")
	d, w := l.byHand(3)
	if err := d.AddPort(datapath.PortSpec{No: 4, Name: "usp-in", Kind: datapath.Internal}); err != nil {
		t.Fatal(err)
	}
	put(t, d, portFlow(1, 1, output(3), output(4), output(2)))
	a := l.wire(1)
	before := l.received(2)
	const sent = 100 * frameBudget
	var slowest time.Duration
	for range sent / frameBudget {
		for range frameBudget {
			a.mustSend(udp(1, nobody, 1400, 7))
		}
		start := time.Now()
		if err := w.forward(false); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
	}
	if n := l.received(2) - before; n != sent {
		t.Errorf("%d of %d frames reached port 2", n, sent)
	}
	if slowest > time.Second {
		t.Errorf("a turn took %v", slowest)
	}
	if drops, err := d.dropsOf(4); err != nil || drops[DropLinkDown] != sent {
		t.Errorf("drops of port 4: %v, %v, want %d for a link that is down", drops, err, sent)
	}
	host := sent - d.PortDrops(4).Tx // the rest
	if out := l.run("ip", "-s", "-j", "link", "show", "usp-in"); !strings.Contains(out, fmt.Sprintf(`"dropped":%d,`, host)) {
		t.Errorf("the interface has not dropped %d of the %d frames: %s", host, sent, out)
	}
}
