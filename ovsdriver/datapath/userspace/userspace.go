package userspace

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/sirupsen/logrus"
)

// closeTogether is how many ports Close closes at a time, each on a thread.
const closeTogether = 32

// mainSlots bounds the copies that main's own executions need at once.
const mainSlots = 64

// Config is what Open needs to know.
type Config struct {
	// Name is the datapath's, and of the interface that the port
	// datapath.Local makes. At most 15 bytes.
	Name string
	// Claims is the path of the file in which datapaths claim interfaces, so that
	// none takes another's. Empty means that nothing is claimed.
	Claims string
	// Log takes what happens to ports; nil means logrus' standard logger.
	Log *logrus.Entry
}

// Datapath is the embedded datapath. Its methods are called by main only,
// except those whose comment says otherwise. It implements datapath.Datapath.
type Datapath struct {
	*shared
	workers  []*worker
	send     *sender // for Execute
	byID     map[datapath.FlowID]*flow
	cache    *flowtable.Classifier[*flow]
	features datapath.Features
	tcx      tcxBlocker
	blockers []blockFunc
	monitor  *monitor
	claims   *claims
	events   *eventSender
	retired  Drops // of ports that were detached
}

// shared is what main publishes and workers read.
type shared struct {
	ports  atomic.Pointer[portTable]
	meters atomic.Pointer[meters]
	flows  atomic.Pointer[flowtable.Snapshot[*flow]]
	closed atomic.Bool
	clock  clock
	log    *logrus.Entry
	drops  drops // that no port is to blame for
}

var _ datapath.Datapath = (*Datapath)(nil)

// Open makes an embedded datapath without ports. It needs CAP_NET_RAW and
// CAP_NET_ADMIN, and belongs to the network namespace that it is called in;
// ports are added by a thread in the same namespace.
func Open(cfg Config) (*Datapath, error) {
	if len(cfg.Name) == 0 || len(cfg.Name) > 15 {
		return nil, fmt.Errorf("open datapath %q: its name must have 1 to 15 bytes, as an interface's", cfg.Name)
	}
	now, err := newClock()
	if err != nil {
		return nil, fmt.Errorf("open datapath %s: %w", cfg.Name, err)
	}
	d := &Datapath{
		shared:   &shared{clock: now, log: cfg.Log},
		byID:     make(map[datapath.FlowID]*flow),
		cache:    flowtable.NewClassifier[*flow](),
		features: features(),
		events:   &eventSender{c: make(chan datapath.PortEvent, eventQueue)},
	}
	if d.log == nil {
		d.log = logrus.NewEntry(logrus.StandardLogger())
	}
	d.blockers = []blockFunc{d.tcx.block, blockNFT}
	d.ports.Store(&portTable{})
	d.flows.Store(d.cache.Publish())
	d.send = newSender(d.shared, newSlotPool(mainSlots))
	d.send.upcall = d.toFirstWorker
	if cfg.Claims != "" {
		if d.claims, err = openClaims(cfg.Claims); err != nil {
			d.log.WithError(err).Warn("nothing keeps other switches from this one's interfaces")
		}
	}
	if d.monitor, err = startMonitor(&d.ports, d.events, d.log); err != nil {
		_ = d.claims.close()
		return nil, fmt.Errorf("open datapath %s: follow links: %w", cfg.Name, err)
	}
	return d, nil
}

// features says that a cached flow can match every field of a frame off a port
// and do every edit; there are no hashes and no recirculation.
func features() datapath.Features {
	f := datapath.Features{
		Name: "userspace",
		Acts: 1<<datapath.Output | 1<<datapath.Controller | 1<<datapath.Set |
			1<<datapath.PushVLAN | 1<<datapath.PopVLAN | 1<<datapath.PushMPLS | 1<<datapath.PopMPLS |
			1<<datapath.PushPBB | 1<<datapath.PopPBB | 1<<datapath.CopyTTLOut | 1<<datapath.CopyTTLIn |
			1<<datapath.Clone | 1<<datapath.Meter | 1<<datapath.Queue,
		MaxActs: 256,
	}
	for field := range flowtable.NumFields {
		switch field {
		case flowtable.RecircID, flowtable.DPHash, flowtable.Metadata:
		default:
			f.KeyMask.Exact(field)
		}
		if settable(field) {
			f.Sets |= 1 << field
		}
	}
	return f
}

