package fwd

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// rawFlowMod encodes a flow-mod and puts other bytes in the place of its match
// and instructions: hexadecimal, with spaces.
func rawFlowMod(m ofp13.FlowMod, match, instructions string) []byte {
	const fixed = 48 // before the match
	b := complete(m).AppendTo(nil, 1)[:fixed]
	for _, part := range []string{match, instructions} {
		raw, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			panic(err)
		}
		b = append(b, raw...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

const anyMatch = "0001 0004 00000000"

// applying is the bytes of an apply-actions of these bytes.
func applying(actions string) string {
	n := len(strings.ReplaceAll(actions, " ", "")) / 2
	return "0004 " + hex.EncodeToString(binary.BigEndian.AppendUint16(nil, uint16(8+n))) + " 00000000 " + actions
}

// matching is the bytes of a match of these fields.
func matching(fields string) string {
	n := 4 + len(strings.ReplaceAll(fields, " ", ""))/2
	pad := strings.Repeat("00", (8-n%8)%8)
	return "0001 " + hex.EncodeToString(binary.BigEndian.AppendUint16(nil, uint16(n))) + fields + pad
}

// Every code that a flow-mod can be refused with by a switch whose tables are not
// configured (for those see TestFeaturesAreEnforced): from the bytes on, the code
// is exact, and the tables stay as they were.
func TestBadFlowMods(t *testing.T) {
	const (
		ipv4 = "80000a02 0800"
		set  = "0019 0010 "
	)
	flow := func(m ofp13.FlowMod) []byte { return rawFlowMod(m, anyMatch, "") }
	on := func(fields string) []byte { return rawFlowMod(ofp13.FlowMod{}, matching(fields), "") }
	do := func(instructions string) []byte { return rawFlowMod(ofp13.FlowMod{TableID: 3}, anyMatch, instructions) }
	for _, c := range []struct {
		code string
		b    []byte
	}{
		{"OFPFMFC_BAD_COMMAND", flow(ofp13.FlowMod{Command: 5})},
		{"OFPFMFC_BAD_FLAGS", flow(ofp13.FlowMod{Flags: 1 << 5})},
		{"OFPFMFC_BAD_TABLE_ID", flow(ofp13.FlowMod{TableID: 254})},
		{"OFPFMFC_BAD_TABLE_ID", flow(ofp13.FlowMod{TableID: ofp13.TableAll})},
		{"OFPFMFC_BAD_TABLE_ID", flow(ofp13.FlowMod{TableID: ofp13.TableAll, Command: ofp13.FlowModifyStrict})},
		{"OFPFMFC_BAD_TABLE_ID", flow(ofp13.FlowMod{TableID: 254, Command: ofp13.FlowDelete})},
		{"OFPFMFC_OVERLAP", flow(ofp13.FlowMod{Priority: 7, Flags: ofp13.FlagCheckOverlap})},
		{"OFPFMFC_TABLE_FULL", flow(ofp13.FlowMod{TableID: 1})},

		{"OFPBMC_BAD_TYPE", rawFlowMod(ofp13.FlowMod{}, "0000 0008 00000000", "")},
		{"OFPBMC_BAD_LEN", rawFlowMod(ofp13.FlowMod{}, "0001 0040 00000000", "")},
		{"OFPBMC_BAD_LEN", on("80000a04 08000000")},
		{"OFPBMC_BAD_FIELD", on("80009a04 00000000")},
		{"OFPBMC_BAD_FIELD", on("00010004 00000000")},
		{"OFPBMC_BAD_VALUE", on("80000c02 2000")},
		{"OFPBMC_BAD_MASK", on("80000108 00000001 ffffffff")},
		{"OFPBMC_BAD_WILDCARDS", on("8000070c 020000000001 ff0000000000")},
		{"OFPBMC_BAD_PREREQ", on("80001804 0a000001")},
		{"OFPBMC_DUP_FIELD", on(ipv4 + ipv4)},

		{"OFPBIC_UNKNOWN_INST", do("0063 0008 00000000")},
		{"OFPBIC_UNSUP_INST", do("0005 0008 00000000 0005 0008 00000000")},
		{"OFPBIC_BAD_TABLE_ID", do("0001 0008 03 000000")},
		{"OFPBIC_BAD_TABLE_ID", do("0001 0008 fe 000000")},
		{"OFPBIC_BAD_EXPERIMENTER", do("ffff 0008 00001234")},
		{"OFPBIC_BAD_LEN", do("0001 0010 04 000000 0000000000000000")},
		{"OFPBIC_BAD_LEN", do("0001 0008 04 0000")},
		{"OFPMMFC_UNKNOWN_METER", do("0006 0008 00000009")},

		{"OFPBAC_BAD_TYPE", do(applying("0005 0008 00000000"))},
		{"OFPBAC_BAD_LEN", do(applying("0000 0008 00000001"))},
		{"OFPBAC_BAD_EXPERIMENTER", do(applying("ffff 0008 00001234"))},
		{"OFPBAC_BAD_OUT_PORT", do(applying("0000 0010 00000000 0000 000000000000"))},
		{"OFPBAC_BAD_OUT_PORT", do(applying("0000 0010 fffffff9 0000 000000000000"))},
		{"OFPBAC_BAD_ARGUMENT", do(applying("0011 0008 0800 0000"))},
		{"OFPBAC_TOO_MANY", do(applying(strings.Repeat("000b 0008 00000000", 1025)))},
		{"OFPBAC_BAD_QUEUE", do(applying("0015 0008 ffffffff"))},
		{"OFPBAC_BAD_OUT_GROUP", do(applying("0016 0008 00000009"))},
		{"OFPBAC_MATCH_INCONSISTENT", do(applying(set + "80001804 0a000001 00000000"))},
		{"OFPBAC_BAD_SET_TYPE", do(applying(set + "80000004 00000001 00000000"))},
		{"OFPBAC_BAD_SET_LEN", do(applying(set + "80000604 00000001 00000000"))},
		{"OFPBAC_BAD_SET_ARGUMENT", do(applying(set + "80000c02 2000 000000000000"))},
	} {
		t.Run(c.code, func(t *testing.T) {
			p := newPath(t)
			one := smallTable(1)
			one.MaxEntries = 1
			p.model.configure(p.configure(append(p.fewTables()[:1], one, smallTable(2), p.fewTables()[3], p.fewTables()[4])...))
			for _, m := range []ofp13.FlowMod{
				{Priority: 7, Match: match(inPort(1)), Instructions: []ofp13.Instruction{apply(output(2))}},
				{TableID: 1, Match: match(inPort(1))},
				{TableID: 3, Priority: 1, Match: match(ethDst(1))},
			} {
				p.feed(complete(m).AppendTo(nil, 1))
			}
			if n := len(p.model.entries); n != 3 {
				t.Fatalf("%d entries before, want 3", n)
			}
			p.feed(c.b)
			if want := "flow-mod: " + c.code; p.last != want || len(p.model.entries) != 3 {
				t.Errorf("%s, %d entries; want %s and 3", p.last, len(p.model.entries), want)
			}
		})
	}
}

// Each way to cut a flow-mod short is refused, or is a flow-mod by itself, and in
// no case do the tables show what the model does not.
func TestFlowModsCutShort(t *testing.T) {
	whole := complete(ofp13.FlowMod{
		Match: match(inPort(1), ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, 0x0a000000, 0xff000000)),
		Instructions: do(apply(ofp13.Action{Type: ofp13.ActionSetField, Field: ethDst(5)}, output(2)),
			ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 3}),
	}).AppendTo(nil, 1)
	p := newPath(t)
	done := 0
	for n := ofp13.HeaderLen; n <= len(whole); n++ {
		b := append([]byte(nil), whole[:n]...)
		binary.BigEndian.PutUint16(b[2:], uint16(n))
		p.feed(b)
		if p.last == "flow-mod: done" {
			done++
		}
	}
	if done != 3 { // without instructions, without the last, and whole
		t.Errorf("%d of the beginnings of a flow-mod were carried out, want 3", done)
	}
}
