package ofp13

// Messages without lists that either side sends (§7.5, §7.4.4, §7.3.8).
var goldenSymmetric = []golden[Message]{
	{"hello", &Hello{Version: 4, Bitmaps: []uint32{1 << 4}}, `
		04 00 0010 01020304 # version 1.3, OFPT_HELLO, length, xid
		0001 0008           # OFPHET_VERSIONBITMAP, length without padding
		00000010            # bit 4: version 0x04
	`},
	{"hello with two words", &Hello{Version: 6, Bitmaps: []uint32{1<<4 | 1<<6, 1}}, `
		06 00 0018 01020304 # version 1.5
		0001 000c           # OFPHET_VERSIONBITMAP
		00000050 00000001   # versions 4, 6 and 32
		00000000            # padding to 64 bits
	`},
	{"error", &ErrorMessage{
		Type: ErrTypeBadMatch, Code: BadMatchDupField, Data: []byte{4, 14, 0, 80},
	}, `
		04 01 0010 01020304 # OFPT_ERROR
		0004 000a           # OFPET_BAD_MATCH, OFPBMC_DUP_FIELD
		040e0050            # data
	`},
	{"experimenter error", &ErrorMessage{
		Type: ErrTypeExperimenter, Code: 2600, Experimenter: ExperimenterONF, Data: []byte{1, 2},
	}, `
		04 01 0012 01020304 # OFPT_ERROR
		ffff 0a28           # OFPET_EXPERIMENTER, exp_type
		4f4e4600            # experimenter
		0102                # data
	`},
	{"echo request", &EchoRequest{Data: []byte("ping")}, `
		04 02 000c 01020304 # OFPT_ECHO_REQUEST
		70696e67            # "ping"
	`},
	{"echo reply", &EchoReply{}, `
		04 03 0008 01020304 # OFPT_ECHO_REPLY, no data
	`},
	{"experimenter", &Experimenter{Experimenter: 0x2320, ExpType: 10, Data: []byte{0xaa}}, `
		04 04 0011 01020304 # OFPT_EXPERIMENTER
		00002320 0000000a   # experimenter, exp_type
		aa                  # data
	`},
	{"barrier request", &BarrierRequest{}, `04 14 0008 01020304`},
	{"barrier reply", &BarrierReply{}, `04 15 0008 01020304`},
}

