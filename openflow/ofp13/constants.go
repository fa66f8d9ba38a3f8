package ofp13

import "github.com/netrack/openflow/ofp"

// The enumerations of messages (§7.1, §7.3 to §7.5), one group each. Values
// come from github.com/netrack/openflow, an independent reading of the same
// text, where it has them right; the others say so.

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
