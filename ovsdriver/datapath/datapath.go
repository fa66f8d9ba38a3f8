// Package datapath is the seam between policy and mechanism: what ovsdriver
// wants of a thing that forwards frames. A datapath holds ports and a cache of
// flows (key, mask, actions); a frame that no cached flow matches goes up as a
// miss. It knows nothing of OpenFlow tables.
//
// Two datapaths implement it: kernel (the Linux openvswitch module over generic
// netlink) and userspace (AF_PACKET). The suite in datapathtest holds both, and
// its fake, to the comments of this package.
package datapath

import (
	"errors"
	"strconv"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// Datapath is one switch's forwarding plane. Its methods are called by the main
// goroutine only, unless a comment says otherwise.
type Datapath interface {
	Flows
	Ports
	Meters

	// Features says what cached flows can match and do. It does not change.
	Features() Features

	// Execute sends frames of the daemon's own making (packet-outs). It waits
	// for no peer; the frames may be reused when it returns. The error is
	// about the whole batch; a frame that can't be sent is a counted drop.
	Execute(batch []Execution) error

	// Receivers makes the n receivers among which ports are spread. It is
	// called once, before the first AddPort.
	Receivers(n int) ([]Receiver, error)

	// Close stops every receiver (their Receive returns net.ErrClosed), ends
	// what it started, and removes the datapath from the system, with the
	// interfaces that it has made.
	Close() error
}

// Receiver is one upcall worker's end of the datapath. In the embedded
// datapath the goroutine that calls Receive is the one that forwards: it polls
// its ports, serves what is cached, and returns only the misses.
//
// One goroutine at a time uses a Receiver.
type Receiver interface {
	// Receive blocks until there is at least one upcall and fills batch from
	// its beginning. Frames and keys stay valid until the next Receive; the
	// caller may edit the frames in place. After Close it returns
	// net.ErrClosed. Other errors are counted by the caller, who calls again.
	Receive(batch []Upcall) (n int, err error)

	// Execute runs a batch, in order, in as few system calls as it can. Frames
	// may be those of the current batch of upcalls.
	Execute(batch []Execution) error
}

// Flows is the cache. A flow is named by an id that the caller chooses and
// never reuses while the flow lives.
type Flows interface {
	// PutFlows installs flows, or replaces the mask and actions of those whose
	// id and masked key are there already. errs[i] becomes the error of
	// batch[i], or nil; the batch goes on past errors. len(errs) == len(batch).
	PutFlows(batch []Flow, errs []error)

	// DeleteFlows removes flows and stores each one's last counters in
	// last[i], or ErrNoFlow in errs[i]. All three have one length. When it
	// returns, no later frame is forwarded by these flows.
	DeleteFlows(batch []FlowID, last []FlowStats, errs []error)

	// FlushFlows removes all flows; their counters are lost.
	FlushFlows() error

	// DumpFlows calls fn with the counters of all flows, in batches that are
	// valid only during the call. It may run on any one goroutine besides main.
	DumpFlows(fn func([]FlowStats) error) error
}

// Ports adds and removes ports.
type Ports interface {
	// AddPort attaches a port. The errors that callers decide on are
	// ErrNoInterface, ErrPortExists and ErrBusy.
	AddPort(spec PortSpec) error

	// DeletePort detaches a port; ErrNoPort if there is none.
	DeletePort(no PortNo) error

	// ListPorts appends the attached ports, by number, to dst.
	ListPorts(dst []PortSpec) ([]PortSpec, error)

	// PortDrops tells what the datapath itself has dropped at a port since it
	// was attached; nothing, if there is no such port.
	PortDrops(no PortNo) PortDrops

	// PortEvents delivers what happened to ports behind our back (a vport
	// removed by another program, a device gone). It is closed by Close. It
	// never blocks the datapath: when full, PortsChanged says "list again".
	PortEvents() <-chan PortEvent
}

// PortDrops counts frames that a datapath dropped at a port, of which the
// counters of the port's interface know nothing.
type PortDrops struct {
	Rx uint64 // that came in by it
	Tx uint64 // that were to leave by it
}

// Errors that callers decide on.
var (
	ErrNoFlow      = errors.New("no such flow in the datapath")
	ErrNoPort      = errors.New("no such port in the datapath")
	ErrPortExists  = errors.New("port or interface exists already")
	ErrNoInterface = errors.New("no such network interface")
	ErrBusy        = errors.New("interface belongs to another switch or bridge")
	ErrExists      = errors.New("another flow has this match already")
	ErrTooMany     = errors.New("datapath limit reached")
	ErrUnsupported = errors.New("datapath cannot do this")
)

// PortNo is a port's number, the same on both sides of the seam: OpenFlow's
// (1 to 0xffff here), with Local for the switch's own port.
type PortNo uint32

// Local is the switch's own port, OFPP_LOCAL. The kernel calls it 0.
const Local PortNo = 0xfffffffe

// String is the number, or LOCAL; for logs.
func (n PortNo) String() string {
	if n == Local {
		return "LOCAL"
	}
	return strconv.FormatUint(uint64(n), 10)
}

// PortKind says what a port is made of.
type PortKind uint8

// The kinds of ports.
const (
	Netdev    PortKind = iota // an interface that exists already
	Internal                  // an interface that the datapath makes, by which the host takes part
	LocalPort                 // the internal port named like the datapath, numbered Local
)

// PortSpec describes a port.
type PortSpec struct {
	No   PortNo
	Name string // interface name
	Kind PortKind
}

// PortEventKind says what happened to a port.
type PortEventKind uint8

// The kinds of port events.
const (
	PortAdded    PortEventKind = iota // by another program
	PortRemoved                       // by another program, or its interface is gone
	PortsChanged                      // events were lost: list the ports
	DatapathGone                      // the whole datapath was removed by another program
)

// PortEvent is a change that this program did not make.
type PortEvent struct {
	Kind PortEventKind
	Port PortSpec
}

// FlowID names a cached flow. Zero names none.
type FlowID uint64

// Flow is one entry of the cache: frames whose key fits Match get Actions. No
// actions means drop. Pipeline words of Match.Mask are zero, and its other bits
// are within Features.KeyMask.
type Flow struct {
	ID      FlowID
	Match   flowtable.Match
	Actions []Act
}

// FlowStats is one reading of a cached flow's counters, counted since it was
// installed.
type FlowStats struct {
	ID      FlowID
	Packets uint64
	Bytes   uint64
	Used    int64 // CLOCK_MONOTONIC nanoseconds of the last frame; 0 for never

	// Dropped is what the first of the flow's Meter actions has dropped of these
	// frames, and what those after it have. A datapath that has meters of its own
	// may not know, and leaves it zero.
	Dropped [2]meter.Count
}

// UpcallKind says why a frame came up.
type UpcallKind uint8

// The kinds of upcalls.
const (
	Miss   UpcallKind = iota // no cached flow matched
	Action                   // a cached flow's Controller action; Frame is as edited so far
)

// Upcall is a frame that the datapath hands up.
type Upcall struct {
	Kind   UpcallKind
	Key    flowtable.Key // of the frame as it came in; of an Action, only the ports are to be relied on
	Frame  Frame
	Record uint64 // Action: the value of the Controller action
}

// Execution is a frame and what to do with it. Actions may edit the frame in
// place. Key is the frame's key before Actions; it names the ingress port.
type Execution struct {
	Frame   *Frame
	Key     *flowtable.Key
	Actions []Act
}

// Features is what a datapath's cached flows can do. What they cannot do goes
// by the slow path: package packet edits the frame, the datapath outputs it.
type Features struct {
	Name    string            // "kernel" or "userspace", for logs
	Version string            // of the module, or empty
	KeyMask flowtable.Mask    // bits that a cached flow can match
	Always  flowtable.Mask    // bits that every cached flow's mask has, looked at or not
	TagEdit flowtable.Mask    // bits that it has as well when it Sets a field of a VLAN tag
	Popped  [2]flowtable.Mask // bits that it has as well when it edits labels behind one pop to MPLS, and behind more
	Needs   []Need            // bits that it has as well when it has others
	Acts    uint64            // bit 1<<kind: that kind of action
	Sets    uint64            // bit 1<<field: Set of that field
	MaxActs int               // longest list of actions

	// OwnMeters says that the datapath has meters of its own beside those that
	// it is given; see Meters.
	OwnMeters bool
}

// Need says that a mask with any bit of If has all bits of Then: the kernel
// takes no fields of a header without what tells that the header is there.
type Need struct{ If, Then flowtable.Mask }

// Widen adds to m the bits that this datapath needs in the mask of a cached flow
// with these actions. The kernel matches some fields whether asked or not; a
// flow that claims otherwise is refused with ErrUnsupported.
func (f *Features) Widen(m *flowtable.Mask, acts []Act) {
	m.Merge(&f.Always)
	for i := range f.Needs {
		if overlap(m, &f.Needs[i].If) {
			m.Merge(&f.Needs[i].Then)
		}
	}
	pops := 0
	for i := range acts {
		switch a := &acts[i]; {
		case a.tagEdit():
			m.Merge(&f.TagEdit)
		case a.labelEdit():
			for n := range min(pops, len(f.Popped)) {
				m.Merge(&f.Popped[n])
			}
			if a.Kind == PopMPLS {
				pops++
			}
		}
	}
}

// tagEdit reports whether the action sets a field of a VLAN tag.
func (a *Act) tagEdit() bool {
	switch a.Field {
	case flowtable.VLANTCI, flowtable.VLANVID, flowtable.VLANPCP:
		return a.Kind == Set
	}
	return false
}

// labelEdit reports whether the action edits a label stack.
func (a *Act) labelEdit() bool {
	switch a.Field {
	case flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL:
		return a.Kind == Set
	}
	return a.Kind == PushMPLS || a.Kind == PopMPLS
}

func overlap(a, b *flowtable.Mask) bool {
	for i, w := range a {
		if w&b[i] != 0 {
			return true
		}
	}
	return false
}

// Can reports whether a cached flow can hold the action.
func (f *Features) Can(a *Act) bool {
	if f.Acts>>a.Kind&1 == 0 {
		return false
	}
	return a.Kind != Set || f.Sets>>a.Field&1 != 0
}
