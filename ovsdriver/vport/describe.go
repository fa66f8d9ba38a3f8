package vport

import (
	"cmp"
	"errors"
	"slices"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// PortDesc lists the attached ports (§7.3.5.7), by number, LOCAL last.
func (p *Ports) PortDesc() ofp13.Stream {
	list := ofp13.Elements[*ofp13.Port]{}
	for _, prt := range p.sorted() {
		if prt.attached {
			d := prt.describe()
			list = append(list, &d)
		}
	}
	return &list
}

func (p *Ports) sorted() []*port {
	list := make([]*port, 0, len(p.byName))
	for _, prt := range p.byName {
		list = append(list, prt)
	}
	slices.SortFunc(list, func(a, b *port) int { return cmp.Compare(a.spec.No, b.spec.No) })
	return list
}

// openFlowConfig is ofp_port.config (§7.2.1).
func (prt *port) openFlowConfig() uint32 {
	if prt.link.Up {
		return prt.config
	}
	return prt.config | ofp13.PortConfigDown
}

// describe is struct ofp_port (§7.2.1).
func (prt *port) describe() ofp13.Port {
	d := ofp13.Port{
		PortNo: uint32(prt.spec.No),
		Name:   prt.spec.Name,
		Config: prt.openFlowConfig(),
	}
	copy(d.HWAddr[:], prt.link.HWAddr)
	if prt.link.Running {
		d.State |= ofp13.PortStateLive
	} else {
		d.State |= ofp13.PortStateLinkDown
	}
	if prt.mode.Mbps > 0 {
		d.Curr = currentFeatures(prt.mode)
		d.CurrSpeed = uint32(prt.mode.Mbps) * 1000
	}
	// An Ability is made of OFPPF_* bits. What an interface could advertise
	// besides is not known.
	d.Advertised, d.Peer = uint32(prt.mode.Advertised), uint32(prt.mode.Peer)
	d.Supported = d.Advertised | d.Curr
	d.MaxSpeed = max(d.CurrSpeed, uint32(prt.mode.MaxMbps)*1000)
	return d
}

// currentFeatures is a mode in OFPPF_* bits (§7.2.1).
func currentFeatures(m link.Mode) uint32 {
	bits := ofp13.PortFeatureOther
	rates := []struct {
		mbps       int
		half, full uint32
	}{
		{10, ofp13.PortFeature10MBHD, ofp13.PortFeature10MBFD},
		{100, ofp13.PortFeature100MBHD, ofp13.PortFeature100MBFD},
		{1000, ofp13.PortFeature1GBHD, ofp13.PortFeature1GBFD},
		{10_000, ofp13.PortFeatureOther, ofp13.PortFeature10GBFD},
		{40_000, ofp13.PortFeatureOther, ofp13.PortFeature40GBFD},
		{100_000, ofp13.PortFeatureOther, ofp13.PortFeature100GBFD},
		{1_000_000, ofp13.PortFeatureOther, ofp13.PortFeature1TBFD},
	}
	for _, r := range rates {
		if r.mbps != m.Mbps {
			continue
		}
		if bits = r.half; m.FullDuplex {
			bits = r.full
		}
	}
	if m.Copper {
		bits |= ofp13.PortFeatureCopper
	}
	if m.Fiber {
		bits |= ofp13.PortFeatureFiber
	}
	if m.Autoneg {
		bits |= ofp13.PortFeatureAutoneg
	}
	return bits
}

// PortMod changes a port's configuration (§7.3.4.3). PORT_DOWN sets the
// interface down on the host.
func (p *Ports) PortMod(m *ofp13.PortMod) error {
	prt := p.byNumber(datapath.PortNo(m.PortNo))
	switch {
	case prt == nil:
		return portModError(ofp13.PortModFailedBadPort, "no port %d", m.PortNo)
	case m.HWAddr != prt.describe().HWAddr:
		return portModError(ofp13.PortModFailedBadHWAddr, "port %d has another hardware address", m.PortNo)
	case m.Advertise != 0:
		return portModError(ofp13.PortModFailedBadAdvertise, "port %d: its link modes can't be chosen", m.PortNo)
	}
	before := prt.describe()
	if err := p.setDown(prt, m); err != nil {
		return err
	}
	flags := m.Mask &^ ofp13.PortConfigDown
	prt.config = prt.config&^flags | m.Config&flags
	p.read(prt)
	if prt.describe() != before {
		p.publish()
		p.tell(prt, ofp13.PortReasonModify)
	}
	return nil
}

func (p *Ports) setDown(prt *port, m *ofp13.PortMod) error {
	if m.Mask&ofp13.PortConfigDown == 0 {
		return nil
	}
	err := p.cfg.Links.SetUp(prt.spec.Name, m.Config&ofp13.PortConfigDown == 0)
	if err != nil {
		return errors.Join(portModError(ofp13.PortModFailedEPerm, "port %d: the host refuses", m.PortNo), err)
	}
	return nil
}

func portModError(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypePortModFailed, code, format, args...)
}
