package fwd

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// selectMeters returns the meters that a request selects, by id; OFPM_ALL means
// all. One that is not there is OFPMMFC_UNKNOWN_METER.
func (t *Tables) selectMeters(id uint32) ([]*meterEntry, error) {
	t.complete()
	members := t.meters.members
	if id != ofp13.MeterAll {
		m := members[id]
		if m == nil {
			return nil, errUnknownMeter(id)
		}
		return []*meterEntry{m}, nil
	}
	list := make([]*meterEntry, 0, len(members))
	for _, id := range slices.Sorted(maps.Keys(members)) {
		list = append(list, members[id])
	}
	return list, nil
}

// MeterStats returns the statistics of a meter, or of all for OFPM_ALL
// (§7.3.5.12), as they are now. Errors are *ofp13.Error, but for a failure of the
// datapath.
func (s *Meters) MeterStats(id uint32) (ofp13.Stream, error) {
	list, err := s.tables.selectMeters(id)
	if err != nil {
		return nil, err
	}
	own, err := s.tables.meters.readOwn(list)
	if err != nil {
		return nil, err
	}
	now := s.tables.cfg.Now()
	stats := make(ofp13.Elements[*ofp13.MeterStats], len(list))
	for i, m := range list {
		stats[i] = m.stats(&own[i], now)
	}
	return &stats, nil
}

// readOwn reads what the datapath has counted by itself for each meter.
func (t *meterTable) readOwn(list []*meterEntry) ([]meter.Stats, error) {
	own := make([]meter.Stats, len(list))
	var ids []uint32
	var places []int
	for i, m := range list {
		if m.held != nil {
			ids, places = append(ids, m.id), append(places, i)
		}
	}
	if len(ids) == 0 {
		return own, nil
	}
	read := make([]meter.Stats, len(ids))
	if err := t.dp.ReadMeters(ids, read); err != nil {
		return nil, fmt.Errorf("meters of the datapath: %w", err)
	}
	for i, place := range places {
		own[place] = read[i]
	}
	return own, nil
}

// stats sums what a meter has counted here, in the datapath (own), and before.
func (m *meterEntry) stats(own *meter.Stats, now int64) *ofp13.MeterStats {
	var here, former meter.Stats
	m.version.Stats(&here)
	in := m.past.In.Plus(here.In).Plus(own.In)
	for _, f := range m.former {
		f.Stats(&former)
		in = in.Plus(former.In)
	}
	bands := sumBands(here.Bands, m.past.Bands)
	if m.held == m.version.Meter {
		bands = sumBands(bands, own.Bands)
	}
	sec, nsec := duration(m.created, now)
	s := &ofp13.MeterStats{
		MeterID:       m.id,
		FlowCount:     uint32(len(m.entries)),
		PacketInCount: in.Packets,
		ByteInCount:   in.Bytes,
		DurationSec:   sec,
		DurationNsec:  nsec,
	}
	for _, b := range bands {
		s.Bands = append(s.Bands, ofp13.MeterBandStats{PacketBandCount: b.Packets, ByteBandCount: b.Bytes})
	}
	return s
}

// MeterConfig returns the configuration of a meter as it was sent, or of all for
// OFPM_ALL (§7.3.5.13). Errors are *ofp13.Error.
func (s *Meters) MeterConfig(id uint32) (ofp13.Stream, error) {
	list, err := s.tables.selectMeters(id)
	if err != nil {
		return nil, err
	}
	configs := make(ofp13.Elements[*ofp13.MeterConfig], len(list))
	for i, m := range list {
		configs[i] = &ofp13.MeterConfig{Flags: m.flags, MeterID: m.id, Bands: m.bands}
	}
	return &configs, nil
}

// MeterFeatures says what meters there can be (§7.3.5.14). It is so on every
// datapath: what the datapath's meters cannot do, user space does. No band
// colours packets.
func (s *Meters) MeterFeatures(f *ofp13.MeterFeatures) {
	*f = ofp13.MeterFeatures{
		MaxMeter:     uint32(s.tables.meters.max),
		BandTypes:    1<<ofp13.MeterBandDrop | 1<<ofp13.MeterBandDSCPRemark,
		Capabilities: uint32(meterUnits | ofp13.MeterFlagBurst | ofp13.MeterFlagStats),
		MaxBands:     maxBands,
	}
}
