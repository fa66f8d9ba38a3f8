package kflow

import (
	"context"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Limits and periods, those of the original switch where it had them.
const (
	DefaultPerPort   = 16384                   // cached flows of one ingress port
	DefaultMasks     = 512                     // different masks
	DefaultReadEvery = 750 * time.Millisecond  // between dumps of the counters, which are so never a second old
	sweepEvery       = 2345 * time.Millisecond // between searches for idle flows
	idleAfter        = 10 * time.Second        // without a packet, a cached flow goes
	warnEvery        = 10 * time.Second        // between warnings
	batchLen         = 256                     // flows in one call of the datapath
)

// Config says how a Cache works. Zero values mean the defaults.
type Config struct {
	// DisableMegaflows caches flows under exact masks only
	// (IVS_DISABLE_MEGAFLOWS), DisableKflows none at all (IVS_DISABLE_KFLOWS).
	DisableMegaflows bool
	DisableKflows    bool

	// Unlimited lifts PerPort and Masks (INDIGO_BENCHMARK).
	Unlimited bool
	PerPort   int // cached flows of one ingress port
	// Masks bounds the number of different masks, for each costs every first
	// packet of a flow a lookup, and an attacker can make them.
	Masks int

	// ReadEvery is the time between two dumps of the counters.
	ReadEvery time.Duration

	// Now is the clock: CLOCK_MONOTONIC in nanoseconds.
	Now func() int64

	// Warn is told of limits reached and of failures of the datapath, at most
	// every ten seconds. Main goroutine; may be nil.
	Warn func(error)
}

// Counters are what a Cache has done since it was made.
type Counters struct {
	Flows     int    // cached now
	Masks     int    // different masks now
	Installed uint64 // flows put into the datapath
	Known     uint64 // requests for a flow that was there already
	Uncached  uint64 // requests whose packets need the slow path
	Limited   uint64 // requests beyond PerPort or Masks
	Failed    uint64 // flows that the datapath refused to take or to give up
	Refused   uint64 // requests for a flow that it had refused shortly before
	Checked   uint64 // flows translated again after a change
	Replaced  uint64 // flows that then did something else
	Removed   uint64 // flows removed after a change, or to settle counters
	Expired   uint64 // flows removed because no packet came
	Orphans   uint64 // packets handed up by flows that were gone
}

// Cache is the index of the datapath's cache of flows. The main goroutine owns
// it; every method is main's.
type Cache struct {
	cfg      Config
	dp       datapath.Flows
	features datapath.Features
	view     *translate.View
	result   translate.Result

	slots   []slot // by the low half of a FlowID
	free    []uint32
	masks   map[flowtable.Mask]map[flowtable.Key]*flow
	perPort map[uint64]int
	index   *index
	records records

	refusals refusals
	installs []*flow           // indexed, not yet put
	changes  changes           // told, not yet looked at
	tasks    []task            // until the flows follow the view, oldest first
	queued   uint64            // tasks ever put there
	searches map[uint8]*search // among the tasks, not begun, by table
	urgent   urgency
	scratch  []*flow
	batch    batch

	doomed      []*flow // out of the index, but the datapath would not give them up
	doomedSince int64   // CLOCK_MONOTONIC ns at which the first of them came
	obeyed      uint64  // what Work said last

	counters  Counters
	lastSweep int64
	sweepAt   int
	lastWarn  int64
	warned    bool

	reader *reader
	stop   context.CancelFunc
	failed chan error
}

// New returns an empty cache of dp's flows. The view is the one published
// first.
func New(dp datapath.Datapath, view *translate.View, cfg Config) *Cache {
	cfg.PerPort = orDefault(cfg.PerPort, DefaultPerPort)
	cfg.Masks = orDefault(cfg.Masks, DefaultMasks)
	cfg.ReadEvery = orDefault(cfg.ReadEvery, DefaultReadEvery)
	return &Cache{
		cfg:       cfg,
		dp:        dp,
		features:  dp.Features(),
		view:      view,
		masks:     make(map[flowtable.Mask]map[flowtable.Key]*flow),
		perPort:   make(map[uint64]int),
		index:     newIndex(),
		refusals:  make(refusals),
		searches:  make(map[uint8]*search),
		lastSweep: cfg.Now(),
		failed:    make(chan error, 1),
	}
}

func orDefault[T int | time.Duration](v, def T) T {
	if v > 0 {
		return v
	}
	return def
}

// Start begins to read counters. Readings then come by the channel of the same
// name until Close.
func (c *Cache) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.reader = newReader(c.dp, c.cfg.ReadEvery, func(err error) {
		select {
		case c.failed <- err:
		default: // one is enough
		}
	})
	go c.reader.run(ctx)
}

// Readings delivers counters, each batch to be given to Merge. It is nil before
// Start.
func (c *Cache) Readings() <-chan Readings {
	if c.reader == nil {
		return nil
	}
	return c.reader.out
}

// Close ends the reading of counters and waits for it. The datapath's flows
// stay; they are the datapath's to remove.
func (c *Cache) Close() {
	if c.stop == nil {
		return
	}
	c.stop()
	<-c.reader.done
	c.stop = nil
}

// Counters returns what the cache has done.
func (c *Cache) Counters() Counters {
	counters := c.counters
	counters.Flows = len(c.slots) - len(c.free)
	counters.Masks = len(c.masks)
	return counters
}

// Record returns what the controller is told with a packet that a cached flow
// has handed up. It is false, and counted, if that flow is gone: then nobody
// can say any more what the packet was for, and it is dropped.
func (c *Cache) Record(name uint64) (translate.PacketIn, bool) {
	p, ok := c.records.lookup(name)
	if !ok {
		c.counters.Orphans++
	}
	return p, ok
}

// warn tells the owner, but not too often.
func (c *Cache) warn(err error) {
	now := c.cfg.Now()
	if c.cfg.Warn == nil || c.warned && now-c.lastWarn < int64(warnEvery) {
		return
	}
	c.warned, c.lastWarn = true, now
	c.cfg.Warn(err)
}
