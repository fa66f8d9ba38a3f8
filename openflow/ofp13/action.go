package ofp13

// Action is one action (§7.2.5); Type says which other fields mean something.
type Action struct {
	Type         uint16 // OFPAT_*: ActionOutput...
	MaxLen       uint16 // Output: bytes for the controller, or ControllerMaxNoBuffer
	EtherType    uint16 // PushVLAN, PushMPLS, PushPBB, PopMPLS
	TTL          uint8  // SetNwTTL, SetMPLSTTL
	ID           uint32 // Output: port; Group: group; SetQueue: queue; Experimenter: id
	Field        OXM    // SetField; never masked
	Experimenter []byte // Experimenter: what follows the id
}

// Instruction is one instruction (§7.2.4); Type says which other fields mean
// something.
type Instruction struct {
	Type         uint16   // OFPIT_*: InstructionGotoTable...
	TableID      uint8    // GotoTable
	ID           uint32   // Meter: meter; Experimenter: id
	Metadata     uint64   // WriteMetadata
	MetadataMask uint64   // WriteMetadata
	Actions      []Action // WriteActions, ApplyActions
	Experimenter []byte   // Experimenter: what follows the id
}
