package gentable

import (
	"errors"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// fuzzTypes are the messages of generic tables that FuzzAgent sends.
var fuzzTypes = []uint32{
	bsn.TypeGentableEntryAdd, bsn.TypeGentableEntryDelete, bsn.TypeGentableClearRequest,
	bsn.TypeGentableSetBucketsSize,
}

// fuzzMessage is one message of FuzzAgent's input: its type, its length, its data.
func fuzzMessage(typ byte, body interface{ Append([]byte) []byte }) []byte {
	data := body.Append(nil)
	return append([]byte{typ, byte(len(data))}, data...)
}

// FuzzAgent sends messages to the tables, as bytes. Whatever they are, the
// checksums stay those of the entries, an error is an *ofp13.Error, and changes
// nothing.
func FuzzAgent(f *testing.F) {
	key, sum := testKeyOf(3, 4), bsn.Checksum{Hi: 5 << 60, Lo: 6}
	add := fuzzMessage(0, &bsn.GentableEntryAdd{Checksum: sum, Key: key, Value: stubborn(testValueOf(1))})
	remove := fuzzMessage(1, &bsn.GentableEntryDelete{Key: key})
	empty := fuzzMessage(2, &bsn.GentableRange{Checksum: bsn.Checksum{Hi: 5 << 60}, Mask: bsn.Checksum{Hi: 15 << 60}})
	resize := fuzzMessage(3, &bsn.GentableSetBucketsSize{BucketsSize: 2})
	f.Add(slices.Concat(add, remove, add, resize, remove))
	f.Add(slices.Concat(resize, add, empty, empty, remove))
	f.Add(slices.Concat(add, add[:20]))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewRegistry()
		agent := &bsn.Agent{Gentables: r}
		for n := 0; len(b) >= 2 && n < 16; n++ {
			m := &ofp13.Experimenter{Experimenter: bsn.ID, ExpType: fuzzTypes[int(b[0])%len(fuzzTypes)]}
			size := min(int(b[1]), len(b)-2)
			m.Data, b = b[2:2+size], b[2+size:]
			before := *r.Stats()[0]
			if _, err := agent.Message(m); err != nil {
				if !errors.As(err, new(*ofp13.Error)) {
					t.Fatalf("%v is no *ofp13.Error", err)
				}
				if after := *r.Stats()[0]; after != before {
					t.Fatalf("%v changed %+v to %+v", err, before, after)
				}
			}
		}
		recount(t, r.tables[0])
	})
}

// recount compares the checksums of a table with those of its entries.
func recount(t *testing.T, tb *table) {
	t.Helper()
	again := newTable(tb.name, tb.kind, tb.room, uint32(len(tb.buckets)))
	for key, e := range tb.entries {
		if key != string(e.key) {
			t.Fatalf("the entry of %x is at %x", e.key, key)
		}
		again.insert(e, nil)
	}
	if again.total != tb.total || !slices.Equal(again.buckets, tb.buckets) {
		t.Fatalf("checksum %x of buckets %x, want %x of %x", tb.total, tb.buckets, again.total, again.buckets)
	}
}
