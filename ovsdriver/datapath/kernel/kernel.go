package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Datapath is one datapath of the openvswitch module. It implements
// datapath.Datapath; its methods are for the main goroutine, except DumpFlows,
// Counters and what Receivers returns.
type Datapath struct {
	name      string
	index     uint32 // interface index of the local port, by which the kernel knows the datapath
	control   *control
	flows     *flows
	meters    *meters
	features  datapath.Features
	receivers []*receiver
	main      executor // of packet-outs
	scratch   []byte   // for the errors of packet-outs
	counts    counters
	attached  map[datapath.PortNo]*socket // ports that this program added, and where their upcalls arrive
	watcher   *watcher
	log       *logrus.Entry
	closed    bool
}

var _ datapath.Datapath = (*Datapath)(nil)

// Open makes the datapath that cfg names, or adopts the one that is there, and
// tries what the running kernel can do. The errors that callers decide on are
// datapath.ErrUnsupported (no openvswitch module), datapath.ErrBusy (another kind
// of interface has the name) and os.ErrPermission (CAP_NET_ADMIN is missing).
func Open(cfg Config) (_ *Datapath, err error) {
	if n := len(cfg.Name); n == 0 || n >= unix.IFNAMSIZ {
		return nil, fmt.Errorf("datapath name %q: give 1 to %d bytes", cfg.Name, unix.IFNAMSIZ-1)
	}
	d := &Datapath{name: cfg.Name, log: cfg.Log, attached: map[datapath.PortNo]*socket{}}
	if d.log == nil {
		silent := logrus.New()
		silent.SetOutput(io.Discard)
		d.log = logrus.NewEntry(silent)
	}
	adopted := false
	defer func() {
		if err != nil {
			d.abandon(!adopted)
			err = explain(err)
		}
	}()
	if d.control, err = dialControl(); err != nil {
		return nil, err
	}
	if adopted, err = d.makeOrAdopt(); err != nil {
		return nil, err
	}
	if d.flows, err = newFlows(d.control.flow, d.index, d.actionPID); err != nil {
		return nil, err
	}
	if adopted {
		if err := d.takeOver(); err != nil {
			return nil, err
		}
	}
	if err = d.equip(); err != nil {
		return nil, err
	}
	if d.watcher, err = watch(d.control, d.index, d.log); err != nil {
		return nil, err
	}
	return d, nil
}

// equip makes what packet-outs and meters go by, and tries what the running
// kernel can do.
func (d *Datapath) equip() error {
	s, err := openSocket(64 << 10)
	if err != nil {
		return err
	}
	d.main, d.scratch = newExecutor(s, d.control.packet, d.index, s.pid, &d.counts), make([]byte, 4<<10)
	d.features = probeFeatures(d.flows)
	d.meters = newMeters(d.control.meter, d.index, d.flows.tx)
	d.main.meters = d.meters
	if d.meters.probe(d.features.Version) {
		d.features.Acts |= 1 << datapath.Meter
		d.features.OwnMeters = true
	} else {
		d.meters.family = 0
	}
	return nil
}

// explain adds the mend to errors that have one.
func explain(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("openvswitch needs root, or the capability CAP_NET_ADMIN: %w", err)
	}
	return err
}

// makeOrAdopt makes the datapath, or finds it.
func (d *Datapath) makeOrAdopt() (adopted bool, err error) {
	d.index, err = d.control.newDatapath(d.name)
	switch {
	case err == nil:
		return false, nil
	case !errors.Is(err, unix.EEXIST):
		return false, fmt.Errorf("make datapath %s: %w", d.name, err)
	}
	index, err := d.control.datapathIndex(d.name)
	switch {
	case errors.Is(err, unix.ENODEV):
		return false, fmt.Errorf("an interface %s is there that is no datapath; remove or rename it, or name the datapath differently: %w", d.name, datapath.ErrBusy)
	case err != nil:
		return false, fmt.Errorf("find datapath %s: %w", d.name, err)
	}
	d.index = index
	return true, nil
}

