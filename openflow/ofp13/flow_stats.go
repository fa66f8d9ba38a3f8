package ofp13

import "encoding/binary"

// flowStatsLen is the size of a flow's statistics before its match.
const flowStatsLen = 48

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

// Append appends the body.
func (m *FlowStatsRequest) Append(b []byte) []byte {
	b = append(b, m.TableID, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.OutPort)
	b = binary.BigEndian.AppendUint32(b, m.OutGroup)
	b = appendPad(b, 4)
	b = binary.BigEndian.AppendUint64(b, m.Cookie)
	b = binary.BigEndian.AppendUint64(b, m.CookieMask)
	return m.Match.append(b)
}

// Decode reads the body.
func (m *FlowStatsRequest) Decode(b []byte) error {
	if len(b) < 40 {
		return badLen("flow statistics request has %d bytes, not 40 or more", len(b))
	}
	m.TableID = b[0]
	m.OutPort = binary.BigEndian.Uint32(b[4:])
	m.OutGroup = binary.BigEndian.Uint32(b[8:])
	m.Cookie = binary.BigEndian.Uint64(b[16:])
	m.CookieMask = binary.BigEndian.Uint64(b[24:])
	rest, err := m.Match.decode(b[32:])
	if err == nil && len(rest) > 0 {
		err = badLen("flow statistics request has %d bytes behind its match", len(rest))
	}
	return err
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

// Append appends the element.
func (m *FlowStats) Append(b []byte) []byte {
	start := len(b)
	b = m.appendNumbers(b)
	b = m.Match.append(b)
	return finishElement(appendList(b, m.Instructions), start)
}

// AppendEncoded is Append with a match and instructions as they are on the wire
// (Match.Append, AppendInstructions), in place of m's own.
func (m *FlowStats) AppendEncoded(b []byte, match, instructions string) []byte {
	start := len(b)
	b = m.appendNumbers(b)
	b = append(b, match...)
	return finishElement(append(b, instructions...), start)
}

// appendNumbers appends all but match and instructions, without a length.
func (m *FlowStats) appendNumbers(b []byte) []byte {
	b = append(b, 0, 0, m.TableID, 0)
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	b = binary.BigEndian.AppendUint32(b, m.DurationNsec)
	b = binary.BigEndian.AppendUint16(b, m.Priority)
	b = binary.BigEndian.AppendUint16(b, m.IdleTimeout)
	b = binary.BigEndian.AppendUint16(b, m.HardTimeout)
	b = binary.BigEndian.AppendUint16(b, m.Flags)
	b = appendPad(b, 4)
	b = binary.BigEndian.AppendUint64(b, m.Cookie)
	b = binary.BigEndian.AppendUint64(b, m.PacketCount)
	return binary.BigEndian.AppendUint64(b, m.ByteCount)
}

// DecodeNext reads the first element of b.
func (m *FlowStats) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "flow statistics", flowStatsLen+8)
	if err != nil {
		return nil, err
	}
	m.TableID = b[2]
	m.DurationSec = binary.BigEndian.Uint32(b[4:])
	m.DurationNsec = binary.BigEndian.Uint32(b[8:])
	m.Priority = binary.BigEndian.Uint16(b[12:])
	m.IdleTimeout = binary.BigEndian.Uint16(b[14:])
	m.HardTimeout = binary.BigEndian.Uint16(b[16:])
	m.Flags = binary.BigEndian.Uint16(b[18:])
	m.Cookie = binary.BigEndian.Uint64(b[24:])
	m.PacketCount = binary.BigEndian.Uint64(b[32:])
	m.ByteCount = binary.BigEndian.Uint64(b[40:])
	if b, err = m.Match.decode(b[flowStatsLen:]); err != nil {
		return nil, err
	}
	m.Instructions, err = decodeInstructions(b, m.Instructions)
	return rest, err
}

// AggregateStats is the body of an OFPMP_AGGREGATE reply (§7.3.5.3).
type AggregateStats struct {
	PacketCount uint64
	ByteCount   uint64
	FlowCount   uint32
}

// Append appends the body.
func (m *AggregateStats) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, m.PacketCount)
	b = binary.BigEndian.AppendUint64(b, m.ByteCount)
	b = binary.BigEndian.AppendUint32(b, m.FlowCount)
	return appendPad(b, 4)
}

// Decode reads the body.
func (m *AggregateStats) Decode(b []byte) error {
	if err := checkBody(b, "aggregate statistics", 24); err != nil {
		return err
	}
	m.PacketCount = binary.BigEndian.Uint64(b)
	m.ByteCount = binary.BigEndian.Uint64(b[8:])
	m.FlowCount = binary.BigEndian.Uint32(b[16:])
	return nil
}
