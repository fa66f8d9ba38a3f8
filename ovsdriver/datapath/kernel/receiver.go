package kernel

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

const (
	upcallSlots  = 64      // upcalls that one Receive can return
	portTurn     = 128     // upcalls taken from a port before it is another's turn
	upcallBuffer = 1 << 20 // receive buffer of each upcall socket
)

// receiver is one upcall worker's end of the datapath: it owns the upcall
// sockets of its ports. One goroutine receives and executes; the main goroutine
// adds and removes sockets, and closes.
type receiver struct {
	family uint16 // ovs_packet
	dp     uint32
	epoll  *os.File
	wait   syscall.RawConn
	poll   func(fd uintptr) bool
	events [upcallSlots]unix.EpollEvent
	polled int // of events
	found  error
	arena  *arena
	counts *counters

	// pending are the slots of sockets that are ready, in the order in which
	// they are served; taken counts what the first has had of its turn.
	pending []int32
	taken   int

	mu      sync.Mutex // guards what follows, and is held while sockets are in use
	exec    executor
	sockets []*socket // by slot; nil for a free one
	closed  bool
}

// counters are what a datapath counts of its own; any goroutine reads them.
type counters struct {
	lost    atomic.Uint64 // times that an upcall socket was full
	invalid atomic.Uint64 // upcalls that could not be read
	refused atomic.Uint64 // executions that the kernel refused, or that could not be said to it
}

// Slots of every receiver's sockets; ports follow.
const (
	slotActions = iota // what cached flows send to the controller
	slotErrors         // the kernel's complaints about executions
	slotPorts
)

func newReceiver(family uint16, dp uint32, counts *counters) (r *receiver, err error) {
	r = &receiver{family: family, dp: dp, counts: counts}
	r.poll = r.pollReady
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll instance: %w", err)
	}
	// Non-blocking, so that the runtime's poller waits for it.
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	r.epoll = os.NewFile(uintptr(fd), "epoll")
	if r.wait, err = r.epoll.SyscallConn(); err != nil {
		return nil, err
	}
	r.arena = newArena(upcallSlots, slotLen, datapath.Headroom)
	for range slotPorts {
		s, err := openSocket(upcallBuffer)
		if err != nil {
			return nil, err
		}
		if err := r.add(s); err != nil {
			return nil, err
		}
	}
	r.exec = newExecutor(r.sockets[slotErrors], family, dp, r.sockets[slotActions].pid, counts)
	return r, nil
}

// add makes the receiver read s, which it then owns.
func (r *receiver) add(s *socket) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	slot := len(r.sockets)
	for i, used := range r.sockets {
		if used == nil {
			slot = i
			break
		}
	}
	if slot == len(r.sockets) {
		r.sockets = append(r.sockets, nil)
	}
	r.sockets[slot] = s
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(slot)}
	if err := unix.EpollCtl(int(r.epollFD()), unix.EPOLL_CTL_ADD, s.fd, &ev); err != nil {
		r.sockets[slot] = nil
		s.close()
		return fmt.Errorf("watch upcall socket: %w", err)
	}
	return nil
}

// epollFD returns the descriptor; Fd would make it blocking.
func (r *receiver) epollFD() (fd uintptr) {
	_ = r.wait.Control(func(p uintptr) { fd = p })
	return fd
}

// remove stops reading s and closes it. What the kernel has sent there is lost.
func (r *receiver) remove(s *socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, used := range r.sockets {
		if used == s {
			r.sockets[i] = nil
			s.close() // epoll forgets it by itself
		}
	}
}

// close ends a blocked Receive and all later ones, and closes the sockets. The
// frames of the last batch stay valid.
func (r *receiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	if r.epoll != nil {
		_ = r.epoll.Close() // which ends the wait
	}
	for i, s := range r.sockets {
		if s != nil {
			s.close()
			r.sockets[i] = nil
		}
	}
}

// Receive implements datapath.Receiver.
func (r *receiver) Receive(batch []datapath.Upcall) (int, error) {
	batch = batch[:min(len(batch), upcallSlots)]
	if len(batch) == 0 {
		return 0, nil
	}
	for {
		if len(r.pending) == 0 {
			if err := r.block(); err != nil {
				return 0, err
			}
		}
		if n, err := r.drain(batch); n > 0 || err != nil {
			return n, err
		}
	}
}

// Execute implements datapath.Receiver.
func (r *receiver) Execute(batch []datapath.Execution) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return net.ErrClosed
	}
	return r.exec.Execute(batch)
}

// block waits until a socket is ready.
func (r *receiver) block() error {
	if err := r.wait.Read(r.poll); err != nil {
		if r.isClosed() { // the poller's error for this has no name
			return net.ErrClosed
		}
		return fmt.Errorf("wait for upcalls: %w", err)
	}
	if r.found != nil {
		return fmt.Errorf("wait for upcalls: %w", r.found)
	}
	for _, ev := range r.events[:r.polled] {
		r.pending = append(r.pending, ev.Fd)
	}
	return nil
}

func (r *receiver) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// pollReady fills r.events and reports whether there are any.
func (r *receiver) pollReady(fd uintptr) bool {
	r.polled, r.found = unix.EpollWait(int(fd), r.events[:], 0)
	if errors.Is(r.found, unix.EINTR) {
		r.polled, r.found = 0, nil
	}
	return r.polled > 0 || r.found != nil
}

// drain reads the pending sockets in turn until batch is full or all are empty.
func (r *receiver) drain(batch []datapath.Upcall) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, net.ErrClosed
	}
	slot := 0 // of the arena
	for len(r.pending) > 0 && slot < len(batch) {
		s := r.sockets[r.pending[0]]
		if s == nil {
			r.nextTurn()
			continue
		}
		want := min(len(batch)-slot, portTurn-r.taken)
		got, errno := r.arena.receive(s, slot, want)
		switch errno {
		case 0:
		case unix.ENOBUFS:
			r.counts.lost.Add(1)
			continue
		case unix.EINTR:
			continue
		default: // unix.EAGAIN
			r.nextTurn()
			continue
		}
		for i := slot; i < slot+got; i++ {
			n += r.take(i, &batch[n])
		}
		slot += got
		if r.taken += got; got < want || r.taken == portTurn {
			r.nextTurn()
		}
	}
	return n, nil
}

// nextTurn goes on to the next pending socket. One that is not empty is found
// again by the next poll.
func (r *receiver) nextTurn() {
	r.taken = 0
	copy(r.pending, r.pending[1:])
	r.pending = r.pending[:len(r.pending)-1]
}

// take reads the message in slot i of the arena into u and returns 1 if it is an
// upcall. On the socket of executions it is an error.
func (r *receiver) take(i int, u *datapath.Upcall) int {
	msg := r.arena.message(i)
	if len(msg) >= nlHeader && messageType(msg) == unix.NLMSG_ERROR {
		r.counts.refused.Add(1)
		return 0
	}
	if msg == nil || !parseUpcall(r.arena.buffer(i), r.arena.head, len(msg), r.family, r.dp, u) {
		r.counts.invalid.Add(1)
		return 0
	}
	return 1
}
