package ofp13

import (
	"testing"
)

// benchmarkFlowMod is a flow-mod with five match fields and two actions, as a
// reactive controller sends it.
func benchmarkFlowMod() *FlowMod {
	return &FlowMod{
		Cookie:      0x1122334455667788,
		TableID:     1,
		Command:     FlowAdd,
		IdleTimeout: 5,
		Priority:    100,
		BufferID:    NoBuffer,
		OutPort:     PortAny,
		OutGroup:    GroupAny,
		Flags:       FlagSendFlowRem,
		Match: Match{Fields: []OXM{
			NewOXM64(OXMInPort, 7),
			NewOXM64(OXMEthType, etherTypeIPv4),
			NewOXM64(OXMIPProto, protoTCP),
			NewMaskedOXM64(OXMIPv4Dst, 0x0a000100, 0xffffff00),
			NewOXM64(OXMTCPDst, 80),
		}},
		Instructions: []Instruction{{
			Type: InstructionApplyActions,
			Actions: []Action{
				{Type: ActionSetField, Field: NewOXM64(OXMEthDst, 0x020000000001)},
				{Type: ActionOutput, ID: 3, MaxLen: ControllerMaxNoBuffer},
			},
		}},
	}
}

func BenchmarkDecodeFlowMod(b *testing.B) {
	wire := benchmarkFlowMod().AppendTo(nil, 1)
	var m FlowMod
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Decode(wire); err != nil {
			b.Fatal(err)
		}
	}
}
