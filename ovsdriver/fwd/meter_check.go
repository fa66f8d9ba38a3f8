package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// What meters there can be.
const (
	maxMeters = 8192
	maxBands  = 16
	maxLevels = 3 // of drop precedence (RFC 2597 §6)
)

const meterUnits = ofp13.MeterFlagKBPS | ofp13.MeterFlagPKTPS

// check refuses a meter-mod that adds or modifies what cannot be.
func (t *meterTable) check(m *ofp13.MeterMod) error {
	id, there := m.MeterID, t.members[m.MeterID] != nil
	switch {
	case m.Command == ofp13.MeterModify && !there:
		return errUnknownMeter(id)
	case id == 0 || id > ofp13.MeterMax && id != ofp13.MeterSlowpath && id != ofp13.MeterController:
		return meterError(id, ofp13.MeterModFailedInvalidMeter, "meters are 1 to %#x, OFPM_SLOWPATH and OFPM_CONTROLLER", ofp13.MeterMax)
	case m.Command == ofp13.MeterAdd && there:
		return meterError(id, ofp13.MeterModFailedMeterExists, "it is there; modify it, or delete it first")
	case !there && len(t.members) >= t.max:
		return meterError(id, ofp13.MeterModFailedOutOfMeters, "there are %d, and can be no more", t.max)
	case len(m.Bands) > maxBands:
		return meterError(id, ofp13.MeterModFailedOutOfBands, "%d bands; at most %d", len(m.Bands), maxBands)
	}
	for i := range m.Bands {
		if err := checkBand(m, &m.Bands[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkBand refuses a band that no meter can have.
func checkBand(m *ofp13.MeterMod, b *ofp13.MeterBand) error {
	virtual := m.MeterID > ofp13.MeterMax
	switch {
	case b.Type == ofp13.MeterBandExperimenter:
		return meterError(m.MeterID, ofp13.MeterModFailedBadBand, "no experimenter's bands are known")
	case b.Type == ofp13.MeterBandDSCPRemark && virtual:
		return meterError(m.MeterID, ofp13.MeterModFailedBadBand, "a virtual meter can only drop")
	case b.Rate == 0:
		return meterError(m.MeterID, ofp13.MeterModFailedBadRate, "a band needs a rate")
	case m.Flags&ofp13.MeterFlagBurst != 0 && b.BurstSize == 0:
		return meterError(m.MeterID, ofp13.MeterModFailedBadBurst, "with OFPMF_BURST a band needs a burst size")
	case b.Type == ofp13.MeterBandDSCPRemark && (b.PrecLevel == 0 || b.PrecLevel > maxLevels):
		return meterError(m.MeterID, ofp13.MeterModFailedBadBandValue,
			"drop precedence can be raised by 1 to %d, not by %d", maxLevels, b.PrecLevel)
	}
	return nil
}

// meterConfig puts what a meter-mod says into the terms of package meter.
// Without a unit, rates are of kilobits (§7.3.4.4).
func meterConfig(m *ofp13.MeterMod) meter.Config {
	c := meter.Config{PerPacket: m.Flags&ofp13.MeterFlagPKTPS != 0, Bands: make([]meter.Band, len(m.Bands))}
	for i := range m.Bands {
		b := &c.Bands[i]
		b.Rate, b.Then = m.Bands[i].Rate, meter.Drop
		if m.Flags&ofp13.MeterFlagBurst != 0 {
			b.Burst = m.Bands[i].BurstSize
		}
		if m.Bands[i].Type == ofp13.MeterBandDSCPRemark {
			b.Then = meter.Verdict(m.Bands[i].PrecLevel)
		}
	}
	return c
}

func errUnknownMeter(id uint32) error {
	return meterError(id, ofp13.MeterModFailedUnknownMeter, "there is none; add it first")
}
