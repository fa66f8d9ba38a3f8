package userspace

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"golang.org/x/sys/unix"
)

// TestPortsLeakNothing adds and deletes ports many times, and fails to add as
// many; no descriptor and no goroutine is left of them.
func TestPortsLeakNothing(t *testing.T) {
	l := newLab(t, 1)
	d := l.open(0, 2, nil)
	specs := []datapath.PortSpec{
		{No: 1, Name: "p1"},
		{No: 2, Name: "usp-in", Kind: datapath.Internal},
	}
	refused := []datapath.PortSpec{{No: 3, Name: "absent"}, {No: 4, Name: "lo"}, {No: 5, Name: "p1", Kind: datapath.Internal}}
	datapathtest.LeaksNothing(t, func(int) {
		for _, s := range specs {
			if err := d.AddPort(s); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range refused {
			if d.AddPort(s) == nil {
				t.Fatalf("port %+v was added", s)
			}
		}
		for _, s := range specs {
			if err := d.DeletePort(s.No); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestCloseTogether closes a datapath of many ports in less time than it takes
// to delete the ports one by one: a daemon has to end within a second.
func TestCloseTogether(t *testing.T) {
	const n = 16
	l := newLab(t, 0)
	for i := range n {
		l.ip("link", "add", fmt.Sprintf("x%d", i), "type", "veth", "peer", "name", fmt.Sprintf("y%d", i))
	}
	open := func() *Datapath {
		d := l.open(0, 1, nil)
		for i := range n {
			if err := d.AddPort(datapath.PortSpec{No: datapath.PortNo(i + 1), Name: fmt.Sprintf("x%d", i)}); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	d := open()
	start := time.Now()
	for i := range n {
		if err := d.DeletePort(datapath.PortNo(i + 1)); err != nil {
			t.Fatal(err)
		}
	}
	oneByOne := time.Since(start)
	best := oneByOne
	for try := 0; try < 5 && best > oneByOne*3/4; try++ {
		d := open()
		start := time.Now()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	t.Logf("%d ports: %v one by one, %v together", n, oneByOne, best)
	if best > oneByOne*3/4 {
		t.Errorf("Close of %d ports took %v; to delete them one by one took %v", n, best, oneByOne)
	}
}

// TestFindLink finds interfaces as they are, and does not find others.
func TestFindLink(t *testing.T) {
	l := newLab(t, 1)
	l.ip("link", "set", "p1", "mtu", "1400")
	found, err := findLink("p1")
	if err != nil || found.name != "p1" || found.index == 0 || found.mtu != 1400 || found.kind != unix.ARPHRD_ETHER || found.master != 0 {
		t.Errorf("findLink(p1) = %+v, %v", found, err)
	}
	if lo, err := findLink("lo"); err != nil || lo.kind != unix.ARPHRD_LOOPBACK {
		t.Errorf("findLink(lo) = %+v, %v", lo, err)
	}
	l.ip("link", "del", "p1")
	for _, name := range []string{"p1", "", "sixteen-letters-", "a much longer name than that"} {
		if found, err := findLink(name); !errors.Is(err, datapath.ErrNoInterface) {
			t.Errorf("findLink(%q) = %+v, %v, want ErrNoInterface", name, found, err)
		}
	}
}
