package e2e

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// gentableKey is a key of the generic table "test": a VLAN and an address.
func gentableKey(vlan uint16) bsn.TLVs {
	b := bsn.AppendTLV(nil, bsn.TLVVLANVID, binary.BigEndian.AppendUint16(nil, vlan))
	return bsn.AppendTLV(b, bsn.TLVIPv4, []byte{192, 0, 2, 1})
}

// gentableAdd adds an entry whose checksum begins with the VLAN's low byte.
func gentableAdd(vlan uint16, more ...byte) *ofp13.Experimenter {
	value := bsn.AppendTLV(nil, bsn.TLVMAC, []byte{0, 0x5e, 0, 0, 0, 1})
	return bsnMessage(bsn.TypeGentableEntryAdd, &bsn.GentableEntryAdd{
		Checksum: gentableSum(vlan), Key: gentableKey(vlan), Value: append(value, more...),
	})
}

func gentableSum(vlan uint16) bsn.Checksum {
	return bsn.Checksum{Hi: uint64(vlan&0xff) << 56, Lo: uint64(vlan)}
}

func gentableDelete(vlan uint16) *ofp13.Experimenter {
	return bsnMessage(bsn.TypeGentableEntryDelete, &bsn.GentableEntryDelete{Key: gentableKey(vlan)})
}

// gentableFails sends what must be answered by a gentable error of this code.
func (c *controller) gentableFails(t *testing.T, what string, m ofp13.Message, code uint16) {
	t.Helper()
	var e ofp13.ErrorMessage
	c.request(t, m, &e)
	if e.Type != ofp13.ErrTypeExperimenter || e.Code != 2 || e.Experimenter != bsn.ID || len(e.Data) < 260 {
		t.Fatalf("%s: error %+v", what, e)
	}
	if got := binary.BigEndian.Uint16(e.Data); got != code {
		t.Errorf("%s: gentable error %d (%s), want %d", what, got, bytes.TrimRight(e.Data[4:260], "\x00"), code)
	}
	if sent := m.AppendTo(nil, c.xid); !bytes.Equal(e.Data[260:], sent) {
		t.Errorf("%s: the error brings back %x, not %x", what, e.Data[260:], sent)
	}
}

// gentableClear clears the entries whose checksums begin with the first bits of
// a byte.
func (c *controller) gentableClear(t *testing.T, first byte, bits int) bsn.GentableCleared {
	t.Helper()
	m := &bsn.GentableRange{
		Checksum: bsn.Checksum{Hi: uint64(first) << 56},
		Mask:     bsn.Checksum{Hi: ^uint64(0) << (64 - bits)},
	}
	var cleared bsn.GentableCleared
	if err := cleared.Decode(c.bsnRequest(t, bsn.TypeGentableClearRequest, m, bsn.TypeGentableClearReply)); err != nil {
		t.Fatal(err)
	}
	return cleared
}

// A controller fills the generic table "test" as suites do, looks at it in every
// way, and empties it by parts.
func TestBSNGentable(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	elements, _ := c.bsnStats(t, bsn.MultipartGentableDesc, nil)
	if list := decodeAll[bsn.GentableDesc](t, elements); len(list) != 1 ||
		list[0] != (bsn.GentableDesc{Name: "test", BucketsSize: 64, MaxEntries: 1000}) {
		t.Errorf("generic tables %+v", list)
	}
	const many = 4095 // more than one part holds
	var total bsn.Checksum
	buckets := make([]bsn.Checksum, 64)
	for vlan := range uint16(many) {
		c.send(t, gentableAdd(vlan))
		total.Add(gentableSum(vlan))
		buckets[vlan&0xff>>2].Add(gentableSum(vlan))
	}
	c.barrier(t)

	elements, _ = c.bsnStats(t, bsn.MultipartGentableStats, nil)
	if list := decodeAll[bsn.GentableStats](t, elements); len(list) != 1 ||
		list[0] != (bsn.GentableStats{Entries: many, Checksum: total}) {
		t.Errorf("statistics %+v", list)
	}
	elements, _ = c.bsnStats(t, bsn.MultipartGentableBucketStats, &bsn.GentableBucketStatsRequest{})
	for i, sum := range decodeAll[bsn.Checksum](t, elements) {
		if sum != buckets[i] {
			t.Errorf("bucket %d is %x, want %x", i, sum, buckets[i])
		}
	}
	c.checkGentableEntries(t, many)

	for _, want := range []struct {
		first   byte
		bits    int
		deleted uint32
	}{{0xff, 8, 15}, {0xfe, 7, 16}, {0, 1, 128 * 16}, {0, 0, many - 15 - 16 - 128*16}, {0, 0, 0}} {
		if got := c.gentableClear(t, want.first, want.bits); got != (bsn.GentableCleared{Deleted: want.deleted}) {
			t.Errorf("cleared %+v, want %+v", got, want)
		}
	}
}

