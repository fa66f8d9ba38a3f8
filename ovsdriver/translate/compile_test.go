package translate

import (
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestCompileErrors(t *testing.T) {
	action := func(code uint16) *ofp13.Error { return &ofp13.Error{Type: ofp13.ErrTypeBadAction, Code: code} }
	instruction := func(code uint16) *ofp13.Error { return &ofp13.Error{Type: ofp13.ErrTypeBadInstruction, Code: code} }
	inconsistent := action(ofp13.BadActionMatchInconsistent)
	untagged, tagged := is(ofp13.OXMVLANVID, 0), like(ofp13.OXMVLANVID, 0x1000, 0x1000)
	ip6, arp, udp := is(ofp13.OXMEthType, 0x86dd), is(ofp13.OXMEthType, 0x0806), is(ofp13.OXMIPProto, 17)
	vid := setting(ofp13.OXMVLANVID, 0x1005)
	pcp := setting(ofp13.OXMVLANPCP, 5)
	mpls, pbb := is(ofp13.OXMEthType, 0x8848), is(ofp13.OXMEthType, 0x88e7)
	label, isid := setting(ofp13.OXMMPLSLabel, 5), setting(ofp13.OXMPBBISID, 5)
	tests := []struct {
		name  string
		match []ofp13.OXM
		ins   []ofp13.Instruction
		want  *ofp13.Error
	}{
		{"nothing", nil, nil, nil},
		{"goto forward", nil, ins(going(4)), nil},
		{"goto itself", nil, ins(going(3)), instruction(ofp13.BadInstructionBadTableID)},
		{"goto back", nil, ins(going(1)), instruction(ofp13.BadInstructionBadTableID)},
		{"goto the last", nil, ins(going(253)), nil},
		{"goto beyond the last", nil, ins(going(254)), instruction(ofp13.BadInstructionBadTableID)},
		{"meter", nil, ins(metering(1)), nil},
		{"experimenter", nil, ins(ofp13.Instruction{Type: ofp13.InstructionExperimenter}), instruction(ofp13.BadInstructionBadExperimenter)},
		{"unknown", nil, ins(ofp13.Instruction{Type: 99}), instruction(ofp13.BadInstructionUnknownInst)},

		{"ports", nil, ins(applying(output(1), output(ofp13.PortMax), output(ofp13.PortAll), output(ofp13.PortFlood),
			output(ofp13.PortInPort), output(ofp13.PortLocal), output(ofp13.PortController))), nil},
		{"port 0", nil, ins(applying(output(0))), action(ofp13.BadActionBadOutPort)},
		{"port any", nil, ins(applying(output(ofp13.PortAny))), action(ofp13.BadActionBadOutPort)},
		{"port above max", nil, ins(applying(output(ofp13.PortMax + 1))), action(ofp13.BadActionBadOutPort)},
		{"normal", nil, ins(writing(output(ofp13.PortNormal))), action(ofp13.BadActionBadOutPort)},
		{"table", nil, ins(applying(output(ofp13.PortTable))), action(ofp13.BadActionBadOutPort)},
		{"groups", nil, ins(applying(grouping(1)), writing(grouping(ofp13.GroupMax))), nil},
		{"reserved group", nil, ins(applying(grouping(ofp13.GroupAll))), action(ofp13.BadActionBadOutGroup)},
		{"no group", nil, ins(writing(grouping(ofp13.GroupAny))), action(ofp13.BadActionBadOutGroup)},
		{"queues", nil, ins(applying(queueing(0), queueing(maxQueue)), writing(queueing(16))), nil},
		{"queue that no port can have", nil, ins(applying(queueing(maxQueue + 1))), action(ofp13.BadActionBadQueue)},
		{"all queues", nil, ins(writing(queueing(ofp13.QueueAll))), action(ofp13.BadActionBadQueue)},
		{"unknown action", nil, ins(applying(ofp13.Action{Type: 99})), action(ofp13.BadActionBadType)},
		{"experimenter action", nil, ins(applying(ofp13.Action{Type: ofp13.ActionExperimenter})), action(ofp13.BadActionBadExperimenter)},
		{"push of no tag", nil, ins(applying(pushing(0x0800))), action(ofp13.BadActionBadArgument)},

		{"set in_port", nil, ins(applying(setting(ofp13.OXMInPort, 1))), action(ofp13.BadActionBadSetType)},
		{"set metadata", nil, ins(applying(setting(ofp13.OXMMetadata, 1))), action(ofp13.BadActionBadSetType)},
		{"set in_phy_port", nil, ins(applying(setting(ofp13.OXMInPhyPort, 1))), action(ofp13.BadActionBadSetType)},
		{"set exthdr", oxms(ip6), ins(applying(setting(ofp13.OXMIPv6ExtHdr, 1))), action(ofp13.BadActionBadSetType)},
		{"set tcp_flags", oxms(ip4, tcp), ins(applying(ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.OXM{
			Class: ofp13.OXMClassExperimenter, Experimenter: ofp13.ExperimenterONF, Field: ofp13.OXMTCPFlags, Len: 2}})), action(ofp13.BadActionBadSetType)},
		{"set tunnel_id", nil, ins(applying(setting(ofp13.OXMTunnelID, 1<<40))), nil},
		{"set label too wide", oxms(mpls), ins(applying(setting(ofp13.OXMMPLSLabel, 1<<20))), action(ofp13.BadActionBadSetArgument)},
		{"set bos too wide", oxms(mpls), ins(applying(setting(ofp13.OXMMPLSBOS, 2))), action(ofp13.BadActionBadSetArgument)},
		{"set too wide", oxms(ip4), ins(applying(setting(ofp13.OXMIPDSCP, 64))), action(ofp13.BadActionBadSetArgument)},

		{"set of another type", oxms(arp), ins(applying(setting(ofp13.OXMIPv4Dst, 1))), inconsistent},
		{"set of no certain type", nil, ins(applying(setting(ofp13.OXMIPv4Dst, 1))), inconsistent},
		{"set of a type set before", nil, ins(applying(setting(ofp13.OXMEthType, 0x0800), setting(ofp13.OXMIPv4Dst, 1))), nil},
		{"set port of udp", oxms(ip4, udp), ins(applying(setting(ofp13.OXMTCPDst, 1))), inconsistent},
		{"set port of tcp over ipv6", oxms(ip6, tcp), ins(applying(setting(ofp13.OXMTCPDst, 1))), nil},
		{"nd target without type", oxms(ip6, is(ofp13.OXMIPProto, 58)),
			ins(applying(ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM(ofp13.OXMIPv6NDTarget, make([]byte, 16))})), inconsistent},
		{"nd target", oxms(ip6, is(ofp13.OXMIPProto, 58), is(ofp13.OXMICMPv6Type, 135)),
			ins(applying(ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM(ofp13.OXMIPv6NDTarget, make([]byte, 16))})), nil},
		{"nd target with a code", oxms(ip6, is(ofp13.OXMIPProto, 58), is(ofp13.OXMICMPv6Type, 135), is(ofp13.OXMICMPv6Code, 1)),
			ins(applying(setting(ofp13.OXMIPv6NDSLL, 1))), nil},
		{"ttl of arp", oxms(arp), ins(applying(decreasing)), inconsistent},
		{"ttl of anything", nil, ins(writing(decreasing)), inconsistent},
		{"set ttl of anything", nil, ins(applying(settingTTL(5))), inconsistent},
		{"ttl of ipv6", oxms(ip6), ins(writing(decreasing)), nil},

		{"vid of untagged", oxms(untagged), ins(applying(vid)), inconsistent},
		{"vid of perhaps tagged", nil, ins(applying(vid)), nil},
		{"vid of pushed", oxms(untagged), ins(applying(pushing(0x8100), vid)), nil},
		{"vid before push", oxms(untagged), ins(applying(vid, pushing(0x8100))), inconsistent},
		{"vid before push in a set", oxms(untagged), ins(writing(vid, pushing(0x8100))), nil},
		{"vid in the set, push applied", oxms(untagged), ins(writing(vid), applying(pushing(0x8100))), nil},
		{"pcp of perhaps tagged", nil, ins(applying(pcp)), inconsistent},
		{"pcp of tagged", oxms(tagged), ins(applying(pcp)), nil},
		{"pcp after pop", oxms(tagged), ins(applying(popping, pcp)), inconsistent},
		{"pop of untagged", oxms(untagged), ins(applying(popping)), inconsistent},
		{"push mpls of another type", nil, ins(applying(pushingMPLS(0x8100))), action(ofp13.BadActionBadArgument)},
		{"push mpls on anything", nil, ins(applying(pushingMPLS(0x8848), label)), nil},
		{"pop mpls to a length", oxms(mpls), ins(applying(poppingMPLS(0x05ff))), action(ofp13.BadActionBadArgument)},
		{"pop mpls of anything", nil, ins(applying(poppingMPLS(0x0800))), inconsistent},
		{"pop mpls of ip", oxms(ip4), ins(applying(poppingMPLS(0x0800))), inconsistent},
		{"pop mpls twice", oxms(mpls), ins(applying(poppingMPLS(0x8847), poppingMPLS(0x0800), decreasing)), nil},
		{"pop mpls once too often", oxms(mpls), ins(applying(poppingMPLS(0x0800), poppingMPLS(0x0800))), inconsistent},
		{"set label of ip", oxms(ip4), ins(applying(label)), inconsistent},
		{"set label of anything", nil, ins(applying(label)), inconsistent},
		{"set address below a label", oxms(ip4), ins(applying(pushingMPLS(0x8847), setting(ofp13.OXMIPv4Dst, 1))), inconsistent},
		{"set address below a popped label", oxms(mpls), ins(applying(poppingMPLS(0x0800), setting(ofp13.OXMIPv4Dst, 1))), nil},
		{"set port below a popped label", oxms(mpls), ins(applying(poppingMPLS(0x0800), setting(ofp13.OXMTCPDst, 1))), inconsistent},
		{"set port after another type", oxms(ip4, tcp), ins(applying(setting(ofp13.OXMEthType, 0x86dd), setting(ofp13.OXMTCPDst, 1))), inconsistent},
		{"mpls ttl", oxms(mpls), ins(applying(settingMPLSTTL(4), decreasingMPLS)), nil},
		{"mpls ttl of ip", oxms(ip4), ins(applying(decreasingMPLS)), inconsistent},
		{"set mpls ttl of anything", nil, ins(applying(settingMPLSTTL(4))), inconsistent},
		{"mpls ttl after the push, in a set", oxms(ip4), ins(writing(decreasingMPLS, pushingMPLS(0x8847))), nil},
		{"copy ttl of mpls", oxms(mpls), ins(applying(copyingOut, copyingIn)), nil},
		{"copy ttl of ip", oxms(ip6), ins(applying(copyingOut, copyingIn)), nil},
		{"copy ttl of arp", oxms(arp), ins(applying(copyingOut)), inconsistent},
		{"copy ttl of anything", nil, ins(applying(copyingIn)), inconsistent},
		{"copy ttl in before the pop, in a set", oxms(mpls), ins(writing(poppingMPLS(0x1234), copyingIn)), nil},
		{"copy ttl out after the pop, in a set", oxms(mpls), ins(writing(poppingMPLS(0x1234), copyingOut)), inconsistent},
		{"push pbb of another type", nil, ins(applying(ofp13.Action{Type: ofp13.ActionPushPBB, EtherType: 0x88a8})), action(ofp13.BadActionBadArgument)},
		{"push pbb", nil, ins(applying(pushingPBB, isid, pushing(0x88a8))), nil},
		{"pop pbb", oxms(pbb), ins(applying(poppingPBB)), nil},
		{"pop pbb of anything", nil, ins(applying(poppingPBB)), inconsistent},
		{"pop pbb of mpls", oxms(mpls), ins(applying(poppingPBB)), inconsistent},
		{"isid of ip", oxms(ip4), ins(applying(isid)), inconsistent},
		{"isid after the pop", oxms(pbb), ins(applying(poppingPBB, isid)), inconsistent},
		{"vid of a tag before a label", oxms(tagged), ins(applying(pushingMPLS(0x8847), vid)), nil},
		{"pop of pushed", oxms(untagged), ins(applying(pushing(0x88a8), popping)), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := CompileMatch(&ofp13.Match{Fields: test.match})
			if err != nil {
				t.Fatal(err)
			}
			p, err := Compile(3, &m, test.ins)
			if test.want == nil {
				if err != nil || p == nil {
					t.Errorf("refused: %v", err)
				}
			} else if p != nil || !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func ins(i ...ofp13.Instruction) []ofp13.Instruction { return i }

// sentBy returns the instructions of a program as they were sent.
func sentBy(p *Program) []ofp13.Instruction {
	var m ofp13.FlowMod
	b := append(m.AppendTo(nil, 0), p.Encoded()...) // a flow-mod ends with them
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	if err := m.Decode(b); err != nil {
		panic(err)
	}
	return m.Instructions
}

// A controller removes and installs again what it does not read back as sent.
func TestProgramKeepsInstructions(t *testing.T) {
	sent := func() []ofp13.Instruction {
		return ins(going(9), writing(output(3), output(2)), clearing(), metadata(0xff, 0x0f),
			applying(pushing(0x8100), setting(ofp13.OXMVLANVID, 0x1005), output(ofp13.PortController)))
	}
	list := sent()
	var match flowtable.Match
	p, err := Compile(0, &match, list)
	if err != nil {
		t.Fatal(err)
	}
	list[1].Actions[0] = output(77) // the program has its own copy
	if got, want := sentBy(p), sent(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for port, want := range map[uint32]bool{2: true, 3: true, ofp13.PortController: true, 1: false, ofp13.PortAny: false} {
		if p.OutputsTo(port) != want {
			t.Errorf("OutputsTo(%#x) = %v", port, !want)
		}
	}
	if p.UsesGroup(1) {
		t.Error("UsesGroup(1)")
	}
}

func TestCompileActionsAllowsTable(t *testing.T) {
	if _, err := CompileActions([]ofp13.Action{setting(ofp13.OXMIPv4Dst, 1), output(ofp13.PortTable)}); err != nil {
		t.Error(err)
	}
	_, err := CompileActions([]ofp13.Action{output(ofp13.PortNormal)})
	if !errors.Is(err, &ofp13.Error{Type: ofp13.ErrTypeBadAction, Code: ofp13.BadActionBadOutPort}) {
		t.Error(err)
	}
}

// What a program does depends on the instructions alone, so that entries of other
// tables and matches may share it.
func TestProgramDependsOnItsInstructionsAlone(t *testing.T) {
	list := ins(going(9), writing(setting(ofp13.OXMIPv4Dst, 5), decreasing, output(3)), clearing(), metadata(0xff, 0x0f),
		applying(pushing(0x8100), setting(ofp13.OXMVLANVID, 0x1005), setting(ofp13.OXMIPDSCP, 3), output(2)))
	var first *Program
	for table, fields := range [][]ofp13.OXM{
		oxms(ip4), oxms(is(ofp13.OXMInPort, 1), ip4), oxms(like(ofp13.OXMVLANVID, 0x1000, 0x1000), ip4, tcp), oxms(is(ofp13.OXMVLANVID, 0), ip4),
	} {
		m, err := CompileMatch(&ofp13.Match{Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(uint8(table), &m, list)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = p
		}
		if !reflect.DeepEqual(first, p) {
			t.Errorf("table %d, match %v: program %+v, want %+v", table, fields, p, first)
		}
	}
}
