package ofp13

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/netrack/openflow/ofp"
)

// The library github.com/netrack/openflow is an independent reading of the
// specification. Its encoders are right for what is compared here; of its
// decoders, those of plain structures are (hello elements, buckets, bands,
// queue properties and port-mod are not, and lengths are not checked).

// netrackMatch is the library's form of a match.
func netrackMatch(m Match) ofp.Match {
	out := ofp.Match{Type: ofp.MatchTypeXM}
	for i := range m.Fields {
		o := &m.Fields[i]
		xm := ofp.XM{Class: ofp.XMClass(o.Class), Type: ofp.XMType(o.Field), Value: o.Value[:o.Len]}
		if o.HasMask {
			xm.Mask = o.Mask[:o.Len]
		}
		out.Fields = append(out.Fields, xm)
	}
	return out
}

// netrackActions is the library's form of a list of actions.
func netrackActions(list []Action) ofp.Actions {
	var out ofp.Actions
	for i := range list {
		a := &list[i]
		out = append(out, map[uint16]ofp.Action{
			ActionOutput:     &ofp.ActionOutput{Port: ofp.PortNo(a.ID), MaxLen: a.MaxLen},
			ActionCopyTTLOut: &ofp.ActionCopyTTLOut{},
			ActionCopyTTLIn:  &ofp.ActionCopyTTLIn{},
			ActionSetMPLSTTL: &ofp.ActionSetMPLSTTL{TTL: a.TTL},
			ActionDecMPLSTTL: &ofp.ActionDecMPLSTTL{},
			ActionPushVLAN:   &ofp.ActionPushVLAN{EtherType: a.EtherType},
			ActionPopVLAN:    &ofp.ActionPopVLAN{},
			ActionPushMPLS:   &ofp.ActionPushMPLS{EtherType: a.EtherType},
			ActionPopMPLS:    &ofp.ActionPopMPLS{EtherType: a.EtherType},
			ActionSetQueue:   &ofp.ActionSetQueue{QueueID: ofp.Queue(a.ID)},
			ActionGroup:      &ofp.ActionGroup{Group: ofp.Group(a.ID)},
			ActionSetNwTTL:   &ofp.ActionSetNetworkTTL{TTL: a.TTL},
			ActionDecNwTTL:   &ofp.ActionDecNetworkTTL{},
			ActionPushPBB:    &ofp.ActionPushPBB{EtherType: a.EtherType},
			ActionSetField: &ofp.ActionSetField{Field: ofp.XM{
				Class: ofp.XMClass(a.Field.Class), Type: ofp.XMType(a.Field.Field), Value: a.Field.Value[:a.Field.Len],
			}},
		}[a.Type])
	}
	return out
}

// netrackInstructions is the library's form of a list of instructions.
func netrackInstructions(list []Instruction) ofp.Instructions {
	var out ofp.Instructions
	for i := range list {
		in := &list[i]
		out = append(out, map[uint16]ofp.Instruction{
			InstructionGotoTable:     &ofp.InstructionGotoTable{Table: ofp.Table(in.TableID)},
			InstructionWriteMetadata: &ofp.InstructionWriteMetadata{Metadata: in.Metadata, MetadataMask: in.MetadataMask},
			InstructionWriteActions:  &ofp.InstructionWriteActions{Actions: netrackActions(in.Actions)},
			InstructionApplyActions:  &ofp.InstructionApplyActions{Actions: netrackActions(in.Actions)},
			InstructionClearActions:  &ofp.InstructionClearActions{},
			InstructionMeter:         &ofp.InstructionMeter{Meter: ofp.Meter(in.ID)},
		}[in.Type])
	}
	return out
}

func netrackFlowMod(m *FlowMod) *ofp.FlowMod {
	return &ofp.FlowMod{
		Cookie: m.Cookie, CookieMask: m.CookieMask, Table: ofp.Table(m.TableID),
		Command: ofp.FlowModCommand(m.Command), IdleTimeout: m.IdleTimeout, HardTimeout: m.HardTimeout,
		Priority: m.Priority, Buffer: m.BufferID, OutPort: ofp.PortNo(m.OutPort), OutGroup: ofp.Group(m.OutGroup),
		Flags: ofp.FlowModFlag(m.Flags), Match: netrackMatch(m.Match), Instructions: netrackInstructions(m.Instructions),
	}
}

// compareNetrack encodes theirs and compares it with what we wrote behind a
// message header.
func compareNetrack(t *testing.T, name string, ours []byte, theirs io.WriterTo) {
	t.Helper()
	var b bytes.Buffer
	if _, err := theirs.WriteTo(&b); err != nil {
		t.Fatalf("%s: the library: %v", name, err)
	}
	if !bytes.Equal(ours, b.Bytes()) {
		t.Errorf("%s: we write\n%sthe library\n%s", name, hex.Dump(ours), hex.Dump(b.Bytes()))
	}
}

