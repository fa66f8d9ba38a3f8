package main

import (
	"context"
	"time"
)

// tickEvery is how often timeouts are looked at: a fraction of a second, since
// OpenFlow counts them in seconds.
const tickEvery = 100 * time.Millisecond

// loop is the main goroutine: the only writer of switch state. What each case
// does is bounded, so that none keeps the others waiting.
func (d *daemon) loop(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	ready := make(chan struct{}) // to receive from, always
	close(ready)
	ports := d.driver.Switch().Ports
	for {
		var again chan struct{}
		if d.driver.Settle() {
			again = ready
		}
		select { // the flows of a port that has failed wait for nothing else
		case e := <-d.watcher.Events():
			ports.HandleLink(e)
			continue
		default:
		}
		select {
		case <-ctx.Done():
			d.log.Info("stopping")
			return nil
		case <-d.stopped.Done():
			d.log.Info("stopping, as ivs-ctl asks")
			return nil
		case e := <-d.watcher.Events():
			ports.HandleLink(e)
		case e, open := <-d.driver.PortEvents():
			if !open || !ports.HandleDatapath(e) {
				return errDatapathGone
			}
		case e := <-d.server.Events():
			d.server.Handle(e)
		case <-d.driver.Requests():
			d.driver.Serve()
		case <-d.driver.Quiet():
		case r := <-d.driver.Readings():
			d.driver.Merge(r)
		case r := <-d.control.Requests():
			r.Serve(backend{d})
		case <-tick.C:
			d.driver.Tick()
		case <-again:
		}
	}
}
