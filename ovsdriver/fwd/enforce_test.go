package fwd

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// What a table's features leave out is refused by the code that names it; what
// they have is not.
func TestFeaturesAreEnforced(t *testing.T) {
	const (
		badMatch, badAction, badInstruction = ofp13.ErrTypeBadMatch, ofp13.ErrTypeBadAction, ofp13.ErrTypeBadInstruction
		none                                = 0xffff
	)
	setDst := ofp13.Action{Type: ofp13.ActionSetField, Field: ethDst(5)}
	setSrc := ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(ofp13.OXMEthSrc, 5)}
	write := func(a ...ofp13.Action) ofp13.Instruction {
		return ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: a}
	}
	metadata := func(value, mask uint64) ofp13.Instruction {
		return ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: value, MetadataMask: mask}
	}
	goTo := func(id uint8) ofp13.Instruction {
		return ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: id}
	}
	on := func(fields ...ofp13.OXM) ofp13.Match { return match(append(fields, inPort(1))...) }
	for _, c := range []struct {
		name      string
		match     ofp13.Match
		do        []ofp13.Instruction
		typ, code uint16
	}{
		{"all that it can", on(ofp13.NewMaskedOXM64(ofp13.OXMMetadata, 1, 0xf), ofp13.NewMaskedOXM64(ofp13.OXMEthDst, 2, 2)),
			do(metadata(0x50, 0xf0), apply(setDst, output(1)), write(output(2)), goTo(3)), none, 0},
		{"a mask of ones", match(ofp13.NewOXM64(ofp13.OXMInPort, 1), ofp13.NewMaskedOXM64(ofp13.OXMEthDst, 2, 0xffffffffffff)), nil, none, 0},
		{"a mask of zeros", on(ofp13.NewMaskedOXM64(ofp13.OXMEthSrc, 0, 0)), nil, none, 0},
		{"a field", on(ofp13.NewOXM64(ofp13.OXMEthSrc, 1)), nil, badMatch, ofp13.BadMatchBadField},
		{"a field with a mask", on(ofp13.NewMaskedOXM64(ofp13.OXMEthSrc, 1, 1)), nil, badMatch, ofp13.BadMatchBadField},
		{"a mask", on(ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0x1000, 0x1000)), nil, badMatch, ofp13.BadMatchBadMask},
		{"a mask of all 13 bits", on(ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0x1005, 0x1fff)), nil, none, 0},
		{"eth_type as no prerequisite", on(ofp13.NewOXM64(ofp13.OXMEthType, 0x0800)), nil, badMatch, ofp13.BadMatchBadField},
		{"a required field left out", match(ethDst(1)), nil, badMatch, ofp13.BadMatchBadWildcards},
		{"bits of metadata", on(ofp13.NewMaskedOXM64(ofp13.OXMMetadata, 0x100, 0x100)), nil, badMatch, ofp13.BadMatchBadMask},
		{"all metadata", on(ofp13.NewOXM64(ofp13.OXMMetadata, 1)), nil, badMatch, ofp13.BadMatchBadMask},
		{"instruction", on(), do(ofp13.Instruction{Type: ofp13.InstructionClearActions}), badInstruction, ofp13.BadInstructionUnsupInst},
		{"next table", on(), do(goTo(4)), badInstruction, ofp13.BadInstructionBadTableID},
		{"mask of metadata to write", on(), do(metadata(0, 0x1f0)), badInstruction, ofp13.BadInstructionUnsupMetadataMask},
		{"metadata to write", on(), do(metadata(0x100, 0xf0)), badInstruction, ofp13.BadInstructionUnsupMetadata},
		{"action", on(), do(apply(ofp13.Action{Type: ofp13.ActionPopVLAN})), badAction, ofp13.BadActionBadType},
		{"written set-field", on(), do(write(setDst)), badAction, ofp13.BadActionBadType},
		{"set-field", on(), do(apply(setSrc)), badAction, ofp13.BadActionBadSetType},
		{"miss", match(), do(apply(output(ofp13.PortController))), none, 0},
		{"instruction of a miss", match(), do(write(output(1))), badInstruction, ofp13.BadInstructionUnsupInst},
		{"set-field of a miss", match(), do(apply(setDst)), badAction, ofp13.BadActionBadType},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.configure(smallTable(0, 3), smallTable(3), smallTable(4))
			m := ofp13.FlowMod{Match: c.match, Instructions: c.do}
			if c.typ == none {
				r.flowMod(m)
				return
			}
			r.refuse(m, c.typ, c.code)
		})
	}
}