// settable reports whether packet.Edit can set the field; it changes nothing in
// an empty frame.
func settable(field flowtable.Field) bool {
	set := datapath.Act{Kind: datapath.Set, Field: field}
	return packet.Edit(new(datapath.Frame), &set) == nil
}

// Features says what cached flows can match and do.
func (d *Datapath) Features() datapath.Features { return d.features }

// Receivers makes the n workers among which ports are spread, at most
// MaxWorkers. It is called once, before the first AddPort.
//
// A worker that waits for frames sleeps in a system call, and Go's scheduler is
// slow to notice that the processor it held is free. Let runtime.GOMAXPROCS
// exceed the number of workers by what other goroutines need: with two of each
// and light traffic, nine in ten timers of other goroutines were up to 1.4 ms
// late; with four processors, 0.12 ms.
func (d *Datapath) Receivers(n int) ([]datapath.Receiver, error) {
	switch {
	case d.closed.Load():
		return nil, net.ErrClosed
	case len(d.workers) > 0:
		return nil, errors.New("receivers were made already")
	case n < 1 || n > MaxWorkers:
		return nil, fmt.Errorf("%d receivers: there can be 1 to %d", n, MaxWorkers)
	}
	receivers := make([]datapath.Receiver, n)
	for i := range receivers {
		w, err := newWorker(d.shared, i)
		if err != nil {
			d.closeWorkers()
			return nil, fmt.Errorf("make receiver %d: %w", i, err)
		}
		d.workers = append(d.workers, w)
		receivers[i] = w
	}
	return receivers, nil
}

// MaxWorkers is how many receivers a datapath can have.
const MaxWorkers = 64

// Execute sends frames of the daemon's own making. A Controller action hands
// its copy to the first receiver.
func (d *Datapath) Execute(batch []datapath.Execution) error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	d.send.executeAll(batch)
	return nil
}

func (d *Datapath) toFirstWorker(f *datapath.Frame, k *flowtable.Key, record uint64) {
	if len(d.workers) == 0 || !d.workers[0].mailbox.put(f, k, record) {
		d.drops.add(DropUpcallQueue, 1)
		return
	}
	d.workers[0].poll.wake()
}

// Close ends every receiver, waits until none is in a call, and releases all
// ports. A second Close does nothing.
func (d *Datapath) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	d.closeWorkers()
	errs := []error{d.monitor.stop()}
	close(d.events.c)
	errs = append(errs, d.closePorts(), d.tcx.close(), d.claims.close())
	d.send.slots.close()
	return errors.Join(errs...)
}

// closePorts closes all ports side by side: the kernel makes whoever closes a
// packet socket wait some ten milliseconds, and many can wait together.
func (d *Datapath) closePorts() error {
	var (
		closing sync.WaitGroup
		turns   = make(chan struct{}, closeTogether)
		all     = d.ports.Load().all
		errs    = make([]error, len(all))
	)
	for i, p := range all {
		if p == nil {
			continue
		}
		turns <- struct{}{}
		closing.Go(func() {
			defer func() { <-turns }()
			if err := p.dev.close(); err != nil && !p.gone.Load() {
				errs[i] = fmt.Errorf("close port %s: %w", p.spec.Name, err)
			}
		})
	}
	closing.Wait()
	for _, p := range all {
		if p != nil {
			p.drops.addTo(&d.retired)
			d.retired[DropOverrun] += p.overruns.Load()
		}
	}
	d.ports.Store(&portTable{})
	return errors.Join(errs...)
}

func (d *Datapath) closeWorkers() {
	for _, w := range d.workers {
		w.close()
	}
	d.workers = nil
}

// Counters returns what the datapath has done so far.
func (d *Datapath) Counters() Counters {
	c := Counters{Flows: d.cache.Len(), Masks: d.cache.Subtables(), Drops: d.retired}
	for _, w := range d.workers {
		c.ExactHits += w.counts.exact.Load()
		c.MaskedHits += w.counts.masked.Load()
		c.Misses += w.counts.misses.Load()
	}
	d.drops.addTo(&c.Drops)
	for _, p := range d.ports.Load().all {
		if p == nil {
			continue
		}
		for reason, n := range p.dropped() {
			c.Drops[reason] += n
		}
	}
	c.Lost = c.Drops[DropMissQueue] + c.Drops[DropUpcallQueue]
	return c
}
