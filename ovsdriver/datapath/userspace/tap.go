package userspace

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// Offloads that a TAP's host side may leave to us, linux/if_tun.h. Kernels
// before 6.2 refuse the second set, as they cannot describe UDP segmentation.
const (
	tapOffloads    = unix.TUN_F_CSUM | unix.TUN_F_TSO4 | unix.TUN_F_TSO6 | unix.TUN_F_TSO_ECN
	tapUDPOffloads = unix.TUN_F_USO4 | unix.TUN_F_USO6
)

// openTAP makes an interface by which the host takes part. It is not
// persistent: it goes with its descriptor, that is, with the process.
func openTAP(name string) (*device, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, fmt.Errorf("interface name %q is empty or longer than 15 bytes: %w", name, err)
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun for %s (is the tun module loaded?): %w", name, err)
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI | unix.IFF_VNET_HDR | unix.IFF_TUN_EXCL)
	err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	if err == nil {
		err = setTAPOffloads(fd)
	}
	var l link
	if err == nil {
		l, err = findLink(name)
	}
	if err != nil {
		_ = unix.Close(fd)
		_, absent := findLink(name) // the kernel refuses some names with the same errors
		if absent == nil && (errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EEXIST)) {
			return nil, fmt.Errorf("make interface %s: the host has an interface of this name; delete it or choose another name: %w", name, datapath.ErrPortExists)
		}
		return nil, fmt.Errorf("make interface %s: %w", name, err)
	}
	return &device{link: l, rx: fd, tx: fd, tap: true}, nil
}

func setTAPOffloads(fd int) error {
	err := unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tapOffloads|tapUDPOffloads)
	if errors.Is(err, syscall.EINVAL) {
		err = unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, tapOffloads)
	}
	return os.NewSyscallError("TUNSETOFFLOAD", err)
}
