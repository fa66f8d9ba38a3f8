package ofp13

import "github.com/netrack/openflow/ofp"

// The specification's enumerations (§7), one group each. Values come from
// github.com/netrack/openflow, an independent reading of the same text, where
// it has them right; the others say so.

// Version is the wire version of OpenFlow 1.3.
const Version uint8 = 0x04

// Message types, OFPT_* (§7.1.1). The library keeps them beside its server,
// which is no business of this package.
const (
	TypeHello                 uint8 = iota // OFPT_HELLO
	TypeError                              // OFPT_ERROR
	TypeEchoRequest                        // OFPT_ECHO_REQUEST
	TypeEchoReply                          // OFPT_ECHO_REPLY
	TypeExperimenter                       // OFPT_EXPERIMENTER
	TypeFeaturesRequest                    // OFPT_FEATURES_REQUEST
	TypeFeaturesReply                      // OFPT_FEATURES_REPLY
	TypeGetConfigRequest                   // OFPT_GET_CONFIG_REQUEST
	TypeGetConfigReply                     // OFPT_GET_CONFIG_REPLY
	TypeSetConfig                          // OFPT_SET_CONFIG
	TypePacketIn                           // OFPT_PACKET_IN
	TypeFlowRemoved                        // OFPT_FLOW_REMOVED
	TypePortStatus                         // OFPT_PORT_STATUS
	TypePacketOut                          // OFPT_PACKET_OUT
	TypeFlowMod                            // OFPT_FLOW_MOD
	TypeGroupMod                           // OFPT_GROUP_MOD
	TypePortMod                            // OFPT_PORT_MOD
	TypeTableMod                           // OFPT_TABLE_MOD
	TypeMultipartRequest                   // OFPT_MULTIPART_REQUEST
	TypeMultipartReply                     // OFPT_MULTIPART_REPLY
	TypeBarrierRequest                     // OFPT_BARRIER_REQUEST
	TypeBarrierReply                       // OFPT_BARRIER_REPLY
	TypeQueueGetConfigRequest              // OFPT_QUEUE_GET_CONFIG_REQUEST
	TypeQueueGetConfigReply                // OFPT_QUEUE_GET_CONFIG_REPLY
	TypeRoleRequest                        // OFPT_ROLE_REQUEST
	TypeRoleReply                          // OFPT_ROLE_REPLY
	TypeGetAsyncRequest                    // OFPT_GET_ASYNC_REQUEST
	TypeGetAsyncReply                      // OFPT_GET_ASYNC_REPLY
	TypeSetAsync                           // OFPT_SET_ASYNC
	TypeMeterMod                           // OFPT_METER_MOD
)

// HelloVersionBitmap is OFPHET_VERSIONBITMAP, the one hello element (§7.5.1).
const HelloVersionBitmap = uint16(ofp.HelloElemTypeVersionBitmap)

// Capabilities, OFPC_* (§7.3.1). IP_REASM and QUEUE_STATS are ours: the
// library counts on after GROUP_STATS, the specification skips a bit.
const (
	CapabilityFlowStats   = uint32(ofp.CapabilityFlowStats)   // OFPC_FLOW_STATS
	CapabilityTableStats  = uint32(ofp.CapabilityTableStats)  // OFPC_TABLE_STATS
	CapabilityPortStats   = uint32(ofp.CapabilityPortStats)   // OFPC_PORT_STATS
	CapabilityGroupStats  = uint32(ofp.CapabilityGroupStats)  // OFPC_GROUP_STATS
	CapabilityIPReasm     = uint32(1 << 5)                    // OFPC_IP_REASM
	CapabilityQueueStats  = uint32(1 << 6)                    // OFPC_QUEUE_STATS
	CapabilityPortBlocked = uint32(ofp.CapabilityPortBlocked) // OFPC_PORT_BLOCKED
)

