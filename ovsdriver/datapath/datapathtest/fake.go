package datapathtest

import (
	"net"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// queueLen is how many upcalls wait for a receiver before more are lost.
const queueLen = 1024

// Fake is a datapath in memory. Its world has interfaces, which tests make by
// AddInterface and which AddPort attaches; Inject puts a frame into a port as
// if it came off the wire, and Sent takes out what left one. A frame is
// forwarded before Inject returns; misses and Controller actions wait in queues
// for the receivers.
//
// All methods may be called by any goroutine.
type Fake struct {
	features datapath.Features
	closed   chan struct{}

	mu         sync.Mutex
	done       bool
	clock      func() int64
	interfaces map[string]bool // true: it belongs to somebody else
	ports      map[datapath.PortNo]datapath.PortSpec
	sent       map[datapath.PortNo][][]byte
	arrived    *sync.Cond // with mu: something was sent
	flows      []*fakeFlow
	meters     *meter.Set[*meter.Meter]
	receivers  []*fakeReceiver
	events     chan datapath.PortEvent
	segmenter  packet.Segmenter
	drops      Drops
}

// Drops says how many frames a Fake dropped, by reason.
type Drops struct {
	NoPort     uint64 // injected into or output to a port that is not there
	NoReceiver uint64 // upcalls that found no receiver, or its queue full
	Invalid    uint64 // frames or actions that could not be executed
}

type fakeFlow struct {
	datapath.Flow
	stats datapath.FlowStats
}

// NewFake makes a datapath without ports, which can cache every match and every
// action.
func NewFake() *Fake { return NewFakeWith(AllFeatures()) }

// NewFakeWith makes a datapath without ports, which refuses flows beyond its
// features.
func NewFakeWith(features datapath.Features) *Fake {
	f := &Fake{
		features:   features,
		closed:     make(chan struct{}),
		clock:      monotonic,
		interfaces: map[string]bool{},
		ports:      map[datapath.PortNo]datapath.PortSpec{},
		sent:       map[datapath.PortNo][][]byte{},
		events:     make(chan datapath.PortEvent, 64),
	}
	f.arrived = sync.NewCond(&f.mu)
	return f
}

// AllFeatures describes a datapath that can cache every match on a frame's
// words and every action, save those that are only read.
func AllFeatures() datapath.Features {
	acts := uint64(1<<(datapath.CopyTTLIn+1)-1) &^ (1<<datapath.Hash | 1<<datapath.Recirc)
	features := datapath.Features{Name: "fake", Acts: acts, Sets: ^uint64(0), MaxActs: 64}
	for i := range flowtable.PipelineWord {
		features.KeyMask[i] = ^uint64(0)
	}
	for _, f := range []flowtable.Field{
		flowtable.InPort, flowtable.InPhyPort, flowtable.Metadata, flowtable.RecircID, flowtable.DPHash,
	} {
		features.Sets &^= 1 << f
	}
	return features
}

// monotonic reads CLOCK_MONOTONIC in nanoseconds.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

// SetClock replaces CLOCK_MONOTONIC, in nanoseconds, as the source of
// FlowStats.Used. now is called with a lock held and must not call the Fake.
func (f *Fake) SetClock(now func() int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = now
}

// Drops returns the counters of dropped frames.
func (f *Fake) Drops() Drops {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.drops
}

// Features implements datapath.Datapath.
func (f *Fake) Features() datapath.Features { return f.features }

// Close implements datapath.Datapath. Closing again does nothing.
func (f *Fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return nil
	}
	f.done = true
	close(f.closed)
	close(f.events)
	clear(f.ports)
	f.flows = nil
	f.arrived.Broadcast()
	return nil
}

// Execute implements datapath.Datapath.
func (f *Fake) Execute(batch []datapath.Execution) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return net.ErrClosed
	}
	for i := range batch {
		x := &batch[i]
		f.run(x.Frame, *x.Key, x.Actions)
	}
	return nil
}

// Receivers implements datapath.Datapath. Port p's upcalls go to receiver p
// modulo n.
func (f *Fake) Receivers(n int) ([]datapath.Receiver, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return nil, net.ErrClosed
	}
	if n < 1 || f.receivers != nil || len(f.ports) != 0 {
		return nil, datapath.ErrUnsupported
	}
	all := make([]datapath.Receiver, n)
	for i := range all {
		r := &fakeReceiver{fake: f, queue: make(chan datapath.Upcall, queueLen)}
		f.receivers = append(f.receivers, r)
		all[i] = r
	}
	return all, nil
}

// fakeReceiver is one upcall worker's end of a Fake.
type fakeReceiver struct {
	fake  *Fake
	queue chan datapath.Upcall
}

// Receive implements datapath.Receiver.
func (r *fakeReceiver) Receive(batch []datapath.Upcall) (int, error) {
	if len(batch) == 0 {
		return 0, datapath.ErrUnsupported
	}
	select {
	case <-r.fake.closed:
		return 0, net.ErrClosed
	default:
	}
	select {
	case <-r.fake.closed:
		return 0, net.ErrClosed
	case batch[0] = <-r.queue:
	}
	n := 1
	for n < len(batch) {
		select {
		case batch[n] = <-r.queue:
			n++
		default:
			return n, nil
		}
	}
	return n, nil
}

// Execute implements datapath.Receiver.
func (r *fakeReceiver) Execute(batch []datapath.Execution) error { return r.fake.Execute(batch) }

// upcall queues a copy of a frame for the receiver of its port.
func (f *Fake) upcall(kind datapath.UpcallKind, frame *datapath.Frame, key *flowtable.Key, record uint64) {
	if len(f.receivers) == 0 {
		f.drops.NoReceiver++
		return
	}
	u := datapath.Upcall{Kind: kind, Key: *key, Frame: copyFrame(frame), Record: record}
	r := f.receivers[key.Get(flowtable.InPort)%uint64(len(f.receivers))]
	select {
	case r.queue <- u:
	default:
		f.drops.NoReceiver++
	}
}

// copyFrame copies a frame into a buffer of its own, with the usual headroom.
func copyFrame(frame *datapath.Frame) datapath.Frame {
	c := NewFrame(frame.Bytes())
	c.Offload = frame.Offload
	return c
}

// NewFrame puts a copy of bytes into a frame with datapath.Headroom before it.
func NewFrame(bytes []byte) datapath.Frame {
	buf := slices.Concat(make([]byte, datapath.Headroom), bytes)
	return datapath.Frame{Buf: buf, Start: datapath.Headroom, End: len(buf)}
}