// checkGentableEntries looks at the entries and their statistics, of which there
// are more than one part holds.
func (c *controller) checkGentableEntries(t *testing.T, many int) {
	t.Helper()
	seen := map[uint16]bool{}
	elements, parts := c.bsnStats(t, bsn.MultipartGentableEntryDesc, &bsn.GentableRange{})
	for _, d := range decodeAll[bsn.GentableEntryDesc](t, elements) {
		vlan := binary.BigEndian.Uint16(d.Key[4:])
		seen[vlan] = true
		want := gentableAdd(vlan).Data
		if got := (&bsn.GentableEntryAdd{Checksum: d.Checksum, Key: d.Key, Value: d.Value}).Append(nil); !bytes.Equal(got, want) {
			t.Errorf("entry %x, want %x", got, want)
		}
	}
	if len(seen) != many || parts < 2 {
		t.Errorf("%d entries in %d parts", len(seen), parts)
	}
	clear(seen)
	elements, parts = c.bsnStats(t, bsn.MultipartGentableEntryStats, &bsn.GentableRange{})
	for _, s := range decodeAll[bsn.GentableEntryStats](t, elements) {
		vlan := binary.BigEndian.Uint16(s.Key[4:])
		seen[vlan] = true
		for typ, value := range s.Stats.All() {
			want := uint64(vlan) * map[uint16]uint64{bsn.TLVRxPackets: 100, bsn.TLVTxPackets: 101}[typ]
			if got := binary.BigEndian.Uint64(value); got != want {
				t.Errorf("VLAN %d: statistics %d are %d, want %d", vlan, typ, got, want)
			}
		}
	}
	if len(seen) != many || parts < 2 {
		t.Errorf("statistics of %d entries in %d parts", len(seen), parts)
	}
}

// Each refusal has its name, and changes nothing.
func TestBSNGentableRefusals(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	c.gentableFails(t, "VLAN 4095", gentableAdd(4095), bsn.GentableErrorParam)
	c.gentableFails(t, "unknown TLV", gentableAdd(1, 0, 0, 0, 8, 0, 0, 0, 1), bsn.GentableErrorUnknown)
	c.gentableFails(t, "7 buckets", bsnMessage(bsn.TypeGentableSetBucketsSize, &bsn.GentableSetBucketsSize{BucketsSize: 7}),
		bsn.GentableErrorUnknown)
	gap := &bsn.GentableRange{Mask: bsn.Checksum{Lo: 1}}
	c.gentableFails(t, "mask", bsnMessage(bsn.TypeGentableClearRequest, gap), bsn.GentableErrorParam)
	c.gentableFails(t, "mask", bsnMultipart(bsn.MultipartGentableEntryDesc, gap), bsn.GentableErrorParam)

	c.send(t, gentableAdd(5, 0, 7, 0, 4)) // idle_notification: its first deletion fails
	c.gentableFails(t, "deletion", gentableDelete(5), bsn.GentableErrorUnknown)
	c.checkGentableCount(t, 1)
	c.send(t, gentableDelete(5))
	c.send(t, gentableDelete(5)) // that it is not there is no error
	c.barrier(t)
	c.checkGentableCount(t, 0)

	for what, m := range map[string]ofp13.Message{
		"add": bsnMessage(bsn.TypeGentableEntryAdd, &bsn.GentableEntryAdd{TableID: 1}),
		"buckets": bsnMultipart(bsn.MultipartGentableBucketStats,
			&bsn.GentableBucketStatsRequest{TableID: 1}),
	} {
		c.refused(t, what, m, ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID)
	}
	short := gentableAdd(5)
	short.Data = short.Data[:len(short.Data)-1]
	c.refused(t, "cut short", short, ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen)
	c.checkGentableCount(t, 0)
}

func (c *controller) checkGentableCount(t *testing.T, want uint32) {
	t.Helper()
	elements, _ := c.bsnStats(t, bsn.MultipartGentableStats, nil)
	if list := decodeAll[bsn.GentableStats](t, elements); list[0].Entries != want {
		t.Errorf("%d entries, want %d", list[0].Entries, want)
	}
}

// A slave looks, but changes neither generic tables nor buckets.
func TestBSNSlave(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	c.send(t, gentableAdd(1))
	c.request(t, &ofp13.RoleRequest{Role: ofp13.RoleSlave}, &ofp13.RoleReply{})
	for what, m := range map[string]ofp13.Message{
		"add": gentableAdd(2), "delete": gentableDelete(1),
		"clear":            bsnMessage(bsn.TypeGentableClearRequest, &bsn.GentableRange{}),
		"gentable buckets": bsnMessage(bsn.TypeGentableSetBucketsSize, &bsn.GentableSetBucketsSize{BucketsSize: 8}),
		"table buckets":    bsnMessage(bsn.TypeTableSetBucketsSize, &bsn.TableSetBucketsSize{BucketsSize: 8}),
	} {
		c.refused(t, what, m, ofp13.ErrTypeBadRequest, ofp13.BadRequestIsSlave)
	}
	c.checkGentableCount(t, 1)
	if elements, _ := c.bsnStats(t, bsn.MultipartFlowChecksumBuckets, &bsn.FlowChecksumBucketsRequest{}); len(elements) != 128*8 {
		t.Errorf("%d bytes of buckets", len(elements))
	}
}
