package upcall

import (
	"errors"
	"hash/maphash"
	"net"
	"sync/atomic"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// batchSize is how many upcalls a worker takes at once.
const batchSize = 64

// errorPause is how long a worker rests after a failed receive, so that an
// error that does not go away takes no CPU.
const errorPause = time.Millisecond

// worker serves one receiver. All of it is its own goroutine's, but for the
// epoch and the counters, which anyone may read.
type worker struct {
	pool     *Pool
	cfg      *Config
	receiver datapath.Receiver
	seed     maphash.Seed

	// epoch is of the view that the present batch runs on; 0 when idle.
	epoch    atomic.Uint64
	counters counters

	batch     []datapath.Upcall
	pending   []datapath.Execution // not executed yet
	executor  translate.Executor
	sightings *sightings
	asked     asked
	failed    uint64 // executor.Failed when last counted
}

func newWorker(p *Pool, cfg *Config, r datapath.Receiver, seed maphash.Seed) *worker {
	return &worker{
		pool:      p,
		cfg:       cfg,
		receiver:  r,
		seed:      seed,
		batch:     make([]datapath.Upcall, batchSize),
		executor:  translate.Executor{Ask: true},
		sightings: newSightings(),
	}
}

// run serves upcalls until the datapath is closed.
func (w *worker) run() {
	for {
		n, err := w.receiver.Receive(w.batch)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			w.counters.receiveErrs.Add(1)
			time.Sleep(errorPause)
		}
		if n > 0 {
			w.serve(w.batch[:n])
		}
	}
}

// serve handles one batch, all of it on one view.
func (w *worker) serve(batch []datapath.Upcall) {
	view := w.enter()
	now := w.cfg.Now()
	for i := range batch {
		u := &batch[i]
		if u.Kind == datapath.Action {
			w.counters.actions.Add(1)
			if u.Record != translate.Asked {
				w.handUp(u)
				continue
			}
			packet.Parse(&u.Frame, datapath.PortNo(u.Key.Get(flowtable.InPort)), &u.Key)
			w.executor.Return(view, &u.Key, &u.Frame, now, w)
			w.cache(&u.Key, now)
			continue
		}
		w.counters.misses.Add(1)
		if !view.Admit(&u.Frame, now) {
			continue
		}
		w.explain(&u.Key)
		w.executor.Packet(view, &u.Key, &u.Frame, now, w)
		w.cache(&u.Key, now)
	}
	w.execute()
	w.executor.Reset()
	w.counters.batches.Add(1)
	if f := w.executor.Failed; f != w.failed {
		w.counters.noRoom.Add(f - w.failed)
		w.failed = f
	}
	w.epoch.Store(0)
	w.pool.finished()
}

// explain asks main to tell tracers what the tables do to a flow. What finds
// the lane full goes untold.
func (w *worker) explain(key *flowtable.Key) {
	if !w.pool.tracing.Load() {
		return
	}
	if r := w.cfg.Bottom.Reserve(bh.Trace, nil); r != nil {
		r.Key = *key
		w.cfg.Bottom.Submit(r)
	}
}

// enter loads the present view and says that a batch runs on it. If main
// publishes another meanwhile, main may have found this worker idle, so the
// worker takes the new one.
func (w *worker) enter() *translate.View {
	for {
		v := w.cfg.Views.Load()
		w.epoch.Store(v.Epoch)
		if w.cfg.Views.Load() == v {
			return v
		}
	}
}

// cache asks main to cache the flow that the executor has just translated, if
// it was seen before and main was not asked just now.
func (w *worker) cache(key *flowtable.Key, now int64) {
	if w.executor.Result.Slow != 0 {
		w.counters.slow.Add(1)
		return
	}
	if w.cfg.DisableKflows {
		return
	}
	hash := maphash.Comparable(w.seed, *key)
	if !w.cfg.BloomOff && !w.sightings.again(hash) || w.asked.lately(hash, now) {
		return
	}
	r := w.cfg.Bottom.Reserve(bh.Install, nil)
	if r == nil {
		w.asked.forget(hash)
		w.counters.refused.Add(1)
		return
	}
	r.Key = *key
	w.cfg.Bottom.Submit(r)
	w.counters.installs.Add(1)
}

// handUp passes on a frame that a cached flow's Controller action handed up.
// What the controller is told stands in a record that main owns.
func (w *worker) handUp(u *datapath.Upcall) {
	r := w.cfg.Bottom.Reserve(bh.CachedPacketIn, &u.Frame)
	if r == nil {
		w.counters.refused.Add(1)
		return
	}
	r.Key, r.Record = u.Key, u.Record
	w.cfg.Bottom.Submit(r)
	w.counters.packetIns.Add(1)
}

// Execute is translate.Sink: it joins the batch's executions.
func (w *worker) Execute(e datapath.Execution) { w.pending = append(w.pending, e) }

// PacketIn is translate.Sink: it asks main for a packet-in.
func (w *worker) PacketIn(p *translate.PacketIn, key *flowtable.Key, f *datapath.Frame) {
	r := w.cfg.Bottom.Reserve(bh.PacketIn, f)
	if r == nil {
		w.counters.refused.Add(1)
		return
	}
	r.Key = *key
	r.Table, r.Reason, r.MaxLen = p.Table, p.Reason, p.MaxLen
	r.Cookie, r.Metadata, r.TunnelID = p.Cookie, p.Metadata, p.TunnelID
	w.cfg.Bottom.Submit(r)
	w.counters.packetIns.Add(1)
}

// Full is translate.Sink: it executes what waits.
func (w *worker) Full() { w.execute() }

// execute sends the executions that wait, in one call.
func (w *worker) execute() {
	if len(w.pending) == 0 {
		return
	}
	if err := w.receiver.Execute(w.pending); err != nil {
		w.counters.executeErrs.Add(1)
	}
	w.pending = w.pending[:0]
}
