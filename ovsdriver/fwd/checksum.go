package fwd

import (
	"iter"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Checksums returns the checksum of each table of the pipeline, the sum of its
// entries' cookies modulo 2^64 (bsn_flow_checksum of loxigen's openflow_input).
func (t *Tables) Checksums() iter.Seq2[uint8, uint64] {
	t.complete()
	return func(yield func(uint8, uint64) bool) {
		for id, c := range t.pipeline {
			if c != nil && !yield(uint8(id), t.tables[id].Checksum()) {
				return
			}
		}
	}
}

// ChecksumBuckets returns the checksum of each bucket of a table, in which the
// leading bits of the cookie choose the bucket. Errors are *ofp13.Error.
func (t *Tables) ChecksumBuckets(table uint8) ([]uint64, error) {
	t.complete()
	if t.pipeline.table(table) == nil {
		return nil, errChecksumTable(table)
	}
	return t.tables[table].ChecksumBuckets(), nil
}

// SetChecksumBuckets makes a table have so many checksum buckets: a power of two
// up to flowtable.MaxChecksumBuckets. It may take milliseconds for each ten
// thousand entries of the table. Errors are *ofp13.Error.
func (t *Tables) SetChecksumBuckets(table uint8, size uint32) error {
	t.complete()
	if t.pipeline.table(table) == nil {
		return errChecksumTable(table)
	}
	if size == 0 || size&(size-1) != 0 || size > flowtable.MaxChecksumBuckets {
		return errChecksum("%d checksum buckets: give a power of two up to %d", size, flowtable.MaxChecksumBuckets)
	}
	t.tables[table].SetChecksumBuckets(int(size))
	return nil
}

func errChecksumTable(table uint8) error {
	return errChecksum("table %d is not in the pipeline; its table features list the tables", table)
}

// errChecksum refuses as Indigo does: OFPET_BAD_REQUEST/OFPBRC_EPERM.
func errChecksum(format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestEPerm, format, args...)
}