// takeOver makes an adopted datapath ours: no flow of its former owner forwards
// any more, and nothing is sent to sockets that may be somebody else's by now.
func (d *Datapath) takeOver() error {
	if err := d.control.claimDatapath(d.index); err != nil {
		return fmt.Errorf("adopt datapath %s: %w", d.name, err)
	}
	if err := d.flows.flush(); err != nil {
		return err
	}
	ports, err := d.control.ports(d.index)
	if err != nil {
		return fmt.Errorf("list ports of datapath %s: %w", d.name, err)
	}
	for _, p := range ports {
		no, _ := toKernelPort(p.No)
		if err := d.control.setPort(d.index, no, 0); err != nil && !errors.Is(err, unix.ENODEV) {
			return fmt.Errorf("adopt port %s of datapath %s: %w", p.Name, d.name, err)
		}
	}
	d.log.WithField("ports", len(ports)).Info("adopted the kernel datapath that was there")
	return nil
}

// Features implements datapath.Datapath.
func (d *Datapath) Features() datapath.Features { return d.features }

// Receivers implements datapath.Datapath. Ports belong to the receivers by their
// numbers, in turn.
func (d *Datapath) Receivers(n int) ([]datapath.Receiver, error) {
	if d.receivers != nil || n < 1 {
		return nil, fmt.Errorf("%d receivers for datapath %s, which has %d: ask once, for one or more", n, d.name, len(d.receivers))
	}
	out := make([]datapath.Receiver, n)
	for i := range out {
		r, err := newReceiver(d.control.packet, d.index, &d.counts)
		if err != nil {
			return nil, err
		}
		r.exec.meters = d.meters
		d.receivers = append(d.receivers, r)
		out[i] = r
	}
	d.main.pid = d.receivers[0].exec.pid
	return out, nil
}

// receiverOf returns the receiver of a port; nil before Receivers.
func (d *Datapath) receiverOf(no datapath.PortNo) *receiver {
	if len(d.receivers) == 0 {
		return nil
	}
	v, _ := toKernelPort(no)
	return d.receivers[int(v)%len(d.receivers)]
}

// actionPID says where the Controller actions of a port's flows go.
func (d *Datapath) actionPID(inPort datapath.PortNo) uint32 {
	if r := d.receiverOf(inPort); r != nil {
		return r.exec.pid
	}
	return d.flows.tx.sock.pid // only while features are tried
}

// Execute implements datapath.Datapath.
func (d *Datapath) Execute(batch []datapath.Execution) error {
	err := d.main.Execute(batch)
	d.main.drainErrors(d.scratch)
	return err
}

// PutFlows implements datapath.Flows.
func (d *Datapath) PutFlows(batch []datapath.Flow, errs []error) { d.flows.put(batch, errs) }

// DeleteFlows implements datapath.Flows.
func (d *Datapath) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	d.flows.delete(batch, last, errs)
}

// FlushFlows implements datapath.Flows.
func (d *Datapath) FlushFlows() error { return d.flows.flush() }

// DumpFlows implements datapath.Flows. Any goroutine may call it.
func (d *Datapath) DumpFlows(fn func([]datapath.FlowStats) error) error {
	return dumpStats(d.flows.family, d.index, fn)
}

// Counters are what went wrong between the kernel and this program.
type Counters struct {
	Lost    uint64 // times that an upcall socket was full; the datapath's Lost counts the frames
	Invalid uint64 // upcalls that could not be read
	Refused uint64 // executions that the kernel refused, or that could not be told it
}

// Counters reads the counters; any goroutine may call it.
func (d *Datapath) Counters() Counters {
	return Counters{d.counts.lost.Load(), d.counts.invalid.Load(), d.counts.refused.Load()}
}

// Close implements datapath.Datapath: it deletes the datapath, adopted or not.
func (d *Datapath) Close() error {
	return d.abandon(true)
}

// abandon closes everything that is open.
func (d *Datapath) abandon(remove bool) (err error) {
	if d.closed {
		return nil
	}
	d.closed = true
	d.watcher.close()
	for _, r := range d.receivers {
		r.close()
	}
	if d.control != nil {
		if remove && d.index != 0 {
			if err = d.control.deleteDatapath(d.index); errors.Is(err, unix.ENODEV) {
				err = nil // another program was faster
			}
		}
		d.control.close()
	}
	if d.flows != nil {
		d.flows.tx.close()
	}
	if d.main.sock != nil {
		d.main.sock.close()
	}
	if err != nil {
		return fmt.Errorf("delete datapath %s: %w", d.name, err)
	}
	return nil
}
