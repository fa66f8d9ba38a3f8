package vport

import (
	"maps"
	"time"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// A queue of a port (§7.2.2) is a class of the htb that the administrator put at
// the root of the port's interface; the queue's id is the class's minor number.
// The switch makes none. LOCAL and internal ports have no queues: what the
// switch sends by them, the host receives.

// shape is the htb at an interface's root, as the host's events told it.
type shape struct {
	major   uint16
	classes map[uint16]time.Time // and when each was first seen
}

// handleShape follows an event of an interface's htb.
func (p *Ports) handleShape(e link.Event) {
	index, minor := e.Link.Index, uint16(e.Handle)
	s := p.shapes[index]
	switch {
	case e.Kind == link.Shaped && e.Handle == 0:
		delete(p.shapes, index)
	case e.Kind == link.Shaped:
		p.shapes[index] = &shape{major: uint16(e.Handle >> 16), classes: map[uint16]time.Time{}}
	case s == nil:
		return
	case e.Kind == link.ClassGone:
		delete(s.classes, minor)
		return
	default:
		if _, known := s.classes[minor]; !known {
			s.classes[minor] = p.cfg.Now()
		}
		return
	}
	for _, prt := range p.byName {
		if prt.attached && prt.link.Index == index {
			p.publish()
			return
		}
	}
}

// htb returns the major number of a port's root htb, 0 if it has none.
func (p *Ports) htb(prt *port) uint16 {
	if s := p.shapes[prt.link.Index]; s != nil && prt.spec.Kind == datapath.Netdev {
		return s.major
	}
	return 0
}

// QueueStats answers with the counters (§7.3.5.8) of one queue, or all for
// OFPQ_ALL, of one port, or all for OFPP_ANY. What it returns asks the host,
// which may take a while where there are many; any goroutine may call it. The
// errors are OFPET_QUEUE_OP_FAILED: BAD_PORT; BAD_QUEUE if no such port has such
// a queue; EPERM if the host doesn't tell.
func (p *Ports) QueueStats(no, queue uint32) (read func() (ofp13.Stream, error), err error) {
	owners, err := p.queueOwners(no)
	if err != nil {
		return nil, err
	}
	now := p.cfg.Now
	return func() (ofp13.Stream, error) {
		list := ofp13.Elements[*ofp13.QueueStats]{}
		err := owners.each(func(o *queueOwner, c *link.Class) {
			if id := c.Handle & 0xffff; queue == ofp13.QueueAll || queue == id {
				list = append(list, o.stats(c, now()))
			}
		})
		if err == nil && len(list) == 0 && queue != ofp13.QueueAll {
			err = queueError(ofp13.QueueOpFailedBadQueue, "there is no queue %d at port %#x", queue, no)
		}
		return &list, err
	}, nil
}

// maxQueues is how many queues one OFPT_QUEUE_GET_CONFIG_REPLY can tell of.
const maxQueues = (1<<16 - 1 - 16) / 48

// QueueConfig answers with the queues of one port, or all for OFPP_ANY (§7.3.6),
// as QueueStats does. More queues than one message can hold are an EPERM: the
// specification has no second one.
func (p *Ports) QueueConfig(no uint32) (read func() ([]ofp13.PacketQueue, error), err error) {
	owners, err := p.queueOwners(no)
	if err != nil {
		return nil, err
	}
	return func() ([]ofp13.PacketQueue, error) {
		var list []ofp13.PacketQueue
		err := owners.each(func(o *queueOwner, c *link.Class) { list = append(list, o.config(c)) })
		if err == nil && len(list) > maxQueues {
			err = queueError(ofp13.QueueOpFailedEPerm, "%d queues do not fit into a message; ask for one port's", len(list))
		}
		return list, err
	}, nil
}

// queueOwner is what it takes to tell a port's queues without the port.
type queueOwner struct {
	no    uint32
	index int
	mbps  uint64
	since map[uint16]time.Time // when each class was first seen
}

// queueOwners are ports, by number, and the host that knows their queues.
type queueOwners struct {
	links Links
	ports []queueOwner
}

// queueOwners selects a port, or all for OFPP_ANY.
func (p *Ports) queueOwners(no uint32) (*queueOwners, error) {
	list, known := &queueOwners{links: p.cfg.Links}, no == ofp13.PortAny
	for _, prt := range p.sorted() {
		if !prt.attached || no != ofp13.PortAny && uint32(prt.spec.No) != no {
			continue
		}
		known = true
		if prt.spec.Kind != datapath.Netdev {
			continue
		}
		o := queueOwner{no: uint32(prt.spec.No), index: prt.link.Index, mbps: uint64(max(0, prt.mode.Mbps))}
		if s := p.shapes[prt.link.Index]; s != nil {
			o.since = maps.Clone(s.classes)
		}
		list.ports = append(list.ports, o)
	}
	if !known {
		return nil, queueError(ofp13.QueueOpFailedBadPort, "there is no port %d", no)
	}
	return list, nil
}

// each reads the queues of all ports. The error is the first one.
func (l *queueOwners) each(tell func(*queueOwner, *link.Class)) error {
	for i := range l.ports {
		o := &l.ports[i]
		classes, err := l.links.Classes(o.index)
		if err != nil {
			return &ofp13.Error{Type: ofp13.ErrTypeQueueOpFailed, Code: ofp13.QueueOpFailedEPerm, Cause: err}
		}
		for j := range classes {
			tell(o, &classes[j])
		}
	}
	return nil
}

// stats is struct ofp_queue_stats. A queue is as old as the switch knows it.
func (o *queueOwner) stats(c *link.Class, now time.Time) *ofp13.QueueStats {
	since, told := o.since[uint16(c.Handle)]
	if !told { // its event is under way
		since = now
	}
	age := max(0, now.Sub(since))
	return &ofp13.QueueStats{
		PortNo: o.no, QueueID: c.Handle & 0xffff,
		TxBytes: c.Bytes, TxPackets: c.Packets, TxErrors: c.Drops,
		DurationSec: uint32(age / time.Second), DurationNsec: uint32(age % time.Second),
	}
}

// config is struct ofp_packet_queue.
func (o *queueOwner) config(c *link.Class) ofp13.PacketQueue {
	return ofp13.PacketQueue{
		QueueID: c.Handle & 0xffff, Port: o.no,
		Properties: []ofp13.QueueProperty{
			{Property: ofp13.QueuePropMinRate, Rate: o.share(c.Rate)},
			{Property: ofp13.QueuePropMaxRate, Rate: o.share(c.Ceil)},
		},
	}
}

// rateUnknown is OFPQ_MIN_RATE_UNCFG and OFPQ_MAX_RATE_UNCFG.
const rateUnknown = 0xffff

// share returns a rate of bytes per second in tenths of a percent of the port's
// speed: at least one, since none would be no rate at all, and at most all. Of a
// port whose speed is not known it can't be told.
func (o *queueOwner) share(rate uint64) uint16 {
	unit := o.mbps * 125 // bytes per second
	if unit == 0 {
		return rateUnknown
	}
	tenths := rate / unit
	if rate%unit >= (unit+1)/2 {
		tenths++
	}
	return uint16(min(max(tenths, 1), 1000))
}

func queueError(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeQueueOpFailed, code, format, args...)
}
