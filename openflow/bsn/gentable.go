package bsn

import "encoding/binary"

// GentableEntryAdd is bsn_gentable_entry_add: it adds an entry to a generic
// table, or gives the entry of the same key a new value.
type GentableEntryAdd struct {
	TableID  uint16
	Checksum Checksum
	Key      TLVs
	Value    TLVs
}

// Append appends the body.
func (m *GentableEntryAdd) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, m.TableID)
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Key)))
	b = m.Checksum.Append(b)
	return append(append(b, m.Key...), m.Value...)
}

// Decode reads the body.
func (m *GentableEntryAdd) Decode(b []byte) (err error) {
	if err := checkAtLeast(b, "gentable entry add", 20); err != nil {
		return err
	}
	m.TableID = binary.BigEndian.Uint16(b)
	keyLen := int(binary.BigEndian.Uint16(b[2:]))
	if b, err = m.Checksum.DecodeNext(b[4:]); err != nil {
		return err
	}
	m.Key, m.Value, err = splitTLVs(b, keyLen)
	return err
}

// GentableEntryDelete is bsn_gentable_entry_delete: it deletes the entry of a
// key, if there is one.
type GentableEntryDelete struct {
	TableID uint16
	Key     TLVs
}

// Append appends the body.
func (m *GentableEntryDelete) Append(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, m.TableID), m.Key...)
}

// Decode reads the body.
func (m *GentableEntryDelete) Decode(b []byte) (err error) {
	if err := checkAtLeast(b, "gentable entry delete", 2); err != nil {
		return err
	}
	m.TableID = binary.BigEndian.Uint16(b)
	m.Key, err = checkTLVs(b[2:])
	return err
}

// GentableSetBucketsSize is bsn_gentable_set_buckets_size: how many checksum
// buckets a generic table has.
type GentableSetBucketsSize struct {
	TableID     uint16
	BucketsSize uint32 // a power of two
}

// Append appends the body.
func (m *GentableSetBucketsSize) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, m.TableID)
	return binary.BigEndian.AppendUint32(append(b, 0, 0), m.BucketsSize)
}

// Decode reads the body.
func (m *GentableSetBucketsSize) Decode(b []byte) error {
	if err := checkExact(b, "gentable set buckets size", 8); err != nil {
		return err
	}
	m.TableID, m.BucketsSize = binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[4:])
	return nil
}

// GentableRange names the entries of a generic table whose checksums agree with
// Checksum in the bits of Mask. It is the body of
// bsn_gentable_clear_request, which deletes them, and of
// bsn_gentable_entry_desc_stats_request and bsn_gentable_entry_stats_request.
type GentableRange struct {
	TableID  uint16
	Checksum Checksum // zero where Mask is zero
	Mask     Checksum // of leading bits
}

// Append appends the body.
func (m *GentableRange) Append(b []byte) []byte {
	b = append(binary.BigEndian.AppendUint16(b, m.TableID), 0, 0)
	return m.Mask.Append(m.Checksum.Append(b))
}

// Decode reads the body. What the checksums hold is for the table to judge.
func (m *GentableRange) Decode(b []byte) (err error) {
	if err := checkExact(b, "gentable range", 36); err != nil {
		return err
	}
	m.TableID = binary.BigEndian.Uint16(b)
	if b, err = m.Checksum.DecodeNext(b[4:]); err != nil {
		return err
	}
	_, err = m.Mask.DecodeNext(b)
	return err
}

// GentableCleared is the body of bsn_gentable_clear_reply.
type GentableCleared struct {
	TableID uint16
	Deleted uint32 // entries
	Errors  uint32 // entries that could not be deleted
}

// Append appends the body.
func (m *GentableCleared) Append(b []byte) []byte {
	b = append(binary.BigEndian.AppendUint16(b, m.TableID), 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Deleted)
	return binary.BigEndian.AppendUint32(b, m.Errors)
}

// Decode reads the body.
func (m *GentableCleared) Decode(b []byte) error {
	if err := checkExact(b, "gentable clear reply", 12); err != nil {
		return err
	}
	m.TableID = binary.BigEndian.Uint16(b)
	m.Deleted, m.Errors = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	return nil
}
