package ofp13

// Error types, OFPET_* (§7.4.4).
const (
	ErrTypeHelloFailed         uint16 = iota // OFPET_HELLO_FAILED
	ErrTypeBadRequest                        // OFPET_BAD_REQUEST
	ErrTypeBadAction                         // OFPET_BAD_ACTION
	ErrTypeBadInstruction                    // OFPET_BAD_INSTRUCTION
	ErrTypeBadMatch                          // OFPET_BAD_MATCH
	ErrTypeFlowModFailed                     // OFPET_FLOW_MOD_FAILED
	ErrTypeGroupModFailed                    // OFPET_GROUP_MOD_FAILED
	ErrTypePortModFailed                     // OFPET_PORT_MOD_FAILED
	ErrTypeTableModFailed                    // OFPET_TABLE_MOD_FAILED
	ErrTypeQueueOpFailed                     // OFPET_QUEUE_OP_FAILED
	ErrTypeSwitchConfigFailed                // OFPET_SWITCH_CONFIG_FAILED
	ErrTypeRoleRequestFailed                 // OFPET_ROLE_REQUEST_FAILED
	ErrTypeMeterModFailed                    // OFPET_METER_MOD_FAILED
	ErrTypeTableFeaturesFailed               // OFPET_TABLE_FEATURES_FAILED

	ErrTypeExperimenter uint16 = 0xffff // OFPET_EXPERIMENTER
)

// Codes of ErrTypeHelloFailed.
const (
	HelloFailedIncompatible uint16 = iota // OFPHFC_INCOMPATIBLE
	HelloFailedEPerm                      // OFPHFC_EPERM
)

// Codes of ErrTypeBadRequest.
const (
	BadRequestBadVersion              uint16 = iota // OFPBRC_BAD_VERSION
	BadRequestBadType                               // OFPBRC_BAD_TYPE
	BadRequestBadMultipart                          // OFPBRC_BAD_MULTIPART
	BadRequestBadExperimenter                       // OFPBRC_BAD_EXPERIMENTER
	BadRequestBadExpType                            // OFPBRC_BAD_EXP_TYPE
	BadRequestEPerm                                 // OFPBRC_EPERM
	BadRequestBadLen                                // OFPBRC_BAD_LEN
	BadRequestBufferEmpty                           // OFPBRC_BUFFER_EMPTY
	BadRequestBufferUnknown                         // OFPBRC_BUFFER_UNKNOWN
	BadRequestBadTableID                            // OFPBRC_BAD_TABLE_ID
	BadRequestIsSlave                               // OFPBRC_IS_SLAVE
	BadRequestBadPort                               // OFPBRC_BAD_PORT
	BadRequestBadPacket                             // OFPBRC_BAD_PACKET
	BadRequestMultipartBufferOverflow               // OFPBRC_MULTIPART_BUFFER_OVERFLOW
)

// Codes of ErrTypeBadAction.
const (
	BadActionBadType           uint16 = iota // OFPBAC_BAD_TYPE
	BadActionBadLen                          // OFPBAC_BAD_LEN
	BadActionBadExperimenter                 // OFPBAC_BAD_EXPERIMENTER
	BadActionBadExpType                      // OFPBAC_BAD_EXP_TYPE
	BadActionBadOutPort                      // OFPBAC_BAD_OUT_PORT
	BadActionBadArgument                     // OFPBAC_BAD_ARGUMENT
	BadActionEPerm                           // OFPBAC_EPERM
	BadActionTooMany                         // OFPBAC_TOO_MANY
	BadActionBadQueue                        // OFPBAC_BAD_QUEUE
	BadActionBadOutGroup                     // OFPBAC_BAD_OUT_GROUP
	BadActionMatchInconsistent               // OFPBAC_MATCH_INCONSISTENT
	BadActionUnsupportedOrder                // OFPBAC_UNSUPPORTED_ORDER
	BadActionBadTag                          // OFPBAC_BAD_TAG
	BadActionBadSetType                      // OFPBAC_BAD_SET_TYPE
	BadActionBadSetLen                       // OFPBAC_BAD_SET_LEN
	BadActionBadSetArgument                  // OFPBAC_BAD_SET_ARGUMENT
)

