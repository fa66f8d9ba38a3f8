package ofp13

// QueueStatsRequest is the body of an OFPMP_QUEUE request (§7.3.5.8).
type QueueStatsRequest struct {
	PortNo  uint32 // PortAny means every port
	QueueID uint32 // QueueAll means every queue
}

// QueueStats is one element of an OFPMP_QUEUE reply (§7.3.5.8).
type QueueStats struct {
	PortNo       uint32
	QueueID      uint32
	TxBytes      uint64
	TxPackets    uint64
	TxErrors     uint64 // packets dropped because of overrun
	DurationSec  uint32
	DurationNsec uint32
}
