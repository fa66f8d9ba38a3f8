package userspace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// link is what the datapath needs to know of an interface, from an rtnetlink
// link message (linux/rtnetlink.h).
type link struct {
	name   string
	index  int32
	kind   uint16 // ARPHRD_*
	mtu    int32
	master uint32 // interface index of the bridge or switch that has it, or 0
}

// findLink returns the interface called name, or datapath.ErrNoInterface. It
// asks for this one alone: a list of all takes long where there are many, and
// may lack one that was there all the time if others come and go meanwhile.
func findLink(name string) (link, error) {
	if name == "" || len(name) >= unix.IFNAMSIZ {
		return link{}, fmt.Errorf("%s: %w", name, datapath.ErrNoInterface)
	}
	answer, err := askLink(name)
	if errors.Is(err, unix.ENODEV) {
		return link{}, fmt.Errorf("%s: %w", name, datapath.ErrNoInterface)
	}
	if err != nil {
		return link{}, fmt.Errorf("look up network interface %s: %w", name, err)
	}
	l, ok := parseLink(&answer)
	if !ok {
		return link{}, fmt.Errorf("look up network interface %s: unexpected answer of type %d", name, answer.Header.Type)
	}
	return l, nil
}

// askLink sends RTM_GETLINK for an interface of this network namespace and
// returns the kernel's answer, or its error.
func askLink(name string) (answer syscall.NetlinkMessage, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return answer, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, linkRequest(name), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return answer, os.NewSyscallError("send", err)
	}
	buffer := make([]byte, 64<<10)
	n, _, err := unix.Recvfrom(fd, buffer, 0)
	if err != nil {
		return answer, os.NewSyscallError("receive", err)
	}
	messages, err := syscall.ParseNetlinkMessage(buffer[:n])
	if err != nil || len(messages) == 0 {
		return answer, fmt.Errorf("malformed answer of %d bytes: %w", n, unix.EBADMSG)
	}
	answer = messages[0]
	if answer.Header.Type == unix.NLMSG_ERROR && len(answer.Data) >= 4 {
		return answer, unix.Errno(-int32(binary.NativeEndian.Uint32(answer.Data)))
	}
	return answer, nil
}

// linkRequest is struct nlmsghdr, struct ifinfomsg of zeros, and the name as
// IFLA_IFNAME.
func linkRequest(name string) []byte {
	b := make([]byte, unix.NLMSG_HDRLEN+unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint16(b[4:], unix.RTM_GETLINK)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST)
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofRtAttr+len(name)+1))
	b = binary.NativeEndian.AppendUint16(b, unix.IFLA_IFNAME)
	b = append(append(b, name...), 0)
	for len(b)%unix.NLMSG_ALIGNTO != 0 {
		b = append(b, 0)
	}
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	return b
}

// parseLink reads a link message; ok is false for messages of other types.
// struct ifinfomsg: family, pad, type(2), index(4), flags(4), change(4).
func parseLink(m *syscall.NetlinkMessage) (l link, ok bool) {
	if m.Header.Type != unix.RTM_NEWLINK && m.Header.Type != unix.RTM_DELLINK || len(m.Data) < unix.SizeofIfInfomsg {
		return link{}, false
	}
	l.kind = binary.NativeEndian.Uint16(m.Data[2:])
	l.index = int32(binary.NativeEndian.Uint32(m.Data[4:]))
	attrs, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return link{}, false
	}
	for _, a := range attrs {
		switch {
		case a.Attr.Type == unix.IFLA_IFNAME && len(a.Value) > 0:
			l.name = string(a.Value[:len(a.Value)-1])
		case a.Attr.Type == unix.IFLA_MTU && len(a.Value) >= 4:
			l.mtu = int32(binary.NativeEndian.Uint32(a.Value))
		case a.Attr.Type == unix.IFLA_MASTER && len(a.Value) >= 4:
			l.master = binary.NativeEndian.Uint32(a.Value)
		}
	}
	return l, true
}
