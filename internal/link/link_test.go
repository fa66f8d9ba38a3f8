package link

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain runs the tests again in a network namespace of their own, so that
// the host's interfaces neither disturb them nor are disturbed.
func TestMain(m *testing.M) {
	const inside = "IVS_LINK_TEST_NETNS"
	if os.Getenv(inside) != "" {
		goleak.VerifyTestMain(m)
		return
	}
	if os.Geteuid() != 0 {
		fmt.Println("SKIP internal/link: network namespaces need root")
		return
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := cmd.Run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v: %s", args, err, out)
	}
}

func TestGet(t *testing.T) {
	ip(t, "link", "add", "g0", "address", "02:00:00:00:00:aa", "mtu", "1400", "type", "veth", "peer", "name", "g1")
	defer ip(t, "link", "del", "g0")

	l, err := Get("g0")
	if err != nil {
		t.Fatal(err)
	}
	if l.Name != "g0" || l.HWAddr.String() != "02:00:00:00:00:aa" || l.MTU != 1400 || l.Up || l.Running {
		t.Errorf("Get(g0) = %+v", l)
	}
	for _, name := range []string{"g0", "g1"} {
		if err := SetUp(name, true); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = Get("g0"); err != nil || !l.Up || !l.Running {
		t.Errorf("after SetUp: %+v, %v", l, err)
	}
	if err := SetUp("g0", false); err != nil {
		t.Fatal(err)
	}
	if l, err = Get("g0"); err != nil || l.Up {
		t.Errorf("after SetUp false: %+v, %v", l, err)
	}
}

func TestGetMissing(t *testing.T) {
	_, err := Get("nothere")
	if !errors.Is(err, ErrNotFound) || err.Error() != "interface nothere: no such network interface" {
		t.Errorf("Get(nothere) error %v", err)
	}
	if err := SetUp("nothere", true); err == nil {
		t.Error("SetUp(nothere) succeeded")
	}
}

func TestFirstHWAddrIsLowestIndex(t *testing.T) {
	ip(t, "link", "add", "h0", "index", "700", "address", "02:00:00:00:07:00", "type", "veth", "peer", "name", "hp0", "index", "701")
	ip(t, "link", "add", "h1", "index", "600", "address", "02:00:00:00:06:00", "type", "veth", "peer", "name", "hp1", "index", "601")
	defer ip(t, "link", "del", "h0")
	defer ip(t, "link", "del", "h1")
	if mac, err := FirstHWAddr(); err != nil || mac.String() != "02:00:00:00:06:00" {
		t.Errorf("FirstHWAddr() = %v, %v", mac, err)
	}
}

func TestModesOfVeth(t *testing.T) {
	ip(t, "link", "add", "m0", "type", "veth", "peer", "name", "m1")
	defer ip(t, "link", "del", "m0")
	modes, err := OpenModes()
	if err != nil {
		t.Fatal(err)
	}
	defer modes.Close()
	if got := modes.Get("m0"); got.Mbps != 10000 || !got.FullDuplex {
		t.Errorf("veth runs at %+v, want 10000 Mbit/s, full duplex", got)
	}
	if got := modes.Get("nothere"); got != (Mode{}) {
		t.Errorf("missing interface runs at %+v", got)
	}
}

func TestWatch(t *testing.T) {
	w, err := Watch()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ip(t, "link", "add", "w0", "type", "veth", "peer", "name", "w1")
	await(t, w, func(e Event) bool { return e.Kind == Changed && e.Link.Name == "w0" && !e.Link.Up })
	ip(t, "link", "set", "w0", "up")
	ip(t, "link", "set", "w1", "up")
	await(t, w, func(e Event) bool { return e.Kind == Changed && e.Link.Name == "w0" && e.Link.Running })
	ip(t, "link", "del", "w0")
	await(t, w, func(e Event) bool { return e.Kind == Gone && e.Link.Name == "w0" })
}

// TestWatchOverflow makes more changes than the socket holds while nobody
// reads, and wants to be told.
func TestWatchOverflow(t *testing.T) {
	w, err := Watch()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	script := "for i in $(seq 1500); do echo link set v0 mtu $((1000 + i % 2)); done | ip -batch -"
	ip(t, "link", "add", "v0", "type", "veth", "peer", "name", "v1")
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	await(t, w, func(e Event) bool { return e.Kind == Lost })
	ip(t, "link", "del", "v0")
	await(t, w, func(e Event) bool { return e.Kind == Gone && e.Link.Name == "v0" })
}

func await(t *testing.T, w *Watcher, ok func(Event) bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		select {
		case e := <-w.Events():
			if ok(e) {
				return
			}
		case <-deadline:
			t.Fatal("the event did not come in 5 s")
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"eth0", "s1-eth3", "v0.100", "123456789012345"} {
		if err := CheckName(name); err != nil {
			t.Errorf("CheckName(%q): %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", "a b", "a:b", "in%d", "1234567890123456"} {
		if CheckName(name) == nil {
			t.Errorf("CheckName(%q) found nothing wrong", name)
		}
	}
}
