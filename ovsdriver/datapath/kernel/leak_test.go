package kernel

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestLeaksNothing makes and deletes ports, fails to make others, dumps flows,
// opens and closes datapaths; no descriptor and no goroutine is left of it.
func TestLeaksNothing(t *testing.T) {
	d := open(t)
	receiversOf(t, d)
	var files, goroutines int
	for round := range 10 {
		in := datapath.PortSpec{No: 1, Name: fmt.Sprintf("leak%d", round), Kind: datapath.Internal}
		if err := d.AddPort(in); err != nil {
			t.Fatal(err)
		}
		for _, s := range []datapath.PortSpec{in, {No: 2, Name: "absent"}, {No: 3, Name: "lo"}, {No: 1, Name: "other"}} {
			if d.AddPort(s) == nil {
				t.Fatalf("port %+v was added", s)
			}
		}
		if err := d.DumpFlows(func([]datapath.FlowStats) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := d.DeletePort(1); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Name: d.name, Exclusive: true}); !errors.Is(err, datapath.ErrExists) {
			t.Fatalf("a second exclusive datapath: %v", err)
		}
		other := open(t)
		receiversOf(t, other)
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		if round == 0 { // what is made once is there
			files, goroutines = descriptors(t), runtime.NumGoroutine()
		}
	}
	if n := descriptors(t); n != files {
		t.Errorf("%d descriptors are open, %d were after the first round", n, files)
	}
	if n := runtime.NumGoroutine(); n != goroutines {
		t.Errorf("%d goroutines run, %d did after the first round", n, goroutines)
	}
}
