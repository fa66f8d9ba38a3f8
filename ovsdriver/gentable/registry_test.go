package gentable

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestDesc(t *testing.T) {
	list := NewRegistry().Desc()
	want := bsn.GentableDesc{TableID: 0, Name: "test", BucketsSize: 64, MaxEntries: 1000}
	if len(list) != 1 || *list[0] != want {
		t.Errorf("descriptions %+v, want %+v only", list, want)
	}
}

// An entry lives by its key: added, changed with its checksum, deleted; to
// delete what is not there is no error.
func TestEntry(t *testing.T) {
	r := NewRegistry()
	key := testKeyOf(5, 1)
	add(t, r, key, testValueOf(1), bsn.Checksum{Hi: 7 << 60, Lo: 1})
	add(t, r, key, testValueOf(2), bsn.Checksum{Hi: 3 << 60, Lo: 9})
	list := descs(t, r, all())
	if len(list) != 1 || !bytes.Equal(list[0].Value, testValueOf(2)) || list[0].Checksum != (bsn.Checksum{Hi: 3 << 60, Lo: 9}) {
		t.Errorf("entries %+v", list)
	}
	if err := r.Delete(&bsn.GentableEntryDelete{Key: testKeyOf(6, 1)}); err != nil {
		t.Errorf("to delete nothing: %v", err)
	}
	if err := r.Delete(&bsn.GentableEntryDelete{Key: key}); err != nil || len(descs(t, r, all())) != 0 {
		t.Errorf("deleted with %v; left %+v", err, descs(t, r, all()))
	}
	if s := r.Stats(); s[0].Entries != 0 || s[0].Checksum != (bsn.Checksum{}) {
		t.Errorf("an empty table has the statistics %+v", *s[0])
	}
}

// The table keeps no bytes of the request.
func TestEntryIsACopy(t *testing.T) {
	r := NewRegistry()
	key, value := testKeyOf(5, 1), testValueOf(1)
	add(t, r, key, value, bsn.Checksum{})
	clear(key)
	clear(value)
	if list := descs(t, r, all()); !bytes.Equal(list[0].Key, testKeyOf(5, 1)) || !bytes.Equal(list[0].Value, testValueOf(1)) {
		t.Errorf("entry %+v", list[0])
	}
}

// What was asked for is told, however the table changes meanwhile.
func TestStreamIsASnapshot(t *testing.T) {
	r := NewRegistry()
	add(t, r, testKeyOf(5, 1), testValueOf(1), bsn.Checksum{})
	stream, err := r.EntryStats(all())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Clear(all()); err != nil {
		t.Fatal(err)
	}
	want := bsn.GentableEntryStats{Key: testKeyOf(5, 1), Stats: (&testItem{vlan: 5}).AppendStats(nil)}
	if b, ok := stream.Next(nil); !ok || !bytes.Equal(b, want.Append(nil)) {
		t.Errorf("element %x", b)
	}
	if b, ok := stream.Next(nil); ok {
		t.Errorf("another element %x", b)
	}
}

func TestUnknownTable(t *testing.T) {
	r := NewRegistry()
	_, clearErr := r.Clear(&bsn.GentableRange{TableID: 1})
	_, descErr := r.EntryDesc(&bsn.GentableRange{TableID: 1})
	_, statsErr := r.EntryStats(&bsn.GentableRange{TableID: 1})
	_, bucketErr := r.BucketStats(1)
	for what, err := range map[string]error{
		"add": r.Add(&bsn.GentableEntryAdd{TableID: 1}), "delete": r.Delete(&bsn.GentableEntryDelete{TableID: 1}),
		"set buckets size": r.SetBucketsSize(&bsn.GentableSetBucketsSize{TableID: 1, BucketsSize: 2}),
		"clear":            clearErr, "desc": descErr, "stats": statsErr, "bucket": bucketErr,
	} {
		wantBadRequest(t, what, err, ofp13.BadRequestBadTableID)
	}
}