func TestNetrackWritesTheSame(t *testing.T) {
	oxm := Match{Fields: []OXM{NewOXM64(OXMInPort, 3)}}
	ofpPort := ofp.Port{
		PortNo: 1, HWAddr: net.HardwareAddr(goldenPort.HWAddr[:]), Name: goldenPort.Name,
		Config: ofp.PortConfigNoFwd, State: ofp.PortStateLive, Curr: ofp.PortFeature(goldenPort.Curr),
		Supported: ofp.PortFeature(goldenPort.Supported), Peer: ofp.PortFeaturePause,
		CurrSpeed: goldenPort.CurrSpeed, MaxSpeed: goldenPort.MaxSpeed,
	}
	for _, c := range []struct {
		name   string
		ours   Message
		theirs io.WriterTo
	}{
		{"echo", &EchoRequest{Data: []byte("x")}, &ofp.EchoRequest{Data: []byte("x")}},
		{"error", &ErrorMessage{Type: 4, Code: 10, Data: []byte{1, 2}}, &ofp.Error{Type: 4, Code: 10, Data: []byte{1, 2}}},
		{"features", &FeaturesReply{DatapathID: 1, NBuffers: 2, NTables: 3, AuxiliaryID: 4, Capabilities: 5},
			&ofp.SwitchFeatures{DatapathID: 1, NumBuffers: 2, NumTables: 3, AuxiliaryID: 4, Capabilities: 5}},
		{"set-config", &SetConfig{Flags: 1, MissSendLen: 2}, &ofp.SwitchConfig{Flags: 1, MissSendLength: 2}},
		{"packet-in", &PacketIn{BufferID: 1, TotalLen: 2, Reason: 1, TableID: 3, Cookie: 4, Match: oxm, Data: []byte{9}},
			&ofp.PacketIn{Buffer: 1, Length: 2, Reason: 1, Table: 3, Cookie: 4, Match: netrackMatch(oxm), Data: []byte{9}}},
		{"packet-out", &PacketOut{BufferID: 1, InPort: 2, Actions: goldenActions, Data: []byte{9}},
			&ofp.PacketOut{Buffer: 1, InPort: 2, Actions: netrackActions(goldenActions), Data: []byte{9}}},
		{"flow-removed", &FlowRemoved{Cookie: 1, Priority: 2, Reason: 3, TableID: 4, DurationSec: 5, DurationNsec: 6,
			IdleTimeout: 7, HardTimeout: 8, PacketCount: 9, ByteCount: 10, Match: oxm},
			&ofp.FlowRemoved{Cookie: 1, Priority: 2, Reason: 3, Table: 4, DurationSec: 5, DurationNSec: 6,
				IdleTimeout: 7, HardTimeout: 8, PacketCount: 9, ByteCount: 10, Match: netrackMatch(oxm)}},
		{"port-status", &PortStatus{Reason: 1, Port: goldenPort}, &ofp.PortStatus{Reason: 1, Port: ofpPort}},
		{"table-mod", &TableMod{TableID: 1, Config: 3}, &ofp.TableMod{Table: 1, Config: 3}},
		{"role", &RoleRequest{Role: 2, GenerationID: 3}, &ofp.RoleRequest{Role: 2, GenerationID: 3}},
		{"set-async", &SetAsync{AsyncConfig{[2]uint32{1, 2}, [2]uint32{3, 4}, [2]uint32{5, 6}}},
			&ofp.AsyncConfig{PacketInMask: [2]uint32{1, 2}, PortStatusMask: [2]uint32{3, 4}, FlowRemovedMask: [2]uint32{5, 6}}},
		{"group-mod", &GroupMod{Command: 1, Type: 1, GroupID: 2, Buckets: goldenBuckets[:1]},
			&ofp.GroupMod{Command: 1, Type: 1, Group: 2, Buckets: []ofp.Bucket{{
				Weight: 10, WatchPort: ofp.PortAny, WatchGroup: ofp.GroupAny, Actions: netrackActions(goldenBuckets[0].Actions),
			}}}},
		{"meter-mod", &MeterMod{Command: 1, Flags: 5, MeterID: 2, Bands: goldenBands[:2]},
			&ofp.MeterMod{Command: 1, Flags: 5, Meter: 2, Bands: ofp.MeterBands{
				&ofp.MeterBandDrop{Rate: 1000, BurstSize: 100},
				&ofp.MeterBandDSCPRemark{Rate: 500, BurstSize: 50, PrecLevel: 1},
			}}},
	} {
		ours := c.ours.AppendTo(nil, 1)[HeaderLen:]
		compareNetrack(t, c.name, ours, c.theirs)
		readNetrack(t, c.name, ours, c.theirs)
	}
}

