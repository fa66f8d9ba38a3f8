package userspace

import (
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
)

const (
	eventQueue    = 64      // port events that wait for main
	monitorBuffer = 1 << 20 // bytes of link messages that wait for the monitor
)

// eventSender sends port events without ever blocking. Main and the monitor
// both send.
type eventSender struct {
	mu sync.Mutex
	c  chan datapath.PortEvent
}

// send queues e. The last free place is kept for PortsChanged, which stands
// for all that find the queue full.
func (s *eventSender) send(e datapath.PortEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch len(s.c) {
	case cap(s.c):
		return
	case cap(s.c) - 1:
		e = datapath.PortEvent{Kind: datapath.PortsChanged}
	}
	s.c <- e
}

// monitor follows the kernel's link messages: it marks ports whose interface
// vanished, reports them, and keeps the ports' MTU. Its goroutine runs from
// startMonitor to stop.
type monitor struct {
	socket *os.File
	ports  *atomic.Pointer[portTable]
	events *eventSender
	log    *logrus.Entry
	done   chan struct{}
	seq    uint32 // of the latest dump
	asked  bool   // it is under way
}

func startMonitor(ports *atomic.Pointer[portTable], events *eventSender, log *logrus.Entry) (*monitor, error) {
	m, err := newMonitor(ports, events)
	if err != nil {
		return nil, err
	}
	m.log = log
	go m.run()
	return m, nil
}

// newMonitor makes a monitor whose goroutine does not run yet.
func newMonitor(ports *atomic.Pointer[portTable], events *eventSender) (*monitor, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	err = errors.Join(
		os.NewSyscallError("SO_RCVBUFFORCE", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, monitorBuffer)),
		os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK})),
	)
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return &monitor{socket: os.NewFile(uintptr(fd), "rtnetlink"), ports: ports, events: events, done: make(chan struct{})}, nil
}

// stop ends the goroutine and waits for it.
func (m *monitor) stop() error {
	err := m.socket.Close()
	<-m.done
	return err
}

func (m *monitor) run() {
	defer close(m.done)
	buffer := make([]byte, 64<<10)
	for {
		n, err := m.socket.Read(buffer)
		switch {
		case errors.Is(err, unix.ENOBUFS): // messages were lost
			m.resync()
		case errors.Is(err, os.ErrClosed):
			return
		case err != nil:
			m.log.WithError(err).Error("interfaces that vanish or change are not noticed any more")
			return
		default:
			m.handle(buffer[:n])
		}
	}
}

// resync asks the kernel for all links.
func (m *monitor) resync() {
	var request [unix.NLMSG_HDRLEN + unix.SizeofIfInfomsg]byte
	binary.NativeEndian.PutUint32(request[0:], uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], unix.RTM_GETLINK)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	m.seq++
	binary.NativeEndian.PutUint32(request[8:], m.seq)
	_, err := m.socket.Write(request[:])
	m.asked = err == nil
}

func (m *monitor) handle(b []byte) {
	messages, err := syscall.ParseNetlinkMessage(b)
	if err != nil {
		m.resync()
		return
	}
	for i := range messages {
		if messages[i].Header.Type == unix.NLMSG_DONE {
			m.dumped(messages[i].Header.Seq)
			continue
		}
		l, ok := parseLink(&messages[i])
		if !ok {
			continue
		}
		if messages[i].Header.Type == unix.RTM_DELLINK {
			m.vanished(l)
		} else {
			m.changed(l)
		}
	}
}

// dumped takes note of the end of a dump. If it is an earlier one, the kernel
// has refused the latest, as it makes one at a time: ask again. Which links are
// not in it says nothing, for they may come and go while it is made.
func (m *monitor) dumped(seq uint32) {
	if seq != m.seq {
		m.resync()
		return
	}
	for _, p := range m.ports.Load().all {
		if p != nil {
			m.check(p)
		}
	}
	m.asked = false
}

// vanished follows the news that an interface is gone.
func (m *monitor) vanished(l link) {
	for _, p := range m.ports.Load().all {
		if p != nil && p.dev.link.index == l.index {
			m.check(p)
		}
	}
}

// check reports a port that has lost its interface, once. The news may be old: the
// interface has come back, with the same index, and been attached again. Or it was
// about the port of a bridge (AF_BRIDGE), which it is no longer.
func (m *monitor) check(p *port) {
	if !p.dev.tied() && p.gone.CompareAndSwap(false, true) {
		m.events.send(datapath.PortEvent{Kind: datapath.PortRemoved, Port: p.spec})
	}
}

func (m *monitor) changed(l link) {
	for _, p := range m.ports.Load().all {
		if p != nil && p.dev.link.index == l.index && l.mtu > 0 {
			p.mtu.Store(l.mtu)
		}
	}
}