func TestBadRange(t *testing.T) {
	r := NewRegistry()
	add(t, r, testKeyOf(5, 1), testValueOf(1), bsn.Checksum{})
	for what, m := range map[string]*bsn.GentableRange{
		"mask with a gap":   {Mask: bsn.Checksum{Hi: 5 << 60}},
		"mask of low bits":  {Mask: bsn.Checksum{Lo: 1}},
		"checksum too long": {Checksum: bsn.Checksum{Hi: 1}, Mask: bsn.Checksum{Hi: 1 << 63}},
	} {
		_, err := r.Clear(m)
		wantGentableError(t, what, err, bsn.GentableErrorParam)
		_, err = r.EntryDesc(m)
		wantGentableError(t, what, err, bsn.GentableErrorParam)
	}
	if n := len(descs(t, r, all())); n != 1 {
		t.Errorf("%d entries are left", n)
	}
}

func TestBucketsSize(t *testing.T) {
	r := NewRegistry()
	for _, size := range []uint32{0, 3, 100, 1 << 17, 1 << 31, ^uint32(0)} {
		err := r.SetBucketsSize(&bsn.GentableSetBucketsSize{BucketsSize: size})
		wantGentableError(t, "size", err, bsn.GentableErrorUnknown)
	}
	for _, size := range []uint32{1, 2, 64, 1 << 16} {
		if err := r.SetBucketsSize(&bsn.GentableSetBucketsSize{BucketsSize: size}); err != nil {
			t.Error(err)
		}
		if sums, err := r.BucketStats(0); err != nil || len(sums) != int(size) || r.Desc()[0].BucketsSize != size {
			t.Errorf("%d buckets, %v; want %d", len(sums), err, size)
		}
	}
}

// An entry that refuses its first deletion stays, told as an error; a clear
// counts it.
func TestStubbornEntries(t *testing.T) {
	r := NewRegistry()
	add(t, r, testKeyOf(1, 1), stubborn(testValueOf(1)), bsn.Checksum{Lo: 1})
	add(t, r, testKeyOf(2, 1), stubborn(testValueOf(1)), bsn.Checksum{Lo: 2})
	add(t, r, testKeyOf(3, 1), testValueOf(1), bsn.Checksum{Lo: 4})

	first := &bsn.GentableEntryDelete{Key: testKeyOf(1, 1)}
	wantGentableError(t, "first deletion", r.Delete(first), bsn.GentableErrorUnknown)
	if s := r.Stats()[0]; s.Entries != 3 || s.Checksum.Lo != 7 {
		t.Errorf("after a failed deletion: %+v", *s)
	}
	if err := r.Delete(first); err != nil {
		t.Errorf("second deletion: %v", err)
	}
	for _, want := range []bsn.GentableCleared{{Deleted: 1, Errors: 1}, {Deleted: 1}, {}} {
		if got, err := r.Clear(all()); err != nil || got != want {
			t.Errorf("cleared %+v, %v; want %+v", got, err, want)
		}
	}
}

// A table takes more than it says, as Indigo's does, but not without end.
func TestTableFull(t *testing.T) {
	r := NewRegistry()
	for i := range uint32(maxEntries) {
		add(t, r, testKeyOf(1, i), testValueOf(1), bsn.Checksum{})
	}
	err := r.Add(&bsn.GentableEntryAdd{Key: testKeyOf(2, 0), Value: testValueOf(1)})
	wantGentableError(t, "one too many", err, bsn.GentableErrorTableFull)
	add(t, r, testKeyOf(1, 9), testValueOf(2), bsn.Checksum{}) // a change needs no room
	if n := len(descs(t, r, all())); n != maxEntries {
		t.Errorf("%d entries", n)
	}
}

func TestBucketStatsAreACopy(t *testing.T) {
	r := NewRegistry()
	sums, _ := r.BucketStats(0)
	sums[0].Lo = 1
	if again, _ := r.BucketStats(0); slices.Contains(again, bsn.Checksum{Lo: 1}) {
		t.Error("the buckets were changed from outside")
	}
}
