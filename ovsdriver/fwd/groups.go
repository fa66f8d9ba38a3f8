package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

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
