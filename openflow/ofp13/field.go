package ofp13

import "fmt"

// Field tells what a match field is like (§7.2.3.7).
type Field struct {
	Name     string // as in OpenFlow's table, in lower case, and as ovs-ofctl reads it
	Bits     uint8  // width
	Len      uint8  // bytes on the wire
	Maskable bool
	Settable bool   // a set-field action may name it: it is a header field (§7.2.5)
	Prereq   Prereq // what must come before it in a match
}

// Prereq is what a match must hold before a field may follow (§7.2.3.6).
type Prereq uint8

// The prerequisites.
const (
	PrereqNone      Prereq = iota
	PrereqInPort           // in_port
	PrereqVLAN             // vlan_vid with the presence bit
	PrereqIP               // eth_type IPv4 or IPv6
	PrereqIPv4             // eth_type IPv4
	PrereqIPv6             // eth_type IPv6
	PrereqARP              // eth_type ARP
	PrereqMPLS             // eth_type MPLS unicast or multicast
	PrereqPBB              // eth_type PBB
	PrereqTCP              // ip_proto 6
	PrereqUDP              // ip_proto 17
	PrereqSCTP             // ip_proto 132
	PrereqICMPv4           // ip_proto 1 of IPv4
	PrereqICMPv6           // ip_proto 58 of IPv6
	PrereqND               // icmpv6_type 135 or 136
	PrereqNDSolicit        // icmpv6_type 135
	PrereqNDAdvert         // icmpv6_type 136
)

// FieldInfo tells about a field of class OXMClassBasic; false if 1.3.5 has none
// of that number. Fields count from 0 to OXMIPv6ExtHdr.
func FieldInfo(field uint8) (Field, bool) {
	if int(field) >= len(basicFields) {
		return Field{}, false
	}
	return basicFields[field], true
}

// TCPFlagsInfo tells about ONF's field for TCP flags, OXMTCPFlags.
func TCPFlagsInfo() Field { return tcpFlagsField }

var basicFields = [...]Field{
	OXMInPort:       {"in_port", 32, 4, false, false, PrereqNone},
	OXMInPhyPort:    {"in_phy_port", 32, 4, false, false, PrereqInPort},
	OXMMetadata:     {"metadata", 64, 8, true, false, PrereqNone},
	OXMEthDst:       {"eth_dst", 48, 6, true, true, PrereqNone},
	OXMEthSrc:       {"eth_src", 48, 6, true, true, PrereqNone},
	OXMEthType:      {"eth_type", 16, 2, false, true, PrereqNone},
	OXMVLANVID:      {"vlan_vid", 13, 2, true, true, PrereqNone},
	OXMVLANPCP:      {"vlan_pcp", 3, 1, false, true, PrereqVLAN},
	OXMIPDSCP:       {"ip_dscp", 6, 1, false, true, PrereqIP},
	OXMIPECN:        {"ip_ecn", 2, 1, false, true, PrereqIP},
	OXMIPProto:      {"ip_proto", 8, 1, false, true, PrereqIP},
	OXMIPv4Src:      {"ip_src", 32, 4, true, true, PrereqIPv4},
	OXMIPv4Dst:      {"ip_dst", 32, 4, true, true, PrereqIPv4},
	OXMTCPSrc:       {"tcp_src", 16, 2, false, true, PrereqTCP},
	OXMTCPDst:       {"tcp_dst", 16, 2, false, true, PrereqTCP},
	OXMUDPSrc:       {"udp_src", 16, 2, false, true, PrereqUDP},
	OXMUDPDst:       {"udp_dst", 16, 2, false, true, PrereqUDP},
	OXMSCTPSrc:      {"sctp_src", 16, 2, false, true, PrereqSCTP},
	OXMSCTPDst:      {"sctp_dst", 16, 2, false, true, PrereqSCTP},
	OXMICMPv4Type:   {"icmp_type", 8, 1, false, true, PrereqICMPv4},
	OXMICMPv4Code:   {"icmp_code", 8, 1, false, true, PrereqICMPv4},
	OXMARPOp:        {"arp_op", 16, 2, false, true, PrereqARP},
	OXMARPSPA:       {"arp_spa", 32, 4, true, true, PrereqARP},
	OXMARPTPA:       {"arp_tpa", 32, 4, true, true, PrereqARP},
	OXMARPSHA:       {"arp_sha", 48, 6, true, true, PrereqARP},
	OXMARPTHA:       {"arp_tha", 48, 6, true, true, PrereqARP},
	OXMIPv6Src:      {"ipv6_src", 128, 16, true, true, PrereqIPv6},
	OXMIPv6Dst:      {"ipv6_dst", 128, 16, true, true, PrereqIPv6},
	OXMIPv6FLabel:   {"ipv6_label", 20, 4, true, true, PrereqIPv6},
	OXMICMPv6Type:   {"icmpv6_type", 8, 1, false, true, PrereqICMPv6},
	OXMICMPv6Code:   {"icmpv6_code", 8, 1, false, true, PrereqICMPv6},
	OXMIPv6NDTarget: {"nd_target", 128, 16, false, true, PrereqND},
	OXMIPv6NDSLL:    {"nd_sll", 48, 6, false, true, PrereqNDSolicit},
	OXMIPv6NDTLL:    {"nd_tll", 48, 6, false, true, PrereqNDAdvert},
	OXMMPLSLabel:    {"mpls_label", 20, 4, false, true, PrereqMPLS},
	OXMMPLSTC:       {"mpls_tc", 3, 1, false, true, PrereqMPLS},
	OXMMPLSBOS:      {"mpls_bos", 1, 1, false, true, PrereqMPLS},
	OXMPBBISID:      {"pbb_isid", 24, 3, true, true, PrereqPBB},
	OXMTunnelID:     {"tunnel_id", 64, 8, true, true, PrereqNone},
	OXMIPv6ExtHdr:   {"ipv6_exthdr", 9, 2, true, false, PrereqIPv6},
}

// tcpFlagsField is the one experimenter field, ONF's EXT-109.
var tcpFlagsField = Field{"tcp_flags", 12, 2, true, false, PrereqTCP}

// fieldOf finds the field that an OXM header names, nil if unknown.
func fieldOf(class uint16, field uint8, experimenter uint32) *Field {
	switch {
	case class == OXMClassBasic && int(field) < len(basicFields):
		return &basicFields[field]
	case class == OXMClassExperimenter && experimenter == ExperimenterONF && field == OXMTCPFlags:
		return &tcpFlagsField
	}
	return nil
}

func unknownFieldName(id OXMID) string {
	if id.Class == OXMClassExperimenter {
		return fmt.Sprintf("experimenter %#08x field %d", id.Experimenter, id.Field)
	}
	return fmt.Sprintf("class %#04x field %d", id.Class, id.Field)
}