// A modification must suit every entry that it selects.
func TestFeaturesAreEnforcedOnModify(t *testing.T) {
	r := newRig(t)
	r.configure(smallTable(0))
	goodForHits := do(ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{output(1)}})
	modify := func(m ofp13.Match) ofp13.FlowMod {
		return ofp13.FlowMod{Command: ofp13.FlowModify, Match: m, Instructions: goodForHits}
	}
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1))})
	r.flowMod(modify(match()))
	r.flowMod(ofp13.FlowMod{Instructions: do(apply(output(ofp13.PortController)))})
	r.refuse(modify(match()), ofp13.ErrTypeBadInstruction, ofp13.BadInstructionUnsupInst)
	r.flowMod(modify(match(inPort(1))))
	r.refuse(modify(match(ofp13.NewOXM64(ofp13.OXMEthSrc, 1))), ofp13.ErrTypeBadMatch, ofp13.BadMatchBadField)
	strict := modify(match())
	strict.Command = ofp13.FlowModifyStrict
	r.refuse(strict, ofp13.ErrTypeBadInstruction, ofp13.BadInstructionUnsupInst)
}

// The prerequisites of fields that a table matches need not be listed, as long
// as they say no more than that.
func TestPrerequisitesNeedNotBeListed(t *testing.T) {
	ipv4 := ofp13.NewOXM64(ofp13.OXMEthType, 0x0800)
	tcp := ofp13.NewOXM64(ofp13.OXMIPProto, 6)
	tagged := ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0x1000, 0x1000)
	vlan5 := ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1005)
	pcp := ofp13.NewOXM64(ofp13.OXMVLANPCP, 3)
	port80 := ofp13.NewOXM64(ofp13.OXMTCPDst, 80)
	for _, c := range []struct {
		name  string
		match ofp13.Match
		code  uint16 // of BAD_MATCH; 0xffff for none
	}{
		{"with prerequisites", match(ipv4, tcp, port80), 0xffff},
		{"without the field", match(ipv4, tcp), ofp13.BadMatchBadField},
		{"pcp with a tag", match(tagged, pcp), 0xffff},
		{"pcp with a VLAN", match(vlan5, pcp), ofp13.BadMatchBadField},
		{"a required field of other packets", match(tagged, pcp), 0xffff},
		{"a required field of these", match(ofp13.NewOXM64(ofp13.OXMEthType, 0x0806)), ofp13.BadMatchBadField},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			f := smallTable(0)
			property(&f, ofp13.TablePropMatch).Fields = []ofp13.OXMID{oxmID(ofp13.OXMVLANPCP), oxmID(ofp13.OXMTCPDst)}
			property(&f, ofp13.TablePropWildcards).Fields = []ofp13.OXMID{oxmID(ofp13.OXMVLANPCP)}
			r.configure(f)
			m := ofp13.FlowMod{Priority: 1, Match: c.match}
			if c.code == 0xffff {
				r.flowMod(m)
				return
			}
			r.refuse(m, ofp13.ErrTypeBadMatch, c.code)
		})
	}
}

func TestConfiguredSize(t *testing.T) {
	r := newRig(t)
	r.configure(smallTable(0))
	for port := range uint64(3) {
		r.flowMod(ofp13.FlowMod{Match: match(inPort(1 + port))})
	}
	r.refuse(ofp13.FlowMod{Match: match(inPort(4))}, ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedTableFull)
	r.flowMod(ofp13.FlowMod{Match: match(inPort(3)), Cookie: 1}) // replaces
}
