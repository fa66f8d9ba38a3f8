package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// maxQueue is the largest queue id: a queue is a class of its port's htb, and
// the id is the minor number of the class's handle.
const maxQueue = 0xffff

// compileQueue compiles a set_queue (§5.12). Which queues a port has is the
// administrator's affair and may change at any time, so an id is refused with
// OFPBAC_BAD_QUEUE only if no port can have such a queue. A packet for a queue
// that its egress port does not have goes where those without a queue go, as
// all do after queue 0.
func compileQueue(id uint32) (op, error) {
	if id > maxQueue {
		return op{}, badAction(ofp13.BadActionBadQueue, "there can be no queue %#x; ids are at most %#x", id, maxQueue)
	}
	return op{kind: opQueue, value: uint64(id)}, nil
}

// class returns the handle of a queue of a port: 0, which is no class, for queue
// 0 and for a port without queues.
func (s *PortSet) class(no datapath.PortNo, queue uint16) uint64 {
	if queue == 0 {
		return 0
	}
	p := s.Get(no)
	if p == nil || p.HTB == 0 {
		return 0
	}
	return uint64(p.HTB)<<16 | uint64(queue)
}

// emitOutput appends an output, and before it what changes the class that the
// datapath's outputs use, if this one's is another.
func (r *Result) emitOutput(no datapath.PortNo) {
	w := &r.walk
	if class := w.view.ports.class(no, w.queue); class != w.class {
		w.class = class
		r.emit(datapath.Act{Kind: datapath.Queue, Value: class})
	}
	r.emit(datapath.Act{Kind: datapath.Output, Port: no})
}

// departure is an output that an Executor has yet to give to its sink.
type departure struct {
	port  datapath.PortNo
	class uint64
}

// depart hands the outputs of x.leaving to the sink, in executions that are
// not too long for the datapath.
func (x *Executor) depart(f *datapath.Frame, key *flowtable.Key) {
	limit := x.view.features.MaxActs
	start, class := len(x.acts), uint64(0)
	for _, o := range x.leaving {
		if limit > 0 && len(x.acts) > start && len(x.acts)-start+2 > limit {
			x.giveFrom(start, f, key)
			start, class = len(x.acts), 0
		}
		if o.class != class {
			class = o.class
			x.acts = append(x.acts, datapath.Act{Kind: datapath.Queue, Value: class})
		}
		x.acts = append(x.acts, datapath.Act{Kind: datapath.Output, Port: o.port})
	}
	x.giveFrom(start, f, key)
}
