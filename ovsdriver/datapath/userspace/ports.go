package userspace

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// maxPorts is how many ports a datapath can have: 1024, as in the original
// switch, and the local one.
const maxPorts = 1025

// AddPort attaches a port and begins to receive from it. A Netdev is taken as
// it is, up or down, and is heard whenever it is up; Internal and LocalPort
// make an interface, down and without addresses. Besides the errors of
// datapath.Ports there are ErrTooMany and ErrUnsupported (not Ethernet, or a
// number that no port can have).
func (d *Datapath) AddPort(spec datapath.PortSpec) error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	if len(d.workers) == 0 {
		return errors.New("add port: Receivers must be called first")
	}
	d.sweep()
	if err := d.checkSpec(spec); err != nil {
		return err
	}
	dev, err := d.openDevice(spec)
	if err != nil {
		return fmt.Errorf("add port %v: %w", spec.No, err)
	}
	p := &port{spec: spec, dev: dev, worker: d.leastLoaded()}
	p.mtu.Store(dev.link.mtu)
	d.ports.Store(d.ports.Load().with(p))
	if err := d.workers[p.worker].poll.add(dev.rx, p.index); err != nil {
		d.detach(p)
		return fmt.Errorf("add port %v: %w", spec.No, err)
	}
	return d.recheck(p)
}

// recheck sees to a port whose interface changed or vanished after it was
// opened and before the monitor could know it.
func (d *Datapath) recheck(p *port) error {
	l, err := findLink(p.dev.link.name)
	switch {
	case err == nil && l.index == p.dev.link.index:
		p.mtu.Store(l.mtu)
	case err == nil || errors.Is(err, datapath.ErrNoInterface):
		if p.gone.CompareAndSwap(false, true) {
			d.detach(p)
			return fmt.Errorf("add port %v: %s vanished: %w", p.spec.No, p.spec.Name, datapath.ErrNoInterface)
		}
	}
	return nil
}

func (d *Datapath) checkSpec(spec datapath.PortSpec) error {
	if (spec.No == 0 || spec.No > maxPortNo) && spec.No != datapath.Local {
		return fmt.Errorf("port number %#x: %w", uint32(spec.No), datapath.ErrUnsupported)
	}
	for _, p := range d.ports.Load().all {
		if p == nil {
			continue
		}
		if p.spec.No == spec.No || p.spec.Name == spec.Name {
			return fmt.Errorf("port %v (%s): %w", p.spec.No, p.spec.Name, datapath.ErrPortExists)
		}
	}
	if n := d.attached(); n >= maxPorts {
		return fmt.Errorf("add port %v to %d others: %w", spec.No, n, datapath.ErrTooMany)
	}
	return nil
}

// openDevice opens or makes the interface, and keeps the host's stack from
// what arrives at it unless it is the host's own.
func (d *Datapath) openDevice(spec datapath.PortSpec) (*device, error) {
	if spec.Kind != datapath.Netdev {
		return openTAP(spec.Name)
	}
	dev, err := openNetdev(spec.Name, ringSize(d.attached()), d.claims)
	if err != nil {
		return nil, err
	}
	if dev.block, err = block(d.blockers, dev.link); err != nil {
		d.log.WithField("port", spec.Name).Warnf(
			"the host's own stack will also answer and route the frames of %s: %v", spec.Name, err)
	}
	return dev, nil
}

// attached returns how many ports there are.
func (d *Datapath) attached() (n int) {
	for _, p := range d.ports.Load().all {
		if p != nil {
			n++
		}
	}
	return n
}

// leastLoaded returns the worker with the fewest ports.
func (d *Datapath) leastLoaded() int {
	load := make([]int, len(d.workers))
	for _, p := range d.ports.Load().all {
		if p != nil {
			load[p.worker]++
		}
	}
	return slices.Index(load, slices.Min(load))
}

// DeletePort detaches a port. When it returns, no frame is received from it or
// sent to it, and its interface is free.
func (d *Datapath) DeletePort(no datapath.PortNo) error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	d.sweep()
	p := d.ports.Load().lookup(no)
	if p == nil {
		return fmt.Errorf("delete port %v: %w", no, datapath.ErrNoPort)
	}
	d.detach(p)
	return nil
}

// detach takes p from the table, waits until no worker uses it, and closes it.
func (d *Datapath) detach(p *port) {
	d.ports.Store(d.ports.Load().without(p))
	p.detached.Store(true)
	d.workers[p.worker].poll.remove(p.dev.rx)
	d.settle()
	p.drops.addTo(&d.retired)
	d.retired[DropOverrun] += p.overrun()
	if err := p.dev.close(); err != nil && !p.gone.Load() {
		d.log.WithField("port", p.spec.Name).Warnf("close port %s: %v", p.spec.Name, err)
	}
}

// settle waits until each worker has left the batch that it is in, so that it
// knows all that was published before.
func (d *Datapath) settle() {
	for _, w := range d.workers {
		w.epoch.wait()
	}
}

// sweep detaches the ports whose interfaces vanished. Their PortRemoved events
// are under way already.
func (d *Datapath) sweep() {
	for _, p := range d.ports.Load().all {
		if p != nil && p.gone.Load() {
			d.detach(p)
		}
	}
}

// ListPorts appends the attached ports, by number, to dst.
func (d *Datapath) ListPorts(dst []datapath.PortSpec) ([]datapath.PortSpec, error) {
	if d.closed.Load() {
		return dst, net.ErrClosed
	}
	d.sweep()
	start := len(dst)
	for _, p := range d.ports.Load().all {
		if p != nil {
			dst = append(dst, p.spec)
		}
	}
	slices.SortFunc(dst[start:], func(a, b datapath.PortSpec) int { return cmp.Compare(a.No, b.No) })
	return dst, nil
}

// PortEvents delivers PortRemoved for each interface that vanishes, and
// PortsChanged where events were lost.
func (d *Datapath) PortEvents() <-chan datapath.PortEvent { return d.events.c }

// PortDrops implements datapath.Ports.
func (d *Datapath) PortDrops(no datapath.PortNo) (sum datapath.PortDrops) {
	p := d.ports.Load().lookup(no)
	if p == nil {
		return sum
	}
	counted := p.counted.Load() // before those that it is a part of
	all := p.dropped()
	sum.Rx = all[DropReceive] + all[DropOverrun] + all[DropTruncated] + all[DropMissQueue]
	sum.Tx = all[DropMTU] + all[DropSend] + all[DropSendQueue] + all[DropLinkDown]
	sum.Tx -= counted
	return sum
}

// dropped returns the frames that were dropped at a port, by reason. Main calls
// it, while the port is attached.
func (p *port) dropped() (sum Drops) {
	p.drops.addTo(&sum)
	sum[DropOverrun] += p.overrun()
	return sum
}

// overrun returns the frames that the kernel dropped on their way to p so far.
func (p *port) overrun() uint64 {
	_, dropped := p.dev.heard()
	return p.overruns.Add(dropped)
}
