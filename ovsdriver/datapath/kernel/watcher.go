package kernel

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// watcher tells of ports and datapaths that others change. Its goroutine ends
// with close, which waits for it.
type watcher struct {
	conn   *genetlink.Conn
	own    uint32 // port id of the connection whose changes are no news
	dp     uint32
	types  families
	log    *logrus.Entry
	events chan datapath.PortEvent
	done   chan struct{}
	closed atomic.Bool

	reclaim func() error // sets the datapath's features anew
}

const eventQueue = 256

// watch subscribes to the changes of a datapath that c does not make.
func watch(c *control, dp uint32, log *logrus.Entry) (*watcher, error) {
	conn, err := genetlink.Dial(nil)
	if err != nil {
		return nil, fmt.Errorf("connect to generic netlink: %w", err)
	}
	for _, group := range [...]uint32{c.vportGroup, c.datapathGroup} {
		if err := conn.JoinGroup(group); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("join openvswitch multicast group: %w", err)
		}
	}
	own, err := portID(c.conn)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	w := &watcher{
		conn: conn, own: own, dp: dp, types: c.families, log: log,
		events: make(chan datapath.PortEvent, eventQueue),
		done:   make(chan struct{}),
	}
	w.reclaim = func() error { return reclaim(dp) }
	go w.run()
	return w, nil
}

// reclaim sets a datapath's features over a connection of its own, since the
// main goroutine has the other.
func reclaim(dp uint32) error {
	c, err := dialControl()
	if err != nil {
		return err
	}
	defer c.close()
	return c.claimDatapath(dp)
}

// portID returns the netlink port id of a connection, which the kernel repeats
// in the notifications of what was asked for over it.
func portID(conn *genetlink.Conn) (pid uint32, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var sa unix.Sockaddr
	if e := raw.Control(func(fd uintptr) { sa, err = unix.Getsockname(int(fd)) }); e != nil {
		return 0, e
	}
	if err != nil {
		return 0, fmt.Errorf("read netlink port id: %w", err)
	}
	return sa.(*unix.SockaddrNetlink).Pid, nil
}

// close ends the goroutine and waits for it; a nil watcher is closed.
func (w *watcher) close() {
	if w == nil || w.closed.Swap(true) {
		return
	}
	_ = w.conn.Close()
	<-w.done
}

func (w *watcher) run() {
	defer close(w.done)
	defer close(w.events)
	for {
		msgs, headers, err := w.conn.Receive()
		switch {
		case w.closed.Load():
			return
		case errors.Is(err, unix.ENOBUFS):
			w.tell(datapath.PortEvent{Kind: datapath.PortsChanged})
		case err != nil:
			w.log.WithError(err).Error("changes of ports by other programs are not seen any more")
			return
		}
		for i, m := range msgs {
			w.see(m, headers[i].Header)
		}
	}
}

// see turns one notification into an event, if it is news.
func (w *watcher) see(m genetlink.Message, h netlink.Header) {
	r, ok := readReply(m)
	if !ok || r.dp != w.dp || h.PID == w.own {
		return
	}
	switch {
	case uint16(h.Type) == w.types.datapath && r.cmd == cmdDel:
		w.tell(datapath.PortEvent{Kind: datapath.DatapathGone})
	case uint16(h.Type) == w.types.datapath:
		w.checkFeatures(r)
	case uint16(h.Type) == w.types.vport && r.cmd == cmdDel:
		w.tell(datapath.PortEvent{Kind: datapath.PortRemoved, Port: readPort(r.attrs).PortSpec})
	case uint16(h.Type) == w.types.vport && r.cmd == cmdNew:
		w.tell(datapath.PortEvent{Kind: datapath.PortAdded, Port: readPort(r.attrs).PortSpec})
	}
}

// checkFeatures sets the datapath's features back if another program has changed
// them. Every ovs-dpctl command does that to the datapath that it names: it asks
// for upcalls by CPU, which go nowhere, as no socket was ever named for a CPU.
func (w *watcher) checkFeatures(r reply) {
	features, told := featuresOf(r)
	if !told || features == dpUnaligned {
		return
	}
	if err := w.reclaim(); err != nil {
		w.log.WithError(err).Error("another program changed the datapath's features, and they can't be set back; restart ivs if packets are lost")
		return
	}
	w.log.WithField("features", features).Debug("another program changed the datapath's features; they are set back")
}

// tell queues an event. In a full queue, the oldest makes room for the word that
// the ports must be listed.
func (w *watcher) tell(e datapath.PortEvent) {
	for {
		select {
		case w.events <- e:
			return
		default:
		}
		if e.Kind != datapath.DatapathGone {
			e = datapath.PortEvent{Kind: datapath.PortsChanged}
		}
		select {
		case <-w.events:
		default:
		}
	}
}
