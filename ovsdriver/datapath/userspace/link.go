package userspace

import (
	"encoding/binary"
	"fmt"
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
	bridge bool   // the message is a bridge's about its port, not the interface's own
}

// findLink returns the interface called name, or datapath.ErrNoInterface.
func findLink(name string) (link, error) {
	links, err := listLinks()
	if err != nil {
		return link{}, err
	}
	for _, l := range links {
		if l.name == name {
			return l, nil
		}
	}
	return link{}, fmt.Errorf("%s: %w", name, datapath.ErrNoInterface)
}

// listLinks returns the interfaces of this network namespace.
func listLinks() ([]link, error) {
	dump, err := syscall.NetlinkRIB(unix.RTM_GETLINK, unix.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	var links []link
	for i := range messages {
		if l, ok := parseLink(&messages[i]); ok {
			links = append(links, l)
		}
	}
	return links, nil
}

// parseLink reads a link message; ok is false for messages of other types.
// struct ifinfomsg: family, pad, type(2), index(4), flags(4), change(4).
func parseLink(m *syscall.NetlinkMessage) (l link, ok bool) {
	if m.Header.Type != unix.RTM_NEWLINK && m.Header.Type != unix.RTM_DELLINK || len(m.Data) < unix.SizeofIfInfomsg {
		return link{}, false
	}
	l.bridge = m.Data[0] == unix.AF_BRIDGE
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
