package ofp13

import "encoding/binary"

// QueueStatsRequest is the body of an OFPMP_QUEUE request (§7.3.5.8).
type QueueStatsRequest struct {
	PortNo  uint32 // PortAny means every port
	QueueID uint32 // QueueAll means every queue
}

// Append appends the body.
func (m *QueueStatsRequest) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.PortNo)
	return binary.BigEndian.AppendUint32(b, m.QueueID)
}

// Decode reads the body.
func (m *QueueStatsRequest) Decode(b []byte) error {
	if err := checkBody(b, "queue statistics request", 8); err != nil {
		return err
	}
	m.PortNo = binary.BigEndian.Uint32(b)
	m.QueueID = binary.BigEndian.Uint32(b[4:])
	return nil
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

// Append appends the element.
func (m *QueueStats) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.PortNo)
	b = binary.BigEndian.AppendUint32(b, m.QueueID)
	b = binary.BigEndian.AppendUint64(b, m.TxBytes)
	b = binary.BigEndian.AppendUint64(b, m.TxPackets)
	b = binary.BigEndian.AppendUint64(b, m.TxErrors)
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	return binary.BigEndian.AppendUint32(b, m.DurationNsec)
}

// DecodeNext reads the first element of b.
func (m *QueueStats) DecodeNext(b []byte) (rest []byte, err error) {
	if len(b) < 40 {
		return nil, badLen("queue statistics have %d bytes, not 40", len(b))
	}
	m.PortNo = binary.BigEndian.Uint32(b)
	m.QueueID = binary.BigEndian.Uint32(b[4:])
	m.TxBytes = binary.BigEndian.Uint64(b[8:])
	m.TxPackets = binary.BigEndian.Uint64(b[16:])
	m.TxErrors = binary.BigEndian.Uint64(b[24:])
	m.DurationSec = binary.BigEndian.Uint32(b[32:])
	m.DurationNsec = binary.BigEndian.Uint32(b[36:])
	return b[40:], nil
}
