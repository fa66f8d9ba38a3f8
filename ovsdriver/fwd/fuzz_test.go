package fwd

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Any bytes that decode as a flow-mod either change the tables as they say or
// fail with an OpenFlow error and change nothing; an added entry is told back as
// it was sent.
func FuzzFlowMod(f *testing.F) {
	for _, m := range []ofp13.FlowMod{
		{},
		{Command: ofp13.FlowDelete, TableID: ofp13.TableAll},
		{Command: ofp13.FlowModifyStrict, Flags: ofp13.FlagResetCounts, Cookie: 1, CookieMask: 1},
		{Priority: 5, IdleTimeout: 1, HardTimeout: 2, Flags: ofp13.FlagSendFlowRem | ofp13.FlagCheckOverlap,
			Match: match(inPort(1), ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, 0x0a000000, 0xff000000)),
			Instructions: do(apply(ofp13.Action{Type: ofp13.ActionDecNwTTL}, output(2)),
				ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 3})},
		{TableID: 3, Match: match(ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1005)),
			Instructions: do(ofp13.Instruction{Type: ofp13.InstructionWriteActions,
				Actions: []ofp13.Action{{Type: ofp13.ActionPopVLAN}, output(ofp13.PortController)}})},
		{Instructions: do(ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: 1, MetadataMask: 3},
			ofp13.Instruction{Type: ofp13.InstructionClearActions})},
	} {
		f.Add(complete(m).AppendTo(nil, 1))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m ofp13.FlowMod
		if m.Decode(b) != nil {
			return
		}
		tables := fuzzTables()
		err := tables.FlowMod(&m)
		stream, statsErr := tables.FlowStats(request(ofp13.TableAll))
		if statsErr != nil {
			t.Fatal(statsErr)
		}
		flows := readFlows(t, stream)
		var failure *ofp13.Error
		buffer := &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestBufferUnknown}
		switch {
		case err != nil && !errors.As(err, &failure):
			t.Fatalf("error %v is not OpenFlow's", err)
		case err != nil && !errors.Is(err, buffer) || m.Command != ofp13.FlowAdd:
			if len(flows) != 0 {
				t.Fatalf("error %v, but there are %d entries", err, len(flows))
			}
		default:
			checkToldBack(t, &m, flows)
		}
		tables.Commit(func() {})
	})
}

func fuzzTables() *Tables {
	tables := benchTables()
	tables.SetPorts(translate.NewPortSet([]translate.Port{{No: 1}, {No: 2}}))
	return tables
}

// checkToldBack compares an added entry's statistics with its flow-mod.
func checkToldBack(t *testing.T, m *ofp13.FlowMod, flows []ofp13.FlowStats) {
	t.Helper()
	want := []ofp13.FlowStats{{
		TableID: m.TableID, Priority: m.Priority, IdleTimeout: m.IdleTimeout, HardTimeout: m.HardTimeout,
		Flags: m.Flags, Cookie: m.Cookie, Match: m.Match, Instructions: m.Instructions,
	}}
	if m.Flags&ofp13.FlagNoPktCounts != 0 {
		want[0].PacketCount = unavailable
	}
	if m.Flags&ofp13.FlagNoBytCounts != 0 {
		want[0].ByteCount = unavailable
	}
	age := cmpopts.IgnoreFields(ofp13.FlowStats{}, "DurationSec", "DurationNsec")
	if diff := cmp.Diff(want, flows, age, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("told back (-sent +got):\n%s", diff)
	}
}
