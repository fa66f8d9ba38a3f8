package gentable

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func testKeyOf(vlan uint16, ip uint32) bsn.TLVs {
	b := bsn.AppendTLV(nil, bsn.TLVVLANVID, binary.BigEndian.AppendUint16(nil, vlan))
	return bsn.AppendTLV(b, bsn.TLVIPv4, binary.BigEndian.AppendUint32(nil, ip))
}

func testValueOf(mac byte) bsn.TLVs {
	return bsn.AppendTLV(nil, bsn.TLVMAC, []byte{4, 0, 0, 0, 0, mac})
}

func stubborn(value bsn.TLVs) bsn.TLVs {
	return bsn.AppendTLV(value, bsn.TLVIdleNotification, nil)
}

func all() *bsn.GentableRange { return &bsn.GentableRange{} }

func add(t *testing.T, r *Registry, key, value bsn.TLVs, sum bsn.Checksum) {
	t.Helper()
	if err := r.Add(&bsn.GentableEntryAdd{Checksum: sum, Key: key, Value: value}); err != nil {
		t.Fatal(err)
	}
}

// descs reads the entries of a range.
func descs(t *testing.T, r *Registry, m *bsn.GentableRange) (list []bsn.GentableEntryDesc) {
	t.Helper()
	stream, err := r.EntryDesc(m)
	if err != nil {
		t.Fatal(err)
	}
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var d bsn.GentableEntryDesc
		if rest, err := d.DecodeNext(b); err != nil || len(rest) > 0 {
			t.Fatalf("element %x: %v", b, err)
		}
		list = append(list, d)
	}
	return list
}

// wantGentableError wants a bsn.GentableError of a code about table 0.
func wantGentableError(t *testing.T, what string, err error, code uint16) {
	t.Helper()
	var e *ofp13.Error
	if !errors.As(err, &e) || !errors.Is(err, bsn.GentableError(code, 0, "")) {
		t.Errorf("%s: %v is no gentable error", what, err)
		return
	}
	if got := binary.BigEndian.Uint16(e.Detail); got != code || e.Detail[4] == 0 {
		t.Errorf("%s: %v has code %d, want %d, and a text", what, err, got, code)
	}
}

func wantBadRequest(t *testing.T, what string, err error, code uint16) {
	t.Helper()
	if !errors.Is(err, ofp13.Errorf(ofp13.ErrTypeBadRequest, code, "")) {
		t.Errorf("%s: %v, want code %d of OFPET_BAD_REQUEST", what, err, code)
	}
}
