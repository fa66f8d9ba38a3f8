package gentable

import (
	"encoding/binary"
	"slices"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// What Indigo's table "test" tells of itself. It takes more entries than that,
// and suites give it more.
const (
	testRoom    = 1000
	testBuckets = 64
)

// maxTestVLAN is the largest VLAN id in a key.
const maxTestVLAN = 4094

// testItem is an entry of the table "test", whose key is a vlan_vid and an
// ipv4, and whose value is the mac of a host and perhaps idle_notification. An
// entry that was added with the latter refuses its first deletion, so that
// controllers can see a deletion fail.
type testItem struct {
	vlan     uint16 // never written again
	stubborn bool   // the next deletion fails
}

func newTestItem(key, value bsn.TLVs) (Item, error) {
	vlan, err := testKey(key)
	if err != nil {
		return nil, err
	}
	idle, err := testValue(value)
	if err != nil {
		return nil, err
	}
	return &testItem{vlan: vlan, stubborn: idle}, nil
}

// Modify checks the value, which nothing else follows from.
func (i *testItem) Modify(value bsn.TLVs) error {
	_, err := testValue(value)
	return err
}

// Delete may fail once.
func (i *testItem) Delete() error {
	if i.stubborn {
		i.stubborn = false
		return refuse(bsn.GentableErrorUnknown, "an entry with idle_notification refuses its first deletion")
	}
	return nil
}

// AppendStats appends numbers that follow from the key, as Indigo does.
func (i *testItem) AppendStats(b []byte) []byte {
	count := func(factor uint64) []byte {
		return binary.BigEndian.AppendUint64(nil, factor*uint64(i.vlan))
	}
	b = bsn.AppendTLV(b, bsn.TLVRxPackets, count(100))
	return bsn.AppendTLV(b, bsn.TLVTxPackets, count(101))
}

// testKey takes a key apart: one vlan_vid and one ipv4, in any order.
func testKey(key bsn.TLVs) (vlan uint16, err error) {
	if err := checkOnce(key, tlvRule{bsn.TLVVLANVID, 2, true}, tlvRule{bsn.TLVIPv4, 4, true}); err != nil {
		return 0, err
	}
	for typ, value := range key.All() {
		if typ == bsn.TLVVLANVID {
			vlan = binary.BigEndian.Uint16(value)
		}
	}
	if vlan > maxTestVLAN {
		return 0, refuse(bsn.GentableErrorParam, "vlan_vid %d is above %d", vlan, maxTestVLAN)
	}
	return vlan, nil
}

// testValue takes a value apart: one mac, at most one idle_notification.
func testValue(value bsn.TLVs) (idle bool, err error) {
	if err := checkOnce(value, tlvRule{bsn.TLVMAC, 6, true}, tlvRule{bsn.TLVIdleNotification, 0, false}); err != nil {
		return false, err
	}
	for typ, value := range value.All() {
		switch {
		case typ == bsn.TLVIdleNotification:
			idle = true
		case value[0]&1 != 0:
			return false, refuse(bsn.GentableErrorParam, "mac %x is a group's, not a host's", value)
		}
	}
	return idle, nil
}

// tlvRule says of a type of TLV what may be in a list, once.
type tlvRule struct {
	typ    uint16
	size   int // of the value
	needed bool
}

// checkOnce checks that a list has the TLVs that it needs, and none twice or of
// another type. A length that the type doesn't have is OFPBRC_BAD_LEN.
func checkOnce(list bsn.TLVs, rules ...tlvRule) error {
	seen := map[uint16]bool{}
	for typ, value := range list.All() {
		i := slices.IndexFunc(rules, func(r tlvRule) bool { return r.typ == typ })
		switch {
		case i < 0:
			return refuse(bsn.GentableErrorUnknown, "a TLV of type %d is not supported here", typ)
		case len(value) != rules[i].size:
			return ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen,
				"TLV of type %d has a value of %d bytes, not %d", typ, len(value), rules[i].size)
		case seen[typ]:
			return refuse(bsn.GentableErrorParam, "TLV of type %d is there twice", typ)
		}
		seen[typ] = true
	}
	for _, rule := range rules {
		if rule.needed && !seen[rule.typ] {
			return refuse(bsn.GentableErrorParam, "TLV of type %d is missing", rule.typ)
		}
	}
	return nil
}
