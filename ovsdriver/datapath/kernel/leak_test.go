package kernel

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
)

// TestLeaksNothing makes and deletes ports, fails to make others, dumps flows,
// opens and closes datapaths; no descriptor and no goroutine is left of it.
func TestLeaksNothing(t *testing.T) {
	d := open(t)
	receiversOf(t, d)
	datapathtest.LeaksNothing(t, func(round int) {
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
		if _, err := Open(Config{Name: "lo"}); !errors.Is(err, datapath.ErrBusy) {
			t.Fatalf("a datapath named like an interface: %v", err)
		}
		other := open(t)
		receiversOf(t, other)
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
