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

// An entry, with all that belongs to it, takes no more memory than this: more if
// it does what no other does, less if what others do.
func TestMemoryOfAnEntry(t *testing.T) {
	t.Run("of its own actions", func(t *testing.T) { checkMemory(t, 560, benchFlowMod) })
	t.Run("of common actions", func(t *testing.T) {
		checkMemory(t, 270, func(i uint64) *ofp13.FlowMod {
			m := benchFlowMod(i)
			m.Instructions = do(apply(output(uint32(1 + i%4))))
			return m
		})
	})
}

func checkMemory(t *testing.T, most uint64, flowMod func(uint64) *ofp13.FlowMod) {
	t.Helper()
	const entries = 20_000
	tables := benchTables()
	var m ofp13.FlowMod // its memory is used again, as that of a connection is
	before := heapUse()
	for i := range uint64(entries) {
		if err := m.Decode(flowMod(i).AppendTo(nil, 1)); err != nil {
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
