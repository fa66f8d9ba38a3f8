package e2e

import (
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// checksums are what a controller thinks the checksums of a table are.
type checksums struct {
	table   uint8
	order   uint // there are 2^order buckets
	cookies []uint64
}

func (s *checksums) remove(cookie uint64) {
	i := slices.Index(s.cookies, cookie)
	s.cookies = slices.Delete(s.cookies, i, i+1)
}

// check compares with what the switch says, and wants all other tables empty.
func (s *checksums) check(t *testing.T, c *controller, what string) {
	t.Helper()
	var total uint64
	buckets := make([]bsn.FlowChecksumBucket, 1<<s.order)
	for _, cookie := range s.cookies {
		total += cookie
		buckets[cookie>>(64-s.order)] += bsn.FlowChecksumBucket(cookie)
	}
	elements, _ := c.bsnStats(t, bsn.MultipartTableChecksums, nil)
	for _, sum := range decodeAll[bsn.TableChecksum](t, elements) {
		want := total
		if sum.TableID != s.table {
			want = 0
		}
		if sum.Checksum != want {
			t.Errorf("%s: checksum of table %d is %#x, want %#x", what, sum.TableID, sum.Checksum, want)
		}
	}
	elements, parts := c.bsnStats(t, bsn.MultipartFlowChecksumBuckets, &bsn.FlowChecksumBucketsRequest{TableID: s.table})
	if got := decodeAll[bsn.FlowChecksumBucket](t, elements); !slices.Equal(got, buckets) {
		t.Errorf("%s: buckets %#x, want %#x", what, got, buckets)
	}
	if want := (8<<s.order + 65504) / 65505; parts != want {
		t.Errorf("%s: %d parts, want %d", what, parts, want)
	}
}

func (s *checksums) resize(t *testing.T, c *controller, order uint) {
	t.Helper()
	c.send(t, bsnMessage(bsn.TypeTableSetBucketsSize, &bsn.TableSetBucketsSize{TableID: s.table, BucketsSize: 1 << order}))
	c.barrier(t)
	s.order = order
}

// A controller follows a flow table by its checksums: flows that it adds,
// replaces, changes and deletes, flows that time out, another number of buckets.
func TestBSNFlowChecksums(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	s := &checksums{table: 3, order: 7} // as Indigo begins
	flow := func(command uint8, priority uint16, cookie uint64) *ofp13.FlowMod {
		return flow(ofp13.FlowMod{Command: command, TableID: s.table, Priority: priority, Cookie: cookie})
	}
	cookie := func(priority uint16) uint64 { return 0x9e3779b97f4a7c15 * uint64(priority+1) }
	s.check(t, c, "no flows")
	for priority := range uint16(100) {
		c.send(t, flow(ofp13.FlowAdd, priority, cookie(priority)))
		s.cookies = append(s.cookies, cookie(priority))
	}
	c.barrier(t)
	s.check(t, c, "100 flows")
	for _, order := range []uint{0, 1, 16, 3} {
		s.resize(t, c, order)
		s.check(t, c, "another number of buckets")
	}

	c.send(t, flow(ofp13.FlowAdd, 7, 0xabc<<52))
	s.remove(cookie(7))
	s.cookies = append(s.cookies, 0xabc<<52)
	c.send(t, flow(ofp13.FlowModifyStrict, 8, 1)) // the cookie of a modification changes nothing (§6.4)
	c.send(t, flow(ofp13.FlowDeleteStrict, 9, 0))
	s.remove(cookie(9))
	c.barrier(t)
	s.check(t, c, "replaced, modified, deleted")

	ending := flow(ofp13.FlowAdd, 200, 5)
	ending.HardTimeout, ending.Flags = 1, ofp13.FlagSendFlowRem
	c.send(t, ending)
	expect(t, c.removed, "flow-removed")
	s.check(t, c, "timed out")

	everything := flow(ofp13.FlowDelete, 0, 0)
	everything.TableID = ofp13.TableAll
	c.send(t, everything)
	c.barrier(t)
	s.cookies = nil
	s.check(t, c, "all deleted")
}

// Every table has a checksum, and none but a number of buckets that makes sense
// is taken.
func TestBSNFlowChecksumLimits(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	var inTables []uint8
	for _, table := range decodeAll[ofp13.TableStats](t, c.multipart(t, ofp13.MultipartTable, nil)) {
		inTables = append(inTables, table.TableID)
	}
	var inChecksums []uint8
	elements, _ := c.bsnStats(t, bsn.MultipartTableChecksums, nil)
	for _, sum := range decodeAll[bsn.TableChecksum](t, elements) {
		inChecksums = append(inChecksums, sum.TableID)
	}
	if !slices.Equal(inTables, inChecksums) || len(inTables) == 0 {
		t.Errorf("checksums of tables %v, statistics of %v", inChecksums, inTables)
	}

	refused := func(what string, m ofp13.Message) {
		t.Helper()
		c.refused(t, what, m, ofp13.ErrTypeBadRequest, ofp13.BadRequestEPerm)
	}
	for _, size := range []uint32{0, 3, 100, 1 << 17, 1 << 31, 1<<32 - 1} {
		refused("size", bsnMessage(bsn.TypeTableSetBucketsSize, &bsn.TableSetBucketsSize{BucketsSize: size}))
	}
	refused("size of no table", bsnMessage(bsn.TypeTableSetBucketsSize, &bsn.TableSetBucketsSize{TableID: 255, BucketsSize: 8}))
	refused("buckets of no table", bsnMultipart(bsn.MultipartFlowChecksumBuckets, &bsn.FlowChecksumBucketsRequest{TableID: 255}))
	if elements, _ := c.bsnStats(t, bsn.MultipartFlowChecksumBuckets, &bsn.FlowChecksumBucketsRequest{}); len(elements) != 128*8 {
		t.Errorf("table 0 has buckets of %d bytes now", len(elements))
	}
}