// Handshake, configuration, roles and ports (§7.3.1, §7.3.2, §7.3.9, §7.3.10,
// §7.2.1).
var goldenSwitch = []golden[Message]{
	{"features request", &FeaturesRequest{}, `04 05 0008 01020304`},
	{"features reply", &FeaturesReply{
		DatapathID:   0x00010a0b0c0d0e0f,
		NBuffers:     256,
		NTables:      254,
		AuxiliaryID:  1,
		Capabilities: CapabilityFlowStats | CapabilityIPReasm | CapabilityQueueStats | CapabilityPortBlocked,
	}, `
		04 06 0020 01020304 # OFPT_FEATURES_REPLY
		00010a0b0c0d0e0f    # datapath_id
		00000100            # n_buffers
		fe 01 0000          # n_tables, auxiliary_id, pad
		00000161            # capabilities: bits 0, 5, 6 and 8
		00000000            # reserved
	`},
	{"get config request", &GetConfigRequest{}, `04 07 0008 01020304`},
	{"get config reply", &GetConfigReply{Flags: FragDrop, MissSendLen: ControllerMaxNoBuffer}, `
		04 08 000c 01020304 # OFPT_GET_CONFIG_REPLY
		0001 ffff           # OFPC_FRAG_DROP, OFPCML_NO_BUFFER
	`},
	{"set config", &SetConfig{Flags: FragNormal, MissSendLen: 128}, `
		04 09 000c 01020304 # OFPT_SET_CONFIG
		0000 0080           # OFPC_FRAG_NORMAL, 128 bytes
	`},
	{"port status", &PortStatus{Reason: PortReasonModify, Port: goldenPort}, `
		04 0c 0050 01020304 # OFPT_PORT_STATUS
		02 00000000000000   # OFPPR_MODIFY, pad
	` + goldenPortWire},
	{"port mod", &PortMod{
		PortNo:    3,
		HWAddr:    [6]byte{2, 0, 0, 0, 0, 3},
		Config:    PortConfigDown,
		Mask:      PortConfigDown | PortConfigNoPacketIn,
		Advertise: PortFeatureAutoneg,
	}, `
		04 10 0028 01020304 # OFPT_PORT_MOD
		00000003 00000000   # port_no, pad
		020000000003 0000   # hw_addr, pad
		00000001            # config: OFPPC_PORT_DOWN
		00000041            # mask: OFPPC_PORT_DOWN, OFPPC_NO_PACKET_IN
		00002000            # advertise: OFPPF_AUTONEG
		00000000            # pad
	`},
	{"table mod", &TableMod{TableID: TableAll, Config: TableConfigDeprecatedMask}, `
		04 11 0010 01020304 # OFPT_TABLE_MOD
		ff 000000           # OFPTT_ALL, pad
		00000003            # config
	`},
	{"queue get config request", &QueueGetConfigRequest{Port: PortAny}, `
		04 16 0010 01020304 # OFPT_QUEUE_GET_CONFIG_REQUEST
		ffffffff 00000000   # OFPP_ANY, pad
	`},
	{"queue get config reply", &QueueGetConfigReply{
		Port: 1,
		Queues: []PacketQueue{
			{QueueID: 7, Port: 1, Properties: []QueueProperty{
				{Property: QueuePropMinRate, Rate: 100},
				{Property: QueuePropExperimenter, Experimenter: 0x2320, Data: []byte{1, 2, 3, 4, 5, 6, 7, 8}},
			}},
			{QueueID: 8, Port: 1},
		},
	}, `
		04 17 0058 01020304                     # OFPT_QUEUE_GET_CONFIG_REPLY
		00000001 00000000                       # port, pad
		00000007 00000001 0038 000000000000     # queue 7 of port 1, length, pad
		0001 0010 00000000 0064 000000000000    # OFPQT_MIN_RATE, 10.0 %
		ffff 0018 00000000                      # OFPQT_EXPERIMENTER
		00002320 00000000 0102030405060708      # experimenter, pad, data
		00000008 00000001 0010 000000000000     # queue 8 of port 1
	`},
	{"role request", &RoleRequest{Role: RoleMaster, GenerationID: 0x8000000000000001}, `
		04 18 0018 01020304 # OFPT_ROLE_REQUEST
		00000002 00000000   # OFPCR_ROLE_MASTER, pad
		8000000000000001    # generation_id
	`},
	{"role reply", &RoleReply{Role: RoleSlave, GenerationID: 9}, `
		04 19 0018 01020304 # OFPT_ROLE_REPLY
		00000003 00000000   # OFPCR_ROLE_SLAVE, pad
		0000000000000009    # generation_id
	`},
	{"get async request", &GetAsyncRequest{}, `04 1a 0008 01020304`},
	{"get async reply", &GetAsyncReply{AsyncConfig{
		PacketInMask:    [2]uint32{7, 0},
		PortStatusMask:  [2]uint32{7, 7},
		FlowRemovedMask: [2]uint32{15, 0},
	}}, `
		04 1b 0020 01020304 # OFPT_GET_ASYNC_REPLY
		00000007 00000000   # packet_in_mask: master or equal, slave
		00000007 00000007   # port_status_mask
		0000000f 00000000   # flow_removed_mask
	`},
	{"set async", &SetAsync{AsyncConfig{PacketInMask: [2]uint32{1 << ReasonAction, 0xffffffff}}}, `
		04 1c 0020 01020304 # OFPT_SET_ASYNC
		00000002 ffffffff   # packet_in_mask
		00000000 00000000   # port_status_mask
		00000000 00000000   # flow_removed_mask
	`},
}

var goldenPort = Port{
	PortNo:    1,
	HWAddr:    [6]byte{2, 0, 0, 0, 0, 1},
	Name:      "s1-eth1",
	Config:    PortConfigNoFwd,
	State:     PortStateLive,
	Curr:      PortFeature10GBFD | PortFeatureCopper,
	Supported: PortFeature1GBFD,
	Peer:      PortFeaturePause,
	CurrSpeed: 10_000_000,
	MaxSpeed:  40_000_000,
}

const goldenPortWire = `
	00000001 00000000                  # port_no, pad
	020000000001 0000                  # hw_addr, pad
	73312d65746831 000000000000000000  # name, 16 bytes
	00000020 00000004                  # OFPPC_NO_FWD, OFPPS_LIVE
	00000840 00000000                  # curr: OFPPF_10GB_FD and COPPER; advertised
	00000020 00004000                  # supported: OFPPF_1GB_FD; peer: OFPPF_PAUSE
	00989680 02625a00                  # curr_speed, max_speed in kbit/s
`
