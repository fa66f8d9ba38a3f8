package bsn

import (
	"iter"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// FlowTables are the flow tables, of which each knows the sum of its entries'
// cookies: the checksum, of the whole and of buckets. The leading bits of a
// cookie say in which bucket it counts. Errors are *ofp13.Error.
type FlowTables interface {
	// Checksums returns the checksum of each table of the pipeline, by table id.
	Checksums() iter.Seq2[uint8, uint64]
	// ChecksumBuckets returns the checksum of each bucket of a table.
	ChecksumBuckets(table uint8) ([]uint64, error)
	// SetChecksumBuckets makes a table have so many buckets.
	SetChecksumBuckets(table uint8, size uint32) error
}

// Gentables are the generic tables. Requests are valid only during the call.
// Errors are *ofp13.Error; after one nothing has changed.
type Gentables interface {
	Add(*GentableEntryAdd) error
	Delete(*GentableEntryDelete) error
	Clear(*GentableRange) (GentableCleared, error)
	SetBucketsSize(*GentableSetBucketsSize) error

	Desc() []*GentableDesc
	Stats() []*GentableStats
	BucketStats(table uint16) ([]Checksum, error)
	// EntryDesc and EntryStats return the elements of entries as they are now.
	EntryDesc(*GentableRange) (ofp13.Stream, error)
	EntryStats(*GentableRange) (ofp13.Stream, error)
}

// Agent carries out what controllers ask of the extensions. Main goroutine
// only. It is the openflow.Experimenter of ID.
type Agent struct {
	Flows     FlowTables
	Gentables Gentables
	// Controllers lists the connections to the configured controllers.
	Controllers func() ControllerConnections
}

// WatchesConnections reports whether who sends messages of a type is told of
// changes of the controllers' connections: who has asked for their list. Indigo
// tells everyone, but other controllers than its own don't know the message.
func (a *Agent) WatchesConnections(expType uint32) bool {
	return expType == TypeControllerConnectionsRequest
}

// Connections returns the list of connections as a message.
func (a *Agent) Connections() *ofp13.Experimenter {
	return message(TypeControllerConnectionsReply, a.Controllers().Append(nil))
}

// Writes reports whether messages of a type change the switch.
func (a *Agent) Writes(expType uint32) bool {
	switch expType {
	case TypeGentableEntryAdd, TypeGentableEntryDelete, TypeGentableClearRequest,
		TypeGentableSetBucketsSize, TypeTableSetBucketsSize:
		return true
	}
	return false
}

// badExpType refuses what is not supported here.
func badExpType(what string, expType uint32) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExpType,
		"BSN %s %d is not supported", what, expType)
}

// Message carries out a message; the answer is nil if there is none.
func (a *Agent) Message(m *ofp13.Experimenter) (*ofp13.Experimenter, error) {
	switch m.ExpType {
	case TypeControllerConnectionsRequest:
		if err := checkExact(m.Data, "controller connections request", 0); err != nil {
			return nil, err
		}
		return a.Connections(), nil
	case TypeTableSetBucketsSize:
		var req TableSetBucketsSize
		if err := req.Decode(m.Data); err != nil {
			return nil, err
		}
		return nil, a.Flows.SetChecksumBuckets(req.TableID, req.BucketsSize)
	}
	return a.gentableMessage(m)
}

// gentableMessage is Message for generic tables.
func (a *Agent) gentableMessage(m *ofp13.Experimenter) (*ofp13.Experimenter, error) {
	switch m.ExpType {
	case TypeGentableEntryAdd:
		var req GentableEntryAdd
		if err := req.Decode(m.Data); err != nil {
			return nil, err
		}
		return nil, a.Gentables.Add(&req)
	case TypeGentableEntryDelete:
		var req GentableEntryDelete
		if err := req.Decode(m.Data); err != nil {
			return nil, err
		}
		return nil, a.Gentables.Delete(&req)
	case TypeGentableSetBucketsSize:
		var req GentableSetBucketsSize
		if err := req.Decode(m.Data); err != nil {
			return nil, err
		}
		return nil, a.Gentables.SetBucketsSize(&req)
	case TypeGentableClearRequest:
		return a.clear(m)
	}
	return nil, badExpType("message", m.ExpType)
}

func (a *Agent) clear(m *ofp13.Experimenter) (*ofp13.Experimenter, error) {
	var req GentableRange
	if err := req.Decode(m.Data); err != nil {
		return nil, err
	}
	cleared, err := a.Gentables.Clear(&req)
	if err != nil {
		return nil, err
	}
	return message(TypeGentableClearReply, cleared.Append(nil)), nil
}

// message is a whole message of this experimenter.
func message(expType uint32, data []byte) *ofp13.Experimenter {
	return &ofp13.Experimenter{Experimenter: ID, ExpType: expType, Data: data}
}
