package ofp13

// EtherTypes and protocols that are prerequisites of match fields (§7.2.3.8).
const (
	etherTypeIPv4  = 0x0800
	etherTypeARP   = 0x0806
	etherTypeIPv6  = 0x86dd
	etherTypeMPLS  = 0x8847
	etherTypeMPLSM = 0x8848
	etherTypePBB   = 0x88e7

	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
	protoSCTP   = 132

	icmpv6NeighborSolicit = 135
	icmpv6NeighborAdvert  = 136
)

// prereqs remembers what the fields so far allow to follow (§7.2.3.6).
type prereqs struct {
	seen       uint64 // bit per basic field; bit 63 for tcp_flags
	etherType  uint16
	ipProto    uint8
	icmpv6Type uint8
	vlan       bool
}

// Allows reports whether a field of this prerequisite could follow in m, that
// is, whether the packets that m selects are of a type that has it.
func (m *Match) Allows(q Prereq) bool {
	var p prereqs
	for i := range m.Fields {
		o := &m.Fields[i]
		if o.Class != OXMClassBasic {
			continue
		}
		p.seen |= 1 << o.Field
		p.note(o)
	}
	return p.met(q)
}

// add takes the next field of a match. It fails with OFPBMC_DUP_FIELD or
// OFPBMC_BAD_PREREQ.
func (p *prereqs) add(o *OXM) error {
	bit := uint64(1) << 63
	f := &tcpFlagsField
	if o.Class == OXMClassBasic {
		bit = 1 << o.Field
		f = &basicFields[o.Field]
	}
	if p.seen&bit != 0 {
		return badMatch(BadMatchDupField, o.id(), "duplicate")
	}
	if !p.met(f.Prereq) {
		return badMatch(BadMatchBadPrereq, o.id(), "prerequisite does not precede it")
	}
	p.seen |= bit
	if o.Class == OXMClassBasic {
		p.note(o)
	}
	return nil
}

// note keeps the values that later fields depend on.
func (p *prereqs) note(o *OXM) {
	switch o.Field {
	case OXMEthType:
		p.etherType = uint16(o.Uint64())
	case OXMVLANVID:
		p.vlan = uint16(o.Uint64())&VLANPresent != 0
	case OXMIPProto:
		p.ipProto = o.Value[0]
	case OXMICMPv6Type:
		p.icmpv6Type = o.Value[0]
	}
}

func (p *prereqs) met(q Prereq) bool {
	if q >= PrereqTCP {
		return p.transportMet(q)
	}
	switch q {
	case PrereqNone:
		return true
	case PrereqInPort:
		return p.seen&(1<<OXMInPort) != 0
	case PrereqVLAN:
		return p.vlan
	case PrereqIP:
		return p.etherType == etherTypeIPv4 || p.etherType == etherTypeIPv6
	case PrereqIPv4:
		return p.etherType == etherTypeIPv4
	case PrereqIPv6:
		return p.etherType == etherTypeIPv6
	case PrereqARP:
		return p.etherType == etherTypeARP
	case PrereqMPLS:
		return p.etherType == etherTypeMPLS || p.etherType == etherTypeMPLSM
	default: // PrereqPBB
		return p.etherType == etherTypePBB
	}
}

// transportMet is met for what lies above IP. ip_proto is only there if
// eth_type is IPv4 or IPv6; a type of ICMPv6 only if ip_proto is ICMPv6. An
// ip_proto of 0 is no protocol of these, so it needs no presence bit.
func (p *prereqs) transportMet(q Prereq) bool {
	switch q {
	case PrereqTCP:
		return p.ipProto == protoTCP
	case PrereqUDP:
		return p.ipProto == protoUDP
	case PrereqSCTP:
		return p.ipProto == protoSCTP
	case PrereqICMPv4:
		return p.ipProto == protoICMP && p.etherType == etherTypeIPv4
	case PrereqICMPv6:
		return p.ipProto == protoICMPv6 && p.etherType == etherTypeIPv6
	case PrereqND:
		return p.icmpv6Type == icmpv6NeighborSolicit || p.icmpv6Type == icmpv6NeighborAdvert
	case PrereqNDSolicit:
		return p.icmpv6Type == icmpv6NeighborSolicit
	default: // PrereqNDAdvert
		return p.icmpv6Type == icmpv6NeighborAdvert
	}
}