// Fragment handling, OFPC_FRAG_* (§7.3.2).
const (
	FragNormal = uint16(ofp.ConfigFlagFragNormal) // OFPC_FRAG_NORMAL
	FragDrop   = uint16(ofp.ConfigFlagFragDrop)   // OFPC_FRAG_DROP
	FragReasm  = uint16(ofp.ConfigFlagFragReasm)  // OFPC_FRAG_REASM
	FragMask   = uint16(ofp.ConfigFlagFragMask)   // OFPC_FRAG_MASK
)

// Reserved ports, OFPP_* (§7.2.1).
const (
	PortMax        = uint32(ofp.PortMax)        // OFPP_MAX
	PortInPort     = uint32(ofp.PortIn)         // OFPP_IN_PORT
	PortTable      = uint32(ofp.PortTable)      // OFPP_TABLE
	PortNormal     = uint32(ofp.PortNormal)     // OFPP_NORMAL
	PortFlood      = uint32(ofp.PortFlood)      // OFPP_FLOOD
	PortAll        = uint32(ofp.PortAll)        // OFPP_ALL
	PortController = uint32(ofp.PortController) // OFPP_CONTROLLER
	PortLocal      = uint32(ofp.PortLocal)      // OFPP_LOCAL
	PortAny        = uint32(ofp.PortAny)        // OFPP_ANY
)

// Port configuration, OFPPC_* (§7.2.1).
const (
	PortConfigDown       = uint32(ofp.PortConfigDown)       // OFPPC_PORT_DOWN
	PortConfigNoRecv     = uint32(ofp.PortConfigNoRcv)      // OFPPC_NO_RECV
	PortConfigNoFwd      = uint32(ofp.PortConfigNoFwd)      // OFPPC_NO_FWD
	PortConfigNoPacketIn = uint32(ofp.PortConfigNoPacketIn) // OFPPC_NO_PACKET_IN
)

// Port state, OFPPS_* (§7.2.1).
const (
	PortStateLinkDown = uint32(ofp.PortStateLinkDown) // OFPPS_LINK_DOWN
	PortStateBlocked  = uint32(ofp.PortStateBlocked)  // OFPPS_BLOCKED
	PortStateLive     = uint32(ofp.PortStateLive)     // OFPPS_LIVE
)

// Port features, OFPPF_* (§7.2.1).
const (
	PortFeature10MBHD    = uint32(ofp.PortFeature10MbitHalfDuplex)  // OFPPF_10MB_HD
	PortFeature10MBFD    = uint32(ofp.PortFeature10MbitFullDuplex)  // OFPPF_10MB_FD
	PortFeature100MBHD   = uint32(ofp.PortFeature100MbitHalfDuplex) // OFPPF_100MB_HD
	PortFeature100MBFD   = uint32(ofp.PortFeature100MbitFullDuplex) // OFPPF_100MB_FD
	PortFeature1GBHD     = uint32(ofp.PortFeature1GbitHalfDuplex)   // OFPPF_1GB_HD
	PortFeature1GBFD     = uint32(ofp.PortFeature1GbitFullDuplex)   // OFPPF_1GB_FD
	PortFeature10GBFD    = uint32(ofp.PortFeature10GbitFullDuplex)  // OFPPF_10GB_FD
	PortFeature40GBFD    = uint32(ofp.PortFeature40GbitFullDuplex)  // OFPPF_40GB_FD
	PortFeature100GBFD   = uint32(ofp.PortFeature100GbitFullDuplex) // OFPPF_100GB_FD
	PortFeature1TBFD     = uint32(ofp.PortFeature1TbitFullDuplex)   // OFPPF_1TB_FD
	PortFeatureOther     = uint32(ofp.PortFeatureOther)             // OFPPF_OTHER
	PortFeatureCopper    = uint32(ofp.PortFeatureCopper)            // OFPPF_COPPER
	PortFeatureFiber     = uint32(ofp.PortFeatureFiber)             // OFPPF_FIBER
	PortFeatureAutoneg   = uint32(ofp.PortFeatureAutoneg)           // OFPPF_AUTONEG
	PortFeaturePause     = uint32(ofp.PortFeaturePause)             // OFPPF_PAUSE
	PortFeaturePauseAsym = uint32(ofp.PortFeaturePauseAsym)         // OFPPF_PAUSE_ASYM
)

