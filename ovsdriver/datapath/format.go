package datapath

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/ivs-go/ivs/flowtable"
)

// AppendFlow appends the line by which "ivs-ctl dump-flows" shows a cached
// flow, such as
//
//	port=2 eth type=0x0800 ipv4 dst=10.0.0.1 proto=6 -> output 1 (7 pkts, 686 bytes)
//
// with the fields that it matches, as value or as value/mask.
func AppendFlow(b []byte, f *Flow, s *FlowStats) []byte {
	b = AppendMatch(b, &f.Match)
	b = append(b, "-> "...)
	b = AppendActs(b, f.Actions)
	return fmt.Appendf(b, "(%d pkts, %d bytes)\n", s.Packets, s.Bytes)
}

// shown says how a field is written, and under which header.
type shown struct {
	header string
	name   string
	field  flowtable.Field
	format func([]byte, uint64) []byte
	ones   uint64 // a full mask, if the value has fewer bits than the field
}

// Headers by layer. The words are those of the original tool, and
// openvswitch's where it had none.
var (
	frameFields = []shown{
		{"", "recirc", flowtable.RecircID, hexNumber, 0},
		{"", "hash", flowtable.DPHash, hexNumber, 0},
		{"", "tunnel", flowtable.TunnelID, hexNumber, 0},
		{"", "port", flowtable.InPort, portNumber, 0},
		{"eth", "src", flowtable.EthSrc, mac, 0},
		{"eth", "dst", flowtable.EthDst, mac, 0},
		{"vlan", "vid", flowtable.VLANVID, vlanID, 0},
		{"vlan", "pcp", flowtable.VLANPCP, decimal, 0},
		{"vlan", "tpid", flowtable.VLANTPID, hexShort, 0},
		{"vlan2", "tci", flowtable.VLAN2TCI, hexShort, 0},
		{"vlan2", "tpid", flowtable.VLAN2TPID, hexShort, 0},
		{"", "type", flowtable.EthType, hexShort, 0},
		{"mpls", "lse", flowtable.MPLS0, hexNumber, 0},
		{"mpls", "lse1", flowtable.MPLS1, hexNumber, 0},
		{"mpls", "lse2", flowtable.MPLS2, hexNumber, 0},
		{"pbb", "isid", flowtable.PBBISID, decimal, 0},
		{"pbb", "uca", flowtable.PBBUCA, decimal, 0},
	}
	ipFields = []shown{
		{"", "tos", flowtable.IPTOS, decimal, 0},
		{"", "ttl", flowtable.IPTTL, decimal, 0},
		{"", "proto", flowtable.IPProto, decimal, 0},
		{"", "frag", flowtable.IPFrag, decimal, 0},
	}
	ipv4Fields = []shown{
		{"", "src", flowtable.IPv4Src, ipv4, 0},
		{"", "dst", flowtable.IPv4Dst, ipv4, 0},
	}
	ipv6Rest = []shown{
		{"", "label", flowtable.IPv6FLabel, hexNumber, 0},
		{"", "exthdr", flowtable.IPv6ExtHdr, hexNumber, 0},
	}
	arpFields = []shown{
		{"", "op", flowtable.ARPOp, decimal, 0},
		{"", "sip", flowtable.IPv4Src, ipv4, 0},
		{"", "tip", flowtable.IPv4Dst, ipv4, 0},
		{"", "sha", flowtable.ARPSHA, mac, 0},
		{"", "tha", flowtable.ARPTHA, mac, 0},
	}
	portFields = []shown{
		{"", "src", flowtable.L4Src, decimal, 0},
		{"", "dst", flowtable.L4Dst, decimal, 0},
		{"", "flags", flowtable.TCPFlags, hexNumber, 0},
	}
	icmpFields = []shown{
		{"", "type", flowtable.L4Src, decimal, 0xff},
		{"", "code", flowtable.L4Dst, decimal, 0xff},
	}
	ndFields = []shown{
		{"", "sll", flowtable.ARPSHA, mac, 0},
		{"", "tll", flowtable.ARPTHA, mac, 0},
	}
)

// Protocol numbers that decide how a field is shown.
const (
	ethIPv4, ethARP, ethRARP, ethIPv6                     = 0x0800, 0x0806, 0x8035, 0x86dd
	protoICMP, protoTCP, protoUDP, protoICMPv6, protoSCTP = 1, 6, 17, 58, 132
)

// AppendMatch appends the fields that m matches, each followed by a space.
func AppendMatch(b []byte, m *flowtable.Match) []byte {
	b = appendFields(b, "", frameFields, m)
	switch m.Key.Get(flowtable.EthType) {
	case ethIPv4:
		b = appendFields(b, "ipv4", ipv4Fields, m)
		b = appendFields(b, "", ipFields, m)
	case ethIPv6:
		b = appendAddress(b, "ipv6 src", flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, m)
		b = appendAddress(b, "ipv6 dst", flowtable.IPv6DstHi, flowtable.IPv6DstLo, m)
		b = appendFields(b, "ipv6", ipv6Rest, m)
		b = appendFields(b, "", ipFields, m)
	case ethARP, ethRARP:
		return appendFields(b, "arp", arpFields, m)
	default:
		return b
	}
	return appendL4(b, m)
}

