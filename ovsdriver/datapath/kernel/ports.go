package kernel

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// AddPort implements datapath.Ports. A port of an adopted datapath that has the
// same name, number and kind is taken as it is; one that has the name or the
// number, but not all, is datapath.ErrPortExists.
func (d *Datapath) AddPort(spec datapath.PortSpec) error {
	r := d.receiverOf(spec.No)
	if r == nil {
		return fmt.Errorf("add port %s: ask for receivers first", spec.Name)
	}
	no, ok := toKernelPort(spec.No)
	if !ok || (spec.No == datapath.Local) != (spec.Kind == datapath.LocalPort) {
		return fmt.Errorf("add port %s: number %#x is not one of its kind", spec.Name, uint32(spec.No))
	}
	if err := d.checkFree(spec); err != nil {
		return err
	}
	s, err := openSocket(upcallBuffer)
	if err != nil {
		return err
	}
	if err := r.add(s); err != nil {
		return err
	}
	if err := d.attach(spec, no, s.pid); err != nil {
		r.remove(s)
		return err
	}
	d.attached[spec.No] = s
	return nil
}

// checkFree refuses a port that is there already, and forgets one of that number
// that went away behind our back.
func (d *Datapath) checkFree(spec datapath.PortSpec) error {
	old, ok := d.attached[spec.No]
	if !ok {
		return nil
	}
	ports, err := d.control.ports(d.index)
	if err != nil {
		return fmt.Errorf("list ports of datapath %s: %w", d.name, err)
	}
	for _, p := range ports {
		if p.No == spec.No {
			return fmt.Errorf("port %d (%s): %w", spec.No, p.Name, datapath.ErrPortExists)
		}
	}
	d.forget(spec.No, old)
	return nil
}

func (d *Datapath) forget(no datapath.PortNo, s *socket) {
	d.receiverOf(no).remove(s)
	delete(d.attached, no)
}

// attach makes the port, or takes the one that is there.
func (d *Datapath) attach(spec datapath.PortSpec, no, pid uint32) error {
	var err error
	switch spec.Kind {
	case datapath.LocalPort: // is there as long as the datapath
		if spec.Name != "" && spec.Name != d.name {
			return fmt.Errorf("the local port of datapath %s is not named %s", d.name, spec.Name)
		}
		if _, dp, err := d.control.portByName(d.name); err != nil || dp != d.index {
			return fmt.Errorf("the local port of datapath %s was renamed; give it its name back: %w", d.name, datapath.ErrNoInterface)
		}
		err = d.control.setPort(d.index, no, pid)
	case datapath.Internal:
		err = d.control.newPort(d.index, no, vportInternal, spec.Name, pid)
	default:
		err = d.control.newPort(d.index, no, vportNetdev, spec.Name, pid)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EEXIST), errors.Is(err, unix.EBUSY), errors.Is(err, unix.EINVAL):
		return d.adoptPort(spec, no, pid, err)
	case errors.Is(err, unix.ENODEV):
		return fmt.Errorf("interface %s: %w", spec.Name, datapath.ErrNoInterface)
	case errors.Is(err, unix.EFBIG):
		return fmt.Errorf("port %d of datapath %s: %w", spec.No, d.name, datapath.ErrTooMany)
	}
	return fmt.Errorf("add port %s to datapath %s: %w", spec.Name, d.name, err)
}

// adoptPort decides what EEXIST, EBUSY and EINVAL mean.
func (d *Datapath) adoptPort(spec datapath.PortSpec, no, pid uint32, refusal error) error {
	there, dp, err := d.control.portByName(spec.Name)
	switch {
	case err == nil && dp == d.index && there.PortSpec == spec:
		if err := d.control.setPort(d.index, no, pid); err != nil {
			return fmt.Errorf("adopt port %s of datapath %s: %w", spec.Name, d.name, err)
		}
		return nil
	case err == nil && dp == d.index:
		return fmt.Errorf("interface %s is port %d of datapath %s: %w", spec.Name, there.No, d.name, datapath.ErrPortExists)
	case err == nil:
		return fmt.Errorf("interface %s is a port of another datapath: %w", spec.Name, datapath.ErrBusy)
	case errors.Is(refusal, unix.EINVAL):
		return fmt.Errorf("interface %s is of a kind that openvswitch does not take, such as loopback (%w): %w", spec.Name, refusal, datapath.ErrUnsupported)
	}
	ports, err := d.control.ports(d.index)
	if err != nil {
		return fmt.Errorf("list ports of datapath %s: %w", d.name, err)
	}
	for _, p := range ports {
		if p.No == spec.No {
			return fmt.Errorf("port %d of datapath %s is interface %s: %w", spec.No, d.name, p.Name, datapath.ErrPortExists)
		}
	}
	return fmt.Errorf("interface %s; take it out of the bridge or bond that it is in: %w", spec.Name, datapath.ErrBusy)
}

// DeletePort implements datapath.Ports. The local port goes with the datapath:
// it only falls silent.
func (d *Datapath) DeletePort(no datapath.PortNo) error {
	s, ours := d.attached[no]
	if ours {
		d.forget(no, s)
	}
	v, ok := toKernelPort(no)
	if !ok || no == datapath.Local && !ours {
		return fmt.Errorf("port %d of datapath %s: %w", no, d.name, datapath.ErrNoPort)
	}
	var err error
	if no == datapath.Local {
		err = d.control.setPort(d.index, v, 0)
	} else {
		err = d.control.deletePort(d.index, v)
	}
	switch {
	case errors.Is(err, unix.ENODEV):
		return fmt.Errorf("port %d of datapath %s: %w", no, d.name, datapath.ErrNoPort)
	case err != nil:
		return fmt.Errorf("delete port %d of datapath %s: %w", no, d.name, err)
	}
	return nil
}

// ListPorts implements datapath.Ports: all ports of the datapath, whoever added
// them, but the local port only once it was added.
func (d *Datapath) ListPorts(dst []datapath.PortSpec) ([]datapath.PortSpec, error) {
	ports, err := d.control.ports(d.index)
	if err != nil {
		if errors.Is(err, unix.ENODEV) {
			err = errGone(err)
		}
		return dst, fmt.Errorf("list ports of datapath %s: %w", d.name, err)
	}
	local := -1
	for _, p := range ports {
		if p.No == datapath.Local {
			local = len(dst)
			continue
		}
		dst = append(dst, p.PortSpec)
	}
	// By OpenFlow's number the local port is the last.
	if _, ours := d.attached[datapath.Local]; ours && local >= 0 {
		dst = append(dst, datapath.PortSpec{No: datapath.Local, Name: d.name, Kind: datapath.LocalPort})
	}
	return dst, nil
}

// PortDrops implements datapath.Ports. The kernel counts what it drops by
// interface, or for the whole datapath: nothing is left to tell.
func (d *Datapath) PortDrops(datapath.PortNo) datapath.PortDrops { return datapath.PortDrops{} }

// PortEvents implements datapath.Ports.
func (d *Datapath) PortEvents() <-chan datapath.PortEvent { return d.watcher.events }
