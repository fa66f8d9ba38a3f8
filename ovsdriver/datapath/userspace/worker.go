package userspace

import (
	"net"
	"sync"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// workerSlots bounds the frames that a worker holds at once: one burst, the
// upcalls that wait or are in the caller's hands, and copies.
const workerSlots = 640

// worker is a datapath.Receiver: it forwards the frames of its ports. All of
// its state is its own goroutine's, but for what says otherwise.
type worker struct {
	shared *shared
	index  int
	poll   *poller
	epoch  epoch   // main reads it
	counts lookups // main reads them

	// use is held by a call of Receive or Execute, and by main to close the
	// worker, so that descriptors are not closed under a call.
	use    sync.Mutex
	closed bool

	slots *slotPool
	burst *burst
	exact *exactCache
	tally tally
	send  *sender

	snapshot *flowtable.Snapshot[*flow] // of the present batch
	now      int64                      // of the present turn
	checked  int64                      // when the rings were looked at

	mailbox mailbox        // main fills it
	orphans upcallQueue    // Controller copies of frames from ports that are not this worker's
	waiting []*upcallQueue // queues with upcalls, in the order of their turns
	pinned  []int32        // slots that are in the caller's hands
}

func newWorker(shared *shared, index int) (*worker, error) {
	poll, err := newPoller()
	if err != nil {
		return nil, err
	}
	w := &worker{
		shared: shared,
		index:  index,
		poll:   poll,
		slots:  newSlotPool(workerSlots),
		exact:  newExactCache(),
	}
	if w.burst, err = newBurst(w.slots); err != nil {
		w.slots.close()
		poll.close()
		return nil, err
	}
	w.send = newSender(shared, w.slots)
	w.send.upcall = w.keep
	return w, nil
}

// Receive forwards until there are upcalls, and fills batch with them. See
// datapath.Receiver.
func (w *worker) Receive(batch []datapath.Upcall) (int, error) {
	w.use.Lock()
	defer w.use.Unlock()
	w.slots.put(w.pinned...)
	w.pinned = w.pinned[:0]
	for !w.shared.closed.Load() {
		if len(batch) == 0 {
			return 0, nil
		}
		ready := len(w.waiting) > 0 || !w.mailbox.empty()
		if err := w.forward(!ready); err != nil {
			return 0, err
		}
		if n := w.deliver(batch); n > 0 {
			return n, nil
		}
	}
	if w.closed {
		w.slots.close() // until now the caller had frames of the last batch
	}
	return 0, net.ErrClosed
}

// Execute runs a batch; see datapath.Receiver.
func (w *worker) Execute(batch []datapath.Execution) error {
	w.use.Lock()
	defer w.use.Unlock()
	if w.closed {
		return net.ErrClosed
	}
	w.epoch.enter()
	w.send.executeAll(batch)
	w.epoch.leave()
	return nil
}

// close ends the worker, once no call is in it.
func (w *worker) close() {
	w.poll.wake()
	w.use.Lock()
	defer w.use.Unlock()
	w.closed = true
	w.poll.close()
	if len(w.pinned) == 0 {
		w.slots.close()
	}
}

// forward waits for frames and gives each port that has some one turn.
func (w *worker) forward(block bool) error {
	events, err := w.poll.wait(block)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		w.now = w.shared.clock.now()
	}
	for i := range events {
		if events[i].Fd == wakeIndex {
			w.poll.woken()
			continue
		}
		w.epoch.enter()
		if p := w.shared.ports.Load().at(int(events[i].Fd)); p != nil && p.worker == w.index {
			w.turn(p)
		}
		w.epoch.leave()
	}
	w.checkRings()
	return nil
}

// turn forwards one burst of p's frames.
func (w *worker) turn(p *port) {
	n := w.burst.fill(p)
	if p.lost {
		w.poll.remove(p.dev.rx)
	}
	if n == 0 {
		return
	}
	w.now = w.shared.clock.now()
	w.snapshot = w.shared.flows.Load()
	w.send.begin()
	for i := range n {
		if s := w.burst.frame(i); s.Frame.Len() > 0 {
			w.frame(p, i, s)
		}
	}
	w.send.flush()
	w.burst.release(p, n)
	w.tally.settle(w.index, w.now)
}

