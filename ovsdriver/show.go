package ovsdriver

import (
	"io"

	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/upcall"
)

// Flows pins the cached flows, with their counters as they were last read. What
// it returns writes a line for each and may be called on any goroutine: there
// can be so many that writing them takes long.
func (d *Driver) Flows() func(io.Writer) error {
	flows := d.cache.Flows()
	return func(w io.Writer) error {
		var line []byte
		for i := range flows {
			f := &flows[i]
			line = datapath.AppendFlow(line[:0],
				&datapath.Flow{Match: *f.Match, Actions: f.Actions},
				&datapath.FlowStats{Packets: f.Packets, Bytes: f.Bytes})
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	}
}

// Counters returns what the driver's parts have counted, by name.
func (d *Driver) Counters() map[string]uint64 {
	var sum upcall.Counters
	for _, c := range d.workers.Counters(nil) {
		sum.Add(&c)
	}
	counters := map[string]uint64{
		"upcall: misses":               sum.Misses,
		"upcall: from cached actions":  sum.Actions,
		"upcall: batches":              sum.Batches,
		"upcall: not cacheable":        sum.Slow,
		"upcall: no room for a header": sum.NoRoom,
		"upcall: receive errors":       sum.ReceiveErrs,
		"upcall: execute errors":       sum.ExecuteErrs,
		"upcall: bottom half full":     sum.Refused,
		"upcall: packet-ins asked for": sum.PacketIns,
		"upcall: installs asked for":   sum.Installs,
	}
	cache := d.cache.Counters()
	for name, n := range map[string]uint64{
		"cache: flows": uint64(cache.Flows), "cache: masks": uint64(cache.Masks),
		"cache: installed": cache.Installed, "cache: known": cache.Known, "cache: not cacheable": cache.Uncached,
		"cache: over a limit": cache.Limited, "cache: refused by the datapath": cache.Failed,
		"cache: refused shortly before": cache.Refused,
		"cache: checked":                cache.Checked, "cache: replaced": cache.Replaced, "cache: removed": cache.Removed,
		"cache: expired": cache.Expired, "cache: orphan packets": cache.Orphans,
	} {
		counters[name] = n
	}
	packetIns := d.sw.Packets.Counters()
	counters["packet-in: sent"] = packetIns.Sent
	counters["packet-in: no controller wants"] = packetIns.Unwanted
	counters["packet-in: over OFPM_CONTROLLER"] = packetIns.Metered
	counters["packet-in: over the rate limit"] = packetIns.Limited
	counters["packet-in: port does not want"] = packetIns.Disabled
	counters["packet-in: port is gone"] = packetIns.Gone
	counters["packet-in: bad frame"] = packetIns.Bad
	for kind, c := range d.bottom.Counts() {
		name := [bh.NumKinds]string{"packet-in", "cached packet-in", "trace", "install"}[kind]
		counters["bottom half: "+name+" dropped"] = c.Dropped
	}
	return counters
}
