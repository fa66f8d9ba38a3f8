package userspace

import (
	"errors"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxClassQueues bounds the classes for which a sender gathers frames at once;
// beyond it, it sends what it has.
const maxClassQueues = 16

// maxClassSockets bounds the sockets that a device has for classes.
const maxClassSockets = 64

// classSockets are a device's ways into the classes of its root htb, which finds
// a frame's class by its priority (struct sk_buff), and a packet socket gives
// its frames the priority that it has itself. Each class gets a socket of its
// own, as long as there are not too many: then the frames that one class holds
// back fill no send buffer but its own.
type classSockets struct {
	index   int32 // of the interface
	sockets [maxClassSockets]classSocket
}

// classSocket sends into one class at a time; several share it if their numbers
// fall on the same one. All workers use it.
type classSocket struct {
	mu     sync.Mutex // held from the choice of a class until the frames are sent
	opened bool
	fd     int
	class  uint32 // what SO_PRIORITY is
}

// send sends frames into a class and returns how many, with the error that
// stopped it if there were none.
func (c *classSockets) send(class uint32, messages []unix.Mmsghdr) (sent int, errno unix.Errno) {
	s := &c.sockets[class%maxClassSockets]
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enter(class, c.index); err != nil {
		return 0, errnoOf(err)
	}
	return sendAll(s.fd, messages)
}

// errnoOf returns the errno that err wraps, EIO if none.
func errnoOf(err error) unix.Errno {
	errno := unix.EIO
	errors.As(err, &errno)
	return errno
}

// enter makes the socket one of the class, and before that makes it.
func (s *classSocket) enter(class uint32, index int32) (err error) {
	if !s.opened {
		if s.fd, err = openSend(index); err != nil {
			return err
		}
		s.opened, s.class = true, 0
	}
	if s.class == class {
		return nil
	}
	before := s.class
	s.class = class // which the kernel reads in its place: a copy would be garbage each time
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(s.fd), unix.SOL_SOCKET, unix.SO_PRIORITY,
		uintptr(unsafe.Pointer(&s.class)), unsafe.Sizeof(s.class), 0)
	if errno != 0 {
		s.class = before
		return errno
	}
	return nil
}

// close closes the sockets. Nobody may use them any more.
func (c *classSockets) close() error {
	var errs []error
	for i := range c.sockets {
		if s := &c.sockets[i]; s.opened {
			s.opened = false
			errs = append(errs, unix.Close(s.fd))
		}
	}
	return errors.Join(errs...)
}

// classQueue returns the queue for the class of p that the output is in. Frames
// of one class keep their order, since they are in one queue.
func (s *sender) classQueue(p *port) *sendQueue {
	var free *sendQueue
	for _, q := range s.classed {
		switch {
		case q.n == 0:
			free = q
		case q.port == p && q.class == s.class:
			return q
		}
	}
	if free == nil {
		if len(s.classed) == maxClassQueues {
			s.empty()
			free = s.classed[0]
		} else {
			free = newSendQueue()
			s.classed = append(s.classed, free)
		}
	}
	free.port, free.class = p, s.class
	return free
}
