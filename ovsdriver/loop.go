package ovsdriver

import (
	"time"

	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/kflow"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// slice is how long main works on one thing before it looks at the others.
const slice = 10 * time.Millisecond

// drainBudget is how many bottom-half requests of a kind are served before main
// looks at other things.
var drainBudget = [bh.NumKinds]int{bh.PacketIn: 64, bh.CachedPacketIn: 64, bh.Trace: 16, bh.Install: 128}

// Settle publishes what has changed and works towards the datapath obeying it.
// Main calls it before it blocks; true means that it wants to be called again
// without waiting for anything.
func (d *Driver) Settle() (again bool) {
	d.sw.Tables.Publish()
	return d.sw.Tables.Pending() && d.sw.Tables.Poll(slice)
}

// Quiet becomes ready when Settle has waited for a worker that has gone on.
func (d *Driver) Quiet() <-chan struct{} { return d.workers.Quiet() }

// Requests becomes ready when workers want something; then call Serve.
func (d *Driver) Requests() <-chan struct{} { return d.bottom.Wake() }

// Serve does a bounded part of what workers want.
func (d *Driver) Serve() {
	d.bottom.Drain(drainBudget, d.serve)
	d.cache.Flush()
}

func (d *Driver) serve(r *bh.Request) {
	switch r.Kind {
	case bh.PacketIn:
		in := translate.PacketIn{
			Table: r.Table, Reason: r.Reason, MaxLen: r.MaxLen,
			Cookie: r.Cookie, Metadata: r.Metadata, TunnelID: r.TunnelID,
		}
		d.sw.Packets.PacketIn(&in, &r.Key, &r.Frame)
	case bh.CachedPacketIn:
		// A record that is gone was counted by the cache.
		if in, ok := d.cache.Record(r.Record); ok {
			d.sw.Packets.PacketIn(&in, &r.Key, &r.Frame)
		}
	case bh.Trace:
		d.trace(&r.Key)
	case bh.Install:
		d.cache.Install(&r.Key)
	}
}

// Readings delivers counters of cached flows, for Merge.
func (d *Driver) Readings() <-chan kflow.Readings { return d.cache.Readings() }

// Merge credits counters to flow entries.
func (d *Driver) Merge(r kflow.Readings) { d.cache.Merge(r) }

// PortEvents delivers what other programs did to the datapath, for
// Switch().Ports.HandleDatapath.
func (d *Driver) PortEvents() <-chan datapath.PortEvent { return d.cfg.Datapath.PortEvents() }

// Tick does what time asks for: timeouts, and the cache's upkeep. Main calls it
// a few times a second.
func (d *Driver) Tick() {
	d.sw.Tables.Tick()
	d.sw.Ports.Tick()
	d.cache.Tick(slice)
}
