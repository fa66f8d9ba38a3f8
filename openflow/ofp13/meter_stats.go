package ofp13

// MeterStatsRequest is the body of OFPMP_METER and OFPMP_METER_CONFIG requests
// (§7.3.5.12, §7.3.5.13).
type MeterStatsRequest struct {
	MeterID uint32 // MeterAll means every meter
}

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

// MeterConfig is one element of an OFPMP_METER_CONFIG reply (§7.3.5.13).
type MeterConfig struct {
	Flags   uint16 // OFPMF_*
	MeterID uint32
	Bands   []MeterBand
}

// MeterFeatures is the body of an OFPMP_METER_FEATURES reply (§7.3.5.14).
type MeterFeatures struct {
	MaxMeter     uint32 // how many meters there may be
	BandTypes    uint32 // bits 1 << OFPMBT_*
	Capabilities uint32 // OFPMF_*
	MaxBands     uint8  // per meter
	MaxColor     uint8
}
