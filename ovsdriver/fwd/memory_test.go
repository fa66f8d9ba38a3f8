package fwd

import (
	"runtime"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// heapUse returns how many bytes are in use after a collection.
func heapUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// An entry, with all that belongs to it, takes no more memory than this.
func TestMemoryOfAnEntry(t *testing.T) {
	const entries, most = 20_000, 560
	tables := benchTables()
	var m ofp13.FlowMod // its memory is used again, as that of a connection is
	before := heapUse()
	for i := range uint64(entries) {
		if err := m.Decode(benchFlowMod(i).AppendTo(nil, 1)); err != nil {
			t.Fatal(err)
		}
		if err := tables.FlowMod(&m); err != nil {
			t.Fatal(err)
		}
		if i%64 == 0 {
			tables.Publish()
			tables.Poll(1 << 40)
		}
	}
	each := (heapUse() - before) / entries
	t.Logf("%d bytes for each entry", each)
	if each > most {
		t.Errorf("%d bytes for each entry, want at most %d", each, most)
	}
	runtime.KeepAlive(tables)
}
