package link

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// shapes follows the htbs at the roots of interfaces, and their classes. The
// Watcher's second goroutine owns it.
type shapes struct {
	*Watcher
	socket *nl.NetlinkSocket
	roots  map[int]uint32 // major number of an interface's root htb, by index
}

// watchShapes subscribes to the messages of traffic control, and to those of
// links for their end: no message tells of that of their queueing disciplines.
func watchShapes() (*nl.NetlinkSocket, error) {
	s, err := nl.Subscribe(unix.NETLINK_ROUTE, unix.RTNLGRP_TC, unix.RTNLGRP_LINK)
	if err != nil {
		return nil, fmt.Errorf("subscribe to events of traffic control: %w", err)
	}
	if err := s.SetReceiveBufferSize(watchBuffer, true); err != nil {
		s.Close()
		return nil, fmt.Errorf("subscribe to events of traffic control: %w", err)
	}
	return s, nil
}

// run tells what there is and what changes until Close, which closes the socket.
// After lost messages it compares.
func (s *shapes) run() {
	for alive := s.resync(); alive; {
		messages, _, err := s.socket.Receive()
		switch {
		case errors.Is(err, os.ErrClosed):
			return
		case errors.Is(err, unix.ENOBUFS):
			alive = s.resync()
		case err != nil:
			select {
			case <-s.done:
				return
			case <-time.After(resubscribePause):
			}
		}
		for i := 0; i < len(messages) && alive; i++ {
			alive = s.message(messages[i].Header.Type, messages[i].Data)
		}
	}
}

// message follows one message. Like all below it returns false after Close.
func (s *shapes) message(typ uint16, data []byte) bool {
	switch typ {
	case unix.RTM_DELLINK:
		if len(data) >= unix.SizeofIfInfomsg && data[0] == unix.AF_UNSPEC {
			delete(s.roots, int(nl.DeserializeIfInfomsg(data).Index))
		}
		return true
	case unix.RTM_NEWQDISC, unix.RTM_DELQDISC, unix.RTM_NEWTCLASS, unix.RTM_DELTCLASS:
	default:
		return true
	}
	o, ok := parseTC(data)
	if !ok {
		return true
	}
	root := s.roots[o.index]
	ours := o.kind == "htb" && o.handle>>16 == root && root != 0
	switch typ {
	case unix.RTM_NEWQDISC:
		return s.newRoot(&o)
	case unix.RTM_DELQDISC:
		return !ours || s.root(o.index, 0)
	case unix.RTM_NEWTCLASS:
		return !ours || s.tell(ClassAdded, o.index, o.handle)
	}
	return !ours || s.tell(ClassGone, o.index, o.handle)
}

// newRoot follows a queueing discipline that came or changed.
func (s *shapes) newRoot(o *tcObject) bool {
	if o.parent != netlink.HANDLE_ROOT {
		return true
	}
	if o.kind != "htb" {
		return s.root(o.index, 0)
	}
	return s.root(o.index, o.handle>>16)
}

// root notes the major number of an interface's root htb, 0 for none, and tells
// if it is new.
func (s *shapes) root(index int, major uint32) bool {
	if s.roots[index] == major {
		return true
	}
	if major == 0 {
		delete(s.roots, index)
	} else {
		s.roots[index] = major
	}
	if !s.tell(Shaped, index, major<<16) {
		return false
	}
	return major == 0 || s.classes(index)
}

// classes tells the classes of an interface that are there.
func (s *shapes) classes(index int) bool {
	list, _ := Classes(index) // one that can't be read now is read when somebody asks for it
	for i := range list {
		if !s.tell(ClassAdded, index, list[i].Handle) {
			return false
		}
	}
	return true
}

// resync asks the kernel for all queueing disciplines.
func (s *shapes) resync() bool {
	req := nl.NewNetlinkRequest(unix.RTM_GETQDISC, unix.NLM_F_DUMP)
	req.AddData(&nl.TcMsg{Family: unix.AF_UNSPEC})
	messages, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWQDISC)
	if err != nil && len(messages) == 0 {
		return true
	}
	before, there := maps.Clone(s.roots), map[int]bool{}
	for _, m := range messages {
		o, ok := parseTC(m)
		if !ok || o.parent != netlink.HANDLE_ROOT {
			continue
		}
		there[o.index] = true
		if !s.newRoot(&o) {
			return false
		}
	}
	for index, major := range before {
		alive := true
		if !there[index] {
			alive = s.root(index, 0)
		} else if s.roots[index] == major { // else its classes were told with it
			alive = s.classes(index)
		}
		if !alive {
			return false
		}
	}
	return true
}

func (s *shapes) tell(kind EventKind, index int, handle uint32) bool {
	return s.send(Event{Kind: kind, Link: Link{Index: index}, Handle: handle})
}
