package fwd

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Entries share programs, whatever their tables and matches; each still does what
// it was told, however many have been forgotten in between.
func TestProgramsAreShared(t *testing.T) {
	r := newRig(t)
	common := do(apply(output(2)))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: common})
	r.flowMod(ofp13.FlowMod{TableID: 5, Match: match(ethDst(1)), Instructions: common})
	programOf := func(table uint8) any {
		for e := range r.tables.tables[table].Select(&filter{}) {
			return e.Value
		}
		return nil
	}
	if programOf(0) != programOf(5) {
		t.Error("entries of the same instructions have programs of their own")
	}
	for i := range uint32(2 * maxPrograms) {
		r.flowMod(ofp13.FlowMod{TableID: 1, Instructions: do(apply(output(i + 1)))})
		if n := len(r.tables.programs); n > maxPrograms {
			t.Fatalf("%d programs are remembered, want at most %d", n, maxPrograms)
		}
	}
	if f := r.flows(1); len(f) != 1 || f[0].Instructions[0].Actions[0].ID != 2*maxPrograms {
		t.Errorf("the last entry does %+v", f)
	}
	// A table that may not hold such a program does not get it from another.
	goTo5 := do(ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 5})
	r.flowMod(ofp13.FlowMod{TableID: 2, Instructions: goTo5})
	r.refuse(ofp13.FlowMod{TableID: 6, Instructions: goTo5}, ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadTableID)
}
