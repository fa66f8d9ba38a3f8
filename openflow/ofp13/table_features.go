package ofp13

// TableFeatures is one element of OFPMP_TABLE_FEATURES, both ways (§7.3.5.5).
type TableFeatures struct {
	TableID       uint8
	Name          string // at most 31 bytes; longer ones are cut
	MetadataMatch uint64
	MetadataWrite uint64
	Config        uint32 // OFPTC_*
	MaxEntries    uint32
	Properties    []TableFeatureProperty
}

// TableFeatureProperty is one property of a table (§7.3.5.5.2); Type says
// which other field means something.
type TableFeatureProperty struct {
	Type         uint16      // OFPTFPT_*: TablePropInstructions...
	Instructions []FeatureID // INSTRUCTIONS*: OFPIT_*
	NextTables   []uint8     // NEXT_TABLES*
	Actions      []FeatureID // WRITE_ACTIONS*, APPLY_ACTIONS*: OFPAT_*
	Fields       []OXMID     // MATCH, WILDCARDS, *_SETFIELD*
	Experimenter uint32      // EXPERIMENTER*
	ExpType      uint32      // EXPERIMENTER*
	Data         []byte      // EXPERIMENTER*: what follows exp_type
}

// FeatureID names an instruction or an action that a table can do. The
// experimenter's id follows where the type is 0xffff.
type FeatureID struct {
	Type         uint16 // OFPIT_* or OFPAT_*
	Experimenter uint32 // for InstructionExperimenter and ActionExperimenter
}

// OXMID names a match field: an OXM header without a payload.
type OXMID struct {
	Class        uint16
	Field        uint8
	HasMask      bool
	Len          uint8  // bytes of the payload, as it would be on the wire
	Experimenter uint32 // for OXMClassExperimenter
}