// Why a port status is sent, OFPPR_* (§7.4.3).
const (
	PortReasonAdd    = uint8(ofp.PortReasonAdd)    // OFPPR_ADD
	PortReasonDelete = uint8(ofp.PortReasonDelete) // OFPPR_DELETE
	PortReasonModify = uint8(ofp.PortReasonModify) // OFPPR_MODIFY
)

// Tables, OFPTT_* (§7.3.3), and the only bits of their configuration.
const (
	TableMax                  = uint8(ofp.TableMax)                   // OFPTT_MAX
	TableAll                  = uint8(ofp.TableAll)                   // OFPTT_ALL
	TableConfigDeprecatedMask = uint32(ofp.TableConfigDeprecatedMask) // OFPTC_DEPRECATED_MASK
)

// Flow-mod commands, OFPFC_* (§7.3.4.1).
const (
	FlowAdd          = uint8(ofp.FlowAdd)          // OFPFC_ADD
	FlowModify       = uint8(ofp.FlowModify)       // OFPFC_MODIFY
	FlowModifyStrict = uint8(ofp.FlowModifyStrict) // OFPFC_MODIFY_STRICT
	FlowDelete       = uint8(ofp.FlowDelete)       // OFPFC_DELETE
	FlowDeleteStrict = uint8(ofp.FlowDeleteStrict) // OFPFC_DELETE_STRICT
)

// Flow-mod flags, OFPFF_* (§7.3.4.1).
const (
	FlagSendFlowRem  = uint16(ofp.FlowFlagSendFlowRem)  // OFPFF_SEND_FLOW_REM
	FlagCheckOverlap = uint16(ofp.FlowFlagCheckOverlap) // OFPFF_CHECK_OVERLAP
	FlagResetCounts  = uint16(ofp.FlowFlagResetCounts)  // OFPFF_RESET_COUNTS
	FlagNoPktCounts  = uint16(ofp.FlowFlagNoPktCounts)  // OFPFF_NO_PKT_COUNTS
	FlagNoBytCounts  = uint16(ofp.FlowFlagNoByteCounts) // OFPFF_NO_BYT_COUNTS

	// FlagsAll is every flow-mod flag that 1.3.5 defines.
	FlagsAll = FlagSendFlowRem | FlagCheckOverlap | FlagResetCounts | FlagNoPktCounts | FlagNoBytCounts
)

// NoBuffer is OFP_NO_BUFFER: the packet is not buffered on the switch (§7.3.7).
const NoBuffer = ofp.NoBuffer

// Lengths for the controller, OFPCML_* (§7.2.5).
const (
	ControllerMaxLen      = ofp.ContentLenMax      // OFPCML_MAX
	ControllerMaxNoBuffer = ofp.ContentLenNoBuffer // OFPCML_NO_BUFFER
)

// Why a packet came to the controller, OFPR_* (§7.4.1).
const (
	ReasonNoMatch    = uint8(ofp.PacketInReasonNoMatch)    // OFPR_NO_MATCH
	ReasonAction     = uint8(ofp.PacketInReasonAction)     // OFPR_ACTION
	ReasonInvalidTTL = uint8(ofp.PacketInReasonInvalidTTL) // OFPR_INVALID_TTL
)

