package kernel

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
)

func TestMain(m *testing.M) {
	datapathtest.Isolate()
	goleak.VerifyTestMain(m)
}

// opened numbers the datapaths of a test binary, whose names must differ.
var opened atomic.Uint32

// open makes a fresh datapath, or skips the test where there is no module.
func open(t testing.TB) *Datapath {
	t.Helper()
	d, err := Open(Config{Name: fmt.Sprintf("dp%d-%d", os.Getpid(), opened.Add(1))})
	switch {
	case errors.Is(err, datapath.ErrUnsupported), errors.Is(err, os.ErrPermission):
		t.Skipf("needs the openvswitch module and root: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

// harness is the kernel's datapath between real interfaces.
type harness struct {
	*datapathtest.Network
	d *Datapath
}

func (h harness) Datapath() datapath.Datapath { return h.d }

func TestConformance(t *testing.T) {
	datapathtest.Run(t, func(t *testing.T) datapathtest.Harness {
		return harness{datapathtest.NewNetwork(t), open(t)}
	})
}

// TestFeatures checks what every kernel that we run on has, and what none has.
func TestFeatures(t *testing.T) {
	d := open(t)
	f := d.Features()
	t.Logf("%s: acts %b, sets %b, mask %v", f.Version, f.Acts, f.Sets, f.KeyMask)
	for _, kind := range []datapath.ActKind{
		datapath.Output, datapath.Controller, datapath.Set, datapath.PushVLAN, datapath.PopVLAN,
		datapath.PushMPLS, datapath.PopMPLS, datapath.Clone, datapath.Meter,
	} {
		if f.Acts>>kind&1 == 0 {
			t.Errorf("actions of kind %d are not among the features", kind)
		}
	}
	for field := flowtable.InPort; field < flowtable.NumFields; field++ {
		want := headerOf(field) != headerNone
		if got := f.Sets>>field&1 == 1; got != want {
			t.Errorf("set of field %d among the features: %t, want %t", field, got, want)
		}
	}
	for _, kind := range []datapath.ActKind{datapath.PushPBB, datapath.PopPBB, datapath.Hash, datapath.Recirc} {
		if f.Acts>>kind&1 == 1 {
			t.Errorf("actions of kind %d are among the features", kind)
		}
	}
	if f.KeyMask.Get(flowtable.Metadata) != 0 || !f.KeyMask.Covers(&f.Always) || !f.KeyMask.Covers(&f.TagEdit) {
		t.Errorf("key mask %v", f.KeyMask)
	}
}
