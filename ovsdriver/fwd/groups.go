package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Groups answers for groups, meters and queues. This switch has none yet: what
// would make or use one is refused with the error that says so, features say
// the same, and what only deletes or lists succeeds and finds nothing, since
// controllers do both whenever they connect. Main goroutine only.
type Groups struct {
	tables *Tables // for the ports
}

// NewGroups returns the groups, meters and queues of a switch.
func NewGroups(tables *Tables) *Groups { return &Groups{tables} }

// GroupMod refuses to add or modify a group and deletes what there is: none
// (§7.3.4.2).
func (g *Groups) GroupMod(m *ofp13.GroupMod) error {
	failed := func(code uint16, why string) error {
		return ofp13.Errorf(ofp13.ErrTypeGroupModFailed, code, "group %d: %s", m.GroupID, why)
	}
	switch {
	case m.Command > ofp13.GroupDelete:
		return failed(ofp13.GroupModFailedBadCommand, "the command is none of OFPGC_*")
	case m.Command == ofp13.GroupDelete:
		return nil
	case m.GroupID > ofp13.GroupMax:
		return failed(ofp13.GroupModFailedInvalidGroup, "only a deletion can name a reserved group")
	case m.Type > ofp13.GroupTypeFastFailover:
		return failed(ofp13.GroupModFailedBadType, "the type is none of OFPGT_*")
	case m.Command == ofp13.GroupModify:
		return failed(ofp13.GroupModFailedUnknownGroup, "there is none")
	}
	return failed(ofp13.GroupModFailedOutOfGroups, "this switch has room for none; see its group features")
}

// GroupStats returns the statistics of groups (§7.3.5.9).
func (g *Groups) GroupStats(uint32) (ofp13.Stream, error) {
	return &ofp13.Elements[*ofp13.GroupStats]{}, nil
}

// GroupDesc returns the descriptions of groups (§7.3.5.10).
func (g *Groups) GroupDesc() ofp13.Stream { return &ofp13.Elements[*ofp13.GroupDesc]{} }

// GroupFeatures says what groups there can be (§7.3.5.11).
func (g *Groups) GroupFeatures(f *ofp13.GroupFeatures) { *f = ofp13.GroupFeatures{} }

// MeterMod refuses to add or modify a meter and deletes what there is: none
// (§7.3.4.4).
func (g *Groups) MeterMod(m *ofp13.MeterMod) error {
	switch m.Command {
	case ofp13.MeterDelete:
		return nil
	case ofp13.MeterModify:
		return errUnknownMeter(m.MeterID)
	case ofp13.MeterAdd:
		return ofp13.Errorf(ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedOutOfMeters,
			"meter %d: this switch has room for none; see its meter features", m.MeterID)
	}
	return ofp13.Errorf(ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedBadCommand,
		"meter %d: command %d is none of OFPMC_*", m.MeterID, m.Command)
}

func errUnknownMeter(id uint32) error {
	return ofp13.Errorf(ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedUnknownMeter, "there is no meter %d", id)
}

// MeterStats returns the statistics of meters (§7.3.5.12); of all, or of one
// that does not exist, which is an error.
func (g *Groups) MeterStats(meter uint32) (ofp13.Stream, error) {
	if meter != ofp13.MeterAll {
		return nil, errUnknownMeter(meter)
	}
	return &ofp13.Elements[*ofp13.MeterStats]{}, nil
}

// MeterConfig returns the configuration of meters (§7.3.5.13), as MeterStats.
func (g *Groups) MeterConfig(meter uint32) (ofp13.Stream, error) {
	if meter != ofp13.MeterAll {
		return nil, errUnknownMeter(meter)
	}
	return &ofp13.Elements[*ofp13.MeterConfig]{}, nil
}

// MeterFeatures says what meters there can be (§7.3.5.14).
func (g *Groups) MeterFeatures(f *ofp13.MeterFeatures) { *f = ofp13.MeterFeatures{} }

// QueueStats returns the statistics of queues (§7.3.5.8). Ports without queues
// are no error; ports and queues that do not exist are.
func (g *Groups) QueueStats(port, queue uint32) (ofp13.Stream, error) {
	if err := g.checkPort(port); err != nil {
		return nil, err
	}
	if queue != ofp13.QueueAll {
		return nil, ofp13.Errorf(ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedBadQueue,
			"there is no queue %d at port %d", queue, port)
	}
	return &ofp13.Elements[*ofp13.QueueStats]{}, nil
}

// QueueConfig returns the queues of a port, or of OFPP_ANY (§7.3.6).
func (g *Groups) QueueConfig(port uint32) ([]ofp13.PacketQueue, error) {
	return nil, g.checkPort(port)
}

// checkPort refuses ports that do not exist.
func (g *Groups) checkPort(port uint32) error {
	if port == ofp13.PortAny || g.tables.ports.Get(datapath.PortNo(port)) != nil {
		return nil
	}
	return ofp13.Errorf(ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedBadPort, "there is no port %d", port)
}
