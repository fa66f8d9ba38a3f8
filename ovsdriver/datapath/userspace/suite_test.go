package userspace

import (
	"os"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(probeEnv) != "" {
		runProbe(3, 4)
		return
	}
	datapathtest.Isolate()
	goleak.VerifyTestMain(m)
}

// harness is an embedded datapath on real interfaces.
type harness struct {
	*datapathtest.Network
	d *Datapath
}

func (h harness) Datapath() datapath.Datapath { return h.d }

func TestSuite(t *testing.T) {
	datapathtest.Run(t, func(t *testing.T) datapathtest.Harness {
		n := datapathtest.NewNetwork(t)
		d, err := Open(Config{Name: "usp1"})
		if err != nil {
			t.Fatal(err)
		}
		return harness{n, d}
	})
}
