package ovsdriver

import (
	"strings"

	"github.com/ivs-go/ivs/flowtable"
)

// tracer is somebody who wants to read what happens to new flows.
type tracer struct {
	port  uint64 // 0 for every port
	lines chan<- string
}

// Trace starts to send a paragraph for each new flow that enters at an OpenFlow
// port (all ports for 0) to lines: what the tables do to it. Paragraphs that
// lines does not take at once are lost. What it returns ends that.
func (d *Driver) Trace(port uint32, lines chan<- string) (stop func()) {
	t := &tracer{port: uint64(port), lines: lines}
	d.tracers[t] = struct{}{}
	d.workers.Trace(true)
	return func() {
		delete(d.tracers, t)
		d.workers.Trace(len(d.tracers) > 0)
	}
}

// trace tells the tracers of a flow that missed the cache.
func (d *Driver) trace(key *flowtable.Key) {
	var text strings.Builder
	for t := range d.tracers {
		if t.port != 0 && t.port != key.Get(flowtable.InPort) {
			continue
		}
		if text.Len() == 0 {
			d.sw.Tables.Trace(key, &text) // a Builder never fails
			text.WriteByte('\n')
		}
		select {
		case t.lines <- text.String():
		default:
		}
	}
}
