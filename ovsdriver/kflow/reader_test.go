package kflow

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// dumpOnly is a datapath that has n flows to dump and nothing else.
type dumpOnly struct {
	datapath.Flows
	n   int
	err error
}

func (d dumpOnly) DumpFlows(fn func([]datapath.FlowStats) error) error {
	batch := make([]datapath.FlowStats, 300)
	for i := 0; i < d.n; i += len(batch) {
		part := batch[:min(len(batch), d.n-i)]
		for j := range part {
			part[j] = datapath.FlowStats{ID: datapath.FlowID(i + j + 1)}
		}
		if err := fn(part); err != nil {
			return err
		}
		clear(batch) // the batch is the datapath's: the reader must have copied it
	}
	return d.err
}

func TestReaderHandsOverEveryReading(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := newReader(dumpOnly{n: 5000}, time.Millisecond, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go r.run(ctx)
	next := datapath.FlowID(1)
	for next <= 5000 {
		buf := <-r.out
		for _, s := range buf {
			if s.ID != next {
				t.Fatalf("reading of flow %d, want %d", s.ID, next)
			}
			next++
		}
		r.recycle(buf)
	}
	cancel()
	<-r.done
}

// A main goroutine that takes nothing must not keep the reader from ending.
func TestReaderEndsWhileMainIsAway(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := newReader(dumpOnly{n: 100000}, time.Millisecond, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go r.run(ctx)
	for len(r.out) < cap(r.out) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-r.done
}

func TestReaderReportsFailure(t *testing.T) {
	defer goleak.VerifyNone(t)
	gone := errors.New("the datapath is gone")
	got := make(chan error, 1)
	r := newReader(dumpOnly{err: gone}, time.Millisecond, func(err error) {
		select {
		case got <- err:
		default:
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	go r.run(ctx)
	if err := <-got; !errors.Is(err, gone) {
		t.Errorf("reported %v, want %v", err, gone)
	}
	cancel()
	<-r.done
}
