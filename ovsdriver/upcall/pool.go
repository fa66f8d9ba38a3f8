package upcall

import (
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Limits of the number of workers.
const (
	MinWorkers = 1
	MaxWorkers = 16
)

// Workers returns how many workers to run for a wish: one per CPU for 0, and
// else the wish, within the limits.
func Workers(wish int) int {
	if wish <= 0 {
		wish = runtime.GOMAXPROCS(0)
	}
	return min(max(wish, MinWorkers), MaxWorkers)
}

// Config is what a Pool works with. All of it outlives the pool.
type Config struct {
	// Receivers are the workers' ends of the datapath, one worker each.
	Receivers []datapath.Receiver
	// Views is where main publishes the tables. There must be a view already.
	Views *translate.Publication
	// Bottom takes the requests to main.
	Bottom *bh.Channel
	// Now returns CLOCK_MONOTONIC in nanoseconds. Any goroutine may call it.
	Now func() int64

	// DisableKflows asks for no cached flows at all (IVS_DISABLE_KFLOWS).
	DisableKflows bool
	// BloomOff asks for a cached flow at the first sighting.
	BloomOff bool
}

// Pool runs the workers. Its methods may be called from any goroutine, unless
// they say otherwise.
type Pool struct {
	workers []*worker
	wg      sync.WaitGroup

	// waiting says that main wants to hear of workers that become idle, and
	// quiet tells it.
	waiting atomic.Bool
	quiet   chan struct{}

	tracing atomic.Bool // somebody wants misses explained
}

// Start starts one worker for each receiver. They end when their datapath is
// closed.
func Start(cfg *Config) *Pool {
	p := &Pool{quiet: make(chan struct{}, 1)}
	seed := maphash.MakeSeed()
	for _, receiver := range cfg.Receivers {
		p.workers = append(p.workers, newWorker(p, cfg, receiver, seed))
	}
	for _, w := range p.workers {
		p.wg.Go(w.run)
	}
	return p
}

// Wait returns when every worker has ended. Close the datapath first.
func (p *Pool) Wait() { p.wg.Wait() }

// Quiesced reports whether no worker runs a batch on a view older than epoch,
// which has been published. If it says false, Quiet becomes ready when it is
// worth asking again. Main only.
func (p *Pool) Quiesced(epoch uint64) bool {
	p.waiting.Store(true)
	for _, w := range p.workers {
		if e := w.epoch.Load(); e != 0 && e < epoch {
			return false
		}
	}
	p.waiting.Store(false)
	return true
}

// Quiet becomes ready when a worker has finished a batch after Quiesced had
// said false.
func (p *Pool) Quiet() <-chan struct{} { return p.quiet }

// Trace makes workers ask main to explain each flow that misses, or no longer.
func (p *Pool) Trace(on bool) { p.tracing.Store(on) }

// finished tells main, if it waits, that a worker has finished a batch.
func (p *Pool) finished() {
	if !p.waiting.Load() {
		return
	}
	select {
	case p.quiet <- struct{}{}:
	default:
	}
}

// Counters is what one worker has done.
type Counters struct {
	Batches     uint64 // batches received
	Misses      uint64 // frames that no cached flow matched
	Actions     uint64 // frames that a cached flow handed up
	PacketIns   uint64 // packet-ins asked for
	Installs    uint64 // cached flows asked for
	Refused     uint64 // requests that found the bottom half full
	Slow        uint64 // misses that cannot be cached
	NoRoom      uint64 // frames without room for another header
	ReceiveErrs uint64 // failed receives
	ExecuteErrs uint64 // failed executions, of a batch each
}

// Counters appends each worker's counters to dst.
func (p *Pool) Counters(dst []Counters) []Counters {
	for _, w := range p.workers {
		dst = append(dst, w.counters.read())
	}
	return dst
}
