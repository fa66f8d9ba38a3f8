package userspace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// Sizes of socket buffers, in bytes. A TCP sender may have some megabytes of
// 64 KB frames on their way; the kernel charges them with their overhead.
const (
	receiveBuffer = 8 << 20
	sendBuffer    = 4 << 20
)

// device is a port's way to its interface. Frames go in and out with a struct
// virtio_net_hdr before each. Main opens and closes it; in between its worker
// receives and every worker sends.
type device struct {
	link link
	rx   int // a packet socket, or a TAP's descriptor
	tx   int // a packet socket, or rx again
	tap  bool
	ring *ring // of rx; nil for a TAP, and once its worker has left it

	classes *classSockets // into the classes of its htb; nil for a TAP

	claims *claims   // where the interface is claimed; nil for a TAP
	claim  int64     // the place; 0 for none
	block  io.Closer // keeps the host's stack from the port's frames; may be nil
}

// openNetdev opens an interface that exists, with a receive ring of that many
// frames.
func openNetdev(name string, frames int, claims *claims) (*device, error) {
	l, err := findLink(name)
	if err != nil {
		return nil, err
	}
	if l.kind != unix.ARPHRD_ETHER {
		return nil, fmt.Errorf("%s is not an Ethernet interface: %w", name, datapath.ErrUnsupported)
	}
	if l.master != 0 {
		return nil, fmt.Errorf("%s: %w", name, datapath.ErrBusy)
	}
	d := &device{link: l, rx: -1, tx: -1, claims: claims, classes: &classSockets{index: l.index}}
	if d.claim, err = claims.take(l.index); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if d.rx, d.ring, err = openReceive(l.index, frames); err == nil {
		d.tx, err = openSend(l.index)
	}
	if err != nil {
		_ = d.close()
		if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
			err = datapath.ErrNoInterface // it vanished since it was found
		}
		return nil, fmt.Errorf("open packet socket on %s: %w", name, err)
	}
	return d, nil
}

// openReceive makes the socket on which every frame that arrives at the
// interface is heard, and none that leaves it.
func openReceive(index int32, frames int) (int, *ring, error) {
	fd, err := openPacket()
	if err != nil {
		return -1, nil, err
	}
	promiscuous := unix.PacketMreq{Ifindex: index, Type: unix.PACKET_MR_PROMISC}
	err = errors.Join(
		setPacketOption(fd, unix.PACKET_IGNORE_OUTGOING, 1),
		os.NewSyscallError("SO_RCVBUFFORCE", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer)),
		os.NewSyscallError("PACKET_ADD_MEMBERSHIP", unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &promiscuous)),
	)
	var r *ring
	if err == nil {
		r, err = openRing(fd, frames)
	}
	if err == nil {
		err = bindPacket(fd, index, unix.ETH_P_ALL)
	}
	if err != nil {
		return -1, nil, errors.Join(err, r.close(), unix.Close(fd))
	}
	return fd, r, nil
}

// openSend makes the socket through which frames leave. Its protocol 0 keeps
// the kernel from queueing received frames on it.
func openSend(index int32) (int, error) {
	fd, err := openPacket()
	if err != nil {
		return -1, err
	}
	err = os.NewSyscallError("SO_SNDBUFFORCE", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sendBuffer))
	if err == nil {
		err = bindPacket(fd, index, 0)
	}
	return closeUnless(fd, err)
}

// openPacket makes a packet socket that hears nothing until it is bound.
func openPacket() (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	return closeUnless(fd, setPacketOption(fd, unix.PACKET_VNET_HDR, 1))
}

func setPacketOption(fd, option, value int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, option, value); err != nil {
		return fmt.Errorf("set packet socket option %d: %w", option, err)
	}
	return nil
}

// bindPacket ties fd to an interface. A link that is down is no error: the
// kernel starts the socket when the link comes up.
func bindPacket(fd int, index int32, protocol uint16) error {
	address := unix.SockaddrLinklayer{Protocol: networkOrder(protocol), Ifindex: int(index)}
	return os.NewSyscallError("bind", unix.Bind(fd, &address))
}

// networkOrder is htons.
func networkOrder(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

func closeUnless(fd int, err error) (int, error) {
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// tied reports whether the device still has its interface. The kernel unties
// packet sockets when an interface leaves the network namespace or ends. Anyone
// may call it.
func (d *device) tied() bool {
	if d.tap {
		l, err := findLink(d.link.name)
		return l.index == d.link.index || err != nil && !errors.Is(err, datapath.ErrNoInterface)
	}
	address, err := unix.Getsockname(d.rx)
	ll, ok := address.(*unix.SockaddrLinklayer)
	return err == nil && ok && ll.Ifindex == int(d.link.index)
}

// heard returns how many frames came to the receiving socket since the last
// call, and how many of them the kernel dropped because the receive ring was
// full, or for want of words to describe them. Anyone may call it.
func (d *device) heard() (all, dropped uint64) {
	if d.tap {
		return 0, 0
	}
	s, err := unix.GetsockoptTpacketStats(d.rx, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, 0
	}
	return uint64(s.Packets), uint64(s.Drops)
}

// close gives the interface back. Nobody may use the device any more.
func (d *device) close() error {
	errs := []error{d.ring.close()}
	if d.tx >= 0 && d.tx != d.rx {
		errs = append(errs, unix.Close(d.tx))
	}
	if d.classes != nil {
		errs = append(errs, d.classes.close())
	}
	if d.rx >= 0 {
		errs = append(errs, unix.Close(d.rx))
	}
	if d.block != nil {
		errs = append(errs, d.block.Close())
	}
	errs = append(errs, d.claims.release(d.claim))
	return errors.Join(errs...)
}
