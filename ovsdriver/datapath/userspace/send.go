package userspace

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// sender does flows' actions. Frames that leave are queued per port by
// reference and sent together by flush; until then nobody may change them.
// It belongs to one worker, or to main.
type sender struct {
	shared *shared
	slots  *slotPool

	// upcall takes the frame of a Controller action up; it copies it.
	upcall func(f *datapath.Frame, k *flowtable.Key, record uint64)

	table     *portTable   // of the present batch
	now       int64        // its time, CLOCK_MONOTONIC nanoseconds
	queues    []*sendQueue // by port.index; made when first needed
	classed   []*sendQueue // for classes of ports; made when first needed
	dirty     []*sendQueue // those with frames
	held      []int32      // slots with copies that the present run may still use
	lent      []int32      // slots with copies that only the queues use
	segmenter packet.Segmenter
	segmentTo *port
	class     uint32                      // of the outputs to come, 0 for none
	meters    int                         // that the present frame has met
	dropped   bool                        // by the last of them
	emit      func(*datapath.Frame) error // s.emitSegment, made once
}

func newSender(shared *shared, slots *slotPool) *sender {
	s := &sender{shared: shared, slots: slots}
	s.emit = s.emitSegment
	return s
}

// begin starts a batch on the ports as they are now, which is its time.
func (s *sender) begin() { s.table, s.now = s.shared.ports.Load(), s.shared.clock.now() }

// execute does acts to f, which came in with key k.
func (s *sender) execute(f *datapath.Frame, k *flowtable.Key, acts []datapath.Act) {
	s.class, s.meters, s.dropped = 0, 0, false
	s.run(f, k, acts)
	if len(s.held) > 0 {
		s.lent = append(s.lent, s.held...)
		s.held = s.held[:0]
	}
}

// run is execute, or a part of it. A frame that is queued is not edited any
// more: edits go on with a copy.
func (s *sender) run(f *datapath.Frame, k *flowtable.Key, acts []datapath.Act) {
	queued := false
	for i := 0; i < len(acts); i++ {
		a := &acts[i]
		switch a.Kind {
		case datapath.Output:
			s.output(f, a.Port)
			queued = true
		case datapath.Queue:
			s.class = uint32(a.Value)
		case datapath.Controller:
			s.upcall(f, k, a.Value)
		case datapath.Meter:
			if f = s.measure(f, uint32(a.Value), &queued); f == nil {
				return
			}
		case datapath.Clone:
			rest := acts[i+1:]
			n := int(min(a.Value, uint64(len(rest))))
			s.onCopy(f, k, rest[:n])
			i += n
		default:
			if queued {
				if f = s.copy(f, &s.held); f == nil {
					return
				}
				queued = false
			}
			if err := packet.Edit(f, a); err != nil {
				s.shared.drops.add(DropEdit, 1)
				return
			}
		}
	}
}

// onCopy does acts to a copy of f. When they are done, only the queues use it, so
// that a frame can have more copies than there are slots.
func (s *sender) onCopy(f *datapath.Frame, k *flowtable.Key, acts []datapath.Act) {
	held, class := len(s.held), s.class
	if c := s.copy(f, &s.held); c != nil {
		s.run(c, k, acts)
	}
	s.lent = append(s.lent, s.held[held:]...)
	s.held, s.class = s.held[:held], class
}

// output queues f for the port of that number.
func (s *sender) output(f *datapath.Frame, no datapath.PortNo) {
	p := s.table.lookup(no)
	switch {
	case p == nil:
		s.shared.drops.add(DropNoPort, 1)
	case overMTU(f, int(p.mtu.Load())):
		p.drops.add(DropMTU, 1)
	case !packet.Describable(f):
		s.segmentTo = p
		if err := s.segmenter.Segment(f, s.emit); err != nil {
			p.drops.add(DropSend, 1)
		}
	default:
		s.enqueue(p, f)
	}
}

// emitSegment queues a copy of a segment, which is valid only now.
func (s *sender) emitSegment(f *datapath.Frame) error {
	if c := s.copy(f, &s.lent); c != nil {
		s.enqueue(s.segmentTo, c)
	}
	return nil
}

func (s *sender) enqueue(p *port, f *datapath.Frame) {
	if f.Start < vnetHeader {
		if f = s.copy(f, &s.lent); f == nil {
			return
		}
	}
	q := s.queue(p)
	if q.full() {
		q.flush()
	} else if q.n == 0 {
		s.dirty = append(s.dirty, q)
	}
	q.add(f)
}

// queue returns the queue for p, and for the class that the output is in.
func (s *sender) queue(p *port) *sendQueue {
	if s.class != 0 && !p.dev.tap {
		return s.classQueue(p)
	}
	for p.index >= len(s.queues) {
		s.queues = append(s.queues, nil)
	}
	q := s.queues[p.index]
	if q == nil {
		q = newSendQueue()
		s.queues[p.index] = q
	}
	q.port = p
	return q
}

// copy returns a copy of f, in a slot that it adds to keeper. With no slot left
// it flushes; nil, and a counted drop, if even that frees none.
func (s *sender) copy(f *datapath.Frame, keeper *[]int32) *datapath.Frame {
	i, ok := s.slots.get()
	if !ok {
		s.flush()
		if i, ok = s.slots.get(); !ok {
			s.shared.drops.add(DropEdit, 1)
			return nil
		}
	}
	*keeper = append(*keeper, i)
	c, ok := s.slots.copyFrame(i, f)
	if !ok {
		s.shared.drops.add(DropTruncated, 1)
		return nil
	}
	return &c.Frame
}

// flush sends all that is queued, and has no copies any more that only the queues
// used.
func (s *sender) flush() {
	s.empty()
	s.slots.put(s.lent...)
	s.lent = s.lent[:0]
}

// empty sends all that is queued. A copy that is about to be queued stays.
func (s *sender) empty() {
	for _, q := range s.dirty {
		q.flush()
	}
	s.dirty = s.dirty[:0]
}

// executeAll is execute for executions, of which several may hold one frame.
func (s *sender) executeAll(batch []datapath.Execution) {
	s.begin()
	for i := range batch {
		e := &batch[i]
		if edits(e.Actions) && queuedBefore(batch[:i], e.Frame) {
			s.flush()
		}
		s.execute(e.Frame, e.Key, e.Actions)
	}
	s.flush()
}

func edits(acts []datapath.Act) bool {
	for i := range acts {
		if packet.Edits(acts[i].Kind) || acts[i].Kind == datapath.Meter {
			return true
		}
	}
	return false
}

func queuedBefore(batch []datapath.Execution, f *datapath.Frame) bool {
	for i := range batch {
		if len(batch[i].Frame.Buf) > 0 && len(f.Buf) > 0 && &batch[i].Frame.Buf[0] == &f.Buf[0] {
			return true
		}
	}
	return false
}
