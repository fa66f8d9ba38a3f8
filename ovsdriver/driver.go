package ovsdriver

import (
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/fwd"
	"github.com/ivs-go/ivs/ovsdriver/gentable"
	"github.com/ivs-go/ivs/ovsdriver/kflow"
	"github.com/ivs-go/ivs/ovsdriver/translate"
	"github.com/ivs-go/ivs/ovsdriver/upcall"
	"github.com/ivs-go/ivs/ovsdriver/vport"
)

// Controllers is whom the switch tells what happens. Messages are valid only
// during the call.
type Controllers interface {
	PacketIn(*ofp13.PacketIn)
	WantsPacketIn(reason uint8) bool // OFPR_*
	PortStatus(*ofp13.PortStatus)
	FlowRemoved(*ofp13.FlowRemoved)
}

// Names of parts that the daemon needs.
type (
	Identity = fwd.Identity
	PortInfo = vport.Info
)

// Limits of Config.Workers.
const (
	MinWorkers = upcall.MinWorkers
	MaxWorkers = upcall.MaxWorkers
)

// MaxPorts is how many ports a switch has at most, LOCAL not counted.
const MaxPorts = vport.MaxPorts

// MaxBuffers is how many packets can be buffered.
const MaxBuffers = fwd.MaxBuffers

// Workers returns how many workers to run for a wish: one per CPU for 0, and
// else the wish, within the limits.
func Workers(wish int) int { return upcall.Workers(wish) }

// Config says what a Driver works with and how.
type Config struct {
	Identity Identity
	Datapath datapath.Datapath // the driver closes it
	Links    vport.Links
	Log      *logrus.Entry

	Workers          int  // upcall workers, 1 to 16; see Workers
	Unlimited        bool // no limits of packet-ins and cached flows (INDIGO_BENCHMARK)
	DisableMegaflows bool // cache under exact masks only (IVS_DISABLE_MEGAFLOWS)
	DisableKflows    bool // cache nothing (IVS_DISABLE_KFLOWS)
	FixedTables      bool // controllers may not configure tables (--fixed-tables)
}

// Switch is what sessions ask of a switch; it satisfies openflow.Switch.
type Switch struct {
	*fwd.Identity
	*fwd.Tables
	*fwd.Groups
	*fwd.Meters
	*fwd.Packets
	*vport.Ports
}

// Driver is a switch without its sessions. The main goroutine owns it.
type Driver struct {
	cfg     Config
	sw      Switch
	generic *gentable.Registry
	to      Controllers
	cache   *kflow.Cache
	bottom  *bh.Channel
	workers *upcall.Pool
	views   *translate.Publication
	now     func() int64 // CLOCK_MONOTONIC, ns; anyone may call it
	tracers map[*tracer]struct{}
}

// New makes a switch over cfg.Datapath: no ports, empty tables. It does nothing
// until Start, and tells nobody.
func New(cfg Config) *Driver {
	d := &Driver{cfg: cfg, to: nobody{}, generic: gentable.NewRegistry(), bottom: bh.New(bh.Quota{}), views: new(translate.Publication), now: newClock(), tracers: map[*tracer]struct{}{}}
	first := translate.NewView(cfg.Datapath.Features())
	first.SetGroups(translate.NewGroupSet(cfg.Identity.DatapathID))
	d.cache = kflow.New(cfg.Datapath, first, kflow.Config{
		DisableMegaflows: cfg.DisableMegaflows,
		DisableKflows:    cfg.DisableKflows,
		Unlimited:        cfg.Unlimited,
		Now:              d.now,
		Warn:             func(err error) { cfg.Log.WithError(err).Warn("flow cache") },
	})
	d.sw.Identity = &d.cfg.Identity
	d.sw.Tables = fwd.NewTables(first, fwd.TablesConfig{
		Cache:        d.cache,
		Publication:  d.views,
		Quiesced:     func(epoch uint64) bool { return d.workers == nil || d.workers.Quiesced(epoch) },
		SubmitBuffer: func(id uint32) error { return d.sw.Packets.SubmitBuffer(id) },
		FlowRemoved:  func(m *ofp13.FlowRemoved) { d.to.FlowRemoved(m) },
		Now:          d.now,

		FixedPipeline: cfg.FixedTables,
	})
	d.sw.Groups = fwd.NewGroups(d.sw.Tables)
	d.sw.Meters = fwd.NewMeters(d.sw.Tables, cfg.Datapath)
	d.sw.Packets = fwd.NewPackets(fwd.PacketsConfig{
		Tables:    d.sw.Tables,
		Execute:   cfg.Datapath.Execute,
		PacketIn:  func(m *ofp13.PacketIn) { d.to.PacketIn(m) },
		Wanted:    func(reason uint8) bool { return d.to.WantsPacketIn(reason) },
		Now:       d.now,
		Unlimited: cfg.Unlimited,
		Buffers:   cfg.Identity.Buffers,
	})
	d.sw.Ports = vport.New(vport.Config{
		Datapath: cfg.Datapath,
		Links:    cfg.Links,
		Publish:  d.setPorts,
		Status:   func(m *ofp13.PortStatus) { d.to.PortStatus(m) },
		Log:      cfg.Log,
		Now:      time.Now,
	})
	return d
}

// Switch is what sessions talk to.
func (d *Driver) Switch() *Switch { return &d.sw }

// Gentables is the generic tables of the BSN extensions.
func (d *Driver) Gentables() *gentable.Registry { return d.generic }

// Start starts the workers. From now on controllers are told what happens.
// Ports are added afterwards.
func (d *Driver) Start(to Controllers) error {
	receivers, err := d.cfg.Datapath.Receivers(upcall.Workers(d.cfg.Workers))
	if err != nil {
		return fmt.Errorf("upcall workers: %w", err)
	}
	d.to = to
	d.workers = upcall.Start(&upcall.Config{
		Receivers:     receivers,
		Views:         d.views,
		Bottom:        d.bottom,
		Now:           d.now,
		DisableKflows: d.cfg.DisableKflows,
	})
	d.cache.Start()
	return nil
}

// Close closes the datapath, which takes its ports with it, and waits for every
// goroutine of the driver.
func (d *Driver) Close() error {
	if d.workers != nil {
		d.cache.Close()
	}
	err := d.cfg.Datapath.Close()
	if d.workers != nil {
		d.workers.Wait()
	}
	return err
}

// setPorts makes workers know the ports before the datapath receives by them.
func (d *Driver) setPorts(ports *translate.PortSet) {
	d.sw.Tables.SetPorts(ports)
	d.sw.Tables.Publish()
}

// nobody is told before there are sessions.
type nobody struct{}

func (nobody) PacketIn(*ofp13.PacketIn)       {}
func (nobody) WantsPacketIn(uint8) bool       { return false }
func (nobody) PortStatus(*ofp13.PortStatus)   {}
func (nobody) FlowRemoved(*ofp13.FlowRemoved) {}
