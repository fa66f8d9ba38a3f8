package ofp13

// PortStatsRequest is the body of an OFPMP_PORT_STATS request (§7.3.5.6).
type PortStatsRequest struct {
	PortNo uint32 // PortAny means every port
}

// PortStats is one element of an OFPMP_PORT_STATS reply (§7.3.5.6). A counter
// that is not available is all ones.
type PortStats struct {
	PortNo       uint32
	RxPackets    uint64
	TxPackets    uint64
	RxBytes      uint64
	TxBytes      uint64
	RxDropped    uint64
	TxDropped    uint64
	RxErrors     uint64
	TxErrors     uint64
	RxFrameErr   uint64
	RxOverErr    uint64
	RxCRCErr     uint64
	Collisions   uint64
	DurationSec  uint32
	DurationNsec uint32
}
