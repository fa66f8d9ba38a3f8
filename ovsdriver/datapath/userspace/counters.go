package userspace

// DropReason says why the datapath dropped a frame.
type DropReason uint8

// The reasons.
const (
	DropReceive     DropReason = iota // the kernel could not describe the frame (UDP GSO before Linux 6.2)
	DropOverrun                       // the socket's receive buffer was full
	DropTruncated                     // longer than a receive slot
	DropMissQueue                     // the port's queue of misses was full
	DropUpcallQueue                   // no room for a Controller action's copy
	DropNoPort                        // output to a port that is not there
	DropMTU                           // longer than the egress port's MTU
	DropSend                          // the egress port refused the frame
	DropSendQueue                     // the egress port's send buffer was full
	DropLinkDown                      // the egress port's interface is down
	DropEdit                          // an action could not be done
	NumDropReasons
)

// Counters is one reading of a datapath's counters, since Open.
type Counters struct {
	ExactHits  uint64                 // frames that the exact-match caches knew
	MaskedHits uint64                 // frames that the shared cache knew
	Misses     uint64                 // frames that no cached flow matched
	Lost       uint64                 // misses and Controller copies that were dropped
	Flows      int                    // cached flows
	Masks      int                    // different masks among them
	Drops      [NumDropReasons]uint64 // frames dropped, by reason
}
