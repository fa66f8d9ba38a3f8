// Command afforward forwards every frame between two interfaces and does
// nothing else: AF_PACKET, recvmmsg, sendmmsg, PACKET_VNET_HDR. The embedded
// datapath is measured against it; receiving from a ring, it can be the faster.
//
//	afforward IF1 IF2
package main

import (
	"fmt"
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	burst    = 64
	slotSize = 68 << 10 // a 64 KB frame, its headers and a struct virtio_net_hdr
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: afforward IF1 IF2")
		os.Exit(2)
	}
	err := forwardBoth(os.Args[1], os.Args[2])
	fmt.Fprintln(os.Stderr, "afforward:", err)
	os.Exit(1)
}

// forwardBoth forwards until one direction fails.
func forwardBoth(a, b string) error {
	errs := make(chan error)
	for _, way := range [][2]string{{a, b}, {b, a}} {
		from, err := open(way[0], unix.ETH_P_ALL)
		if err != nil {
			return err
		}
		to, err := open(way[1], 0)
		if err != nil {
			return err
		}
		go func() { errs <- forward(from, to) }()
	}
	return <-errs
}

// open binds a packet socket to an interface.
func open(name string, protocol uint16) (int, error) {
	ifc, err := net.InterfaceByName(name)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("packet socket: %w", err)
	}
	for _, o := range []struct{ level, option, value int }{
		{unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1},
		{unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1},
		{unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8 << 20},
		{unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 4 << 20},
	} {
		if err := unix.SetsockoptInt(fd, o.level, o.option, o.value); err != nil {
			return -1, fmt.Errorf("%s: socket option %d: %w", name, o.option, err)
		}
	}
	address := unix.SockaddrLinklayer{Protocol: protocol<<8 | protocol>>8, Ifindex: ifc.Index}
	if err := unix.Bind(fd, &address); err != nil {
		return -1, fmt.Errorf("%s: bind: %w", name, err)
	}
	return fd, nil
}

// forward moves bursts. Frames that can't be sent are skipped.
func forward(from, to int) error {
	var headers [burst]unix.Mmsghdr
	var vectors [burst]unix.Iovec
	memory := make([]byte, burst*slotSize)
	for i := range headers {
		vectors[i].Base = &memory[i*slotSize]
		headers[i].Hdr.Iov = &vectors[i]
		headers[i].Hdr.SetIovlen(1)
	}
	for {
		for i := range vectors {
			vectors[i].SetLen(slotSize)
		}
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(from), uintptr(unsafe.Pointer(&headers)), burst, unix.MSG_WAITFORONE, 0, 0)
		if errno == unix.EINTR || errno == unix.EINVAL || errno == unix.ENETDOWN {
			continue
		}
		if errno != 0 {
			return fmt.Errorf("recvmmsg: %w", errno)
		}
		for i := range n {
			vectors[i].SetLen(int(headers[i].Len))
		}
		for next := uintptr(0); next < n; {
			sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(to), uintptr(unsafe.Pointer(&headers[next])), n-next, unix.MSG_DONTWAIT, 0, 0)
			if errno != 0 {
				sent = 1
			}
			next += sent
		}
	}
}
