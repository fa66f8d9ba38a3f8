package userspace

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// maxPortNo is the largest port number but datapath.Local.
const maxPortNo = 0xffff

// port is an attached port. Main makes it; worker receives from it and owns
// its upcalls; every worker sends to it.
type port struct {
	spec   datapath.PortSpec
	dev    *device
	index  int // place in portTable.all, and of the port's queue in every sender
	worker int // receives from it

	mtu      atomic.Int32  // bytes after the Ethernet header
	gone     atomic.Bool   // its interface vanished; main has yet to notice
	detached atomic.Bool   // main has taken it out of the table
	overruns atomic.Uint64 // read from the kernel so far
	drops    drops
	counted  atomic.Uint64 // of the drops, those that the kernel counts as well

	upcalls upcallQueue // its worker's
	lost    bool        // a TAP that can't be read any more; its worker's
}

// portTable is what workers see of the ports. It is immutable.
type portTable struct {
	all   []*port // by port.index; nil where there is none
	byNo  []*port // by number, up to the highest
	local *port
}

// lookup returns the port of that number, or nil.
func (t *portTable) lookup(no datapath.PortNo) *port {
	if int(no) < len(t.byNo) {
		return t.byNo[no]
	}
	if no == datapath.Local {
		return t.local
	}
	return nil
}

// at returns the port of that index, or nil.
func (t *portTable) at(index int) *port {
	if index < len(t.all) {
		return t.all[index]
	}
	return nil
}

// with returns a table that has p as well, and gives p its index.
func (t *portTable) with(p *port) *portTable {
	n := &portTable{
		all:   append([]*port(nil), t.all...),
		byNo:  append([]*port(nil), t.byNo...),
		local: t.local,
	}
	p.index = len(n.all)
	for i, q := range n.all {
		if q == nil {
			p.index = i
			break
		}
	}
	if p.index == len(n.all) {
		n.all = append(n.all, nil)
	}
	n.all[p.index] = p
	n.number(p.spec.No, p)
	return n
}

// without returns a table that lacks p.
func (t *portTable) without(p *port) *portTable {
	n := &portTable{
		all:   append([]*port(nil), t.all...),
		byNo:  append([]*port(nil), t.byNo...),
		local: t.local,
	}
	n.all[p.index] = nil
	n.number(p.spec.No, nil)
	return n
}

// number makes no mean p; for a table under construction.
func (t *portTable) number(no datapath.PortNo, p *port) {
	if no == datapath.Local {
		t.local = p
		return
	}
	for int(no) >= len(t.byNo) {
		t.byNo = append(t.byNo, nil)
	}
	t.byNo[no] = p
}
