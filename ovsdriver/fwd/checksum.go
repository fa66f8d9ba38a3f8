package fwd

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Checksums returns the checksum of each table, the sum of its entries' cookies
// modulo 2^64 (bsn_flow_checksum of loxigen's openflow_input).
func (t *Tables) Checksums() []uint64 {
	sums := make([]uint64, len(t.tables))
	for id := range t.tables {
		sums[id] = t.tables[id].Checksum()
	}
	return sums
}

// ChecksumBuckets returns the checksum of each bucket of a table, in which the
// leading bits of the cookie choose the bucket. Errors are *ofp13.Error.
func (t *Tables) ChecksumBuckets(table uint8) ([]uint64, error) {
	if table >= translate.NumTables {
		return nil, errChecksum("table %d: tables are 0 to %d", table, translate.NumTables-1)
	}
	return t.tables[table].ChecksumBuckets(), nil
}

// SetChecksumBuckets makes a table have so many checksum buckets: a power of two
// up to flowtable.MaxChecksumBuckets. It may take milliseconds for each ten
// thousand entries of the table. Errors are *ofp13.Error.
func (t *Tables) SetChecksumBuckets(table uint8, size uint32) error {
	if table >= translate.NumTables {
		return errChecksum("table %d: tables are 0 to %d", table, translate.NumTables-1)
	}
	if size == 0 || size&(size-1) != 0 || size > flowtable.MaxChecksumBuckets {
		return errChecksum("%d checksum buckets: give a power of two up to %d", size, flowtable.MaxChecksumBuckets)
	}
	t.tables[table].SetChecksumBuckets(int(size))
	return nil
}

// errChecksum refuses as Indigo does: OFPET_BAD_REQUEST/OFPBRC_EPERM.
func errChecksum(format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestEPerm, format, args...)
}