// readNetrack has the library decode what we wrote, where its decoder is right.
func readNetrack(t *testing.T, name string, ours []byte, want io.WriterTo) {
	t.Helper()
	switch want.(type) {
	case *ofp.GroupMod, *ofp.MeterMod: // lists come back empty
		return
	case *ofp.PortStatus, *ofp.Description: // strings keep their padding
		return
	}
	got, ok := fresh(want).(io.ReaderFrom)
	if !ok {
		t.Fatalf("%s: the library cannot decode it", name)
	}
	if _, err := got.ReadFrom(bytes.NewReader(ours)); err != nil {
		t.Fatalf("%s: the library: %v", name, err)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestNetrackWritesTheSameBodies(t *testing.T) {
	oxm := Match{Fields: []OXM{NewOXM64(OXMInPort, 3)}}
	for _, c := range []struct {
		name   string
		ours   body
		theirs io.WriterTo
	}{
		{"desc", &Desc{"m", "h", "s", "n", "d"},
			&ofp.Description{Manufacturer: "m", Hardware: "h", Software: "s", SerialNum: "n", Datapath: "d"}},
		{"flow stats request", &FlowStatsRequest{TableID: 1, OutPort: 2, OutGroup: 3, Cookie: 4, CookieMask: 5, Match: oxm},
			&ofp.FlowStatsRequest{Table: 1, OutPort: 2, OutGroup: 3, Cookie: 4, CookieMask: 5, Match: netrackMatch(oxm)}},
		{"flow stats", &FlowStats{TableID: 1, DurationSec: 2, DurationNsec: 3, Priority: 4, IdleTimeout: 5, HardTimeout: 6,
			Flags: 7, Cookie: 8, PacketCount: 9, ByteCount: 10, Match: oxm},
			&ofp.FlowStats{Table: 1, DurationSec: 2, DurationNSec: 3, Priority: 4, IdleTimeout: 5, HardTimeout: 6,
				Flags: 7, Cookie: 8, PacketCount: 9, ByteCount: 10, Match: netrackMatch(oxm)}},
		{"aggregate", &AggregateStats{1, 2, 3}, &ofp.AggregateStats{PacketCount: 1, ByteCount: 2, FlowCount: 3}},
		{"table stats", &TableStats{1, 2, 3, 4},
			&ofp.TableStats{Table: 1, ActiveCount: 2, LookupCount: 3, MatchedCount: 4}},
		{"port stats", &PortStats{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			&ofp.PortStats{PortNo: 1, RxPackets: 2, TxPackets: 3, RxBytes: 4, TxBytes: 5, RxDropped: 6, TxDropped: 7,
				RxErrors: 8, TxErrors: 9, RxFrameErr: 10, RxOverErr: 11, RxCrcErr: 12, Collisions: 13,
				DurationSec: 14, DurationNSec: 15}},
		{"queue stats", &QueueStats{1, 2, 3, 4, 5, 6, 7},
			&ofp.QueueStats{Port: 1, Queue: 2, TxBytes: 3, TxPackets: 4, TxErrors: 5, DurationSec: 6, DurationNSec: 7}},
		{"group features", &GroupFeatures{1, 2, [4]uint32{3, 4, 5, 6}, [4]uint32{7, 8, 9, 10}},
			&ofp.GroupFeatures{Types: 1, Capabilities: 2, MaxGroups: [4]uint32{3, 4, 5, 6}, Actions: [4]uint32{7, 8, 9, 10}}},
		{"meter features", &MeterFeatures{1, 2, 3, 4, 5},
			&ofp.MeterFeatures{MaxMeter: 1, BandTypes: 2, Capabilities: 3, MaxBands: 4, MaxColor: 5}},
	} {
		compareNetrack(t, c.name, c.ours.Append(nil), c.theirs)
		readNetrack(t, c.name, c.ours.Append(nil), c.theirs)
	}
}

// TestNetrackWritesTheSameFlowMods compares random flow-mods, with what the
// library has: no experimenters, no PBB pop.
func TestNetrackWritesTheSameFlowMods(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(11, 12)), ovs: true}
	for range 500 {
		m := g.flowMod()
		for len(m.Match.Fields) > 0 && m.Match.Fields[len(m.Match.Fields)-1].Class == OXMClassExperimenter {
			m.Match.Fields = m.Match.Fields[:len(m.Match.Fields)-1]
		}
		compareNetrack(t, m.Match.String(), m.AppendTo(nil, 1)[HeaderLen:], netrackFlowMod(m))
	}
}

// TestNetrackReadsFlowMod has the library decode what we encode.
func TestNetrackReadsFlowMod(t *testing.T) {
	m := benchmarkFlowMod()
	var got ofp.FlowMod
	if _, err := got.ReadFrom(bytes.NewReader(m.AppendTo(nil, 1)[HeaderLen:])); err != nil {
		t.Fatal(err)
	}
	if d := diff(netrackFlowMod(m), &got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// BenchmarkDecodeFlowModNetrack decodes the flow-mod of BenchmarkDecodeFlowMod
// with the library, for comparison.
func BenchmarkDecodeFlowModNetrack(b *testing.B) {
	wire := benchmarkFlowMod().AppendTo(nil, 1)[HeaderLen:]
	r := bytes.NewReader(wire)
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(wire)
		var m ofp.FlowMod
		if _, err := m.ReadFrom(r); err != nil {
			b.Fatal(err)
		}
	}
}
