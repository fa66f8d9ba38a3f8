package packet

// Layout says where the headers of a frame lie, in bytes from the frame's
// start. An offset of 0 means that the frame has no such header, or not all of
// it. The zero Layout describes a frame without any.
type Layout struct {
	EthType  uint16 // as flowtable.EthType
	Proto    uint8  // as flowtable.IPProto
	Tags     uint8  // VLAN tags that the key holds, 0 to 2
	Labels   uint8  // MPLS label stack entries that the key holds, 0 to 3
	Frag     uint8  // as flowtable.IPFrag
	Type     int    // the EtherType after all VLAN tags (a length field with 802.2)
	L3       int    // IPv4, IPv6 or ARP header, all of it, or the first label, or the I-TAG
	L4       int    // TCP, UDP, SCTP, ICMP or ICMPv6 header, all of it
	NDTarget int    // ND target address
	NDSource int    // link-layer address of the ND source option
	NDDest   int    // link-layer address of the ND target option
}
