package ofp13

// Groups, meters and multipart messages (§7.3.4.2, §7.3.4.4, §7.3.5).
var goldenGroup = []golden[Message]{
	{"group mod", &GroupMod{
		Command: GroupAdd, Type: GroupTypeSelect, GroupID: 7, Buckets: goldenBuckets,
	}, `
		04 0f 0048 01020304                  # OFPT_GROUP_MOD
		0000 01 00 00000007                  # OFPGC_ADD, OFPGT_SELECT, group
	` + goldenBucketsWire},
	{"group mod that deletes", &GroupMod{Command: GroupDelete, Type: GroupTypeAll, GroupID: GroupAll}, `
		04 0f 0010 01020304                  # OFPT_GROUP_MOD
		0002 00 00 fffffffc                  # OFPGC_DELETE, OFPGT_ALL, OFPG_ALL
	`},
	{"meter mod", &MeterMod{
		Command: MeterModify, Flags: MeterFlagKBPS | MeterFlagBurst, MeterID: 3, Bands: goldenBands,
	}, `
		04 1d 0048 01020304                  # OFPT_METER_MOD
		0001 0005 00000003                   # OFPMC_MODIFY, flags, meter
	` + goldenBandsWire},
	{"multipart request", &MultipartRequest{
		Type: MultipartPortStats, Body: (&PortStatsRequest{PortNo: PortAny}).Append(nil),
	}, `
		04 12 0018 01020304                  # OFPT_MULTIPART_REQUEST
		0004 0000 00000000                   # OFPMP_PORT_STATS, flags, pad
		ffffffff 00000000                    # OFPP_ANY, pad
	`},
	{"multipart reply", &MultipartReply{
		Type: MultipartAggregate, Flags: MultipartMore, Body: (&AggregateStats{FlowCount: 1}).Append(nil),
	}, `
		04 13 0028 01020304                  # OFPT_MULTIPART_REPLY
		0002 0001 00000000                   # OFPMP_AGGREGATE, OFPMPF_REPLY_MORE, pad
		0000000000000000 0000000000000000    # packets, bytes
		00000001 00000000                    # flows, pad
	`},
}

var goldenBuckets = []Bucket{
	{Weight: 10, WatchPort: PortAny, WatchGroup: GroupAny, Actions: []Action{
		{Type: ActionSetQueue, ID: 1},
		{Type: ActionOutput, ID: 2},
	}},
	{Weight: 1, WatchPort: 3, WatchGroup: 4},
}

const goldenBucketsWire = `
	0028 000a ffffffff ffffffff 00000000 # bucket: length, weight, no watch, pad
	0015 0008 00000001                   # OFPAT_SET_QUEUE
	0000 0010 00000002 0000 000000000000 # OFPAT_OUTPUT
	0010 0001 00000003 00000004 00000000 # bucket that watches port 3 and group 4
`

var goldenBands = []MeterBand{
	{Type: MeterBandDrop, Rate: 1000, BurstSize: 100},
	{Type: MeterBandDSCPRemark, Rate: 500, BurstSize: 50, PrecLevel: 1},
	{Type: MeterBandExperimenter, Rate: 1, Experimenter: 0x2320, Data: []byte{1, 2, 3, 4, 5, 6, 7, 8}},
}

const goldenBandsWire = `
	0001 0010 000003e8 00000064 00000000 # OFPMBT_DROP: rate, burst, pad
	0002 0010 000001f4 00000032 01000000 # OFPMBT_DSCP_REMARK: rate, burst, level, pad
	ffff 0018 00000001 00000000 00002320 # OFPMBT_EXPERIMENTER
	0102030405060708                     # its data
`

