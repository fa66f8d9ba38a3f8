package kernel

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a raw generic netlink socket, for what the netlink library is too
// slow for. It does not block, and hears the kernel only.
type socket struct {
	fd  int
	pid uint32 // netlink port id, by which the kernel addresses it
}

const (
	nlHeader   = unix.NLMSG_HDRLEN                // struct nlmsghdr
	genlHeader = nlHeader + unix.GENL_HDRLEN      // and struct genlmsghdr
	ovsHeader  = genlHeader + 4                   // and struct ovs_header: the datapath's index
	maxRequest = 1 << 20                          // bytes of requests in one send
	sendBuffer = 2 * maxRequest                   // SO_SNDBUF, which one send must fit
	maxFrame   = maxAttr                          // of an OVS_PACKET_ATTR_PACKET
	slotLen    = ovsHeader + 4<<10 + maxAttr + 64 // an upcall with the largest frame
)

// openSocket opens a socket with a receive buffer of rcvbuf bytes.
func openSocket(rcvbuf int) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", err)
	}
	s := &socket{fd: fd}
	if err := s.setup(rcvbuf); err != nil {
		s.close()
		return nil, fmt.Errorf("set up netlink socket: %w", err)
	}
	return s, nil
}

func (s *socket) setup(rcvbuf int) error {
	// The port id of a process's second socket is the kernel's choice.
	if err := unix.Bind(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	// A connected socket takes nothing from other processes.
	if err := unix.Connect(s.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return err
	}
	s.pid = sa.(*unix.SockaddrNetlink).Pid
	// The FORCE variants pass net.core.*mem_max; they need CAP_NET_ADMIN, as
	// everything here does.
	for opt, v := range map[int]int{unix.SO_RCVBUFFORCE: rcvbuf, unix.SO_SNDBUFFORCE: sendBuffer} {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, opt, v); err != nil {
			return err
		}
	}
	// Errors come without a copy of the request, and with a word of explanation.
	for _, opt := range [...]int{unix.NETLINK_CAP_ACK, unix.NETLINK_EXT_ACK} {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, opt, 1); err != nil && err != unix.ENOPROTOOPT {
			return err
		}
	}
	return nil
}

// close closes the socket; later uses fail.
func (s *socket) close() {
	_ = unix.Close(s.fd)
	s.fd = -1
}

// send sends concatenated requests in one system call. The kernel has dealt with
// all of them, in order, when it returns.
func (s *socket) send(b []byte) error {
	n, err := unix.Write(s.fd, b)
	if err == nil && n != len(b) {
		err = fmt.Errorf("%d of %d bytes sent: %w", n, len(b), unix.EMSGSIZE)
	}
	return err
}

// arena is memory for many messages that one system call receives. Only the pages
// that messages touch are ever backed.
type arena struct {
	mem  []byte
	slot int // bytes per message, headroom included
	head int
	iovs []unix.Iovec
	hdrs []unix.Mmsghdr
}

// newArena makes room for n messages of up to slot-head bytes, each with head
// bytes of free space before it.
func newArena(n, slot, head int) *arena {
	a := &arena{mem: make([]byte, n*slot), slot: slot, head: head, iovs: make([]unix.Iovec, n), hdrs: make([]unix.Mmsghdr, n)}
	for i := range a.iovs {
		a.iovs[i].Base = &a.mem[i*slot+head]
		a.iovs[i].SetLen(slot - head)
		a.hdrs[i].Hdr.Iov = &a.iovs[i]
		a.hdrs[i].Hdr.SetIovlen(1)
	}
	return a
}

// receive fills the slots from first on with up to n messages, without waiting.
// errno is unix.EAGAIN when there are none, unix.ENOBUFS when some were lost.
func (a *arena) receive(s *socket, first, n int) (got int, errno unix.Errno) {
	r, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&a.hdrs[first])),
		uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}

// message returns the message in slot i, or nil if it was longer than the slot.
func (a *arena) message(i int) []byte {
	h := &a.hdrs[i]
	if h.Hdr.Flags&unix.MSG_TRUNC != 0 {
		return nil
	}
	start := i*a.slot + a.head
	return a.mem[start : start+int(h.Len)]
}

// buffer returns slot i, in which message(i) starts after the headroom.
func (a *arena) buffer(i int) []byte {
	return a.mem[i*a.slot : (i+1)*a.slot : (i+1)*a.slot]
}
