package link

import (
	"fmt"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// EventKind says what happened to an interface.
type EventKind uint8

// The kinds of events.
const (
	Changed    EventKind = iota // an interface came or changed; Link says how it is now
	Gone                        // an interface went; Link is its last state
	Lost                        // events were lost: read the interfaces again
	Shaped                      // an htb came to an interface's root, or went
	ClassAdded                  // a class came to that htb
	ClassGone                   // a class went, but not with its htb
)

// Event is one change. The kernel delivers those that it holds not urgent (a
// carrier that comes back, say) at most once a second.
type Event struct {
	Kind EventKind
	Link Link // of Shaped and the classes' events, only its Index
	// Handle is the htb's or the class's, MAJOR<<16|MINOR; 0 if an htb went.
	Handle uint32
}

const (
	resubscribePause = 100 * time.Millisecond
	watchBuffer      = 1 << 20 // bytes of socket buffer: a thousand veths made at once
)

// Watcher delivers the changes of all interfaces, and first what htbs there are.
// Two goroutines of its own write Events; whoever made the Watcher reads them.
type Watcher struct {
	events chan Event
	done   chan struct{}
	wait   sync.WaitGroup
	shapes *nl.NetlinkSocket
}

// Watch starts to watch. Close ends it.
func Watch() (*Watcher, error) {
	w := &Watcher{events: make(chan Event, 64), done: make(chan struct{})}
	updates, stop, err := subscribe()
	if err != nil {
		return nil, err
	}
	if w.shapes, err = watchShapes(); err != nil {
		stop()
		return nil, err
	}
	s := shapes{Watcher: w, socket: w.shapes, roots: map[int]uint32{}}
	w.wait.Go(s.run)
	w.wait.Go(func() { w.run(updates, stop) })
	return w, nil
}

// Events is closed by Close. A reader that is slow makes the kernel's queue
// overflow, which is told as Lost.
func (w *Watcher) Events() <-chan Event { return w.events }

// Close stops watching and waits until nothing of it runs.
func (w *Watcher) Close() {
	close(w.done)
	w.shapes.Close()
	w.wait.Wait()
	close(w.events)
}

func subscribe() (<-chan netlink.LinkUpdate, func(), error) {
	updates, done := make(chan netlink.LinkUpdate, 64), make(chan struct{})
	err := netlink.LinkSubscribeWithOptions(updates, done, netlink.LinkSubscribeOptions{
		ErrorCallback:          func(error) {}, // the channel's end says all that matters
		ReceiveBufferSize:      watchBuffer,
		ReceiveBufferForceSize: true,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("subscribe to link events: %w", err)
	}
	stop := func() {
		close(done)
		for range updates { // until its goroutine has ended
		}
	}
	return updates, stop, nil
}

// run passes updates on until Close. The subscription ends by itself when the
// socket overflows; then it makes another and says that events were lost.
func (w *Watcher) run(updates <-chan netlink.LinkUpdate, stop func()) {
	for {
		overflowed := w.forward(updates)
		stop()
		if !overflowed {
			return
		}
		for {
			var err error
			if updates, stop, err = subscribe(); err == nil {
				break
			}
			select {
			case <-w.done:
				return
			case <-time.After(resubscribePause):
			}
		}
		if !w.send(Event{Kind: Lost}) {
			stop()
			return
		}
	}
}

// forward returns true when the subscription ended and false after Close.
func (w *Watcher) forward(updates <-chan netlink.LinkUpdate) bool {
	for {
		select {
		case <-w.done:
			return false
		case u, ok := <-updates:
			if !ok {
				return true
			}
			if e, ok := eventOf(u); ok && !w.send(e) {
				return false
			}
		}
	}
}

func (w *Watcher) send(e Event) bool {
	select {
	case w.events <- e:
		return true
	case <-w.done:
		return false
	}
}

// eventOf leaves out bridge and other families' messages, whose RTM_DELLINK
// means that the interface left the bridge, not that it is gone.
func eventOf(u netlink.LinkUpdate) (Event, bool) {
	if u.IfInfomsg.Family != unix.AF_UNSPEC {
		return Event{}, false
	}
	kind := Changed
	if u.Header.Type == unix.RTM_DELLINK {
		kind = Gone
	}
	return Event{Kind: kind, Link: fromNetlink(u.Link)}, true
}
