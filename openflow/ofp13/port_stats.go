package ofp13

import "encoding/binary"

// PortStatsRequest is the body of an OFPMP_PORT_STATS request (§7.3.5.6).
type PortStatsRequest struct {
	PortNo uint32 // PortAny means every port
}

// Append appends the body.
func (m *PortStatsRequest) Append(b []byte) []byte {
	return appendPad(binary.BigEndian.AppendUint32(b, m.PortNo), 4)
}

// Decode reads the body.
func (m *PortStatsRequest) Decode(b []byte) error {
	if err := checkBody(b, "port statistics request", 8); err != nil {
		return err
	}
	m.PortNo = binary.BigEndian.Uint32(b)
	return nil
}

const portStatsLen = 112

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

// Append appends the element.
func (m *PortStats) Append(b []byte) []byte {
	b = appendPad(binary.BigEndian.AppendUint32(b, m.PortNo), 4)
	for _, c := range m.counters() {
		b = binary.BigEndian.AppendUint64(b, *c)
	}
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	return binary.BigEndian.AppendUint32(b, m.DurationNsec)
}

// DecodeNext reads the first element of b.
func (m *PortStats) DecodeNext(b []byte) (rest []byte, err error) {
	if len(b) < portStatsLen {
		return nil, badLen("port statistics have %d bytes, not %d", len(b), portStatsLen)
	}
	m.PortNo = binary.BigEndian.Uint32(b)
	for i, c := range m.counters() {
		*c = binary.BigEndian.Uint64(b[8+8*i:])
	}
	m.DurationSec = binary.BigEndian.Uint32(b[104:])
	m.DurationNsec = binary.BigEndian.Uint32(b[108:])
	return b[portStatsLen:], nil
}

// counters are in the order of the wire.
func (m *PortStats) counters() [12]*uint64 {
	return [12]*uint64{
		&m.RxPackets, &m.TxPackets, &m.RxBytes, &m.TxBytes, &m.RxDropped, &m.TxDropped,
		&m.RxErrors, &m.TxErrors, &m.RxFrameErr, &m.RxOverErr, &m.RxCRCErr, &m.Collisions,
	}
}
