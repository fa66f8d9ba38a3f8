package kflow

import (
	"context"
	"errors"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Readings is a part of one dump of the datapath's counters, on its way from
// the reader's goroutine to main. Cache.Merge takes it and gives the buffer
// back.
type Readings []datapath.FlowStats

// Sizes of the way between the reader and main: a merge of one buffer takes
// well below a millisecond, and at most readingsAhead of them wait.
const (
	readingsLen   = 1024
	readingsAhead = 4
)

// reader dumps the datapath's counters once per period, on a goroutine of its
// own, so that main never waits for a dump. It owns nothing but the buffer that
// it fills; free buffers come back through a channel.
type reader struct {
	dp     datapath.Flows
	period time.Duration
	out    chan Readings
	free   chan Readings
	failed func(error) // called on the reader's goroutine
	done   chan struct{}
}

// newReader makes a reader that has not started.
func newReader(dp datapath.Flows, period time.Duration, failed func(error)) *reader {
	r := &reader{
		dp:     dp,
		period: period,
		out:    make(chan Readings, readingsAhead),
		free:   make(chan Readings, readingsAhead+2),
		failed: failed,
		done:   make(chan struct{}),
	}
	for range cap(r.free) {
		r.free <- make(Readings, 0, readingsLen)
	}
	return r
}

// run dumps until ctx ends. A dump that takes longer than the period is followed
// by the next one at once; what else was missed, the ticker drops.
func (r *reader) run(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(r.period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.dp.DumpFlows(func(batch []datapath.FlowStats) error { return r.send(ctx, batch) })
		if err != nil && !errors.Is(err, context.Canceled) && r.failed != nil {
			r.failed(err)
		}
	}
}

// send copies a batch, which is the datapath's, into buffers and hands them to
// main; it waits for main to take them, or for the end.
func (r *reader) send(ctx context.Context, batch []datapath.FlowStats) error {
	for len(batch) > 0 {
		var buf Readings
		select {
		case buf = <-r.free:
		case <-ctx.Done():
			return ctx.Err()
		}
		n := min(len(batch), cap(buf))
		buf = append(buf[:0], batch[:n]...)
		batch = batch[n:]
		select {
		case r.out <- buf:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// recycle gives a buffer back. Main goroutine only.
func (r *reader) recycle(buf Readings) {
	select {
	case r.free <- buf[:0]:
	default: // not one of ours
	}
}
