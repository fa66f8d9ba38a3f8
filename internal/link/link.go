package link

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"unicode"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// ErrNotFound says that no interface has the name.
var ErrNotFound = errors.New("no such network interface")

// Link is an interface as it was when it was read.
type Link struct {
	Index   int
	Name    string
	HWAddr  net.HardwareAddr
	MTU     int  // bytes of payload, without the Ethernet header
	Up      bool // IFF_UP: the administrator wants it up
	Running bool // IFF_RUNNING: it has a carrier and can pass frames
	Stats   Stats
}

// Stats are an interface's counters, struct rtnl_link_stats64
// (linux/if_link.h), since the interface was made.
type Stats struct {
	RxPackets, TxPackets uint64
	RxBytes, TxBytes     uint64
	RxErrors, TxErrors   uint64
	RxDropped, TxDropped uint64
	RxFrameErrors        uint64
	RxOverErrors         uint64
	RxCRCErrors          uint64
	Collisions           uint64
}

// Get reads the interface of this name; ErrNotFound if there is none.
func Get(name string) (Link, error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		if errors.As(err, &netlink.LinkNotFoundError{}) {
			err = ErrNotFound
		}
		return Link{}, fmt.Errorf("interface %s: %w", name, err)
	}
	return fromNetlink(l), nil
}

// SetUp brings an interface up or down, as "ip link set" does.
func SetUp(name string, up bool) error {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("interface %s: %w", name, err)
	}
	set, word := netlink.LinkSetDown, "down"
	if up {
		set, word = netlink.LinkSetUp, "up"
	}
	if err := set(l); err != nil {
		return fmt.Errorf("set interface %s %s: %w", name, word, err)
	}
	return nil
}

// FirstHWAddr returns the Ethernet address of the first interface by index
// that is not a loopback and has one, or nil.
func FirstHWAddr() (net.HardwareAddr, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var first *netlink.LinkAttrs
	for _, l := range links {
		a := l.Attrs()
		if a.Flags&net.FlagLoopback != 0 || len(a.HardwareAddr) != 6 {
			continue
		}
		if first == nil || a.Index < first.Index {
			first = a
		}
	}
	if first == nil {
		return nil, nil
	}
	return first.HardwareAddr, nil
}

func fromNetlink(l netlink.Link) Link {
	a := l.Attrs()
	out := Link{
		Index:   a.Index,
		Name:    a.Name,
		HWAddr:  a.HardwareAddr,
		MTU:     a.MTU,
		Up:      a.RawFlags&unix.IFF_UP != 0,
		Running: a.RawFlags&unix.IFF_RUNNING != 0,
	}
	if s := a.Statistics; s != nil {
		out.Stats = Stats{
			RxPackets: s.RxPackets, TxPackets: s.TxPackets,
			RxBytes: s.RxBytes, TxBytes: s.TxBytes,
			RxErrors: s.RxErrors, TxErrors: s.TxErrors,
			RxDropped: s.RxDropped, TxDropped: s.TxDropped,
			RxFrameErrors: s.RxFrameErrors,
			RxOverErrors:  s.RxOverErrors,
			RxCRCErrors:   s.RxCrcErrors,
			Collisions:    s.Collisions,
		}
	}
	return out
}

// CheckName says what is wrong with an interface name by the kernel's rules
// (dev_valid_name), or nil.
func CheckName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no interface name", name)
	case len(name) >= unix.IFNAMSIZ:
		return fmt.Errorf("name %q is longer than %d bytes", name, unix.IFNAMSIZ-1)
	case strings.ContainsFunc(name, func(r rune) bool { return r == '/' || r == ':' || unicode.IsSpace(r) }):
		return fmt.Errorf("name %q has a slash, a colon or a space in it", name)
	case strings.Contains(name, "%"): // the kernel takes it for a template, such as eth%d
		return fmt.Errorf("name %q has a percent sign in it", name)
	}
	return nil
}
