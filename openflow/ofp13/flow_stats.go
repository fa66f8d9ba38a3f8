package ofp13

// FlowStatsRequest is the body of OFPMP_FLOW and OFPMP_AGGREGATE requests
// (§7.3.5.2, §7.3.5.3).
type FlowStatsRequest struct {
	TableID    uint8  // TableAll means every table
	OutPort    uint32 // PortAny means no restriction
	OutGroup   uint32 // GroupAny means no restriction
	Cookie     uint64
	CookieMask uint64
	Match      Match
}

// FlowStats is one element of an OFPMP_FLOW reply (§7.3.5.2).
type FlowStats struct {
	TableID      uint8
	DurationSec  uint32
	DurationNsec uint32
	Priority     uint16
	IdleTimeout  uint16
	HardTimeout  uint16
	Flags        uint16 // OFPFF_*
	Cookie       uint64
	PacketCount  uint64
	ByteCount    uint64
	Match        Match
	Instructions []Instruction
}

// AggregateStats is the body of an OFPMP_AGGREGATE reply (§7.3.5.3).
type AggregateStats struct {
	PacketCount uint64
	ByteCount   uint64
	FlowCount   uint32
}
