package userspace

import (
	"unsafe"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// sendQueue gathers frames for one port, or for one class of a port's htb, by
// reference. It belongs to a sender, and is empty between batches.
type sendQueue struct {
	port    *port
	class   uint32 // handle; 0 for none
	n       int
	headers [frameBudget]unix.Mmsghdr
	vectors [frameBudget]unix.Iovec
}

func newSendQueue() *sendQueue {
	q := new(sendQueue)
	for i := range q.headers {
		h := &q.headers[i].Hdr
		h.Iov = &q.vectors[i]
		h.SetIovlen(1)
	}
	return q
}

// add queues f, whose Start leaves room for the header before it. The queue
// must not be full.
func (q *sendQueue) add(f *datapath.Frame) {
	b := f.Buf[f.Start-vnetHeader : f.End]
	putOffload(b, &f.Offload)
	v := &q.vectors[q.n]
	v.Base = &b[0]
	v.SetLen(len(b))
	q.n++
}

func (q *sendQueue) full() bool { return q.n == len(q.headers) }

// flush sends what is queued. A frame that the kernel refuses is skipped and
// counted at the port, and the others go on.
func (q *sendQueue) flush() {
	for next := 0; next < q.n; {
		sent, errno := q.send(next)
		if errno == unix.EINTR {
			continue
		}
		next += sent
		if errno == 0 {
			continue
		}
		reason, rest := refusal(errno)
		dropped := 1
		if rest {
			dropped = q.n - next
		}
		q.port.drops.add(reason, dropped)
		if q.port.dev.counts(errno) {
			q.port.counted.Add(1)
		}
		next += dropped
	}
	q.n = 0
}

// send sends frames from number next on and returns how many, with the error
// that stopped it if there were none.
func (q *sendQueue) send(next int) (sent int, errno unix.Errno) {
	dev := q.port.dev
	if dev.tap {
		v := &q.vectors[next]
		_, _, errno = unix.Syscall(unix.SYS_WRITE, uintptr(dev.tx), uintptr(unsafe.Pointer(v.Base)), uintptr(v.Len))
		if errno != 0 {
			return 0, errno
		}
		return 1, 0
	}
	if q.class != 0 {
		return dev.classes.send(q.class, q.headers[next:q.n])
	}
	return sendAll(dev.tx, q.headers[next:q.n])
}

// sendAll is sendmmsg.
func sendAll(fd int, messages []unix.Mmsghdr) (sent int, errno unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// counts reports whether the kernel, having refused a frame with this error,
// counts it among those that the interface, or a class, has dropped.
func (d *device) counts(errno unix.Errno) bool {
	return errno == unix.ENOBUFS || d.tap && errno != unix.EAGAIN
}

// refusal says what an error of sending a frame means, and whether the frames
// behind it would meet the same.
func refusal(errno unix.Errno) (reason DropReason, rest bool) {
	switch errno {
	case unix.EMSGSIZE:
		return DropMTU, false
	case unix.EAGAIN:
		return DropSendQueue, true
	case unix.ENOBUFS: // the queueing discipline dropped this one
		return DropSendQueue, false
	case unix.ENETDOWN, unix.ENXIO, unix.ENODEV, unix.EIO, unix.EBADFD:
		return DropLinkDown, true
	}
	return DropSend, false
}