func appendL4(b []byte, m *flowtable.Match) []byte {
	switch m.Key.Get(flowtable.IPProto) {
	case protoTCP:
		return appendFields(b, "tcp", portFields, m)
	case protoUDP:
		return appendFields(b, "udp", portFields, m)
	case protoSCTP:
		return appendFields(b, "sctp", portFields, m)
	case protoICMP:
		return appendFields(b, "icmp", icmpFields, m)
	case protoICMPv6:
		b = appendFields(b, "icmpv6", icmpFields, m)
		b = appendAddress(b, "nd target", flowtable.NDTargetHi, flowtable.NDTargetLo, m)
		return appendFields(b, "nd", ndFields, m)
	}
	return appendFields(b, "l4", portFields, m)
}

// appendFields writes those fields of the list that m matches. A header's word
// precedes its first one; layer is the header of fields that name none.
func appendFields(b []byte, layer string, list []shown, m *flowtable.Match) []byte {
	last := ""
	for _, s := range list {
		mask := m.Mask.Get(s.field)
		if mask == 0 || s.implied(m) {
			continue
		}
		header := s.header
		if header == "" {
			header = layer
		}
		if header != "" && header != last {
			b = append(append(b, header...), ' ')
			last = header
		}
		b = append(append(b, s.name...), '=')
		b = s.format(b, m.Key.Get(s.field))
		if !s.whole(mask, m.Key.Get(s.field)) {
			b = s.format(append(b, '/'), mask)
		}
		b = append(b, ' ')
	}
	return b
}

// implied reports whether a field says no more than that the frame has no tag,
// which the VLAN id says already. The kernel makes such fields significant.
func (s *shown) implied(m *flowtable.Match) bool {
	switch s.field {
	case flowtable.VLANPCP, flowtable.VLANTPID, flowtable.VLAN2TCI, flowtable.VLAN2TPID:
		untagged := m.Mask.Get(flowtable.VLANVID)&flowtable.VLANPresent != 0 &&
			m.Key.Get(flowtable.VLANVID)&flowtable.VLANPresent == 0
		return untagged && m.Key.Get(s.field) == 0
	}
	return false
}

// whole reports whether a mask need not be shown: it selects all that the value
// has.
func (s *shown) whole(mask, value uint64) bool {
	if s.field == flowtable.VLANVID && value&flowtable.VLANPresent == 0 {
		return mask&flowtable.VLANPresent != 0 // no tag: that is all
	}
	return mask == s.field.Ones() || mask == s.ones
}

func appendAddress(b []byte, name string, hi, lo flowtable.Field, m *flowtable.Match) []byte {
	if m.Mask.Get(hi)|m.Mask.Get(lo) == 0 {
		return b
	}
	b = append(append(b, name...), '=')
	b = ipv6(b, m.Key.Get(hi), m.Key.Get(lo))
	if m.Mask.Get(hi)&m.Mask.Get(lo) != ^uint64(0) {
		b = ipv6(append(b, '/'), m.Mask.Get(hi), m.Mask.Get(lo))
	}
	return append(b, ' ')
}

func decimal(b []byte, v uint64) []byte   { return strconv.AppendUint(b, v, 10) }
func hexNumber(b []byte, v uint64) []byte { return fmt.Appendf(b, "%#x", v) }
func hexShort(b []byte, v uint64) []byte  { return fmt.Appendf(b, "0x%04x", v) }

// portNumber writes LOCAL as the kernel numbers it, which is how the original
// tool shows it.
func portNumber(b []byte, v uint64) []byte {
	if v == uint64(Local) {
		v = 0
	}
	return strconv.AppendUint(b, v, 10)
}

// vlanID leaves out the presence bit, but for a frame that must be untagged.
func vlanID(b []byte, v uint64) []byte {
	if v == 0 {
		return append(b, "none"...)
	}
	return strconv.AppendUint(b, v&^flowtable.VLANPresent, 10)
}

func mac(b []byte, v uint64) []byte {
	var a [8]byte
	binary.BigEndian.PutUint64(a[:], v)
	return append(b, net.HardwareAddr(a[2:]).String()...)
}

func ipv4(b []byte, v uint64) []byte {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(v))
	return netip.AddrFrom4(a).AppendTo(b)
}

func ipv6(b []byte, hi, lo uint64) []byte {
	var a [16]byte
	binary.BigEndian.PutUint64(a[:8], hi)
	binary.BigEndian.PutUint64(a[8:], lo)
	return netip.AddrFrom16(a).AppendTo(b)
}
