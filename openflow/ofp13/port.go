package ofp13

// Port describes one port (§7.2.1): an element of OFPMP_PORT_DESC and the
// subject of a port status.
type Port struct {
	PortNo     uint32
	HWAddr     [6]byte
	Name       string // at most 15 bytes; longer ones are cut
	Config     uint32 // OFPPC_*
	State      uint32 // OFPPS_*
	Curr       uint32 // OFPPF_*, as are the next three
	Advertised uint32
	Supported  uint32
	Peer       uint32
	CurrSpeed  uint32 // kbit/s
	MaxSpeed   uint32 // kbit/s
}

// PortStatus is OFPT_PORT_STATUS (§7.4.3).
type PortStatus struct {
	Reason uint8 // OFPPR_*
	Port   Port
}

// PortMod is OFPT_PORT_MOD (§7.3.4.3).
type PortMod struct {
	PortNo    uint32
	HWAddr    [6]byte
	Config    uint32 // OFPPC_*
	Mask      uint32 // the bits of Config to change
	Advertise uint32 // OFPPF_*; zero changes nothing
}
