package userspace

import (
	"sync/atomic"
	"time"
)

// epoch tells main whether a worker is inside a batch: odd inside, even
// outside. The worker writes it, main reads it. It fills a cache line.
type epoch struct {
	n atomic.Uint64
	_ [56]byte
}

// enter begins a batch. What main published before is seen inside.
func (e *epoch) enter() { e.n.Store(e.n.Load() + 1) }

// leave ends the batch: from here on the worker holds no port and no flow.
func (e *epoch) leave() { e.n.Store(e.n.Load() + 1) }

// wait returns once the worker has left the batch that it was in at the call.
// A batch is a few system calls, none of which blocks.
func (e *epoch) wait() {
	seen := e.n.Load()
	if seen&1 == 0 {
		return
	}
	for pause := time.Microsecond; e.n.Load() == seen; {
		time.Sleep(pause)
		if pause < 64*time.Microsecond {
			pause *= 2
		}
	}
}
