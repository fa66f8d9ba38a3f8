package datapath

import "github.com/ivs-go/ivs/flowtable"

// ActKind is the kind of a datapath action.
type ActKind uint8

// The kinds. Numbers on the wire are the implementations' affair.
const (
	Output     ActKind = iota // send a copy of the frame, as it is now, to Port
	Controller                // hand a copy up as an Action upcall with Value as its Record
	Set                       // write Value into Field, checksums included
	PushVLAN                  // new outermost tag: TPID EtherType, TCI Value (PCP, VID; DEI is sent as 0)
	PopVLAN                   // remove the outermost tag
	PushMPLS                  // new label stack entry Value, EtherType 0x8847 or 0x8848; see below for its place
	PopMPLS                   // remove the outermost entry; EtherType is what follows
	PushPBB                   // new I-TAG and Ethernet header; ISID Value
	PopPBB                    // remove them
	Meter                     // pass or drop by meter Value
	Hash                      // compute the flow hash into DPHash; only read, of other programs' flows
	Recirc                    // look the frame up again with RecircID Value; likewise
	Clone                     // the next Value actions work on a copy; after them the frame is as before
	Queue                     // later outputs use the class with handle Value, tc's MAJOR<<16|MINOR, of their port; 0, as at first, is none
	CopyTTLOut                // write the next-to-outermost TTL into the outermost header with one
	CopyTTLIn                 // write the outermost TTL into the next-to-outermost header with one
)

// A pushed label stack entry goes behind all VLAN tags, before what they are
// followed by (OpenFlow 1.3.5 §7.2.5); or behind as many tags as Value has in its
// upper half, if that is not 0. Its lower half is the entry.

// Act is one datapath action. Lists of them are flat and reusable; no field
// points anywhere. Every datapath does Output and Queue, cached and executed.
type Act struct {
	Kind      ActKind
	Field     flowtable.Field // Set
	EtherType uint16          // PushVLAN, PushMPLS, PopMPLS
	Port      PortNo          // Output
	Value     uint64
}
