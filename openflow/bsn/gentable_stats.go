package bsn

import "encoding/binary"

// GentableBucketStatsRequest asks for the checksum of every bucket of a generic
// table (bsn_gentable_bucket_stats_request). The elements of the reply are
// Checksums, in the order of the buckets.
type GentableBucketStatsRequest struct{ TableID uint16 }

// Append appends the body.
func (m *GentableBucketStatsRequest) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint16(b, m.TableID)
}

// Decode reads the body.
func (m *GentableBucketStatsRequest) Decode(b []byte) error {
	if err := checkExact(b, "gentable bucket request", 2); err != nil {
		return err
	}
	m.TableID = binary.BigEndian.Uint16(b)
	return nil
}

const (
	gentableNameLen = 32 // of_table_name_t
	gentableDescLen = 48
)

// GentableDesc describes a generic table (bsn_gentable_desc_stats_entry). The
// request has no body.
type GentableDesc struct {
	TableID     uint16
	Name        string // at most 32 bytes
	BucketsSize uint32
	MaxEntries  uint32
}

// Append appends the element.
func (m *GentableDesc) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, gentableDescLen)
	b = binary.BigEndian.AppendUint16(b, m.TableID)
	b = appendString(b, m.Name, gentableNameLen)
	b = binary.BigEndian.AppendUint32(b, m.BucketsSize)
	b = binary.BigEndian.AppendUint32(b, m.MaxEntries)
	return append(b, 0, 0, 0, 0)
}

// DecodeNext reads the first element of b.
func (m *GentableDesc) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "gentable description", gentableDescLen)
	if err == nil && len(b) != gentableDescLen {
		err = badLen("gentable description says %d bytes, not %d", len(b), gentableDescLen)
	}
	if err != nil {
		return nil, err
	}
	*m = GentableDesc{
		TableID:     binary.BigEndian.Uint16(b[2:]),
		Name:        fixedString(b[4 : 4+gentableNameLen]),
		BucketsSize: binary.BigEndian.Uint32(b[36:]),
		MaxEntries:  binary.BigEndian.Uint32(b[40:]),
	}
	return rest, nil
}

// GentableStats is the state of a generic table (bsn_gentable_stats_entry). The
// request has no body.
type GentableStats struct {
	TableID  uint16
	Entries  uint32
	Checksum Checksum // the sum of its entries'
}

// Append appends the element.
func (m *GentableStats) Append(b []byte) []byte {
	b = append(binary.BigEndian.AppendUint16(b, m.TableID), 0, 0)
	return m.Checksum.Append(binary.BigEndian.AppendUint32(b, m.Entries))
}

// DecodeNext reads the first element of b.
func (m *GentableStats) DecodeNext(b []byte) (rest []byte, err error) {
	if err := checkAtLeast(b, "gentable statistics", 24); err != nil {
		return nil, err
	}
	m.TableID, m.Entries = binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[4:])
	return m.Checksum.DecodeNext(b[8:])
}

// GentableEntryDesc is an entry as it was added
// (bsn_gentable_entry_desc_stats_entry).
type GentableEntryDesc struct {
	Checksum Checksum
	Key      TLVs
	Value    TLVs
}

// Append appends the element.
func (m *GentableEntryDesc) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(20+len(m.Key)+len(m.Value)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Key)))
	b = m.Checksum.Append(b)
	return append(append(b, m.Key...), m.Value...)
}

// DecodeNext reads the first element of b.
func (m *GentableEntryDesc) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "gentable entry description", 20)
	if err != nil {
		return nil, err
	}
	keyLen := int(binary.BigEndian.Uint16(b[2:]))
	if b, err = m.Checksum.DecodeNext(b[4:]); err != nil {
		return nil, err
	}
	m.Key, m.Value, err = splitTLVs(b, keyLen)
	return rest, err
}

// GentableEntryStats is what has become of an entry
// (bsn_gentable_entry_stats_entry).
type GentableEntryStats struct {
	Key   TLVs
	Stats TLVs
}

// Append appends the element.
func (m *GentableEntryStats) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(m.Key)+len(m.Stats)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Key)))
	return append(append(b, m.Key...), m.Stats...)
}

// DecodeNext reads the first element of b.
func (m *GentableEntryStats) DecodeNext(b []byte) (rest []byte, err error) {
	b, rest, err = cutElement(b, "gentable entry statistics", 4)
	if err != nil {
		return nil, err
	}
	m.Key, m.Stats, err = splitTLVs(b[4:], int(binary.BigEndian.Uint16(b[2:])))
	return rest, err
}
