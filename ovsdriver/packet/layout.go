package packet

// Layout says where the headers of a frame lie, in bytes from the frame's
// start. An offset of 0 means that the frame has no such header, or not all of
// it. The zero Layout describes a frame without any.
type Layout struct {
	EthType  uint16 // as flowtable.EthType; from locate, the one below all tags
	Proto    uint8  // as flowtable.IPProto
	Tags     uint8  // VLAN tags that the key holds, 0 to 2
	Labels   uint8  // MPLS label stack entries that the key holds, 0 to 3
	Frag     uint8  // as flowtable.IPFrag
	routed   bool   // an IPv6 routing header has segments left: IPv6Dst is not the final one
	Type     int    // the EtherType after all VLAN tags, in the SNAP header if there is one; the length with plain 802.2
	L3       int    // IPv4, IPv6 or ARP header, all of it, or the first label, or the I-TAG; else where a payload begins
	L4       int    // TCP, UDP, SCTP, ICMP or ICMPv6 header, all of it
	NDTarget int    // ND target address
	NDSource int    // link-layer address of the ND source option
	NDDest   int    // link-layer address of the ND target option

	protoAt int // the byte that IPProto was read from
	upper   int // where the upper layer begins, be its header whole or not
	end     int // where the IP packet ends: before the padding of a short frame
}
