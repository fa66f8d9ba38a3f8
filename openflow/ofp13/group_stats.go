package ofp13

import "encoding/binary"

// GroupStatsRequest is the body of an OFPMP_GROUP request (§7.3.5.9).
type GroupStatsRequest struct {
	GroupID uint32 // GroupAll means every group
}

// Append appends the body.
func (m *GroupStatsRequest) Append(b []byte) []byte {
	return appendPad(binary.BigEndian.AppendUint32(b, m.GroupID), 4)
}

// Decode reads the body.
func (m *GroupStatsRequest) Decode(b []byte) error {
	if err := checkBody(b, "group statistics request", 8); err != nil {
		return err
	}
	m.GroupID = binary.BigEndian.Uint32(b)
	return nil
}

// groupStatsLen is the size of a group's statistics before those of its buckets.
const groupStatsLen = 40

// GroupStats is one element of an OFPMP_GROUP reply (§7.3.5.9).
type GroupStats struct {
	GroupID      uint32
	RefCount     uint32 // flow entries and groups that forward to this one
	PacketCount  uint64
	ByteCount    uint64
	DurationSec  uint32
	DurationNsec uint32
	Buckets      []BucketCounter
}

// BucketCounter counts one bucket (§7.3.5.9).
type BucketCounter struct {
	PacketCount uint64
	ByteCount   uint64
}

// Append appends the element.
func (m *GroupStats) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(groupStatsLen+16*len(m.Buckets)))
	b = appendPad(b, 2)
	b = binary.BigEndian.AppendUint32(b, m.GroupID)
	b = binary.BigEndian.AppendUint32(b, m.RefCount)
	b = appendPad(b, 4)
	b = binary.BigEndian.AppendUint64(b, m.PacketCount)
	b = binary.BigEndian.AppendUint64(b, m.ByteCount)
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	b = binary.BigEndian.AppendUint32(b, m.DurationNsec)
	for _, c := range m.Buckets {
		b = binary.BigEndian.AppendUint64(b, c.PacketCount)
		b = binary.BigEndian.AppendUint64(b, c.ByteCount)
	}
	return b
}

// DecodeNext reads the first element of b.
func (m *GroupStats) DecodeNext(b []byte) (rest []byte, err error) {
	m.Buckets = m.Buckets[:0]
	b, rest, err = cutElement(b, "group statistics", groupStatsLen)
	if err != nil {
		return nil, err
	}
	if (len(b)-groupStatsLen)%16 != 0 {
		return nil, badLen("group statistics have %d bytes, no whole number of buckets", len(b))
	}
	m.GroupID = binary.BigEndian.Uint32(b[4:])
	m.RefCount = binary.BigEndian.Uint32(b[8:])
	m.PacketCount = binary.BigEndian.Uint64(b[16:])
	m.ByteCount = binary.BigEndian.Uint64(b[24:])
	m.DurationSec = binary.BigEndian.Uint32(b[32:])
	m.DurationNsec = binary.BigEndian.Uint32(b[36:])
	for b = b[groupStatsLen:]; len(b) > 0; b = b[16:] {
		m.Buckets = append(m.Buckets, BucketCounter{
			PacketCount: binary.BigEndian.Uint64(b),
			ByteCount:   binary.BigEndian.Uint64(b[8:]),
		})
	}
	return rest, nil
}

// GroupDesc is one element of an OFPMP_GROUP_DESC reply (§7.3.5.10).
type GroupDesc struct {
	Type    uint8 // OFPGT_*
	GroupID uint32
	Buckets []Bucket
}

// Append appends the element.
func (m *GroupDesc) Append(b []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, m.Type, 0)
	b = binary.BigEndian.AppendUint32(b, m.GroupID)
	return finishElement(appendList(b, m.Buckets), start)
}

// DecodeNext reads the first element of b.
func (m *GroupDesc) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "group description", 8)
	if err != nil {
		return nil, err
	}
	m.Type = b[2]
	m.GroupID = binary.BigEndian.Uint32(b[4:])
	m.Buckets, err = decodeList(b[8:], m.Buckets)
	return rest, err
}

// GroupFeatures is the body of an OFPMP_GROUP_FEATURES reply (§7.3.5.11).
// Arrays are indexed by group type.
type GroupFeatures struct {
	Types        uint32    // bits 1 << OFPGT_*
	Capabilities uint32    // OFPGFC_*
	MaxGroups    [4]uint32 // how many groups of the type there may be
	Actions      [4]uint32 // bits 1 << OFPAT_*
}

// Append appends the body.
func (m *GroupFeatures) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.Types)
	b = binary.BigEndian.AppendUint32(b, m.Capabilities)
	for _, n := range m.MaxGroups {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for _, bits := range m.Actions {
		b = binary.BigEndian.AppendUint32(b, bits)
	}
	return b
}

// Decode reads the body.
func (m *GroupFeatures) Decode(b []byte) error {
	if err := checkBody(b, "group features", 40); err != nil {
		return err
	}
	m.Types = binary.BigEndian.Uint32(b)
	m.Capabilities = binary.BigEndian.Uint32(b[4:])
	for i := range m.MaxGroups {
		m.MaxGroups[i] = binary.BigEndian.Uint32(b[8+4*i:])
		m.Actions[i] = binary.BigEndian.Uint32(b[24+4*i:])
	}
	return nil
}
