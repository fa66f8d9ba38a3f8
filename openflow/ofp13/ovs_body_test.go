package ofp13

import (
	"strings"
	"testing"
)

// several is a reply of several elements.
func several(typ uint16, list ...body) *MultipartReply {
	m := &MultipartReply{Type: typ}
	for _, v := range list {
		m.Body = v.Append(m.Body)
	}
	return m
}

// checkOVSReads wants Open vSwitch to say all of this of a message, whatever the
// spaces between.
func checkOVSReads(t *testing.T, m Message, want ...string) {
	t.Helper()
	spaced := func(s string) string { return " " + strings.Join(strings.Fields(s), " ") + " " }
	got := spaced(ovsPrint(t, m.AppendTo(nil, 1)))
	for _, words := range want {
		if !strings.Contains(got, spaced(words)) {
			t.Errorf("%T: Open vSwitch does not say %q but\n%s", m, words, got)
		}
	}
}

// Each field of the bodies about groups has a value of its own, and Open vSwitch
// finds it where it belongs, in each of several elements.
func TestOVSReadsGroups(t *testing.T) {
	checkOVSReads(t, several(MultipartGroup,
		&GroupStats{GroupID: 1, RefCount: 2, PacketCount: 3, ByteCount: 4, DurationSec: 5, DurationNsec: 6_000_000,
			Buckets: []BucketCounter{{7, 8}, {9, 10}}},
		&GroupStats{GroupID: 11, RefCount: 12, PacketCount: 13, ByteCount: 14, DurationSec: 15, DurationNsec: 16_000_000}),
		"group_id=1,duration=5.006s,ref_count=2,packet_count=3,byte_count=4,"+
			"bucket0:packet_count=7,byte_count=8,bucket1:packet_count=9,byte_count=10",
		"group_id=11,duration=15.016s,ref_count=12,packet_count=13,byte_count=14")
	checkOVSReads(t, several(MultipartGroupDesc,
		&GroupDesc{Type: GroupTypeSelect, GroupID: 10, Buckets: []Bucket{
			{Weight: 11, WatchPort: PortAny, WatchGroup: GroupAny, Actions: []Action{{Type: ActionOutput, ID: 12}, {Type: ActionSetQueue, ID: 13}}},
			{Weight: 14, WatchPort: 15, WatchGroup: 16},
		}},
		&GroupDesc{Type: GroupTypeAll, GroupID: 17}),
		"group_id=10,type=select,bucket=weight:11,actions=output:12,set_queue:13,"+
			"bucket=weight:14,watch_port:15,watch_group:16,actions=drop",
		"group_id=17,type=all")
	checkOVSReads(t, several(MultipartGroupFeatures, &GroupFeatures{
		Types: 1<<GroupTypeAll | 1<<GroupTypeIndirect, Capabilities: 6,
		MaxGroups: [4]uint32{1, 2, 3, 4}, Actions: [4]uint32{1 << ActionOutput, 0, 1<<ActionOutput | 1<<ActionGroup, 0},
	}), "Types: 0x5", "Capabilities: 0x6", "all group: max_groups=0x1 actions: output", "indirect group: max_groups=0x3 actions: output group")
	checkOVSReads(t, &MultipartRequest{Type: MultipartGroup, Body: (&GroupStatsRequest{GroupID: 77}).Append(nil)}, "group_id=77")
	checkOVSReads(t, &MultipartReply{Type: MultipartGroup, Flags: MultipartMore, Body: (&GroupStats{GroupID: 1}).Append(nil)}, "flags=[more]")
}