// Why a flow entry was removed, OFPRR_* (§7.4.2).
const (
	RemovedIdleTimeout = uint8(ofp.FlowReasonIdleTimeout) // OFPRR_IDLE_TIMEOUT
	RemovedHardTimeout = uint8(ofp.FlowReasonHardTimeout) // OFPRR_HARD_TIMEOUT
	RemovedDelete      = uint8(ofp.FlowReasonDelete)      // OFPRR_DELETE
	RemovedGroupDelete = uint8(ofp.FlowReasonGroupDelete) // OFPRR_GROUP_DELETE
)

// Instructions, OFPIT_* (§7.2.4).
const (
	InstructionGotoTable     = uint16(ofp.InstructionTypeGotoTable)     // OFPIT_GOTO_TABLE
	InstructionWriteMetadata = uint16(ofp.InstructionTypeWriteMetadata) // OFPIT_WRITE_METADATA
	InstructionWriteActions  = uint16(ofp.InstructionTypeWriteActions)  // OFPIT_WRITE_ACTIONS
	InstructionApplyActions  = uint16(ofp.InstructionTypeApplyActions)  // OFPIT_APPLY_ACTIONS
	InstructionClearActions  = uint16(ofp.InstructionTypeClearActions)  // OFPIT_CLEAR_ACTIONS
	InstructionMeter         = uint16(ofp.InstructionTypeMeter)         // OFPIT_METER
	InstructionExperimenter  = uint16(ofp.InstructionTypeExperimenter)  // OFPIT_EXPERIMENTER
)

// Actions, OFPAT_* (§7.2.5).
const (
	ActionOutput       = uint16(ofp.ActionTypeOutput)       // OFPAT_OUTPUT
	ActionCopyTTLOut   = uint16(ofp.ActionTypeCopyTTLOut)   // OFPAT_COPY_TTL_OUT
	ActionCopyTTLIn    = uint16(ofp.ActionTypeCopyTTLIn)    // OFPAT_COPY_TTL_IN
	ActionSetMPLSTTL   = uint16(ofp.ActionTypeSetMPLSTTL)   // OFPAT_SET_MPLS_TTL
	ActionDecMPLSTTL   = uint16(ofp.ActionTypeDecMPLSTTL)   // OFPAT_DEC_MPLS_TTL
	ActionPushVLAN     = uint16(ofp.ActionTypePushVLAN)     // OFPAT_PUSH_VLAN
	ActionPopVLAN      = uint16(ofp.ActionTypePopVLAN)      // OFPAT_POP_VLAN
	ActionPushMPLS     = uint16(ofp.ActionTypePushMPLS)     // OFPAT_PUSH_MPLS
	ActionPopMPLS      = uint16(ofp.ActionTypePopMPLS)      // OFPAT_POP_MPLS
	ActionSetQueue     = uint16(ofp.ActionTypeSetQueue)     // OFPAT_SET_QUEUE
	ActionGroup        = uint16(ofp.ActionTypeGroup)        // OFPAT_GROUP
	ActionSetNwTTL     = uint16(ofp.ActionTypeSetNwTTL)     // OFPAT_SET_NW_TTL
	ActionDecNwTTL     = uint16(ofp.ActionTypeDecNwTTL)     // OFPAT_DEC_NW_TTL
	ActionSetField     = uint16(ofp.ActionTypeSetField)     // OFPAT_SET_FIELD
	ActionPushPBB      = uint16(ofp.ActionTypePushPBB)      // OFPAT_PUSH_PBB
	ActionPopPBB       = uint16(ofp.ActionTypePopPBB)       // OFPAT_POP_PBB
	ActionExperimenter = uint16(ofp.ActionTypeExperimenter) // OFPAT_EXPERIMENTER
)

// Groups, OFPG_* (§7.3.4.2).
const (
	GroupMax = uint32(ofp.GroupMax) // OFPG_MAX
	GroupAll = uint32(ofp.GroupAll) // OFPG_ALL
	GroupAny = uint32(ofp.GroupAny) // OFPG_ANY
)