// Codes of ErrTypeBadInstruction.
const (
	BadInstructionUnknownInst       uint16 = iota // OFPBIC_UNKNOWN_INST
	BadInstructionUnsupInst                       // OFPBIC_UNSUP_INST
	BadInstructionBadTableID                      // OFPBIC_BAD_TABLE_ID
	BadInstructionUnsupMetadata                   // OFPBIC_UNSUP_METADATA
	BadInstructionUnsupMetadataMask               // OFPBIC_UNSUP_METADATA_MASK
	BadInstructionBadExperimenter                 // OFPBIC_BAD_EXPERIMENTER
	BadInstructionBadExpType                      // OFPBIC_BAD_EXP_TYPE
	BadInstructionBadLen                          // OFPBIC_BAD_LEN
	BadInstructionEPerm                           // OFPBIC_EPERM
)

// Codes of ErrTypeBadMatch.
const (
	BadMatchBadType       uint16 = iota // OFPBMC_BAD_TYPE
	BadMatchBadLen                      // OFPBMC_BAD_LEN
	BadMatchBadTag                      // OFPBMC_BAD_TAG
	BadMatchBadDLAddrMask               // OFPBMC_BAD_DL_ADDR_MASK
	BadMatchBadNWAddrMask               // OFPBMC_BAD_NW_ADDR_MASK
	BadMatchBadWildcards                // OFPBMC_BAD_WILDCARDS
	BadMatchBadField                    // OFPBMC_BAD_FIELD
	BadMatchBadValue                    // OFPBMC_BAD_VALUE
	BadMatchBadMask                     // OFPBMC_BAD_MASK
	BadMatchBadPrereq                   // OFPBMC_BAD_PREREQ
	BadMatchDupField                    // OFPBMC_DUP_FIELD
	BadMatchEPerm                       // OFPBMC_EPERM
)

// Codes of ErrTypeFlowModFailed.
const (
	FlowModFailedUnknown    uint16 = iota // OFPFMFC_UNKNOWN
	FlowModFailedTableFull                // OFPFMFC_TABLE_FULL
	FlowModFailedBadTableID               // OFPFMFC_BAD_TABLE_ID
	FlowModFailedOverlap                  // OFPFMFC_OVERLAP
	FlowModFailedEPerm                    // OFPFMFC_EPERM
	FlowModFailedBadTimeout               // OFPFMFC_BAD_TIMEOUT
	FlowModFailedBadCommand               // OFPFMFC_BAD_COMMAND
	FlowModFailedBadFlags                 // OFPFMFC_BAD_FLAGS
)

// Codes of ErrTypeGroupModFailed.
const (
	GroupModFailedGroupExists         uint16 = iota // OFPGMFC_GROUP_EXISTS
	GroupModFailedInvalidGroup                      // OFPGMFC_INVALID_GROUP
	GroupModFailedWeightUnsupported                 // OFPGMFC_WEIGHT_UNSUPPORTED
	GroupModFailedOutOfGroups                       // OFPGMFC_OUT_OF_GROUPS
	GroupModFailedOutOfBuckets                      // OFPGMFC_OUT_OF_BUCKETS
	GroupModFailedChainingUnsupported               // OFPGMFC_CHAINING_UNSUPPORTED
	GroupModFailedWatchUnsupported                  // OFPGMFC_WATCH_UNSUPPORTED
	GroupModFailedLoop                              // OFPGMFC_LOOP
	GroupModFailedUnknownGroup                      // OFPGMFC_UNKNOWN_GROUP
	GroupModFailedChainedGroup                      // OFPGMFC_CHAINED_GROUP
	GroupModFailedBadType                           // OFPGMFC_BAD_TYPE
	GroupModFailedBadCommand                        // OFPGMFC_BAD_COMMAND
	GroupModFailedBadBucket                         // OFPGMFC_BAD_BUCKET
	GroupModFailedBadWatch                          // OFPGMFC_BAD_WATCH
	GroupModFailedEPerm                             // OFPGMFC_EPERM
)

