package ofp13

// Flows and packets (§7.3.4.1, §7.3.7, §7.4.1, §7.4.2).
var goldenFlow = []golden[Message]{
	{"flow mod", &FlowMod{
		Cookie:      0x1122334455667788,
		CookieMask:  0xff,
		TableID:     2,
		Command:     FlowModifyStrict,
		IdleTimeout: 5,
		HardTimeout: 60,
		Priority:    40000,
		BufferID:    NoBuffer,
		OutPort:     PortAny,
		OutGroup:    GroupAny,
		Flags:       FlagSendFlowRem | FlagResetCounts,
		Match:       goldenMatch,
		Instructions: []Instruction{
			{Type: InstructionMeter, ID: 9},
			{Type: InstructionApplyActions, Actions: goldenActions},
			{Type: InstructionClearActions},
			{Type: InstructionWriteActions, Actions: []Action{{Type: ActionGroup, ID: 5}}},
			{Type: InstructionWriteMetadata, Metadata: 0x10, MetadataMask: 0xf0},
			{Type: InstructionGotoTable, TableID: 3},
			{Type: InstructionExperimenter, ID: 0x2320, Experimenter: []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		},
	}, `
		04 0e 0178 01020304               # OFPT_FLOW_MOD, 376 bytes
		1122334455667788 00000000000000ff # cookie, cookie_mask
		02 02 0005 003c 9c40              # table, OFPFC_MODIFY_STRICT, idle, hard, priority
		ffffffff ffffffff ffffffff        # OFP_NO_BUFFER, OFPP_ANY, OFPG_ANY
		0005 0000                         # OFPFF_SEND_FLOW_REM, RESET_COUNTS; pad
	` + goldenMatchWire + `
		0006 0008 00000009                # OFPIT_METER
		0004 0090 00000000                # OFPIT_APPLY_ACTIONS, 8+136 bytes
	` + goldenActionsWire + `
		0005 0008 00000000                # OFPIT_CLEAR_ACTIONS
		0003 0010 00000000                # OFPIT_WRITE_ACTIONS
		0016 0008 00000005                # OFPAT_GROUP
		0002 0018 00000000                # OFPIT_WRITE_METADATA
		0000000000000010 00000000000000f0 # metadata, metadata_mask
		0001 0008 03 000000               # OFPIT_GOTO_TABLE
		ffff 0010 00002320                # OFPIT_EXPERIMENTER
		0102030405060708                  # its data
	`},
	{"flow mod without match", &FlowMod{
		TableID: TableAll, Command: FlowDelete, BufferID: NoBuffer, OutPort: PortAny, OutGroup: GroupAny,
	}, `
		04 0e 0038 01020304               # OFPT_FLOW_MOD
		0000000000000000 0000000000000000 # cookie, cookie_mask
		ff 03 0000 0000 0000              # OFPTT_ALL, OFPFC_DELETE
		ffffffff ffffffff ffffffff        # OFP_NO_BUFFER, OFPP_ANY, OFPG_ANY
		0000 0000                         # flags, pad
		0001 0004 00000000                # OFPMT_OXM, no field, pad
	`},
	{"packet in", &PacketIn{
		BufferID: NoBuffer,
		TotalLen: 60,
		Reason:   ReasonAction,
		TableID:  1,
		Cookie:   0xabcd,
		Match:    Match{Fields: []OXM{NewOXM64(OXMInPort, 3)}},
		Data:     []byte{1, 2, 3, 4, 5},
	}, `
		04 0a 002f 01020304                # OFPT_PACKET_IN
		ffffffff 003c 01 01                # buffer_id, total_len, OFPR_ACTION, table
		000000000000abcd                   # cookie
		0001 000c 80000004 00000003 00000000 # OFPMT_OXM: in_port=3, pad
		0000                               # pad
		0102030405                         # data
	`},
	{"packet out", &PacketOut{
		BufferID: NoBuffer,
		InPort:   PortController,
		Actions:  []Action{{Type: ActionOutput, ID: PortTable}},
		Data:     []byte{1, 2, 3},
	}, `
		04 0d 002b 01020304                # OFPT_PACKET_OUT
		ffffffff fffffffd 0010 000000000000 # buffer_id, OFPP_CONTROLLER, actions_len, pad
		0000 0010 fffffff9 0000 000000000000 # OFPAT_OUTPUT: OFPP_TABLE
		010203                             # data
	`},
	{"flow removed", &FlowRemoved{
		Cookie:       1,
		Priority:     10,
		Reason:       RemovedHardTimeout,
		TableID:      4,
		DurationSec:  60,
		DurationNsec: 500_000_000,
		IdleTimeout:  30,
		HardTimeout:  60,
		PacketCount:  100,
		ByteCount:    6400,
		Match:        Match{Fields: []OXM{NewOXM64(OXMInPort, uint64(PortLocal))}},
	}, `
		04 0b 0040 01020304                # OFPT_FLOW_REMOVED
		0000000000000001                   # cookie
		000a 01 04                         # priority, OFPRR_HARD_TIMEOUT, table
		0000003c 1dcd6500                  # duration
		001e 003c                          # timeouts
		0000000000000064 0000000000001900  # packets, bytes
		0001 000c 80000004 fffffffe 00000000 # in_port=OFPP_LOCAL
	`},
}

var goldenMatch = Match{Fields: []OXM{
	NewOXM64(OXMInPort, 1),
	NewMaskedOXM64(OXMEthDst, 0x010000000000, 0x010000000000),
	NewOXM64(OXMEthType, etherTypeIPv6),
	NewOXM64(OXMVLANVID, uint64(VLANPresent)|100),
	NewOXM64(OXMIPProto, protoTCP),
	NewMaskedOXM(OXMIPv6Src, []byte{0x20, 1, 0xd, 0xb8, 15: 0}, []byte{0xff, 0xff, 0xff, 0xff, 15: 0}),
	NewOXM64(OXMTCPDst, 443),
	NewTCPFlags(0x002, 0x012),
}}

const goldenMatchWire = `
	0001 0063                              # OFPMT_OXM, 99 bytes without padding
	8000 00 04 00000001                    # in_port=1
	8000 07 0c 010000000000 010000000000   # eth_dst, masked: the group bit
	8000 0a 02 86dd                        # eth_type=IPv6
	8000 0c 02 1064                        # vlan_vid=OFPVID_PRESENT|100
	8000 14 01 06                          # ip_proto=TCP
	8000 35 20                             # ipv6_src, masked
	20010db8000000000000000000000000
	ffffffff000000000000000000000000
	8000 1c 02 01bb                        # tcp_dst=443
	ffff 55 08 4f4e4600 0002 0012          # ONF tcp_flags, masked: SYN and not ACK
	0000000000                             # pad
`

var goldenActions = []Action{
	{Type: ActionPopVLAN},
	{Type: ActionPushVLAN, EtherType: 0x88a8},
	{Type: ActionSetField, Field: NewOXM64(OXMVLANVID, uint64(VLANPresent)|5)},
	{Type: ActionSetField, Field: NewOXM64(OXMEthSrc, 0x020000000001)},
	{Type: ActionSetQueue, ID: 2},
	{Type: ActionSetNwTTL, TTL: 64},
	{Type: ActionDecNwTTL},
	{Type: ActionSetMPLSTTL, TTL: 63},
	{Type: ActionDecMPLSTTL},
	{Type: ActionPushMPLS, EtherType: 0x8847},
	{Type: ActionPopMPLS, EtherType: 0x0800},
	{Type: ActionCopyTTLOut},
	{Type: ActionCopyTTLIn},
	{Type: ActionOutput, ID: PortController, MaxLen: 128},
}

const goldenActionsWire = `
	0012 0008 00000000                   # OFPAT_POP_VLAN
	0011 0008 88a8 0000                  # OFPAT_PUSH_VLAN
	0019 0010 8000 0c 02 1005 000000000000 # OFPAT_SET_FIELD: vlan_vid, pad
	0019 0010 8000 08 06 020000000001 0000 # OFPAT_SET_FIELD: eth_src, pad
	0015 0008 00000002                   # OFPAT_SET_QUEUE
	0017 0008 40 000000                  # OFPAT_SET_NW_TTL
	0018 0008 00000000                   # OFPAT_DEC_NW_TTL
	000f 0008 3f 000000                  # OFPAT_SET_MPLS_TTL
	0010 0008 00000000                   # OFPAT_DEC_MPLS_TTL
	0013 0008 8847 0000                  # OFPAT_PUSH_MPLS
	0014 0008 0800 0000                  # OFPAT_POP_MPLS
	000b 0008 00000000                   # OFPAT_COPY_TTL_OUT
	000c 0008 00000000                   # OFPAT_COPY_TTL_IN
	0000 0010 fffffffd 0080 000000000000 # OFPAT_OUTPUT: OFPP_CONTROLLER, 128 bytes
`

// Multipart bodies about flows and tables (§7.3.5.2 to §7.3.5.5).
var goldenFlowBodies = []golden[body]{
	{"flow stats request", &FlowStatsRequest{
		TableID: TableAll, OutPort: PortAny, OutGroup: GroupAny, Cookie: 1, CookieMask: ^uint64(0),
		Match: Match{Fields: []OXM{NewOXM64(OXMEthType, etherTypeARP)}},
	}, `
		ff 000000 ffffffff ffffffff 00000000 # OFPTT_ALL, out_port, out_group
		0000000000000001 ffffffffffffffff    # cookie, cookie_mask
		0001 000a 8000 0a 02 0806 000000000000 # eth_type=ARP, pad
	`},
	{"flow stats", &FlowStats{
		TableID: 1, DurationSec: 2, DurationNsec: 3, Priority: 4, IdleTimeout: 5, HardTimeout: 6,
		Flags: FlagNoPktCounts, Cookie: 7, PacketCount: 8, ByteCount: 9,
		Instructions: []Instruction{{Type: InstructionGotoTable, TableID: 2}},
	}, `
		0040 01 00 00000002 00000003         # length, table, duration
		0004 0005 0006 0008 00000000         # priority, timeouts, OFPFF_NO_PKT_COUNTS, pad
		0000000000000007                     # cookie
		0000000000000008 0000000000000009    # packets, bytes
		0001 0004 00000000                   # no match
		0001 0008 02 000000                  # OFPIT_GOTO_TABLE
	`},
	{"aggregate stats", &AggregateStats{PacketCount: 1, ByteCount: 2, FlowCount: 3}, `
		0000000000000001 0000000000000002 00000003 00000000
	`},
	{"table stats", &TableStats{TableID: 1, ActiveCount: 2, LookupCount: 3, MatchedCount: 4}, `
		01 000000 00000002 0000000000000003 0000000000000004
	`},
	{"table features", &TableFeatures{
		TableID: 1, Name: "acl", MetadataMatch: ^uint64(0), MetadataWrite: 0xff, MaxEntries: 1000,
		Properties: []TableFeatureProperty{
			{Type: TablePropInstructions, Instructions: []FeatureID{
				{Type: InstructionGotoTable}, {Type: InstructionExperimenter, Experimenter: 0x2320},
			}},
			{Type: TablePropNextTablesMiss, NextTables: []uint8{2, 3, 4}},
			{Type: TablePropApplyActions, Actions: []FeatureID{{Type: ActionOutput}}},
			{Type: TablePropMatch, Fields: []OXMID{
				{Class: OXMClassBasic, Field: OXMEthDst, HasMask: true, Len: 12},
				{Class: OXMClassExperimenter, Field: OXMTCPFlags, Len: 2, Experimenter: ExperimenterONF},
			}},
			{Type: TablePropExperimenter, Experimenter: 1, ExpType: 2, Data: []byte{3}},
		},
	}, `
		0080 01 0000000000                   # length, table, pad
		61636c 0000000000 0000000000000000 0000000000000000 0000000000000000 # name
		ffffffffffffffff 00000000000000ff    # metadata_match, metadata_write
		00000000 000003e8                    # config, max_entries
		0000 0010 0001 0004 ffff 0008 00002320 # OFPTFPT_INSTRUCTIONS
		0003 0007 020304 00                  # OFPTFPT_NEXT_TABLES_MISS, pad
		0006 0008 0000 0004                  # OFPTFPT_APPLY_ACTIONS
		0008 0010 8000 07 0c ffff 54 06 4f4e4600 # OFPTFPT_MATCH
		fffe 000d 00000001 00000002 03 000000 # OFPTFPT_EXPERIMENTER, pad
	`},
}
