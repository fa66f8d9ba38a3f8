package kernel

// Names and numbers of linux/openvswitch.h, without the OVS_ prefix. Each group
// is one enum of that header, in its order; numbers that this package neither
// sends nor reads are left out.

// Generic netlink families and multicast groups, OVS_*_FAMILY and OVS_*_MCGROUP.
const (
	datapathFamily = "ovs_datapath"
	vportFamily    = "ovs_vport"
	flowFamily     = "ovs_flow"
	packetFamily   = "ovs_packet"
	meterFamily    = "ovs_meter"
)

// Versions, OVS_*_VERSION.
const (
	datapathVersion = 2
	vportVersion    = 1
	flowVersion     = 1
	packetVersion   = 1
	meterVersion    = 1
)

// enum ovs_datapath_cmd, ovs_vport_cmd and ovs_flow_cmd share their numbers.
const (
	cmdNew = 1
	cmdDel = 2
	cmdGet = 3
	cmdSet = 4
)

// enum ovs_packet_cmd.
const (
	packetCmdMiss    = 1
	packetCmdAction  = 2
	packetCmdExecute = 3
)

// enum ovs_meter_cmd.
const (
	meterCmdSet = 2
	meterCmdDel = 3
	meterCmdGet = 4
)

// enum ovs_meter_attr.
const (
	meterAttrID    = 1 // u32
	meterAttrKBPS  = 2 // flag: rates are of kilobits
	meterAttrStats = 3 // struct ovs_flow_stats
	meterAttrBands = 4 // nested: a list of nested bands
)

// enum ovs_band_attr.
const (
	bandAttrType  = 1 // u32
	bandAttrRate  = 2 // u32
	bandAttrBurst = 3 // u32
	bandAttrStats = 4 // struct ovs_flow_stats
)

// enum ovs_meter_band_type.
const bandTypeDrop = 1

// enum ovs_datapath_attr.
const (
	dpAttrName          = 1
	dpAttrUpcallPID     = 2
	dpAttrStats         = 3 // struct ovs_dp_stats
	dpAttrMegaflowStats = 4 // struct ovs_dp_megaflow_stats
	dpAttrUserFeatures  = 5
)

// Values of dpAttrUserFeatures, OVS_DP_F_*.
const dpUnaligned = 1 << 0 // the last attribute may be unaligned: no padding copy per upcall

// enum ovs_packet_attr.
const (
	packetAttrPacket   = 1
	packetAttrKey      = 2
	packetAttrActions  = 3
	packetAttrUserdata = 4
)

// enum ovs_vport_type.
const (
	vportNetdev   = 1
	vportInternal = 2
	vportGRE      = 3
	vportVXLAN    = 4
	vportGeneve   = 5
)

// enum ovs_vport_attr.
const (
	vportAttrPortNo    = 1
	vportAttrType      = 2
	vportAttrName      = 3
	vportAttrUpcallPID = 5
	vportAttrStats     = 6 // struct ovs_vport_stats
)

// enum ovs_flow_attr.
const (
	flowAttrKey       = 1
	flowAttrActions   = 2
	flowAttrStats     = 3 // struct ovs_flow_stats
	flowAttrUsed      = 5 // u64 milliseconds, CLOCK_MONOTONIC
	flowAttrMask      = 7
	flowAttrProbe     = 8
	flowAttrUFID      = 9
	flowAttrUFIDFlags = 10
)

// Values of flowAttrUFIDFlags, OVS_UFID_F_*.
const (
	ufidOmitKey     = 1 << 0
	ufidOmitMask    = 1 << 1
	ufidOmitActions = 1 << 2
)

// enum ovs_key_attr.
const (
	keyEncap       = 1
	keyPriority    = 2  // u32: struct sk_buff's
	keyInPort      = 3  // u32
	keyEthernet    = 4  // struct ovs_key_ethernet: source, then destination
	keyVLAN        = 5  // be16 TCI; the DEI bit says "present"
	keyEthertype   = 6  // be16
	keyIPv4        = 7  // struct ovs_key_ipv4
	keyIPv6        = 8  // struct ovs_key_ipv6
	keyTCP         = 9  // be16 source, be16 destination
	keyUDP         = 10 // the same
	keyICMP        = 11 // u8 type, u8 code
	keyICMPv6      = 12 // the same
	keyARP         = 13 // struct ovs_key_arp
	keyND          = 14 // struct ovs_key_nd
	keyTunnel      = 16 // nested
	keySCTP        = 17 // be16 source, be16 destination
	keyTCPFlags    = 18 // be16
	keyDPHash      = 19 // u32
	keyRecircID    = 20 // u32
	keyMPLS        = 21 // be32 label stack entries
	keyIPv6ExtHdrs = 32 // u16
)

// enum ovs_tunnel_key_attr.
const tunnelKeyID = 0 // be64

// Lengths of the structs in key attributes, in bytes.
const (
	lenEthernet = 12
	lenIPv4     = 12
	lenIPv6     = 40
	lenPorts    = 4
	lenICMP     = 2
	lenARP      = 24 // struct ovs_key_arp ends in two bytes of padding
	lenND       = 28
	lenLSE      = 4
)

// enum ovs_action_attr.
const (
	actOutput    = 1  // u32
	actUserspace = 2  // nested userspace*
	actSet       = 3  // one nested key*
	actPushVLAN  = 4  // be16 TPID, be16 TCI
	actPopVLAN   = 5  // no argument
	actRecirc    = 7  // u32
	actHash      = 8  // u32 algorithm, u32 basis
	actPushMPLS  = 9  // be32 entry, be16 EtherType, two bytes of padding
	actPopMPLS   = 10 // be16 EtherType
	actSetMasked = 11 // one nested key*: value, then mask
	actMeter     = 19 // u32
	actClone     = 20 // nested act*
)

// enum ovs_userspace_attr.
const (
	userspacePID      = 1 // u32
	userspaceUserdata = 2 // returned with the upcall, at least 8 bytes
)

// maxPorts is DP_MAX_PORTS of net/openvswitch/vport.h: port numbers are below it.
const maxPorts = 0xffff

// maxActionsLen is less than MAX_ACTIONS_BUFSIZE of net/openvswitch/flow_netlink.c
// (32 KiB), into which the kernel copies a flow's actions with some additions.
const maxActionsLen = 24 << 10
