package userspace

import "sync/atomic"

// DropReason says why the datapath dropped a frame.
type DropReason uint8

// The reasons. Those of receiving count at the ingress port, those of sending
// at the egress port.
const (
	DropReceive     DropReason = iota // the kernel did not hand over the frame that it had
	DropOverrun                       // the receive ring was full, or the kernel could not describe the frame (UDP GSO before Linux 6.2)
	DropTruncated                     // longer than a receive slot
	DropMissQueue                     // a miss, and the port's queue of misses was full
	DropUpcallQueue                   // a Controller action, and no room for its copy
	DropEdit                          // an action could not be done
	DropNoPort                        // output to a port that is not there
	DropMTU                           // longer than the egress port's MTU
	DropSend                          // the egress port refused the frame
	DropSendQueue                     // the egress port's send buffer was full
	DropLinkDown                      // the egress port's interface is down
	NumDropReasons
)

var dropNames = [NumDropReasons]string{
	"not describable", "receive buffer full", "too long to receive", "miss queue full",
	"upcall queue full", "action failed", "no such port", "over MTU", "refused by interface",
	"send buffer full", "link down",
}

// String returns the reason in words.
func (r DropReason) String() string { return dropNames[r] }

// Drops counts dropped frames by reason.
type Drops [NumDropReasons]uint64

// Counters is one reading of a datapath's counters, since Open.
type Counters struct {
	ExactHits  uint64 // frames that the exact-match caches knew
	MaskedHits uint64 // frames that the shared cache knew
	Misses     uint64 // frames that no cached flow matched
	Lost       uint64 // of these, and of Controller actions' copies, those that were dropped
	Flows      int    // cached flows
	Masks      int    // different masks among them
	Drops      Drops  // frames dropped
}

// drops are live counters: anyone adds, anyone reads.
type drops [NumDropReasons]atomic.Uint64

func (d *drops) add(r DropReason, n int) { d[r].Add(uint64(n)) }

// addTo adds the present values to sum.
func (d *drops) addTo(sum *Drops) {
	for i := range d {
		sum[i] += d[i].Load()
	}
}

// lookups counts what one worker's lookups came to. The worker alone writes,
// so that a store is enough; it fills a cache line.
type lookups struct {
	exact  atomic.Uint64
	masked atomic.Uint64
	misses atomic.Uint64
	_      [40]byte
}

// bump adds one to a counter that only the caller writes.
func bump(c *atomic.Uint64) { c.Store(c.Load() + 1) }
