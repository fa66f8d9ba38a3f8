package ofp13

import "encoding/binary"

// TableStats is one element of an OFPMP_TABLE reply (§7.3.5.4).
type TableStats struct {
	TableID      uint8
	ActiveCount  uint32
	LookupCount  uint64
	MatchedCount uint64
}

// Append appends the element.
func (m *TableStats) Append(b []byte) []byte {
	b = append(b, m.TableID, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.ActiveCount)
	b = binary.BigEndian.AppendUint64(b, m.LookupCount)
	return binary.BigEndian.AppendUint64(b, m.MatchedCount)
}

// DecodeNext reads the first element of b.
func (m *TableStats) DecodeNext(b []byte) (rest []byte, err error) {
	if len(b) < 24 {
		return nil, badLen("table statistics have %d bytes, not 24", len(b))
	}
	m.TableID = b[0]
	m.ActiveCount = binary.BigEndian.Uint32(b[4:])
	m.LookupCount = binary.BigEndian.Uint64(b[8:])
	m.MatchedCount = binary.BigEndian.Uint64(b[16:])
	return b[24:], nil
}
