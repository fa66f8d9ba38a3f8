package ofp13

import "testing"

// TestConstants holds every enumeration against the numbers of the
// specification, written out here once more, because most constants come from
// a library that has some of them wrong.
func TestConstants(t *testing.T) {
	check(t, "OFPC", []uint32{
		CapabilityFlowStats, CapabilityTableStats, CapabilityPortStats, CapabilityGroupStats,
		CapabilityIPReasm, CapabilityQueueStats, CapabilityPortBlocked,
	}, 1, 2, 4, 8, 32, 64, 256)
	check(t, "OFPC_FRAG", []uint16{FragNormal, FragDrop, FragReasm, FragMask}, 0, 1, 2, 3)
	check(t, "OFPP", []uint32{
		PortMax, PortInPort, PortTable, PortNormal, PortFlood, PortAll, PortController, PortLocal, PortAny,
	}, 0xffffff00, 0xfffffff8, 0xfffffff9, 0xfffffffa, 0xfffffffb, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff)
	check(t, "OFPPC", []uint32{PortConfigDown, PortConfigNoRecv, PortConfigNoFwd, PortConfigNoPacketIn}, 1, 4, 32, 64)
	check(t, "OFPPS", []uint32{PortStateLinkDown, PortStateBlocked, PortStateLive}, 1, 2, 4)
	check(t, "OFPPF", []uint32{
		PortFeature10MBHD, PortFeature10MBFD, PortFeature100MBHD, PortFeature100MBFD, PortFeature1GBHD,
		PortFeature1GBFD, PortFeature10GBFD, PortFeature40GBFD, PortFeature100GBFD, PortFeature1TBFD,
		PortFeatureOther, PortFeatureCopper, PortFeatureFiber, PortFeatureAutoneg, PortFeaturePause, PortFeaturePauseAsym,
	}, 1<<0, 1<<1, 1<<2, 1<<3, 1<<4, 1<<5, 1<<6, 1<<7, 1<<8, 1<<9, 1<<10, 1<<11, 1<<12, 1<<13, 1<<14, 1<<15)
	check(t, "OFPPR", []uint8{PortReasonAdd, PortReasonDelete, PortReasonModify}, 0, 1, 2)
	check(t, "OFPTT", []uint8{TableMax, TableAll}, 0xfe, 0xff)
	check(t, "OFPFC", []uint8{FlowAdd, FlowModify, FlowModifyStrict, FlowDelete, FlowDeleteStrict}, 0, 1, 2, 3, 4)
	check(t, "OFPFF", []uint16{
		FlagSendFlowRem, FlagCheckOverlap, FlagResetCounts, FlagNoPktCounts, FlagNoBytCounts, FlagsAll,
	}, 1, 2, 4, 8, 16, 31)
	check(t, "OFPCML", []uint16{ControllerMaxLen, ControllerMaxNoBuffer}, 0xffe5, 0xffff)
	check(t, "OFP_NO_BUFFER", []uint32{NoBuffer}, 0xffffffff)
	check(t, "OFPR", []uint8{ReasonNoMatch, ReasonAction, ReasonInvalidTTL}, 0, 1, 2)
	check(t, "OFPRR", []uint8{RemovedIdleTimeout, RemovedHardTimeout, RemovedDelete, RemovedGroupDelete}, 0, 1, 2, 3)
	check(t, "OFPIT", []uint16{
		InstructionGotoTable, InstructionWriteMetadata, InstructionWriteActions, InstructionApplyActions,
		InstructionClearActions, InstructionMeter, InstructionExperimenter,
	}, 1, 2, 3, 4, 5, 6, 0xffff)
	check(t, "OFPAT", []uint16{
		ActionOutput, ActionCopyTTLOut, ActionCopyTTLIn, ActionSetMPLSTTL, ActionDecMPLSTTL, ActionPushVLAN,
		ActionPopVLAN, ActionPushMPLS, ActionPopMPLS, ActionSetQueue, ActionGroup, ActionSetNwTTL, ActionDecNwTTL,
		ActionSetField, ActionPushPBB, ActionPopPBB, ActionExperimenter,
	}, 0, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 0xffff)
}

