package ofp13

import "strconv"

// errorName gives "OFPET_X/OFPY_Z", with numbers where there is no name.
func errorName(typ, code uint16) string {
	if typ == ErrTypeExperimenter {
		return "OFPET_EXPERIMENTER/" + strconv.Itoa(int(code))
	}
	if int(typ) >= len(errorNames) {
		return strconv.Itoa(int(typ)) + "/" + strconv.Itoa(int(code))
	}
	e := &errorNames[typ]
	if int(code) >= len(e.codes) {
		return "OFPET_" + e.name + "/" + strconv.Itoa(int(code))
	}
	return "OFPET_" + e.name + "/" + e.prefix + e.codes[code]
}

// errorNames is indexed by error type; codes by code (§7.4.4).
var errorNames = [...]struct {
	name, prefix string
	codes        []string
}{
	ErrTypeHelloFailed: {"HELLO_FAILED", "OFPHFC_", []string{"INCOMPATIBLE", "EPERM"}},
	ErrTypeBadRequest: {"BAD_REQUEST", "OFPBRC_", []string{
		"BAD_VERSION", "BAD_TYPE", "BAD_MULTIPART", "BAD_EXPERIMENTER", "BAD_EXP_TYPE", "EPERM",
		"BAD_LEN", "BUFFER_EMPTY", "BUFFER_UNKNOWN", "BAD_TABLE_ID", "IS_SLAVE", "BAD_PORT",
		"BAD_PACKET", "MULTIPART_BUFFER_OVERFLOW",
	}},
	ErrTypeBadAction: {"BAD_ACTION", "OFPBAC_", []string{
		"BAD_TYPE", "BAD_LEN", "BAD_EXPERIMENTER", "BAD_EXP_TYPE", "BAD_OUT_PORT", "BAD_ARGUMENT",
		"EPERM", "TOO_MANY", "BAD_QUEUE", "BAD_OUT_GROUP", "MATCH_INCONSISTENT",
		"UNSUPPORTED_ORDER", "BAD_TAG", "BAD_SET_TYPE", "BAD_SET_LEN", "BAD_SET_ARGUMENT",
	}},
	ErrTypeBadInstruction: {"BAD_INSTRUCTION", "OFPBIC_", []string{
		"UNKNOWN_INST", "UNSUP_INST", "BAD_TABLE_ID", "UNSUP_METADATA", "UNSUP_METADATA_MASK",
		"BAD_EXPERIMENTER", "BAD_EXP_TYPE", "BAD_LEN", "EPERM",
	}},
	ErrTypeBadMatch: {"BAD_MATCH", "OFPBMC_", []string{
		"BAD_TYPE", "BAD_LEN", "BAD_TAG", "BAD_DL_ADDR_MASK", "BAD_NW_ADDR_MASK", "BAD_WILDCARDS",
		"BAD_FIELD", "BAD_VALUE", "BAD_MASK", "BAD_PREREQ", "DUP_FIELD", "EPERM",
	}},
	ErrTypeFlowModFailed: {"FLOW_MOD_FAILED", "OFPFMFC_", []string{
		"UNKNOWN", "TABLE_FULL", "BAD_TABLE_ID", "OVERLAP", "EPERM", "BAD_TIMEOUT", "BAD_COMMAND",
		"BAD_FLAGS",
	}},
	ErrTypeGroupModFailed: {"GROUP_MOD_FAILED", "OFPGMFC_", []string{
		"GROUP_EXISTS", "INVALID_GROUP", "WEIGHT_UNSUPPORTED", "OUT_OF_GROUPS", "OUT_OF_BUCKETS",
		"CHAINING_UNSUPPORTED", "WATCH_UNSUPPORTED", "LOOP", "UNKNOWN_GROUP", "CHAINED_GROUP",
		"BAD_TYPE", "BAD_COMMAND", "BAD_BUCKET", "BAD_WATCH", "EPERM",
	}},
	ErrTypePortModFailed: {"PORT_MOD_FAILED", "OFPPMFC_", []string{
		"BAD_PORT", "BAD_HW_ADDR", "BAD_CONFIG", "BAD_ADVERTISE", "EPERM",
	}},
	ErrTypeTableModFailed: {"TABLE_MOD_FAILED", "OFPTMFC_", []string{"BAD_TABLE", "BAD_CONFIG", "EPERM"}},
	ErrTypeQueueOpFailed:  {"QUEUE_OP_FAILED", "OFPQOFC_", []string{"BAD_PORT", "BAD_QUEUE", "EPERM"}},
	ErrTypeSwitchConfigFailed: {"SWITCH_CONFIG_FAILED", "OFPSCFC_", []string{
		"BAD_FLAGS", "BAD_LEN", "EPERM",
	}},
	ErrTypeRoleRequestFailed: {"ROLE_REQUEST_FAILED", "OFPRRFC_", []string{"STALE", "UNSUP", "BAD_ROLE"}},
	ErrTypeMeterModFailed: {"METER_MOD_FAILED", "OFPMMFC_", []string{
		"UNKNOWN", "METER_EXISTS", "INVALID_METER", "UNKNOWN_METER", "BAD_COMMAND", "BAD_FLAGS",
		"BAD_RATE", "BAD_BURST", "BAD_BAND", "BAD_BAND_VALUE", "OUT_OF_METERS", "OUT_OF_BANDS",
	}},
	ErrTypeTableFeaturesFailed: {"TABLE_FEATURES_FAILED", "OFPTFFC_", []string{
		"BAD_TABLE", "BAD_METADATA", "BAD_TYPE", "BAD_LEN", "BAD_ARGUMENT", "EPERM",
	}},
}
