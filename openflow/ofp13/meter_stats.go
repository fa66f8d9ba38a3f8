package ofp13

import "encoding/binary"

// MeterStatsRequest is the body of OFPMP_METER and OFPMP_METER_CONFIG requests
// (§7.3.5.12, §7.3.5.13).
type MeterStatsRequest struct {
	MeterID uint32 // MeterAll means every meter
}

// Append appends the body.
func (m *MeterStatsRequest) Append(b []byte) []byte {
	return appendPad(binary.BigEndian.AppendUint32(b, m.MeterID), 4)
}

// Decode reads the body.
func (m *MeterStatsRequest) Decode(b []byte) error {
	if err := checkBody(b, "meter statistics request", 8); err != nil {
		return err
	}
	m.MeterID = binary.BigEndian.Uint32(b)
	return nil
}

// meterStatsLen is the size of a meter's statistics before those of its bands.
const meterStatsLen = 40

// MeterStats is one element of an OFPMP_METER reply (§7.3.5.12).
type MeterStats struct {
	MeterID       uint32
	FlowCount     uint32
	PacketInCount uint64
	ByteInCount   uint64
	DurationSec   uint32
	DurationNsec  uint32
	Bands         []MeterBandStats
}

// MeterBandStats counts one band (§7.3.5.12).
type MeterBandStats struct {
	PacketBandCount uint64
	ByteBandCount   uint64
}

// Append appends the element.
func (m *MeterStats) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.MeterID)
	b = binary.BigEndian.AppendUint16(b, uint16(meterStatsLen+16*len(m.Bands)))
	b = appendPad(b, 6)
	b = binary.BigEndian.AppendUint32(b, m.FlowCount)
	b = binary.BigEndian.AppendUint64(b, m.PacketInCount)
	b = binary.BigEndian.AppendUint64(b, m.ByteInCount)
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	b = binary.BigEndian.AppendUint32(b, m.DurationNsec)
	for _, c := range m.Bands {
		b = binary.BigEndian.AppendUint64(b, c.PacketBandCount)
		b = binary.BigEndian.AppendUint64(b, c.ByteBandCount)
	}
	return b
}

// DecodeNext reads the first element of b.
func (m *MeterStats) DecodeNext(b []byte) (rest []byte, err error) {
	m.Bands = m.Bands[:0]
	if len(b) < meterStatsLen {
		return nil, badLen("meter statistics have %d bytes, not %d or more", len(b), meterStatsLen)
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n < meterStatsLen || n > len(b) || (n-meterStatsLen)%16 != 0 {
		return nil, badLen("meter statistics say %d bytes of %d", n, len(b))
	}
	m.MeterID = binary.BigEndian.Uint32(b)
	m.FlowCount = binary.BigEndian.Uint32(b[12:])
	m.PacketInCount = binary.BigEndian.Uint64(b[16:])
	m.ByteInCount = binary.BigEndian.Uint64(b[24:])
	m.DurationSec = binary.BigEndian.Uint32(b[32:])
	m.DurationNsec = binary.BigEndian.Uint32(b[36:])
	for c := b[meterStatsLen:n]; len(c) > 0; c = c[16:] {
		m.Bands = append(m.Bands, MeterBandStats{
			PacketBandCount: binary.BigEndian.Uint64(c),
			ByteBandCount:   binary.BigEndian.Uint64(c[8:]),
		})
	}
	return b[n:], nil
}

// MeterConfig is one element of an OFPMP_METER_CONFIG reply (§7.3.5.13).
type MeterConfig struct {
	Flags   uint16 // OFPMF_*
	MeterID uint32
	Bands   []MeterBand
}

// Append appends the element.
func (m *MeterConfig) Append(b []byte) []byte {
	start := len(b)
	b = appendPad(b, 2)
	b = binary.BigEndian.AppendUint16(b, m.Flags)
	b = binary.BigEndian.AppendUint32(b, m.MeterID)
	return finishElement(appendList(b, m.Bands), start)
}

// DecodeNext reads the first element of b.
func (m *MeterConfig) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "meter configuration", 8)
	if err != nil {
		return nil, err
	}
	m.Flags = binary.BigEndian.Uint16(b[2:])
	m.MeterID = binary.BigEndian.Uint32(b[4:])
	m.Bands, err = decodeList(b[8:], m.Bands)
	return rest, err
}

// MeterFeatures is the body of an OFPMP_METER_FEATURES reply (§7.3.5.14).
type MeterFeatures struct {
	MaxMeter     uint32 // how many meters there may be
	BandTypes    uint32 // bits 1 << OFPMBT_*
	Capabilities uint32 // OFPMF_*
	MaxBands     uint8  // per meter
	MaxColor     uint8
}

// Append appends the body.
func (m *MeterFeatures) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.MaxMeter)
	b = binary.BigEndian.AppendUint32(b, m.BandTypes)
	b = binary.BigEndian.AppendUint32(b, m.Capabilities)
	return append(b, m.MaxBands, m.MaxColor, 0, 0)
}

// Decode reads the body.
func (m *MeterFeatures) Decode(b []byte) error {
	if err := checkBody(b, "meter features", 16); err != nil {
		return err
	}
	m.MaxMeter = binary.BigEndian.Uint32(b)
	m.BandTypes = binary.BigEndian.Uint32(b[4:])
	m.Capabilities = binary.BigEndian.Uint32(b[8:])
	m.MaxBands = b[12]
	m.MaxColor = b[13]
	return nil
}
