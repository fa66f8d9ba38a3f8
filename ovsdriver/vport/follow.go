package vport

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// HandleLink follows a change of the host's interfaces.
func (p *Ports) HandleLink(e link.Event) {
	switch e.Kind {
	case link.Lost:
		p.Resync()
		return
	case link.Shaped, link.ClassAdded, link.ClassGone:
		p.handleShape(e)
		return
	case link.Gone:
		delete(p.shapes, e.Link.Index)
	}
	p.leaveRenamed(e.Link)
	prt := p.byName[e.Link.Name]
	switch {
	case prt == nil:
	case e.Kind == link.Gone:
		p.gone(prt, e.Link.Index)
	default:
		// The event may be from before what controllers were told last, so the
		// interface is asked how it is now. If it is gone, that event follows.
		if l, err := p.cfg.Links.Get(prt.spec.Name); err == nil {
			p.update(prt, l)
		}
	}
}

// leaveRenamed detaches a port whose interface has got another name: to the
// administrator it is another interface now. That name may be one that another
// port waits for, so this comes first. An internal port gets a new interface.
func (p *Ports) leaveRenamed(l link.Link) {
	for _, prt := range p.byName {
		if prt.attached && prt.link.Index == l.Index && prt.spec.Name != l.Name {
			p.vanish(prt)
			p.retryInternal(prt)
			return
		}
	}
}

// gone makes a port wait whose interface of that index is gone. It may come back
// as what it was, in the network namespace that it had left.
func (p *Ports) gone(prt *port, index int) {
	if prt.link.Index == index {
		p.vanish(prt)
	}
	if prt.refused == index {
		prt.refused = 0
	}
	p.retryInternal(prt)
}

// Resync reads every interface again, after events were lost. Ports leave the
// interfaces that they have lost before others take these.
func (p *Ports) Resync() {
	now := make(map[*port]link.Link, len(p.byName))
	for _, prt := range p.byName {
		l, err := p.cfg.Links.Get(prt.spec.Name)
		prt.refused = 0 // for what we know, it has been gone
		switch {
		case errors.Is(err, link.ErrNotFound):
			p.gone(prt, prt.link.Index)
		case err != nil:
			p.cfg.Log.WithError(err).WithField("port", prt.spec.Name).Warn("the port may be out of date")
		case prt.link.Index != l.Index:
			p.vanish(prt)
			fallthrough
		default:
			now[prt] = l
		}
	}
	for prt, l := range now {
		p.update(prt, l)
	}
}

// vanish makes a port wait whose interface is gone.
func (p *Ports) vanish(prt *port) {
	if !prt.attached {
		return
	}
	p.cfg.Log.WithField("port", prt.spec.Name).Warn("interface vanished; the port waits for its return")
	p.detach(prt)
	prt.link = link.Link{}
}

// update compares an interface's state with what controllers were told.
func (p *Ports) update(prt *port, l link.Link) {
	if prt.attached && prt.link.Index != l.Index {
		p.vanish(prt) // another interface of the same name came before we heard the end of the first
	}
	if !prt.attached {
		p.retry(prt, l)
		return
	}
	before := prt.describe()
	prt.link = l
	if prt.describe() != before {
		p.publish() // at once: the flows of a port that has failed are to go elsewhere
	}
	prt.mode = p.cfg.Links.Mode(prt.spec.Name)
	if prt.describe() != before {
		p.tell(prt, ofp13.PortReasonModify)
	}
}

// retryInternal makes an internal port's interface, now that whoever had its
// name has given it up.
func (p *Ports) retryInternal(prt *port) {
	if prt.attached || prt.spec.Kind == datapath.Netdev {
		return
	}
	if err := p.attach(prt); err != nil {
		p.cfg.Log.WithError(err).WithField("port", prt.spec.Name).Warn("internal port can't be made")
	}
}

// retry attaches a port whose interface has appeared. An internal port's
// interface is made by attaching it, so one that is there is somebody else's.
// LOCAL's may be the datapath's own, which had another name for a while.
func (p *Ports) retry(prt *port, l link.Link) {
	if prt.spec.Kind == datapath.Internal || prt.refused == l.Index || p.postponed(prt) {
		return
	}
	err := p.attach(prt)
	if err == nil {
		return
	}
	p.cfg.Log.WithError(err).WithField("port", prt.spec.Name).Warn("the port's interface is there but can't be attached")
	if !p.postpone(prt, err) {
		prt.refused = l.Index // do not try again on every event of this interface
	}
}

