package ofp13

// FlowMod is OFPT_FLOW_MOD (§7.3.4.1).
type FlowMod struct {
	Cookie       uint64
	CookieMask   uint64
	TableID      uint8
	Command      uint8 // OFPFC_*
	IdleTimeout  uint16
	HardTimeout  uint16
	Priority     uint16
	BufferID     uint32
	OutPort      uint32
	OutGroup     uint32
	Flags        uint16 // OFPFF_*
	Match        Match
	Instructions []Instruction
}

// PacketIn is OFPT_PACKET_IN (§7.4.1). Data is the frame, perhaps cut off;
// TotalLen is its whole length.
type PacketIn struct {
	BufferID uint32
	TotalLen uint16
	Reason   uint8 // OFPR_*
	TableID  uint8
	Cookie   uint64
	Match    Match // in_port, in_phy_port, metadata, tunnel_id as they apply
	Data     []byte
}

// PacketOut is OFPT_PACKET_OUT (§7.3.7).
type PacketOut struct {
	BufferID uint32
	InPort   uint32
	Actions  []Action
	Data     []byte
}

// FlowRemoved is OFPT_FLOW_REMOVED (§7.4.2).
type FlowRemoved struct {
	Cookie       uint64
	Priority     uint16
	Reason       uint8 // OFPRR_*
	TableID      uint8
	DurationSec  uint32
	DurationNsec uint32
	IdleTimeout  uint16
	HardTimeout  uint16
	PacketCount  uint64
	ByteCount    uint64
	Match        Match
}
