package ofp13

// MeterMod is OFPT_METER_MOD (§7.3.4.4).
type MeterMod struct {
	Command uint16 // OFPMC_*
	Flags   uint16 // OFPMF_*
	MeterID uint32
	Bands   []MeterBand
}

// MeterBand is one band of a meter (§7.3.4.4); Type says which other fields
// mean something.
type MeterBand struct {
	Type         uint16 // OFPMBT_*
	Rate         uint32 // kbit/s, or packets/s with MeterFlagPKTPS
	BurstSize    uint32 // kbit or packets, with MeterFlagBurst
	PrecLevel    uint8  // MeterBandDSCPRemark
	Experimenter uint32 // MeterBandExperimenter: id
	Data         []byte // MeterBandExperimenter: what follows the id
}
