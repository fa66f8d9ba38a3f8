package userspace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pollEvents is how many ready ports one wait returns; the kernel serves those
// left out first the next time.
const pollEvents = 64

// pollLimit is how long a wait may take, in milliseconds. Of a ring that is stuck
// the kernel says nothing (see stuckEvery).
const pollLimit = 500

// wakeIndex stands for the eventfd among the ports' indices.
const wakeIndex = -1

// poller waits for frames: an epoll of one worker's ports, and an eventfd by
// which main wakes the worker. The worker waits; main adds and removes ports.
type poller struct {
	epoll    int
	event    int
	events   [pollEvents]unix.EpollEvent
	patience patience // the worker's
}

func newPoller() (*poller, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		_ = unix.Close(epoll)
		return nil, os.NewSyscallError("eventfd", err)
	}
	p := &poller{epoll: epoll, event: event}
	if err := p.add(event, wakeIndex); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// add begins to wait for fd under the name of index.
func (p *poller) add(fd, index int) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(index)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &e); err != nil {
		return fmt.Errorf("poll descriptor: %w", err)
	}
	return nil
}

// remove ends waiting for fd; an fd that is not waited for is no error.
func (p *poller) remove(fd int) { _ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) }

// wait returns the events of ports that are ready, of which there are none
// after a wake, a signal or pollLimit. It blocks only if asked to. The events are valid
// until the next wait.
//
// The worker sleeps in this system call, not in Go's network poller. Woken
// there, a frame pays for two more system calls and a goroutine switch before
// it is even read: between two veth pairs the median one-way latency was 9.2 us
// that way and 7.3 us this way.
func (p *poller) wait(block bool) ([]unix.EpollEvent, error) {
	if !block {
		return p.look(0)
	}
	begin := time.Now()
	for p.patience.awake(time.Since(begin)) {
		if events, err := p.look(0); err != nil || len(events) > 0 {
			return events, err
		}
		// Whoever else wants this CPU gets it.
		_, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
	events, err := p.look(pollLimit)
	p.patience.slept(time.Since(begin))
	return events, err
}

// look asks for events, for at most timeout milliseconds.
func (p *poller) look(timeout int) ([]unix.EpollEvent, error) {
	n, err := unix.EpollWait(p.epoll, p.events[:], timeout)
	if err != nil {
		if errors.Is(err, unix.EINTR) {
			return nil, nil
		}
		return nil, os.NewSyscallError("epoll_wait", err)
	}
	return p.events[:n], nil
}

// wake ends a wait, or the next one. Any goroutine may call it, until close.
func (p *poller) wake() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(p.event, one[:]) // fails only when a wake is pending already
}

// woken takes note of a wake.
func (p *poller) woken() {
	var count [8]byte
	_, _ = unix.Read(p.event, count[:])
}

func (p *poller) close() {
	_ = unix.Close(p.event)
	_ = unix.Close(p.epoll)
}