// The other multipart bodies (§7.3.5.1, §7.3.5.6 to §7.3.5.15).
var goldenOtherBodies = []golden[body]{
	{"desc", &Desc{Manufacturer: "m", Hardware: "h", Software: "s", SerialNumber: "n", Datapath: "d"},
		"6d" + zeros(255) + "68" + zeros(255) + "73" + zeros(255) + "6e" + zeros(31) + "64" + zeros(255)},
	{"port stats request", &PortStatsRequest{PortNo: 5}, `00000005 00000000`},
	{"port stats", &PortStats{
		PortNo: 1, RxPackets: 2, TxPackets: 3, RxBytes: 4, TxBytes: 5, RxDropped: 6, TxDropped: 7,
		RxErrors: 8, TxErrors: 9, RxFrameErr: 10, RxOverErr: 11, RxCRCErr: 12, Collisions: ^uint64(0),
		DurationSec: 14, DurationNsec: 15,
	}, `
		00000001 00000000                    # port_no, pad
		0000000000000002 0000000000000003    # rx_packets, tx_packets
		0000000000000004 0000000000000005    # rx_bytes, tx_bytes
		0000000000000006 0000000000000007    # rx_dropped, tx_dropped
		0000000000000008 0000000000000009    # rx_errors, tx_errors
		000000000000000a 000000000000000b    # rx_frame_err, rx_over_err
		000000000000000c ffffffffffffffff    # rx_crc_err, collisions: not available
		0000000e 0000000f                    # duration
	`},
	{"port desc", &goldenPort, goldenPortWire},
	{"queue stats request", &QueueStatsRequest{PortNo: PortAny, QueueID: QueueAll}, `ffffffff ffffffff`},
	{"queue stats", &QueueStats{
		PortNo: 1, QueueID: 2, TxBytes: 3, TxPackets: 4, TxErrors: 5, DurationSec: 6, DurationNsec: 7,
	}, `
		00000001 00000002                    # port_no, queue_id
		0000000000000003 0000000000000004    # tx_bytes, tx_packets
		0000000000000005 00000006 00000007   # tx_errors, duration
	`},
	{"group stats request", &GroupStatsRequest{GroupID: GroupAll}, `fffffffc 00000000`},
	{"group stats", &GroupStats{
		GroupID: 1, RefCount: 2, PacketCount: 3, ByteCount: 4, DurationSec: 5, DurationNsec: 6,
		Buckets: []BucketCounter{{7, 8}},
	}, `
		0038 0000 00000001 00000002 00000000 # length, group, ref_count, pad
		0000000000000003 0000000000000004    # packets, bytes
		00000005 00000006                    # duration
		0000000000000007 0000000000000008    # bucket: packets, bytes
	`},
	{"group desc", &GroupDesc{Type: GroupTypeFastFailover, GroupID: 9, Buckets: goldenBuckets}, `
		0040 03 00 00000009                  # length, OFPGT_FF, pad, group
	` + goldenBucketsWire},
	{"group features", &GroupFeatures{
		Types: 15, Capabilities: GroupCapabilityChaining,
		MaxGroups: [4]uint32{1, 2, 3, 4}, Actions: [4]uint32{5, 6, 7, 1 << ActionOutput},
	}, `
		0000000f 00000004                    # types, OFPGFC_CHAINING
		00000001 00000002 00000003 00000004  # max_groups
		00000005 00000006 00000007 00000001  # actions
	`},
	{"meter stats request", &MeterStatsRequest{MeterID: MeterAll}, `ffffffff 00000000`},
	{"meter stats", &MeterStats{
		MeterID: 1, FlowCount: 2, PacketInCount: 3, ByteInCount: 4, DurationSec: 5, DurationNsec: 6,
		Bands: []MeterBandStats{{7, 8}, {9, 10}},
	}, `
		00000001 0048 000000000000           # meter, length, pad
		00000002                             # flow_count
		0000000000000003 0000000000000004    # packets, bytes
		00000005 00000006                    # duration
		0000000000000007 0000000000000008    # band: packets, bytes
		0000000000000009 000000000000000a    # band: packets, bytes
	`},
	{"meter config", &MeterConfig{Flags: MeterFlagPKTPS, MeterID: 2, Bands: goldenBands}, `
		0040 0002 00000002                   # length, OFPMF_PKTPS, meter
	` + goldenBandsWire},
	{"meter features", &MeterFeatures{
		MaxMeter: 16, BandTypes: 1 << MeterBandDrop, Capabilities: 15, MaxBands: 1, MaxColor: 8,
	}, `
		00000010 00000002 0000000f 01 08 0000
	`},
	{"experimenter multipart", &ExperimenterMultipart{Experimenter: 1, ExpType: 2, Data: []byte{3}}, `
		00000001 00000002 03
	`},
}
