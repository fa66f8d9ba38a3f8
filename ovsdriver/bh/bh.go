// Package bh is the bottom-half channel: the only way by which upcall workers
// ask the main goroutine for something. Requests go in lanes of one kind each,
// every lane with a quota, so that a storm of one kind cannot starve another.
// A sender never waits: if its lane is full, the request is dropped and counted.
package bh

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Kind is the kind of a request, and its lane.
type Kind uint8

// The kinds, in the order in which Drain serves them.
const (
	PacketIn       Kind = iota // a packet of the slow path that goes to the controller
	CachedPacketIn             // a packet that a cached flow's Controller action handed up
	Trace                      // a flow that missed, while somebody traces: explain it
	Install                    // a flow seen twice: cache it
	NumKinds
)

// Request is what a worker asks for. It belongs to the sender from Reserve to
// Submit, then to main until Drain's callback returns.
type Request struct {
	Kind Kind
	Key  flowtable.Key // of the frame as it came in

	// Frame is a copy of the frame for the controller, as edited so far, with
	// what is left to be done to it; for Trace and Install it is empty.
	Frame datapath.Frame

	// Record is the value of the Controller action; only CachedPacketIn. The
	// fields after it are then unknown.
	Record uint64

	// The rest describes a PacketIn (§7.4.1).
	Table    uint8
	Reason   uint8  // OFPR_*
	MaxLen   uint16 // of the output action
	Cookie   uint64
	Metadata uint64
	TunnelID uint64

	buf   []byte // the request's own buffer of smallFrame bytes; nil without a frame
	large []byte // a borrowed buffer of largeFrame bytes, or nil
}

// Quota bounds the lanes. Zero means the default.
type Quota struct {
	PacketIn       int // default 512
	CachedPacketIn int // default 512
	Trace          int // default 64
	Install        int // default 1024
	Large          int // frames above 2 KB waiting at once, default 64
}

// Count is what a lane has seen.
type Count struct {
	Sent    uint64 // requests submitted
	Dropped uint64 // requests that found the lane, or the large buffers, all taken
}