// Group-mod commands, OFPGC_* (§7.3.4.2).
const (
	GroupAdd    = uint16(ofp.GroupAdd)    // OFPGC_ADD
	GroupModify = uint16(ofp.GroupModify) // OFPGC_MODIFY
	GroupDelete = uint16(ofp.GroupDelete) // OFPGC_DELETE
)

// Group types, OFPGT_* (§7.3.4.2).
const (
	GroupTypeAll          = uint8(ofp.GroupTypeAll)          // OFPGT_ALL
	GroupTypeSelect       = uint8(ofp.GroupTypeSelect)       // OFPGT_SELECT
	GroupTypeIndirect     = uint8(ofp.GroupTypeIndirect)     // OFPGT_INDIRECT
	GroupTypeFastFailover = uint8(ofp.GroupTypeFastFailover) // OFPGT_FF
)

// Group capabilities, OFPGFC_* (§7.3.5.11).
const (
	GroupCapabilitySelectWeight   = uint32(ofp.GroupCapabilitySelectWeight)   // OFPGFC_SELECT_WEIGHT
	GroupCapabilitySelectLiveness = uint32(ofp.GroupCapabilitySelectLiveness) // OFPGFC_SELECT_LIVENESS
	GroupCapabilityChaining       = uint32(ofp.GroupCapabilityChaining)       // OFPGFC_CHAINING
	GroupCapabilityChainingChecks = uint32(ofp.GroupCapabilityChainingChecks) // OFPGFC_CHAINING_CHECKS
)

// Meters, OFPM_* (§7.3.4.4).
const (
	MeterMax        = uint32(ofp.MeterMax)        // OFPM_MAX
	MeterSlowpath   = uint32(ofp.MeterSlowpath)   // OFPM_SLOWPATH
	MeterController = uint32(ofp.MeterController) // OFPM_CONTROLLER
	MeterAll        = uint32(ofp.MeterAll)        // OFPM_ALL
)

// Meter-mod commands, OFPMC_* (§7.3.4.4).
const (
	MeterAdd    = uint16(ofp.MeterAdd)    // OFPMC_ADD
	MeterModify = uint16(ofp.MeterModify) // OFPMC_MODIFY
	MeterDelete = uint16(ofp.MeterDelete) // OFPMC_DELETE
)

// Meter flags, OFPMF_* (§7.3.4.4).
const (
	MeterFlagKBPS  = uint16(ofp.MeterFlagKBitPerSec)   // OFPMF_KBPS
	MeterFlagPKTPS = uint16(ofp.MeterFlagPacketPerSec) // OFPMF_PKTPS
	MeterFlagBurst = uint16(ofp.MeterFlagBurst)        // OFPMF_BURST
	MeterFlagStats = uint16(ofp.MeterFlagStats)        // OFPMF_STATS
)

// Meter band types, OFPMBT_* (§7.3.4.4).
const (
	MeterBandDrop         = uint16(ofp.MeterBandTypeDrop)         // OFPMBT_DROP
	MeterBandDSCPRemark   = uint16(ofp.MeterBandTypeDSCPRemark)   // OFPMBT_DSCP_REMARK
	MeterBandExperimenter = uint16(ofp.MeterBandTypeExperimenter) // OFPMBT_EXPERIMENTER
)

// Queues, OFPQ_* and OFPQT_* (§7.2.2).
const (
	QueueAll               = uint32(ofp.QueueAll)                  // OFPQ_ALL
	QueuePropMinRate       = uint16(ofp.QueuePropTypeMinRate)      // OFPQT_MIN_RATE
	QueuePropMaxRate       = uint16(ofp.QueuePropTypeMaxRate)      // OFPQT_MAX_RATE
	QueuePropExperimenter  = uint16(ofp.QueuePropTypeExperimenter) // OFPQT_EXPERIMENTER
	QueueRateNotConfigured = ofp.QueueMinRateUncfg                 // OFPQ_MIN_RATE_UNCFG, OFPQ_MAX_RATE_UNCFG
)

