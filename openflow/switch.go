package openflow

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Switch is what sessions ask of the switch that they control. The parts are
// small so that one room can satisfy each. Every method runs on the main
// goroutine, in the order in which the requests of a connection came; none may
// block. Requests are as their decoders let them pass (see ofp13), and valid only
// during the call. A failure is an *ofp13.Error;
// any other error is answered as OFPET_BAD_REQUEST/OFPBRC_EPERM and logged.
type Switch interface {
	Describer
	Tables
	Groups
	Packets
	Ports
}

// Describer tells who the switch is.
type Describer interface {
	// Features fills the switch features (§7.3.1).
	Features(*ofp13.FeaturesReply)
	// Desc fills the description (§7.3.5.1).
	Desc(*ofp13.Desc)
	// Config and SetConfig read and write the fragment handling flags (§7.3.2).
	// miss_send_len belongs to each connection and is kept by the session.
	Config() (flags uint16)
	SetConfig(flags uint16) error
}

// Tables are the flow tables.
type Tables interface {
	FlowMod(*ofp13.FlowMod) error
	TableMod(*ofp13.TableMod) error

	// Commit makes the datapath obey every change so far, then calls done, on
	// the main goroutine, at once or later. A barrier reply is sent from done.
	Commit(done func())

	// FlowStats returns the entries that the request selects, as they are now,
	// AggregateStats their sum, a single element. There may be very many, so the
	// work is the stream's.
	FlowStats(*ofp13.FlowStatsRequest) (Stream, error)
	AggregateStats(*ofp13.FlowStatsRequest) (Stream, error)
	TableStats() Stream
	// TableFeatures answers the multipart in full; a non-empty request
	// configures (§7.3.5.5), which may be refused.
	TableFeatures(req []ofp13.TableFeatures) (Stream, error)
}

// Groups are groups, meters and queues.
type Groups interface {
	GroupMod(*ofp13.GroupMod) error
	GroupStats(group uint32) (Stream, error)
	GroupDesc() Stream
	GroupFeatures(*ofp13.GroupFeatures)

	MeterMod(*ofp13.MeterMod) error
	MeterStats(meter uint32) (Stream, error)
	MeterConfig(meter uint32) (Stream, error)
	MeterFeatures(*ofp13.MeterFeatures)

	// QueueStats and QueueConfig (§7.3.5.8, §7.3.6) return what reads the host's
	// queues. It may block, and is called once, off the main goroutine.
	QueueStats(port, queue uint32) (read func() (Stream, error), err error)
	QueueConfig(port uint32) (read func() ([]ofp13.PacketQueue, error), err error)
}

// Packets takes packets from controllers.
type Packets interface {
	PacketOut(*ofp13.PacketOut) error
}

// Ports are the switch's ports.
type Ports interface {
	PortMod(*ofp13.PortMod) error
	PortDesc() Stream
	PortStats(port uint32) (Stream, error)
}

// Experimenter carries out the extensions of one experimenter: its messages
// (§7.5.4) and its multiparts (§7.3.5.15), whose exp_types are two worlds. What
// holds for the methods of [Switch] holds for these; an exp_type that is not
// supported is OFPET_BAD_REQUEST/OFPBRC_BAD_EXP_TYPE.
type Experimenter interface {
	// Message carries out a message. The answer is nil if there is none.
	Message(*ofp13.Experimenter) (answer *ofp13.Experimenter, err error)
	// Writes reports whether messages of a type change the switch, which a slave
	// may not ask for (§6.3.5).
	Writes(expType uint32) bool
	// Multipart returns the elements that answer a request: what follows the
	// exp_type.
	Multipart(*ofp13.ExperimenterMultipart) (Stream, error)
}

// ConnectionWatcher is an Experimenter by whose messages controllers follow who
// else controls the switch, and in which role.
type ConnectionWatcher interface {
	Experimenter
	// WatchesConnections reports whether who sends a message of a type is told of
	// changes from then on.
	WatchesConnections(expType uint32) bool
	// Connections returns what it is told, unasked.
	Connections() *ofp13.Experimenter
}

// Stream is the body of a multipart reply; see ofp13.Stream.
type Stream = ofp13.Stream
