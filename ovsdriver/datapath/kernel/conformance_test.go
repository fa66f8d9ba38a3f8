package kernel

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

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
	d, err := Open(Config{Name: fmt.Sprintf("dp%d-%d", os.Getpid(), opened.Add(1)), Exclusive: true})
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

func TestFeatures(t *testing.T) {
	d := open(t)
	f := d.Features()
	t.Logf("%+v", f)
	t.Logf("acts %b sets %b mask %v", f.Acts, f.Sets, f.KeyMask)
}
