package upcall

import "sync/atomic"

// counters are written by one worker and read by anyone. Workers allocate
// theirs apart from each other, so they share no cache line.
type counters struct {
	batches, misses, actions atomic.Uint64
	packetIns, installs      atomic.Uint64
	refused, slow, noRoom    atomic.Uint64
	receiveErrs, executeErrs atomic.Uint64
}

func (c *counters) read() Counters {
	return Counters{
		Batches:     c.batches.Load(),
		Misses:      c.misses.Load(),
		Actions:     c.actions.Load(),
		PacketIns:   c.packetIns.Load(),
		Installs:    c.installs.Load(),
		Refused:     c.refused.Load(),
		Slow:        c.slow.Load(),
		NoRoom:      c.noRoom.Load(),
		ReceiveErrs: c.receiveErrs.Load(),
		ExecuteErrs: c.executeErrs.Load(),
	}
}

// Add adds another worker's counters.
func (c *Counters) Add(o *Counters) {
	c.Batches += o.Batches
	c.Misses += o.Misses
	c.Actions += o.Actions
	c.PacketIns += o.PacketIns
	c.Installs += o.Installs
	c.Refused += o.Refused
	c.Slow += o.Slow
	c.NoRoom += o.NoRoom
	c.ReceiveErrs += o.ReceiveErrs
	c.ExecuteErrs += o.ExecuteErrs
}
