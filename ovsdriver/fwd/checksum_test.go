package fwd

import (
	"errors"
	"maps"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Only tables of the pipeline have checksums.
func TestChecksumsOfThePipeline(t *testing.T) {
	r := newRig(t)
	if n := len(maps.Collect(r.tables.Checksums())); n != 254 {
		t.Errorf("%d checksums at first, want 254", n)
	}
	r.configure(smallTable(0, 9), smallTable(9))
	for port := range uint64(2) {
		r.flowMod(ofp13.FlowMod{TableID: 9, Cookie: 1 << 63, Match: match(inPort(1 + port))})
	}
	r.flowMod(ofp13.FlowMod{TableID: 9, Cookie: 41, Match: match(inPort(3))})
	if got := maps.Collect(r.tables.Checksums()); !maps.Equal(got, map[uint8]uint64{0: 0, 9: 41}) {
		t.Errorf("checksums %v, want 41 of table 9, and 0 of table 0", got)
	}
	for table, want := range map[uint8]error{0: nil, 9: nil, 1: errBadRequest(ofp13.BadRequestEPerm), 255: errBadRequest(ofp13.BadRequestEPerm)} {
		if err := r.tables.SetChecksumBuckets(table, 2); !errors.Is(err, want) {
			t.Errorf("buckets for table %d: %v, want %v", table, err, want)
		}
		if sums, err := r.tables.ChecksumBuckets(table); !errors.Is(err, want) || want == nil && len(sums) != 2 {
			t.Errorf("buckets of table %d: %v, %v; want %v", table, sums, err, want)
		}
	}
}

func errBadRequest(code uint16) error { return &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: code} }
