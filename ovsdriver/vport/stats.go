package vport

import (
	"fmt"
	"time"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// PortStats returns the counters (§7.3.5.6) of one port, or of all for OFPP_ANY.
// The stream asks the host for them, port by port, as it is read: a switch of a
// thousand ports would keep main busy for too long.
func (p *Ports) PortStats(no uint32) (ofp13.Stream, error) {
	s := &statsStream{links: p.cfg.Links, now: p.cfg.Now}
	for _, prt := range p.sorted() {
		if prt.attached && (no == ofp13.PortAny || uint32(prt.spec.No) == no) {
			s.ports = append(s.ports, p.account(prt))
		}
	}
	if len(s.ports) == 0 && no != ofp13.PortAny {
		return nil, &ofp13.Error{
			Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestBadPort,
			Cause: fmt.Errorf("no port %d", no),
		}
	}
	return s, nil
}

// account is what it takes to tell a port's statistics without the port.
type account struct {
	spec  datapath.PortSpec
	since time.Time
	last  link.Stats         // as last known
	drops datapath.PortDrops // the datapath's own
}

func (p *Ports) account(prt *port) account {
	return account{spec: prt.spec, since: prt.since, last: prt.link.Stats, drops: p.cfg.Datapath.PortDrops(prt.spec.No)}
}

// read asks for the interface's counters as the switch sees them: what the host
// sends by an internal port, the switch receives. What got as far as the
// interface and was dropped by the datapath counts as dropped, too.
func (a *account) read(links Links) link.Stats {
	s := a.last
	if l, err := links.Get(a.spec.Name); err == nil {
		s = l.Stats
	}
	if a.spec.Kind != datapath.Netdev {
		s = link.Stats{
			RxPackets: s.TxPackets, TxPackets: s.RxPackets,
			RxBytes: s.TxBytes, TxBytes: s.RxBytes,
			RxErrors: s.TxErrors, TxErrors: s.RxErrors,
			RxDropped: s.TxDropped, TxDropped: s.RxDropped,
		}
	}
	s.RxDropped += a.drops.Rx
	s.TxDropped += a.drops.Tx
	return s
}

// statsStream generates port statistics.
type statsStream struct {
	links Links
	now   func() time.Time
	ports []account // still to come
}

// Next implements ofp13.Stream.
func (s *statsStream) Next(b []byte) ([]byte, bool) {
	if len(s.ports) == 0 {
		return b, false
	}
	a := &s.ports[0]
	s.ports = s.ports[1:]
	n, age := a.read(s.links), s.now().Sub(a.since)
	stats := ofp13.PortStats{
		PortNo:    uint32(a.spec.No),
		RxPackets: n.RxPackets, TxPackets: n.TxPackets,
		RxBytes: n.RxBytes, TxBytes: n.TxBytes,
		RxDropped: n.RxDropped, TxDropped: n.TxDropped,
		RxErrors: n.RxErrors, TxErrors: n.TxErrors,
		RxFrameErr: n.RxFrameErrors, RxOverErr: n.RxOverErrors, RxCRCErr: n.RxCRCErrors,
		Collisions:   n.Collisions,
		DurationSec:  uint32(age / time.Second),
		DurationNsec: uint32(age % time.Second),
	}
	return stats.Append(b), true
}

// Info is a port as people are shown it.
type Info struct {
	Spec     datapath.PortSpec
	Attached bool

	account account
	links   Links
}

// List returns all ports, waiting ones too, by number, LOCAL last.
func (p *Ports) List() []Info {
	var list []Info
	for _, prt := range p.sorted() {
		list = append(list, Info{prt.spec, prt.attached, p.account(prt), p.cfg.Links})
	}
	return list
}

// Has reports whether a port has the number, a waiting one included.
func (p *Ports) Has(no datapath.PortNo) bool {
	for _, prt := range p.byName {
		if prt.spec.No == no {
			return true
		}
	}
	return false
}

// Stats asks the host for the port's counters, as the switch sees them. Any
// goroutine may call it.
func (i *Info) Stats() link.Stats {
	if !i.Attached {
		return link.Stats{}
	}
	return i.account.read(i.links)
}
