package main

import (
	"fmt"
	"io"
	"maps"

	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// backend is the daemon as its control socket sees it.
type backend struct{ d *daemon }

// Status implements control.Backend.
func (b backend) Status() func() control.Status {
	counts := b.d.plane.counts()
	s := control.Status{
		Name: b.d.opts.name, Version: version, DPID: fmt.Sprintf("%016x", b.d.dpid), Datapath: b.d.plane.kind,
		Hit: counts.hit, Missed: counts.missed, Lost: counts.lost, Flows: counts.flows, Masks: counts.masks,
		Counters: b.d.driver.Counters(),
	}
	maps.Copy(s.Counters, counts.own)
	for _, c := range b.d.server.Controllers() {
		s.Controllers = append(s.Controllers, control.Controller{
			Address: c.Address, Role: roleName(c.Role), Connected: c.Connected, Auxiliary: c.AuxiliaryID,
		})
	}
	ports := b.d.driver.Switch().Ports.List()
	return func() control.Status {
		s.Ports = portsOf(ports)
		return s
	}
}

// portsOf asks for the ports' counters. People know LOCAL as port 0, the first.
func portsOf(list []ovsdriver.PortInfo) (ports []control.Port) {
	for i := range list {
		ports = append(ports, portOf(&list[i]))
	}
	if n := len(ports); n > 0 && ports[n-1].Number == 0 {
		ports = append(ports[n-1:n:n], ports[:n-1]...)
	}
	return ports
}

func portOf(p *ovsdriver.PortInfo) control.Port {
	stats := p.Stats()
	out := control.Port{
		Number:  uint32(p.Spec.No),
		Name:    p.Spec.Name,
		Missing: !p.Attached,
		Rx:      received(&stats),
		Tx:      sent(&stats),
	}
	if p.Spec.No == datapath.Local {
		out.Number = 0
	}
	if p.Spec.Kind != datapath.Netdev {
		out.Kind = "internal"
	}
	return out
}

func received(s *link.Stats) control.Counters {
	return control.Counters{Packets: s.RxPackets, Bytes: s.RxBytes, Errors: s.RxErrors, Dropped: s.RxDropped}
}

func sent(s *link.Stats) control.Counters {
	return control.Counters{Packets: s.TxPackets, Bytes: s.TxBytes, Errors: s.TxErrors, Dropped: s.TxDropped}
}

func roleName(role uint32) string {
	switch role {
	case ofp13.RoleMaster:
		return "master"
	case ofp13.RoleSlave:
		return "slave"
	}
	return "equal"
}

// AddPort implements control.Backend.
func (b backend) AddPort(r control.PortRequest) (control.PortReply, error) {
	if err := link.CheckName(r.Name); err != nil {
		return control.PortReply{}, err
	}
	kind := datapath.Netdev
	if r.Internal {
		kind = datapath.Internal
	}
	no, err := b.d.driver.Switch().Ports.Add(r.Name, kind)
	return control.PortReply{Number: uint32(no)}, err
}

// DeletePort implements control.Backend.
func (b backend) DeletePort(name string) error { return b.d.driver.Switch().Ports.Delete(name) }

// Flows implements control.Backend.
func (b backend) Flows() func(io.Writer) error { return b.d.driver.Flows() }

// Trace implements control.Backend.
func (b backend) Trace(port uint32, lines chan<- string) (stop func(), err error) {
	if port != 0 && !b.d.driver.Switch().Ports.Has(datapath.PortNo(port)) {
		return nil, fmt.Errorf("%s: there is no port %v to trace; ivs-ctl show lists the ports", b.d.opts.name, datapath.PortNo(port))
	}
	return b.d.driver.Trace(port, lines), nil
}

// Stop implements control.Backend.
func (b backend) Stop() { b.d.stop() }
