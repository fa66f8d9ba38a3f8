package bsn_test

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/gentable"
)

// flows are two flow tables, 1 and 7, of fixed checksums, that note what is set.
type flows struct {
	table uint8
	size  uint32
}

func (f *flows) Checksums() iter.Seq2[uint8, uint64] {
	return func(yield func(uint8, uint64) bool) { _ = yield(1, 5) && yield(7, 6) }
}

func (f *flows) ChecksumBuckets(table uint8) ([]uint64, error) {
	return []uint64{uint64(table), 7}, nil
}

func (f *flows) SetChecksumBuckets(table uint8, size uint32) error {
	f.table, f.size = table, size
	return nil
}

func newAgent() (*bsn.Agent, *flows) {
	f := &flows{}
	return &bsn.Agent{Flows: f, Gentables: gentable.NewRegistry(), Controllers: func() bsn.ControllerConnections {
		return bsn.ControllerConnections{{URI: "tcp://192.0.2.1:6653"}}
	}}, f
}

func wantBadRequest(t *testing.T, what string, err error, code uint16) {
	t.Helper()
	if !errors.Is(err, ofp13.Errorf(ofp13.ErrTypeBadRequest, code, "")) {
		t.Errorf("%s: %v, want code %d of OFPET_BAD_REQUEST", what, err, code)
	}
}

// Each message is known, of exactly its length, and all others are not.
func TestAgentMessages(t *testing.T) {
	sizes := map[uint32]int{
		bsn.TypeControllerConnectionsRequest: 0, bsn.TypeTableSetBucketsSize: 8, bsn.TypeGentableEntryAdd: 20,
		bsn.TypeGentableEntryDelete: 2, bsn.TypeGentableClearRequest: 36, bsn.TypeGentableSetBucketsSize: 8,
	}
	a, _ := newAgent()
	for expType := range uint32(100) {
		size, known := sizes[expType]
		_, err := a.Message(&ofp13.Experimenter{ExpType: expType, Data: make([]byte, size+1)})
		if !known {
			wantBadRequest(t, "unknown message", err, ofp13.BadRequestBadExpType)
			continue
		}
		wantBadRequest(t, "a byte too many", err, ofp13.BadRequestBadLen)
		if size > 0 {
			_, err = a.Message(&ofp13.Experimenter{ExpType: expType, Data: make([]byte, size-1)})
			wantBadRequest(t, "a byte too few", err, ofp13.BadRequestBadLen)
		}
		if _, err := a.Message(&ofp13.Experimenter{ExpType: expType, Data: make([]byte, size)}); errors.Is(err, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen, "")) {
			t.Errorf("message %d of %d bytes: %v", expType, size, err)
		}
	}
}

// The same for multiparts.
func TestAgentMultiparts(t *testing.T) {
	sizes := map[uint32]int{
		bsn.MultipartTableChecksums: 0, bsn.MultipartFlowChecksumBuckets: 1, bsn.MultipartGentableDesc: 0,
		bsn.MultipartGentableStats: 0, bsn.MultipartGentableBucketStats: 2, bsn.MultipartGentableEntryDesc: 36,
		bsn.MultipartGentableEntryStats: 36,
	}
	a, _ := newAgent()
	for expType := range uint32(100) {
		size, known := sizes[expType]
		_, err := a.Multipart(&ofp13.ExperimenterMultipart{ExpType: expType, Data: make([]byte, size+1)})
		if !known {
			wantBadRequest(t, "unknown multipart", err, ofp13.BadRequestBadExpType)
			continue
		}
		wantBadRequest(t, "a byte too many", err, ofp13.BadRequestBadLen)
		if _, err := a.Multipart(&ofp13.ExperimenterMultipart{ExpType: expType, Data: make([]byte, size)}); err != nil {
			t.Errorf("multipart %d of %d bytes: %v", expType, size, err)
		}
	}
}

// What a slave may not ask for, and who watches.
func TestAgentSaysWhatAMessageDoes(t *testing.T) {
	a, _ := newAgent()
	writing := []uint32{46, 47, 48, 50, 61}
	for expType := range uint32(100) {
		if got, want := a.Writes(expType), slices.Contains(writing, expType); got != want {
			t.Errorf("message %d: writes is %t", expType, got)
		}
		if got, want := a.WatchesConnections(expType), expType == 56; got != want {
			t.Errorf("message %d: watches is %t", expType, got)
		}
	}
}

// Requests reach the flow tables, and their answers the wire.
func TestAgentAndFlowTables(t *testing.T) {
	a, f := newAgent()
	size := bsn.TableSetBucketsSize{TableID: 3, BucketsSize: 16}
	answer, err := a.Message(&ofp13.Experimenter{ExpType: bsn.TypeTableSetBucketsSize, Data: size.Append(nil)})
	if answer != nil || err != nil || *f != (flows{3, 16}) {
		t.Errorf("%+v, %v; set %+v", answer, err, *f)
	}
	for _, tt := range []struct {
		expType uint32
		data    string
		want    string
	}{
		{bsn.MultipartTableChecksums, "", "\x01\x00\x00\x00\x00\x00\x00\x00\x05" + "\x07\x00\x00\x00\x00\x00\x00\x00\x06"},
		{bsn.MultipartFlowChecksumBuckets, "\x09", "\x00\x00\x00\x00\x00\x00\x00\x09" + "\x00\x00\x00\x00\x00\x00\x00\x07"},
	} {
		stream, err := a.Multipart(&ofp13.ExperimenterMultipart{ExpType: tt.expType, Data: []byte(tt.data)})
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for ok := true; ok; {
			got, ok = stream.Next(got)
		}
		if !bytes.Equal(got, []byte(tt.want)) {
			t.Errorf("multipart %d: %x, want %x", tt.expType, got, tt.want)
		}
	}
}