// HandleDatapath follows what another program did to the datapath's ports.
// It reports whether the datapath is still there.
func (p *Ports) HandleDatapath(e datapath.PortEvent) (alive bool) {
	switch e.Kind {
	case datapath.DatapathGone:
		return false
	case datapath.PortsChanged:
		p.resyncDatapath()
	case datapath.PortRemoved:
		if prt := p.byName[e.Port.Name]; prt != nil && prt.attached {
			p.removed(prt)
		}
	case datapath.PortAdded:
		p.added(e.Port)
	}
	return true
}

// removed follows the news that the datapath has lost a port. That its interface
// is gone may be told later, or have been told before.
func (p *Ports) removed(prt *port) {
	switch _, err := p.cfg.Links.Get(prt.spec.Name); {
	case errors.Is(err, link.ErrNotFound):
		p.vanish(prt) // spares the list where many interfaces vanish together
	case !p.has(prt.spec):
		p.evict(prt)
	}
	// Else it is old: the port has been attached again since.
}

// has reports whether the datapath has a port.
func (p *Ports) has(spec datapath.PortSpec) bool {
	there, err := p.cfg.Datapath.ListPorts(nil)
	return err == nil && slices.Contains(there, spec)
}

// evict makes an attached port wait that the datapath has lost, but not the host.
func (p *Ports) evict(prt *port) {
	index := prt.link.Index
	p.cfg.Log.WithField("port", prt.spec.Name).Warn("the datapath lost the port: another program took it, or its interface was gone for a moment")
	p.detach(prt)
	prt.refused = index
}

// added follows the news that another program has put a port into the datapath.
func (p *Ports) added(spec datapath.PortSpec) {
	if !p.has(spec) {
		return // it is out again
	}
	if prt := p.byName[spec.Name]; prt != nil && prt.spec == spec {
		p.detach(prt) // of ours, it was out for a moment: what we had attached is no more
	}
	p.adopt(spec)
}

// adopt makes a port of ours of one that another program put into the datapath,
// perhaps one of ours that it had taken out.
func (p *Ports) adopt(spec datapath.PortSpec) {
	prt := p.byName[spec.Name]
	if prt != nil && prt.attached {
		return // our own
	}
	log := p.cfg.Log.WithFields(logrus.Fields{"port": spec.Name, "number": spec.No})
	for _, other := range p.byName {
		if (other.spec.No == spec.No) != (other == prt) {
			log.Warnf("another program added a port, but %s is to be port %d; it is left alone", other.spec.Name, other.spec.No)
			return
		}
	}
	ours := prt != nil
	if !ours {
		prt = &port{spec: spec}
		p.byName[spec.Name] = prt
	}
	if err := p.attach(prt); err != nil {
		if !ours {
			delete(p.byName, spec.Name)
		}
		log.WithError(err).Warn("another program added a port, but it can't be ours")
		return
	}
	log.Info("another program added a port; it is ours now")
}

// resyncDatapath compares our ports with the datapath's, after events were lost.
func (p *Ports) resyncDatapath() {
	specs, err := p.cfg.Datapath.ListPorts(nil)
	if err != nil {
		p.cfg.Log.WithError(err).Warn("the datapath's ports can't be listed; they may be out of date")
		return
	}
	there := make(map[string]bool, len(specs))
	for _, spec := range specs {
		there[spec.Name] = true
		p.adopt(spec)
	}
	for name, prt := range p.byName {
		if !there[name] && prt.attached {
			p.evict(prt)
		}
	}
}

// Prune takes ports out of the datapath that are not among wanted, by number
// and name: what a killed daemon left behind. LOCAL stays. It is for the start,
// before the first port is added.
func (p *Ports) Prune(wanted []datapath.PortSpec) error {
	there, err := p.cfg.Datapath.ListPorts(nil)
	if err != nil {
		return err
	}
	for _, spec := range there {
		if spec.No == datapath.Local || slices.Contains(wanted, spec) {
			continue
		}
		if err := p.cfg.Datapath.DeletePort(spec.No); err != nil && !errors.Is(err, datapath.ErrNoPort) {
			return fmt.Errorf("remove left-over port %s: %w", spec.Name, err)
		}
		p.cfg.Log.WithFields(logrus.Fields{"port": spec.Name, "number": spec.No}).Info("left-over port removed")
	}
	return nil
}
