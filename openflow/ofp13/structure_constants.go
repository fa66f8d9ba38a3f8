package ofp13

import "github.com/netrack/openflow/ofp"

// The enumerations of structures that messages share (§7.2), with values as in
// constants.go.

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

// Lengths for the controller, OFPCML_* (§7.2.5).
const (
	ControllerMaxLen      = ofp.ContentLenMax      // OFPCML_MAX
	ControllerMaxNoBuffer = ofp.ContentLenNoBuffer // OFPCML_NO_BUFFER
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

// Queues, OFPQ_* and OFPQT_* (§7.2.2).
const (
	QueueAll               = uint32(ofp.QueueAll)                  // OFPQ_ALL
	QueuePropMinRate       = uint16(ofp.QueuePropTypeMinRate)      // OFPQT_MIN_RATE
	QueuePropMaxRate       = uint16(ofp.QueuePropTypeMaxRate)      // OFPQT_MAX_RATE
	QueuePropExperimenter  = uint16(ofp.QueuePropTypeExperimenter) // OFPQT_EXPERIMENTER
	QueueRateNotConfigured = ofp.QueueMinRateUncfg                 // OFPQ_MIN_RATE_UNCFG, OFPQ_MAX_RATE_UNCFG
)

// OXM classes, OFPXMC_*, and the match type that carries them (§7.2.3).
const (
	MatchTypeOXM         = uint16(ofp.MatchTypeXM)          // OFPMT_OXM
	OXMClassBasic        = uint16(ofp.XMClassOpenflowBasic) // OFPXMC_OPENFLOW_BASIC
	OXMClassExperimenter = uint16(ofp.XMClassExperimenter)  // OFPXMC_EXPERIMENTER
)

// Values of OXMVLANVID, OFPVID_* (§7.2.3.8).
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