// Codes of ErrTypePortModFailed.
const (
	PortModFailedBadPort      uint16 = iota // OFPPMFC_BAD_PORT
	PortModFailedBadHWAddr                  // OFPPMFC_BAD_HW_ADDR
	PortModFailedBadConfig                  // OFPPMFC_BAD_CONFIG
	PortModFailedBadAdvertise               // OFPPMFC_BAD_ADVERTISE
	PortModFailedEPerm                      // OFPPMFC_EPERM
)

// Codes of ErrTypeTableModFailed.
const (
	TableModFailedBadTable  uint16 = iota // OFPTMFC_BAD_TABLE
	TableModFailedBadConfig               // OFPTMFC_BAD_CONFIG
	TableModFailedEPerm                   // OFPTMFC_EPERM
)

// Codes of ErrTypeQueueOpFailed.
const (
	QueueOpFailedBadPort  uint16 = iota // OFPQOFC_BAD_PORT
	QueueOpFailedBadQueue               // OFPQOFC_BAD_QUEUE
	QueueOpFailedEPerm                  // OFPQOFC_EPERM
)

// Codes of ErrTypeSwitchConfigFailed.
const (
	SwitchConfigFailedBadFlags uint16 = iota // OFPSCFC_BAD_FLAGS
	SwitchConfigFailedBadLen                 // OFPSCFC_BAD_LEN
	SwitchConfigFailedEPerm                  // OFPSCFC_EPERM
)

// Codes of ErrTypeRoleRequestFailed.
const (
	RoleRequestFailedStale   uint16 = iota // OFPRRFC_STALE
	RoleRequestFailedUnsup                 // OFPRRFC_UNSUP
	RoleRequestFailedBadRole               // OFPRRFC_BAD_ROLE
)

// Codes of ErrTypeMeterModFailed.
const (
	MeterModFailedUnknown      uint16 = iota // OFPMMFC_UNKNOWN
	MeterModFailedMeterExists                // OFPMMFC_METER_EXISTS
	MeterModFailedInvalidMeter               // OFPMMFC_INVALID_METER
	MeterModFailedUnknownMeter               // OFPMMFC_UNKNOWN_METER
	MeterModFailedBadCommand                 // OFPMMFC_BAD_COMMAND
	MeterModFailedBadFlags                   // OFPMMFC_BAD_FLAGS
	MeterModFailedBadRate                    // OFPMMFC_BAD_RATE
	MeterModFailedBadBurst                   // OFPMMFC_BAD_BURST
	MeterModFailedBadBand                    // OFPMMFC_BAD_BAND
	MeterModFailedBadBandValue               // OFPMMFC_BAD_BAND_VALUE
	MeterModFailedOutOfMeters                // OFPMMFC_OUT_OF_METERS
	MeterModFailedOutOfBands                 // OFPMMFC_OUT_OF_BANDS
)

// Codes of ErrTypeTableFeaturesFailed.
const (
	TableFeaturesFailedBadTable    uint16 = iota // OFPTFFC_BAD_TABLE
	TableFeaturesFailedBadMetadata               // OFPTFFC_BAD_METADATA
	TableFeaturesFailedBadType                   // OFPTFFC_BAD_TYPE
	TableFeaturesFailedBadLen                    // OFPTFFC_BAD_LEN
	TableFeaturesFailedBadArgument               // OFPTFFC_BAD_ARGUMENT
	TableFeaturesFailedEPerm                     // OFPTFFC_EPERM
)
