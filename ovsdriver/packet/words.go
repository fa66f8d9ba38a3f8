package packet

// The words of a key that Parse fills whole, and where their fields begin. They
// repeat flowtable's layout, which is no constant there, because a parse is
// twice as fast with constants; a test holds them to it.
const (
	wordPort   = 0 // in_port 32, in_phy_port 32
	wordEthDst = 1 // destination 48, EtherType 16
	wordEthSrc = 2 // source 48, outer TCI 16
	wordIP     = 4 // protocol 8, TOS 8, TTL 8, fragment 8, flow label 32
	wordL4     = 5 // source 16, destination 16, TCP flags 16, extension headers 16
	wordIPv4   = 6 // source 32, destination 32
	wordIPv6   = 7 // source high, low, destination high, low

	shiftAddress  = 16
	shiftPort     = 32
	shiftProto    = 56
	shiftTOS      = 48
	shiftTTL      = 40
	shiftFrag     = 32
	shiftL4Src    = 48
	shiftL4Dst    = 32
	shiftTCPFlags = 16
)
