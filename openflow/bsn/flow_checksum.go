package bsn

import "encoding/binary"

// TableSetBucketsSize is bsn_table_set_buckets_size: how many checksum buckets a
// flow table has.
type TableSetBucketsSize struct {
	TableID     uint8
	BucketsSize uint32 // a power of two
}

// Append appends the body.
func (m *TableSetBucketsSize) Append(b []byte) []byte {
	b = append(b, 0, m.TableID, 0, 0)
	return binary.BigEndian.AppendUint32(b, m.BucketsSize)
}

// Decode reads the body.
func (m *TableSetBucketsSize) Decode(b []byte) error {
	if err := checkExact(b, "table set buckets size", 8); err != nil {
		return err
	}
	m.TableID, m.BucketsSize = b[1], binary.BigEndian.Uint32(b[4:])
	return nil
}

// FlowChecksumBucketsRequest asks for the checksum of every bucket of a flow
// table (bsn_flow_checksum_bucket_stats_request).
type FlowChecksumBucketsRequest struct{ TableID uint8 }

// Append appends the body.
func (m *FlowChecksumBucketsRequest) Append(b []byte) []byte { return append(b, m.TableID) }

// Decode reads the body.
func (m *FlowChecksumBucketsRequest) Decode(b []byte) error {
	if err := checkExact(b, "flow checksum bucket request", 1); err != nil {
		return err
	}
	m.TableID = b[0]
	return nil
}

// FlowChecksumBucket is the sum of the cookies in one bucket; the elements of a
// reply are in the order of the buckets (bsn_flow_checksum_bucket_stats_entry).
type FlowChecksumBucket uint64

// Append appends the element.
func (m FlowChecksumBucket) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(m))
}

// DecodeNext reads the first element of b.
func (m *FlowChecksumBucket) DecodeNext(b []byte) (rest []byte, err error) {
	if err := checkAtLeast(b, "flow checksum bucket", 8); err != nil {
		return nil, err
	}
	*m = FlowChecksumBucket(binary.BigEndian.Uint64(b))
	return b[8:], nil
}

// TableChecksum is the sum of the cookies in one flow table
// (bsn_table_checksum_stats_entry). The request has no body.
type TableChecksum struct {
	TableID  uint8
	Checksum uint64
}

// Append appends the element, which is not aligned.
func (m *TableChecksum) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(b, m.TableID), m.Checksum)
}

// DecodeNext reads the first element of b.
func (m *TableChecksum) DecodeNext(b []byte) (rest []byte, err error) {
	if err := checkAtLeast(b, "table checksum", 9); err != nil {
		return nil, err
	}
	m.TableID, m.Checksum = b[0], binary.BigEndian.Uint64(b[1:])
	return b[9:], nil
}