// frame does what the cache says with frame i of the burst, in slot s.
func (w *worker) frame(p *port, i int, s *datapath.Upcall) {
	packet.Parse(&s.Frame, p.spec.No, &s.Key)
	f := w.find(&s.Key)
	if f == nil {
		w.miss(p, i, s)
		return
	}
	size := s.Frame.Len()
	w.tally.credit(f, size, w.index, w.now)
	w.send.execute(&s.Frame, &s.Key, f.acts)
	if w.send.dropped {
		w.tally.drop(w.send.meters, size)
	}
}

// find returns the cached flow for k, or nil.
func (w *worker) find(k *flowtable.Key) *flow {
	hash := w.exact.hash(k)
	if f := w.exact.lookup(k, hash); f != nil {
		bump(&w.counts.exact)
		return f
	}
	e := w.snapshot.LookupAny(k)
	if e == nil {
		bump(&w.counts.misses)
		return nil
	}
	bump(&w.counts.masked)
	w.exact.insert(hash, e.Value)
	return e.Value
}

// miss queues frame i of the burst to go up.
func (w *worker) miss(p *port, i int, s *datapath.Upcall) {
	fresh, ok := w.slots.get()
	if ok && p.upcalls.full(w.slots.scarce()) {
		w.slots.put(fresh)
		ok = false
	}
	if !ok {
		p.drops.add(DropMissQueue, 1)
		return
	}
	s.Kind, s.Record = datapath.Miss, 0
	w.enqueue(p, w.burst.take(i, fresh))
}

// keep queues a copy of a frame that a Controller action hands up.
func (w *worker) keep(f *datapath.Frame, k *flowtable.Key, record uint64) {
	p := w.send.table.lookup(datapath.PortNo(k.Get(flowtable.InPort)))
	if p != nil && p.worker != w.index {
		p = nil
	}
	i, ok := w.slots.get()
	if !ok {
		w.shared.drops.add(DropUpcallQueue, 1)
		return
	}
	s, ok := w.slots.copyFrame(i, f)
	if !ok || w.queue(p).full(w.slots.scarce()) {
		w.slots.put(i)
		w.shared.drops.add(DropUpcallQueue, 1)
		return
	}
	s.Kind, s.Key, s.Record = datapath.Action, *k, record
	w.enqueue(p, i)
}

// queue returns the queue for upcalls of p, which is nil or this worker's.
func (w *worker) queue(p *port) *upcallQueue {
	if p == nil {
		return &w.orphans
	}
	return &p.upcalls
}

func (w *worker) enqueue(p *port, slot int32) {
	q := w.queue(p)
	q.push(slot)
	if !q.waiting {
		q.waiting, q.port = true, p
		w.waiting = append(w.waiting, q)
	}
}

// deliver moves upcalls to batch: main's first, then each waiting queue's in
// turn, up to the budget of each. The slots stay pinned until the next Receive.
func (w *worker) deliver(batch []datapath.Upcall) int {
	n := w.mailbox.take(batch)
	for range len(w.waiting) {
		if n == len(batch) {
			break
		}
		q := w.waiting[0]
		w.waiting = append(w.waiting[:0], w.waiting[1:]...)
		n += w.drain(q, batch[n:min(len(batch), n+missBudget)])
		if q.waiting = q.n > 0; q.waiting {
			w.waiting = append(w.waiting, q)
		}
	}
	return n
}

// drain moves upcalls from q to batch. Those of a port that was detached are
// dropped.
func (w *worker) drain(q *upcallQueue, batch []datapath.Upcall) int {
	gone := q.port != nil && q.port.detached.Load()
	n := 0
	for q.n > 0 && (gone || n < len(batch)) {
		i := q.pop()
		if gone {
			w.slots.put(i)
			continue
		}
		batch[n] = *w.slots.at(i)
		w.pinned = append(w.pinned, i)
		n++
	}
	return n
}