func TestGroupMeterAndMultipartConstants(t *testing.T) {
	check(t, "OFPG", []uint32{GroupMax, GroupAll, GroupAny}, 0xffffff00, 0xfffffffc, 0xffffffff)
	check(t, "OFPGC", []uint16{GroupAdd, GroupModify, GroupDelete}, 0, 1, 2)
	check(t, "OFPGT", []uint8{GroupTypeAll, GroupTypeSelect, GroupTypeIndirect, GroupTypeFastFailover}, 0, 1, 2, 3)
	check(t, "OFPGFC", []uint32{
		GroupCapabilitySelectWeight, GroupCapabilitySelectLiveness, GroupCapabilityChaining, GroupCapabilityChainingChecks,
	}, 1, 2, 4, 8)
	check(t, "OFPM", []uint32{MeterMax, MeterSlowpath, MeterController, MeterAll},
		0xffff0000, 0xfffffffd, 0xfffffffe, 0xffffffff)
	check(t, "OFPMC", []uint16{MeterAdd, MeterModify, MeterDelete}, 0, 1, 2)
	check(t, "OFPMF", []uint16{MeterFlagKBPS, MeterFlagPKTPS, MeterFlagBurst, MeterFlagStats}, 1, 2, 4, 8)
	check(t, "OFPMBT", []uint16{MeterBandDrop, MeterBandDSCPRemark, MeterBandExperimenter}, 1, 2, 0xffff)
	check(t, "OFPQ", []uint32{QueueAll}, 0xffffffff)
	check(t, "OFPQT", []uint16{QueuePropMinRate, QueuePropMaxRate, QueuePropExperimenter, QueueRateNotConfigured},
		1, 2, 0xffff, 0xffff)
	check(t, "OFPCR_ROLE", []uint32{RoleNoChange, RoleEqual, RoleMaster, RoleSlave}, 0, 1, 2, 3)
	check(t, "OFPMP", []uint16{
		MultipartDesc, MultipartFlow, MultipartAggregate, MultipartTable, MultipartPortStats, MultipartQueue,
		MultipartGroup, MultipartGroupDesc, MultipartGroupFeatures, MultipartMeter, MultipartMeterConfig,
		MultipartMeterFeatures, MultipartTableFeatures, MultipartPortDesc, MultipartExperimenter, MultipartMore,
	}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0xffff, 1)
	check(t, "OFPTFPT", []uint16{
		TablePropInstructions, TablePropInstructionsMiss, TablePropNextTables, TablePropNextTablesMiss,
		TablePropWriteActions, TablePropWriteActionsMiss, TablePropApplyActions, TablePropApplyActionsMiss,
		TablePropMatch, TablePropWildcards, TablePropWriteSetField, TablePropWriteSetFieldMiss,
		TablePropApplySetField, TablePropApplySetFieldMiss, TablePropExperimenter, TablePropExperimenterMiss,
	}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15, 0xfffe, 0xffff)
	check(t, "OFPXMC, OFPMT, OFPVID, OFPHET", []uint16{
		OXMClassBasic, OXMClassExperimenter, MatchTypeOXM, VLANPresent, VLANNone, HelloVersionBitmap,
	}, 0x8000, 0xffff, 1, 0x1000, 0, 1)
	check(t, "OFPXMT_OFB", []uint8{
		OXMInPort, OXMInPhyPort, OXMMetadata, OXMEthDst, OXMEthSrc, OXMEthType, OXMVLANVID, OXMVLANPCP, OXMIPDSCP,
		OXMIPECN, OXMIPProto, OXMIPv4Src, OXMIPv4Dst, OXMTCPSrc, OXMTCPDst, OXMUDPSrc, OXMUDPDst, OXMSCTPSrc,
		OXMSCTPDst, OXMICMPv4Type, OXMICMPv4Code, OXMARPOp, OXMARPSPA, OXMARPTPA, OXMARPSHA, OXMARPTHA, OXMIPv6Src,
		OXMIPv6Dst, OXMIPv6FLabel, OXMICMPv6Type, OXMICMPv6Code, OXMIPv6NDTarget, OXMIPv6NDSLL, OXMIPv6NDTLL,
		OXMMPLSLabel, OXMMPLSTC, OXMMPLSBOS, OXMPBBISID, OXMTunnelID, OXMIPv6ExtHdr,
	}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
		30, 31, 32, 33, 34, 35, 36, 37, 38, 39)
	if TypeMeterMod != 29 {
		t.Errorf("OFPT_METER_MOD is %d, not 29", TypeMeterMod)
	}
}

// check compares an enumeration with the specification's numbers.
func check[T comparable](t *testing.T, enum string, got []T, want ...T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d constants, %d numbers", enum, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: constant %d is %#x, not %#x", enum, i, any(got[i]), any(want[i]))
		}
	}
}

// Names are those of the numbers in the specification.
func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		TypeName(TypeHello): "OFPT_HELLO", TypeName(TypeExperimenter): "OFPT_EXPERIMENTER",
		TypeName(TypePacketIn): "OFPT_PACKET_IN", TypeName(TypePacketOut): "OFPT_PACKET_OUT",
		TypeName(TypeMultipartRequest): "OFPT_MULTIPART_REQUEST", TypeName(TypeQueueGetConfigRequest): "OFPT_QUEUE_GET_CONFIG_REQUEST",
		TypeName(TypeGetAsyncRequest): "OFPT_GET_ASYNC_REQUEST", TypeName(TypeMeterMod): "OFPT_METER_MOD",
		TypeName(30): "30", TypeName(255): "255",
		MultipartName(MultipartDesc): "OFPMP_DESC", MultipartName(MultipartQueue): "OFPMP_QUEUE",
		MultipartName(MultipartMeter): "OFPMP_METER", MultipartName(MultipartTableFeatures): "OFPMP_TABLE_FEATURES",
		MultipartName(MultipartPortDesc): "OFPMP_PORT_DESC", MultipartName(MultipartExperimenter): "OFPMP_EXPERIMENTER",
		MultipartName(14): "14", MultipartName(0xfffe): "65534",
	} {
		if got != want {
			t.Errorf("name is %s, not %s", got, want)
		}
	}
}
