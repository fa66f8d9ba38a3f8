package link

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Class is a class of the htb at an interface's root, as it was when it was
// read. Numbers are since it was made.
type Class struct {
	Handle     uint32 // major number of the htb << 16 | minor number of the class
	Rate, Ceil uint64 // bytes per second that it is guaranteed, and that it may have at most
	Bytes      uint64 // sent
	Packets    uint64 // sent; those of a frame that is to be segmented count each
	Drops      uint64 // packets for which it had no room
}

// Classes reads the classes of the htb at the root of the interface of this
// index, by handle. There are none if another queueing discipline is there, or
// no such interface.
func Classes(index int) ([]Class, error) {
	req := nl.NewNetlinkRequest(unix.RTM_GETTCLASS, unix.NLM_F_DUMP)
	req.AddData(&nl.TcMsg{Family: unix.AF_UNSPEC, Ifindex: int32(index)})
	messages, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWTCLASS)
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return nil, fmt.Errorf("read the classes of interface %d: %w", index, err)
	}
	var classes []Class
	root := uint32(0)
	for i, m := range messages {
		tc, ok := parseTC(m)
		if !ok {
			continue
		}
		if i == 0 { // the root's classes come first
			root = tc.handle >> 16
		}
		if tc.kind == "htb" && tc.handle>>16 == root {
			classes = append(classes, tc.class())
		} else if i == 0 {
			return nil, nil
		}
	}
	slices.SortFunc(classes, func(a, b Class) int { return cmp.Compare(a.Handle, b.Handle) })
	return classes, nil
}

// tcObject is a queueing discipline or a class, from a message of rtnetlink's
// traffic control: struct tcmsg and TCA_* attributes (linux/rtnetlink.h).
type tcObject struct {
	index  int // of the interface
	handle uint32
	parent uint32
	kind   string
	attrs  []syscall.NetlinkRouteAttr
}

// parseTC reads a message's payload; ok is false if it is malformed.
func parseTC(b []byte) (o tcObject, ok bool) {
	if len(b) < nl.SizeofTcMsg {
		return o, false
	}
	m := nl.DeserializeTcMsg(b)
	o = tcObject{index: int(m.Ifindex), handle: m.Handle, parent: m.Parent}
	var err error
	if o.attrs, err = nl.ParseRouteAttr(b[nl.SizeofTcMsg:]); err != nil {
		return o, false
	}
	if kind := o.attr(nl.TCA_KIND); len(kind) > 0 {
		o.kind = string(kind[:len(kind)-1])
	}
	return o, true
}

func (o *tcObject) attr(typ uint16) []byte { return find(o.attrs, typ) }

func find(attrs []syscall.NetlinkRouteAttr, typ uint16) []byte {
	for i := range attrs {
		if attrs[i].Attr.Type&nl.NLA_TYPE_MASK == typ {
			return attrs[i].Value
		}
	}
	return nil
}

// class reads a class of an htb. What a message lacks is 0.
func (o *tcObject) class() Class {
	c := Class{Handle: o.handle}
	if options, err := nl.ParseRouteAttr(o.attr(nl.TCA_OPTIONS)); err == nil {
		// struct tc_htb_opt: two struct tc_ratespec of 12 bytes, whose last word
		// is the rate, where 32 bits hold it.
		parms := find(options, nl.TCA_HTB_PARMS)
		c.Rate = firstOf(find(options, nl.TCA_HTB_RATE64), word(parms, 8))
		c.Ceil = firstOf(find(options, nl.TCA_HTB_CEIL64), word(parms, 20))
	}
	if stats, err := nl.ParseRouteAttr(o.attr(nl.TCA_STATS2)); err == nil {
		basic := find(stats, nl.TCA_STATS_BASIC) // struct gnet_stats_basic: bytes(8), packets(4)
		c.Bytes = firstOf(basic, 0)
		c.Packets = firstOf(find(stats, nl.TCA_STATS_PKT64), word(basic, 8))
		c.Drops = word(find(stats, nl.TCA_STATS_QUEUE), 8) // struct gnet_stats_queue: qlen, backlog, drops...
	}
	return c
}

// word reads 32 bits at an offset; 0 beyond the end.
func word(b []byte, offset int) uint64 {
	if len(b) < offset+4 {
		return 0
	}
	return uint64(binary.NativeEndian.Uint32(b[offset:]))
}

// firstOf reads the first 64 bits of b, or returns other if there are less.
func firstOf(b []byte, other uint64) uint64 {
	if len(b) < 8 {
		return other
	}
	return binary.NativeEndian.Uint64(b)
}