// Roles, OFPCR_ROLE_* (§7.3.9).
const (
	RoleNoChange = uint32(ofp.ControllerRoleNoChange) // OFPCR_ROLE_NOCHANGE
	RoleEqual    = uint32(ofp.ControllerRoleEqual)    // OFPCR_ROLE_EQUAL
	RoleMaster   = uint32(ofp.ControllerRoleMaster)   // OFPCR_ROLE_MASTER
	RoleSlave    = uint32(ofp.ControllerRoleSlave)    // OFPCR_ROLE_SLAVE
)

// Multiparts, OFPMP_* (§7.3.5), and their only flag, the same bit in requests
// and replies.
const (
	MultipartDesc          = uint16(ofp.MultipartTypeDescription)      // OFPMP_DESC
	MultipartFlow          = uint16(ofp.MultipartTypeFlow)             // OFPMP_FLOW
	MultipartAggregate     = uint16(ofp.MultipartTypeAggregate)        // OFPMP_AGGREGATE
	MultipartTable         = uint16(ofp.MultipartTypeTable)            // OFPMP_TABLE
	MultipartPortStats     = uint16(ofp.MultipartTypePortStats)        // OFPMP_PORT_STATS
	MultipartQueue         = uint16(ofp.MultipartTypeQueue)            // OFPMP_QUEUE
	MultipartGroup         = uint16(ofp.MultipartTypeGroup)            // OFPMP_GROUP
	MultipartGroupDesc     = uint16(ofp.MultipartTypeGroupDescription) // OFPMP_GROUP_DESC
	MultipartGroupFeatures = uint16(ofp.MultipartTypeGroupFeatures)    // OFPMP_GROUP_FEATURES
	MultipartMeter         = uint16(ofp.MultipartTypeMeter)            // OFPMP_METER
	MultipartMeterConfig   = uint16(ofp.MultipartTypeMeterConfig)      // OFPMP_METER_CONFIG
	MultipartMeterFeatures = uint16(ofp.MultipartTypeMeterFeatures)    // OFPMP_METER_FEATURES
	MultipartTableFeatures = uint16(ofp.MultipartTypeTableFeatures)    // OFPMP_TABLE_FEATURES
	MultipartPortDesc      = uint16(ofp.MultipartTypePortDescription)  // OFPMP_PORT_DESC
	MultipartExperimenter  = uint16(ofp.MultipartTypeExperimenter)     // OFPMP_EXPERIMENTER

	MultipartMore = uint16(ofp.MultipartReplyMode) // OFPMPF_REQ_MORE, OFPMPF_REPLY_MORE
)

// Table feature properties, OFPTFPT_* (§7.3.5.5.2).
const (
	TablePropInstructions      = uint16(ofp.TablePropTypeInstructions)      // OFPTFPT_INSTRUCTIONS
	TablePropInstructionsMiss  = uint16(ofp.TablePropTypeInstructionsMiss)  // OFPTFPT_INSTRUCTIONS_MISS
	TablePropNextTables        = uint16(ofp.TablePropTypeNextTables)        // OFPTFPT_NEXT_TABLES
	TablePropNextTablesMiss    = uint16(ofp.TablePropTypeNextTablesMiss)    // OFPTFPT_NEXT_TABLES_MISS
	TablePropWriteActions      = uint16(ofp.TablePropTypeWriteActions)      // OFPTFPT_WRITE_ACTIONS
	TablePropWriteActionsMiss  = uint16(ofp.TablePropTypeWriteActionsMiss)  // OFPTFPT_WRITE_ACTIONS_MISS
	TablePropApplyActions      = uint16(ofp.TablePropTypeApplyActions)      // OFPTFPT_APPLY_ACTIONS
	TablePropApplyActionsMiss  = uint16(ofp.TablePropTypeApplyActionsMiss)  // OFPTFPT_APPLY_ACTIONS_MISS
	TablePropMatch             = uint16(ofp.TablePropTypeMatch)             // OFPTFPT_MATCH
	TablePropWildcards         = uint16(ofp.TablePropTypeWildcards)         // OFPTFPT_WILDCARDS
	TablePropWriteSetField     = uint16(ofp.TablePropTypeWriteSetField)     // OFPTFPT_WRITE_SETFIELD
	TablePropWriteSetFieldMiss = uint16(ofp.TablePropTypeWriteSetFieldMiss) // OFPTFPT_WRITE_SETFIELD_MISS
	TablePropApplySetField     = uint16(ofp.TablePropTypeApplySetField)     // OFPTFPT_APPLY_SETFIELD
	TablePropApplySetFieldMiss = uint16(ofp.TablePropTypeApplySetFieldMiss) // OFPTFPT_APPLY_SETFIELD_MISS
	TablePropExperimenter      = uint16(ofp.TablePropTypeExperimenter)      // OFPTFPT_EXPERIMENTER
	TablePropExperimenterMiss  = uint16(ofp.TablePropTypeExperimenterMiss)  // OFPTFPT_EXPERIMENTER_MISS
)

