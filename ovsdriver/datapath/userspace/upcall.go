package userspace

import (
	"sync"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

const (
	// missBudget is how many upcalls of one port a worker hands up in a turn,
	// so that one port's misses can't take all its time.
	missBudget = 16
	// missQueue is how many upcalls of one port wait for their turn. It has to
	// hold what a new flow sends at full rate until it is cached.
	missQueue = 256
)

// upcallQueue holds the slots of a port's upcalls in their order. The port's
// worker owns it.
type upcallQueue struct {
	ring    [missQueue]int32
	head, n int
	waiting bool  // it is among the worker's waiting queues
	port    *port // nil for the queue of frames without a port of this worker
}

func (q *upcallQueue) push(slot int32) {
	q.ring[(q.head+q.n)%missQueue] = slot
	q.n++
}

func (q *upcallQueue) pop() int32 {
	slot := q.ring[q.head]
	q.head = (q.head + 1) % missQueue
	q.n--
	return slot
}

// full reports whether the queue takes no more: it has its share, and when
// slots are scarce no queue gets more than a turn's worth.
func (q *upcallQueue) full(scarce bool) bool {
	return q.n == missQueue || scarce && q.n >= missBudget
}

// mailbox takes upcalls of main's own executions to a worker: copies, which
// the garbage collector frees.
type mailbox struct {
	mu      sync.Mutex
	upcalls []datapath.Upcall
}

// mailboxSize bounds a mailbox.
const mailboxSize = 64

// put leaves a copy of f for the worker; false if the mailbox is full.
func (m *mailbox) put(f *datapath.Frame, k *flowtable.Key, record uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.upcalls) == mailboxSize {
		return false
	}
	b := make([]byte, frameOffset+f.Len())
	copy(b[frameOffset:], f.Bytes())
	m.upcalls = append(m.upcalls, datapath.Upcall{
		Kind:   datapath.Action,
		Key:    *k,
		Frame:  datapath.Frame{Buf: b, Start: frameOffset, End: len(b), Offload: f.Offload},
		Record: record,
	})
	return true
}

// take moves the oldest upcalls to batch and returns how many.
func (m *mailbox) take(batch []datapath.Upcall) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := copy(batch, m.upcalls)
	m.upcalls = append(m.upcalls[:0], m.upcalls[n:]...)
	return n
}

// empty reports whether there is nothing to take.
func (m *mailbox) empty() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.upcalls) == 0
}
