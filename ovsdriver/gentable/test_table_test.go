package gentable

import (
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// What the table "test" refuses changes nothing, whether it would be a new
// entry or another value.
func TestRefusals(t *testing.T) {
	key, value := testKeyOf(5, 1), testValueOf(1)
	vlan, ip := key[:6], key[6:]
	group := bsn.AppendTLV(nil, bsn.TLVMAC, []byte{1, 0, 0, 0, 0, 1})
	port := bsn.AppendTLV(nil, 0, []byte{0, 0, 0, 1})
	join := func(lists ...bsn.TLVs) bsn.TLVs { return slices.Concat(lists...) }
	for _, tt := range []struct {
		name       string
		key, value bsn.TLVs
		code       uint16
	}{
		{"no key", nil, value, bsn.GentableErrorParam},
		{"no vlan_vid", ip, value, bsn.GentableErrorParam},
		{"no ipv4", vlan, value, bsn.GentableErrorParam},
		{"vlan_vid twice", join(key, vlan), value, bsn.GentableErrorParam},
		{"vlan_vid 4095", testKeyOf(4095, 1), value, bsn.GentableErrorParam},
		{"port in the key", join(key, port), value, bsn.GentableErrorUnknown},
		{"no value", key, nil, bsn.GentableErrorParam},
		{"mac of a group", key, group, bsn.GentableErrorParam},
		{"mac twice", key, join(value, value), bsn.GentableErrorParam},
		{"idle_notification twice", key, stubborn(stubborn(value)), bsn.GentableErrorParam},
		{"idle_notification alone", key, stubborn(nil), bsn.GentableErrorParam},
		{"port in the value", key, join(value, port), bsn.GentableErrorUnknown},
	} {
		r := NewRegistry()
		m := &bsn.GentableEntryAdd{Key: tt.key, Value: tt.value, Checksum: bsn.Checksum{Lo: 5}}
		wantGentableError(t, tt.name, r.Add(m), tt.code)
		if s := r.Stats()[0]; s.Entries != 0 || s.Checksum.Lo != 0 {
			t.Errorf("%s: left %+v", tt.name, *s)
		}
		if !slices.Equal(tt.key, key) {
			continue
		}
		add(t, r, key, value, bsn.Checksum{Lo: 3})
		wantGentableError(t, tt.name+", as a change", r.Add(m), tt.code)
		if s := r.Stats()[0]; s.Entries != 1 || s.Checksum.Lo != 3 {
			t.Errorf("%s, as a change: left %+v", tt.name, *s)
		}
	}
}

// A TLV of a length that its type does not have is malformed, not a refusal.
func TestTLVLengths(t *testing.T) {
	for _, m := range []bsn.GentableEntryAdd{
		{Key: bsn.AppendTLV(nil, bsn.TLVVLANVID, []byte{1}), Value: testValueOf(1)},
		{Key: bsn.AppendTLV(testKeyOf(1, 1)[:6], bsn.TLVIPv4, make([]byte, 5)), Value: testValueOf(1)},
		{Key: testKeyOf(1, 1), Value: bsn.AppendTLV(nil, bsn.TLVMAC, nil)},
		{Key: testKeyOf(1, 1), Value: bsn.AppendTLV(testValueOf(1), bsn.TLVIdleNotification, []byte{1})},
	} {
		wantBadRequest(t, "add", NewRegistry().Add(&m), ofp13.BadRequestBadLen)
	}
}

// The statistics of an entry follow from its VLAN, whatever the order in its
// key, and the limits are allowed.
func TestStats(t *testing.T) {
	for vlan, want := range map[uint16]string{
		0:    "\x00\x02\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00",
		4094: "\x00\x02\x00\x0c\x00\x00\x00\x00\x00\x06\x3f\x38\x00\x03\x00\x0c\x00\x00\x00\x00\x00\x06\x4f\x36",
	} {
		key := testKeyOf(vlan, 1)
		for _, key := range []bsn.TLVs{key, slices.Concat(key[6:], key[:6])} {
			item, err := newTestItem(key, testValueOf(1))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(item.AppendStats(nil)); got != want {
				t.Errorf("VLAN %d: %x, want %x", vlan, got, want)
			}
		}
	}
}
