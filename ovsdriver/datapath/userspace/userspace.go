package userspace

import (
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/sirupsen/logrus"
)

// Config is what Open needs to know.
type Config struct {
	// Name is the datapath's, and of the interface that the port
	// datapath.Local makes. At most 15 bytes.
	Name string
	// Log takes what happens to ports; nil means logrus' standard logger.
	Log *logrus.Entry
}

// Datapath is the embedded datapath. Its methods are called by main only,
// except those whose comment says otherwise. It implements datapath.Datapath.
type Datapath struct{}

var _ datapath.Datapath = (*Datapath)(nil)

// Open makes an embedded datapath without ports. It needs CAP_NET_RAW and
// CAP_NET_ADMIN, and belongs to the network namespace that it is called in.
func Open(cfg Config) (*Datapath, error) { return &Datapath{}, nil }

// Features says what cached flows can match and do: every field of a frame,
// every edit; no meters, hashes or recirculation.
func (d *Datapath) Features() datapath.Features { return datapath.Features{} }

// Receivers makes the n workers among which ports are spread.
func (d *Datapath) Receivers(n int) ([]datapath.Receiver, error) { return nil, nil }

// Execute sends frames of the daemon's own making.
func (d *Datapath) Execute(batch []datapath.Execution) error { return nil }

// Close ends every receiver and releases all ports.
func (d *Datapath) Close() error { return nil }

// PutFlows installs or replaces cached flows.
func (d *Datapath) PutFlows(batch []datapath.Flow, errs []error) {}

// DeleteFlows removes flows and stores their last counters.
func (d *Datapath) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {}

// FlushFlows removes all flows.
func (d *Datapath) FlushFlows() error { return nil }

// DumpFlows calls fn with the counters of all flows; it may run on any one
// goroutine besides main.
func (d *Datapath) DumpFlows(fn func([]datapath.FlowStats) error) error { return nil }

// AddPort attaches a port.
func (d *Datapath) AddPort(spec datapath.PortSpec) error { return nil }

// DeletePort detaches a port.
func (d *Datapath) DeletePort(no datapath.PortNo) error { return nil }

// ListPorts appends the attached ports, by number, to dst.
func (d *Datapath) ListPorts(dst []datapath.PortSpec) ([]datapath.PortSpec, error) { return dst, nil }

// PortEvents delivers interfaces that vanished.
func (d *Datapath) PortEvents() <-chan datapath.PortEvent { return nil }

// Counters returns what the datapath has done so far. Any goroutine may call it.
func (d *Datapath) Counters() Counters { return Counters{} }