// The same for meters.
func TestOVSReadsMeters(t *testing.T) {
	checkOVSReads(t, several(MultipartMeter,
		&MeterStats{MeterID: 1, FlowCount: 2, PacketInCount: 3, ByteInCount: 4, DurationSec: 5, DurationNsec: 6_000_000,
			Bands: []MeterBandStats{{7, 8}, {9, 10}}},
		&MeterStats{MeterID: 11, FlowCount: 12, PacketInCount: 13, ByteInCount: 14, DurationSec: 15, DurationNsec: 16_000_000}),
		"meter:1 flow_count:2 packet_in_count:3 byte_in_count:4 duration:5.006s bands: "+
			"0: packet_count:7 byte_count:8 1: packet_count:9 byte_count:10",
		"meter:11 flow_count:12 packet_in_count:13 byte_in_count:14 duration:15.016s")
	checkOVSReads(t, several(MultipartMeterConfig,
		&MeterConfig{Flags: MeterFlagKBPS | MeterFlagBurst | MeterFlagStats, MeterID: 9, Bands: []MeterBand{
			{Type: MeterBandDrop, Rate: 1001, BurstSize: 102},
			{Type: MeterBandDSCPRemark, Rate: 503, BurstSize: 54, PrecLevel: 5},
		}},
		&MeterConfig{Flags: MeterFlagPKTPS, MeterID: 10}),
		"meter=9 kbps burst stats bands= type=drop rate=1001 burst_size=102 type=dscp_remark rate=503 burst_size=54 prec_level=5",
		"meter=10 pktps")
	checkOVSReads(t, several(MultipartMeterFeatures, &MeterFeatures{MaxMeter: 1, BandTypes: 6, Capabilities: 13, MaxBands: 4, MaxColor: 5}),
		"max_meter:1 max_bands:4 max_color:5", "band_types: drop dscp_remark", "capabilities: kbps burst stats")
	checkOVSReads(t, &MultipartRequest{Type: MultipartMeter, Body: (&MeterStatsRequest{MeterID: 78}).Append(nil)}, "meter=78")
	checkOVSReads(t, &MultipartRequest{Type: MultipartMeterConfig, Body: (&MeterStatsRequest{MeterID: 79}).Append(nil)}, "meter=79")
}

// The same for queues.
func TestOVSReadsQueues(t *testing.T) {
	checkOVSReads(t, several(MultipartQueue,
		&QueueStats{PortNo: 1, QueueID: 2, TxBytes: 3, TxPackets: 4, TxErrors: 5, DurationSec: 6, DurationNsec: 7_000_000},
		&QueueStats{PortNo: 8, QueueID: 9, TxBytes: 10, TxPackets: 11, TxErrors: 12, DurationSec: 13, DurationNsec: 14_000_000}),
		"2 queues port 1 queue 2: bytes=3, pkts=4, errors=5, duration=6.007s",
		"port 8 queue 9: bytes=10, pkts=11, errors=12, duration=13.014s")
	checkOVSReads(t, &QueueGetConfigReply{Port: 1, Queues: []PacketQueue{
		{QueueID: 2, Port: 1, Properties: []QueueProperty{{Property: QueuePropMinRate, Rate: 103}, {Property: QueuePropMaxRate, Rate: 204}}},
		{QueueID: 5, Port: 1},
	}}, "port=1 queue 2: min_rate:10.3% max_rate:20.4% queue 5:")
	checkOVSReads(t, &MultipartRequest{Type: MultipartQueue, Body: (&QueueStatsRequest{PortNo: 80, QueueID: 81}).Append(nil)},
		"port=80 queue=81")
	checkOVSReads(t, &QueueGetConfigRequest{Port: 82}, "port=82")
}

// The same for tables.
func TestOVSReadsTableFeatures(t *testing.T) {
	basic := func(field uint8, n uint8) OXMID { return OXMID{Class: OXMClassBasic, Field: field, Len: n} }
	masked := OXMID{Class: OXMClassBasic, Field: OXMEthDst, Len: 12, HasMask: true}
	checkOVSReads(t, several(MultipartTableFeatures, &TableFeatures{
		TableID: 3, Name: "three", MetadataMatch: 0x1234, MetadataWrite: 0x5678, MaxEntries: 9,
		Properties: []TableFeatureProperty{
			{Type: TablePropInstructions, Instructions: []FeatureID{{Type: InstructionGotoTable}, {Type: InstructionApplyActions}, {Type: InstructionMeter}}},
			{Type: TablePropNextTables, NextTables: []uint8{4, 5, 9}},
			{Type: TablePropWriteActions, Actions: []FeatureID{{Type: ActionGroup}}},
			{Type: TablePropApplyActions, Actions: []FeatureID{{Type: ActionOutput}, {Type: ActionPushMPLS}}},
			{Type: TablePropMatch, Fields: []OXMID{basic(OXMInPort, 4), masked}},
			{Type: TablePropWildcards, Fields: []OXMID{basic(OXMInPort, 4)}},
			{Type: TablePropWriteSetField, Fields: []OXMID{basic(OXMVLANVID, 2)}},
			{Type: TablePropApplySetField, Fields: []OXMID{basic(OXMEthSrc, 6)}},
		},
	}), `table 3 ("three"): metadata: match=0x1234 write=0x5678 max_entries=9`,
		"next tables: 4-5,9 instructions: meter apply_actions goto_table",
		"Write-Actions features: actions: group supported on Set-Field: vlan_vid",
		"Apply-Actions features: actions: output push_mpls supported on Set-Field: eth_src",
		"arbitrary mask: eth_dst", "exact match or wildcard: in_port_oxm")
	checkOVSReads(t, &TableMod{TableID: 83, Config: 3}, "table_id=83")
}
