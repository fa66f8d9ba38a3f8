package userspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// lab is a network of its own: a namespace for the switch with ports p1, p2,
// ..., and one for each host, whose eth0 (10.0.0.N, MAC 02:00:00:00:00:0N) is
// the other end of port N.
type lab struct {
	t     testing.TB
	sw    string
	hosts []string

	claims string // Config.Claims of datapaths
}

var labs atomic.Int32

// newLab makes a network of n hosts and moves the test's goroutine, which must
// stay on its thread, to the switch's namespace.
func newLab(t testing.TB, n int) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces and packet sockets need root")
	}
	id := fmt.Sprintf("usp%d-%d", os.Getpid(), labs.Add(1))
	l := &lab{t: t, sw: id + "-sw", claims: filepath.Join(t.TempDir(), "claims")}
	l.netns(l.sw)
	for i := 1; i <= n; i++ {
		host := fmt.Sprintf("%s-h%d", id, i)
		l.hosts = append(l.hosts, host)
		l.netns(host)
		l.ip("-n", l.sw, "link", "add", fmt.Sprintf("p%d", i), "type", "veth", "peer", "name", "eth0", "netns", host)
		l.ip("-n", host, "link", "set", "eth0", "address", fmt.Sprintf("02:00:00:00:00:%02x", i))
		l.ip("-n", host, "addr", "add", fmt.Sprintf("10.0.0.%d/24", i), "dev", "eth0")
		l.up(i)
		for j := 1; j <= n; j++ {
			if j != i {
				l.ip("-n", host, "neigh", "replace", fmt.Sprintf("10.0.0.%d", j), "lladdr", fmt.Sprintf("02:00:00:00:00:%02x", j), "dev", "eth0")
			}
		}
	}
	l.enter(l.sw)
	return l
}

// netns makes a namespace without IPv6, whose chatter would disturb counts.
func (l *lab) netns(name string) {
	l.t.Helper()
	l.ip("netns", "add", name)
	l.t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	l.run("ip", "netns", "exec", name, "sysctl", "-qw",
		"net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
	l.ip("-n", name, "link", "set", "lo", "up")
}

// up brings both ends of a port up and waits until the kernel has acted on
// their carrier; till then it drops what they send. It does so at once at the
// end that comes up last, soon at the other.
func (l *lab) up(no int) {
	l.t.Helper()
	near := fmt.Sprintf("p%d", no)
	l.ip("-n", l.sw, "link", "set", near, "up")
	l.ip("-n", l.hosts[no-1], "link", "set", "eth0", "up")
	if err := l.in(l.sw, func() error { return running(near) }); err != nil {
		l.t.Fatal(err)
	}
}

// running waits until an interface of this namespace is operational.
func running(name string) error {
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		ifc, err := net.InterfaceByName(name)
		if err != nil || ifc.Flags&net.FlagRunning != 0 {
			return err
		}
	}
	return fmt.Errorf("%s has no carrier", name)
}

func (l *lab) ip(args ...string) { l.t.Helper(); l.run("ip", args...) }

func (l *lab) run(name string, args ...string) string {
	l.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		l.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// enter moves the calling goroutine into a namespace until the test ends.
func (l *lab) enter(name string) {
	l.t.Helper()
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		l.t.Fatal(err)
	}
	setns(l.t, name)
	l.t.Cleanup(func() {
		if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
			l.t.Error(err)
		}
		_ = home.Close()
		runtime.UnlockOSThread()
	})
}

func setns(t testing.TB, name string) {
	t.Helper()
	f, err := os.Open("/var/run/netns/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
}

// in runs fn in a namespace, on a thread that ends with it.
func (l *lab) in(name string, fn func() error) error {
	errs := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must not be used again
		f, err := os.Open("/var/run/netns/" + name)
		if err == nil {
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
			_ = f.Close()
		}
		if err == nil {
			err = fn()
		}
		errs <- err
	}()
	return <-errs
}

// open makes a datapath with ports 1 to n on p1 to pn and starts its workers;
// upcalls go to handle, which may be nil. All ends with the test.
func (l *lab) open(ports, workers int, handle func(datapath.Receiver, []datapath.Upcall)) *Datapath {
	l.t.Helper()
	d, err := Open(Config{Name: "usp0", Claims: l.claims})
	if err != nil {
		l.t.Fatal(err)
	}
	receivers, err := d.Receivers(workers)
	if err != nil {
		l.t.Fatal(err)
	}
	var running sync.WaitGroup
	for _, r := range receivers {
		running.Go(func() { serve(l.t, r, handle) })
	}
	l.t.Cleanup(func() {
		if err := d.Close(); err != nil {
			l.t.Error(err)
		}
		running.Wait()
	})
	for i := 1; i <= ports; i++ {
		l.addPort(d, i)
	}
	return d
}

func serve(t testing.TB, r datapath.Receiver, handle func(datapath.Receiver, []datapath.Upcall)) {
	batch := make([]datapath.Upcall, 64)
	for {
		n, err := r.Receive(batch)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			t.Error(err)
		}
		if handle != nil && n > 0 {
			handle(r, batch[:n])
		}
	}
}

func (l *lab) addPort(d *Datapath, i int) {
	l.t.Helper()
	if err := d.AddPort(datapath.PortSpec{No: datapath.PortNo(i), Name: fmt.Sprintf("p%d", i)}); err != nil {
		l.t.Fatal(err)
	}
}

// connect installs flows that forward between two ports, ids a and b.
func (l *lab) connect(d *Datapath, a, b datapath.PortNo) {
	l.t.Helper()
	put(l.t, d, portFlow(datapath.FlowID(a), a, output(b)), portFlow(datapath.FlowID(b), b, output(a)))
}

// portFlow matches all frames of a port.
func portFlow(id datapath.FlowID, port datapath.PortNo, acts ...datapath.Act) datapath.Flow {
	f := datapath.Flow{ID: id, Actions: acts}
	f.Match.Exact(flowtable.InPort, uint64(port))
	return f
}

func put(t testing.TB, d *Datapath, flows ...datapath.Flow) {
	t.Helper()
	errs := make([]error, len(flows))
	d.PutFlows(flows, errs)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func output(port datapath.PortNo) datapath.Act {
	return datapath.Act{Kind: datapath.Output, Port: port}
}

// start runs a program in a namespace until the test ends.
func (l *lab) start(ns, name string, args ...string) {
	l.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", ns, name}, args...)...)
	if err := cmd.Start(); err != nil {
		cancel()
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { cancel(); _ = cmd.Wait() })
}

// dropsOf is what port no has dropped so far.
func (d *Datapath) dropsOf(no datapath.PortNo) (Drops, error) {
	p := d.ports.Load().lookup(no)
	if p == nil {
		return Drops{}, datapath.ErrNoPort
	}
	return p.dropped(), nil
}