// OXM classes, OFPXMC_*, and the match type that carries them (§7.2.3).
const (
	MatchTypeOXM         = uint16(ofp.MatchTypeXM)          // OFPMT_OXM
	OXMClassBasic        = uint16(ofp.XMClassOpenflowBasic) // OFPXMC_OPENFLOW_BASIC
	OXMClassExperimenter = uint16(ofp.XMClassExperimenter)  // OFPXMC_EXPERIMENTER
)

// Values of OXMVLANVID, OFPVID_* (§7.2.3.7).
const (
	VLANPresent = uint16(ofp.VlanPresent) // OFPVID_PRESENT
	VLANNone    = uint16(ofp.VlanNone)    // OFPVID_NONE
)

// Match fields of class OXMClassBasic, OFPXMT_OFB_* (§7.2.3.7).
const (
	OXMInPort       = uint8(ofp.XMTypeInPort)        // OFPXMT_OFB_IN_PORT
	OXMInPhyPort    = uint8(ofp.XMTypeInPhyPort)     // OFPXMT_OFB_IN_PHY_PORT
	OXMMetadata     = uint8(ofp.XMTypeMetadata)      // OFPXMT_OFB_METADATA
	OXMEthDst       = uint8(ofp.XMTypeEthDst)        // OFPXMT_OFB_ETH_DST
	OXMEthSrc       = uint8(ofp.XMTypeEthSrc)        // OFPXMT_OFB_ETH_SRC
	OXMEthType      = uint8(ofp.XMTypeEthType)       // OFPXMT_OFB_ETH_TYPE
	OXMVLANVID      = uint8(ofp.XMTypeVlanID)        // OFPXMT_OFB_VLAN_VID
	OXMVLANPCP      = uint8(ofp.XMTypeVlanPCP)       // OFPXMT_OFB_VLAN_PCP
	OXMIPDSCP       = uint8(ofp.XMTypeIPDSCP)        // OFPXMT_OFB_IP_DSCP
	OXMIPECN        = uint8(ofp.XMTypeIPECN)         // OFPXMT_OFB_IP_ECN
	OXMIPProto      = uint8(ofp.XMTypeIPProto)       // OFPXMT_OFB_IP_PROTO
	OXMIPv4Src      = uint8(ofp.XMTypeIPv4Src)       // OFPXMT_OFB_IPV4_SRC
	OXMIPv4Dst      = uint8(ofp.XMTypeIPv4Dst)       // OFPXMT_OFB_IPV4_DST
	OXMTCPSrc       = uint8(ofp.XMTypeTCPSrc)        // OFPXMT_OFB_TCP_SRC
	OXMTCPDst       = uint8(ofp.XMTypeTCPDst)        // OFPXMT_OFB_TCP_DST
	OXMUDPSrc       = uint8(ofp.XMTypeUDPSrc)        // OFPXMT_OFB_UDP_SRC
	OXMUDPDst       = uint8(ofp.XMTypeUDPDst)        // OFPXMT_OFB_UDP_DST
	OXMSCTPSrc      = uint8(ofp.XMTypeSCTPSrc)       // OFPXMT_OFB_SCTP_SRC
	OXMSCTPDst      = uint8(ofp.XMTypeSCTPDst)       // OFPXMT_OFB_SCTP_DST
	OXMICMPv4Type   = uint8(ofp.XMTypeICMPv4Type)    // OFPXMT_OFB_ICMPV4_TYPE
	OXMICMPv4Code   = uint8(ofp.XMTypeICMPv4Code)    // OFPXMT_OFB_ICMPV4_CODE
	OXMARPOp        = uint8(ofp.XMTypeARPOpcode)     // OFPXMT_OFB_ARP_OP
	OXMARPSPA       = uint8(ofp.XMTypeARPSPA)        // OFPXMT_OFB_ARP_SPA
	OXMARPTPA       = uint8(ofp.XMTypeARPTPA)        // OFPXMT_OFB_ARP_TPA
	OXMARPSHA       = uint8(ofp.XMTypeARPSHA)        // OFPXMT_OFB_ARP_SHA
	OXMARPTHA       = uint8(ofp.XMTypeARPTHA)        // OFPXMT_OFB_ARP_THA
	OXMIPv6Src      = uint8(ofp.XMTypeIPv6Src)       // OFPXMT_OFB_IPV6_SRC
	OXMIPv6Dst      = uint8(ofp.XMTypeIPv6Dst)       // OFPXMT_OFB_IPV6_DST
	OXMIPv6FLabel   = uint8(ofp.XMTypeIPv6FLabel)    // OFPXMT_OFB_IPV6_FLABEL
	OXMICMPv6Type   = uint8(ofp.XMTypeICMPv6Type)    // OFPXMT_OFB_ICMPV6_TYPE
	OXMICMPv6Code   = uint8(ofp.XMTypeICMPv6Code)    // OFPXMT_OFB_ICMPV6_CODE
	OXMIPv6NDTarget = uint8(ofp.XMTypeIPv6NDTarget)  // OFPXMT_OFB_IPV6_ND_TARGET
	OXMIPv6NDSLL    = uint8(ofp.XMTypeIPv6NDSLL)     // OFPXMT_OFB_IPV6_ND_SLL
	OXMIPv6NDTLL    = uint8(ofp.XMTypeIPv6NDTLL)     // OFPXMT_OFB_IPV6_ND_TLL
	OXMMPLSLabel    = uint8(ofp.XMTypeMPLSLabel)     // OFPXMT_OFB_MPLS_LABEL
	OXMMPLSTC       = uint8(ofp.XMTypeMPLSTC)        // OFPXMT_OFB_MPLS_TC
	OXMMPLSBOS      = uint8(ofp.XMTypeMPLSBOS)       // OFPXMT_OFP_MPLS_BOS
	OXMPBBISID      = uint8(ofp.XMTypePBBISID)       // OFPXMT_OFB_PBB_ISID
	OXMTunnelID     = uint8(ofp.XMTypeTunnelID)      // OFPXMT_OFB_TUNNEL_ID
	OXMIPv6ExtHdr   = uint8(ofp.XMTypeIPv6ExtHeader) // OFPXMT_OFB_IPV6_EXTHDR
)

// ExperimenterONF is the Open Networking Foundation's experimenter id, and
// OXMTCPFlags its match field for TCP flags in class OXMClassExperimenter
// (ONF extension EXT-109).
const (
	ExperimenterONF uint32 = 0x4f4e4600
	OXMTCPFlags     uint8  = 42 // ONFOXM_ET_TCP_FLAGS
)
