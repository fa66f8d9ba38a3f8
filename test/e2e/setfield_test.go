package e2e

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// parts are the headers of a frame; those that are nil are left out. A test
// changes one field and builds the frame anew, checksums and all.
type parts struct {
	eth   *layers.Ethernet
	vlan  *layers.Dot1Q
	arp   *layers.ARP
	ip4   *layers.IPv4
	ip6   *layers.IPv6
	tcp   *layers.TCP
	udp   *layers.UDP
	sctp  *layers.SCTP
	icmp  *layers.ICMPv4
	icmp6 *layers.ICMPv6
	nd    *neighbor
	chunk gopacket.Payload
}

// neighbor is the body of a neighbor solicitation or advertisement with one
// option (RFC 4861 §4.3, §4.4, §4.6.1).
type neighbor struct {
	target net.IP
	option byte // 1 source, 2 target link-layer address
	lla    net.HardwareAddr
}

func (n *neighbor) bytes() gopacket.Payload {
	b := append(make([]byte, 4), n.target.To16()...)
	return append(append(b, n.option, 1), n.lla...)
}

// frame builds the frame.
func (p *parts) frame() []byte {
	var all []gopacket.SerializableLayer
	add := func(there bool, l gopacket.SerializableLayer) {
		if there {
			all = append(all, l)
		}
	}
	add(true, p.eth)
	add(p.vlan != nil, p.vlan)
	add(p.arp != nil, p.arp)
	add(p.ip4 != nil, p.ip4)
	add(p.ip6 != nil, p.ip6)
	add(p.tcp != nil, p.tcp)
	add(p.udp != nil, p.udp)
	add(p.sctp != nil, p.sctp)
	add(p.icmp != nil, p.icmp)
	add(p.icmp6 != nil, p.icmp6)
	if p.nd != nil {
		add(true, p.nd.bytes())
	}
	add(p.chunk != nil, p.chunk)
	return build(all...)
}

// The kinds of frames whose fields are set.
func arpParts() *parts {
	return &parts{eth: ether(layers.EthernetTypeARP), arp: &layers.ARP{
		AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
		Operation: layers.ARPRequest, SourceHwAddress: ghostA, SourceProtAddress: ghostIPA,
		DstHwAddress: make([]byte, 6), DstProtAddress: ghostIPB,
	}, chunk: make([]byte, 18)}
}

func ip4Parts(proto layers.IPProtocol) *parts {
	return &parts{eth: ether(layers.EthernetTypeIPv4), ip4: ip4(proto), chunk: text}
}

func ip6Parts(proto layers.IPProtocol) *parts {
	return &parts{eth: ether(layers.EthernetTypeIPv6), ip6: ip6(proto), chunk: text}
}

func tcpParts() *parts {
	p := ip4Parts(layers.IPProtocolTCP)
	p.tcp = &layers.TCP{SrcPort: 10, DstPort: 20, Seq: 1, ACK: true, Window: 100}
	return p
}

func tcp6Parts() *parts {
	p := ip6Parts(layers.IPProtocolTCP)
	p.tcp = &layers.TCP{SrcPort: 10, DstPort: 20, Seq: 1, ACK: true, Window: 100}
	return p
}

func udpParts() *parts {
	p := ip4Parts(layers.IPProtocolUDP)
	p.udp = &layers.UDP{SrcPort: 10, DstPort: 20}
	return p
}

func udp6Parts() *parts {
	p := ip6Parts(layers.IPProtocolUDP)
	p.udp = &layers.UDP{SrcPort: 10, DstPort: 20}
	return p
}

func sctpParts() *parts {
	p := ip4Parts(layers.IPProtocolSCTP)
	p.sctp = &layers.SCTP{SrcPort: 10, DstPort: 20, VerificationTag: 7}
	p.chunk = text[:40]
	return p
}

func icmpParts() *parts {
	p := ip4Parts(layers.IPProtocolICMPv4)
	p.icmp = &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: 1, Seq: 2}
	return p
}

func icmp6Parts() *parts {
	p := ip6Parts(layers.IPProtocolICMPv6)
	p.icmp6 = &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(128, 0)}
	return p
}

// ndParts is a neighbor solicitation (135) or advertisement (136).
func ndParts(typ, option byte) func() *parts {
	return func() *parts {
		p := ip6Parts(layers.IPProtocolICMPv6)
		p.ip6.HopLimit = 255
		p.icmp6 = &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(typ, 0)}
		p.nd = &neighbor{ghostIP6B, option, ghostA}
		p.chunk = nil
		return p
	}
}

func vlanParts() *parts {
	p := udpParts()
	p.eth.EthernetType = layers.EthernetTypeDot1Q
	p.vlan = &layers.Dot1Q{VLANIdentifier: 100, Priority: 1, Type: layers.EthernetTypeIPv4}
	return p
}

var (
	otherMAC = net.HardwareAddr{0x02, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	otherIP  = net.IP{198, 51, 100, 77}
	otherIP6 = net.ParseIP("2001:db8:1:2:3:4:5:6")
)

var setFieldTests = []struct {
	match, set string
	parts      func() *parts
	edit       func(*parts)
}{
	{"udp", "02:bb:cc:dd:ee:ff->eth_dst", udpParts, func(p *parts) { p.eth.DstMAC = otherMAC }},
	{"udp", "02:bb:cc:dd:ee:ff->eth_src", udpParts, func(p *parts) { p.eth.SrcMAC = otherMAC }},
	{"dl_vlan=100", "4895->vlan_vid", vlanParts, func(p *parts) { p.vlan.VLANIdentifier = 799 }},
	{"dl_vlan=100", "6->vlan_pcp", vlanParts, func(p *parts) { p.vlan.Priority = 6 }},
	{"tcp", "198.51.100.77->ip_src", tcpParts, func(p *parts) { p.ip4.SrcIP = otherIP }},
	{"tcp", "198.51.100.77->ip_dst", tcpParts, func(p *parts) { p.ip4.DstIP = otherIP }},
	{"udp", "198.51.100.77->ip_src", udpParts, func(p *parts) { p.ip4.SrcIP = otherIP }},
	{"udp", "198.51.100.77->ip_dst", udpParts, func(p *parts) { p.ip4.DstIP = otherIP }},
	{"udp", "46->ip_dscp", udpParts, func(p *parts) { p.ip4.TOS = 46 << 2 }},
	{"udp", "2->nw_ecn", udpParts, func(p *parts) { p.ip4.TOS = 2 }},
	{"tcp", "4321->tcp_src", tcpParts, func(p *parts) { p.tcp.SrcPort = 4321 }},
	{"tcp", "4321->tcp_dst", tcpParts, func(p *parts) { p.tcp.DstPort = 4321 }},
	{"tcp6", "4321->tcp_src", tcp6Parts, func(p *parts) { p.tcp.SrcPort = 4321 }},
	{"tcp6", "4321->tcp_dst", tcp6Parts, func(p *parts) { p.tcp.DstPort = 4321 }},
	{"udp", "4321->udp_src", udpParts, func(p *parts) { p.udp.SrcPort = 4321 }},
	{"udp", "4321->udp_dst", udpParts, func(p *parts) { p.udp.DstPort = 4321 }},
	{"sctp", "4321->sctp_src", sctpParts, func(p *parts) { p.sctp.SrcPort = 4321 }},
	{"sctp", "4321->sctp_dst", sctpParts, func(p *parts) { p.sctp.DstPort = 4321 }},
	{"icmp", "13->icmp_type", icmpParts, func(p *parts) { p.icmp.TypeCode = layers.CreateICMPv4TypeCode(13, 0) }},
	{"icmp", "5->icmp_code", icmpParts, func(p *parts) { p.icmp.TypeCode = layers.CreateICMPv4TypeCode(8, 5) }},
	{"arp", "2->arp_op", arpParts, func(p *parts) { p.arp.Operation = 2 }},
	{"arp", "198.51.100.77->arp_spa", arpParts, func(p *parts) { p.arp.SourceProtAddress = otherIP }},
	{"arp", "198.51.100.77->arp_tpa", arpParts, func(p *parts) { p.arp.DstProtAddress = otherIP }},
	{"arp", "02:bb:cc:dd:ee:ff->arp_sha", arpParts, func(p *parts) { p.arp.SourceHwAddress = otherMAC }},
	{"arp", "02:bb:cc:dd:ee:ff->arp_tha", arpParts, func(p *parts) { p.arp.DstHwAddress = otherMAC }},
	{"udp6", "2001:db8:1:2:3:4:5:6->ipv6_src", udp6Parts, func(p *parts) { p.ip6.SrcIP = otherIP6 }},
	{"udp6", "2001:db8:1:2:3:4:5:6->ipv6_dst", udp6Parts, func(p *parts) { p.ip6.DstIP = otherIP6 }},
	{"tcp6", "2001:db8:1:2:3:4:5:6->ipv6_dst", tcp6Parts, func(p *parts) { p.ip6.DstIP = otherIP6 }},
	{"udp6", "46->ip_dscp", udp6Parts, func(p *parts) { p.ip6.TrafficClass = 46 << 2 }},
	{"udp6", "3->nw_ecn", udp6Parts, func(p *parts) { p.ip6.TrafficClass = 3 }},
	{"icmp6", "2001:db8:1:2:3:4:5:6->ipv6_src", icmp6Parts, func(p *parts) { p.ip6.SrcIP = otherIP6 }},
	{"icmp6", "129->icmpv6_type", icmp6Parts, func(p *parts) { p.icmp6.TypeCode = layers.CreateICMPv6TypeCode(129, 0) }},
	{"icmp6", "9->icmpv6_code", icmp6Parts, func(p *parts) { p.icmp6.TypeCode = layers.CreateICMPv6TypeCode(128, 9) }},
	{"icmp6,icmp_type=135", "2001:db8:1:2:3:4:5:6->nd_target", ndParts(135, 1), func(p *parts) { p.nd.target = otherIP6 }},
	{"icmp6,icmp_type=135", "02:bb:cc:dd:ee:ff->nd_sll", ndParts(135, 1), func(p *parts) { p.nd.lla = otherMAC }},
	{"icmp6,icmp_type=136", "02:bb:cc:dd:ee:ff->nd_tll", ndParts(136, 2), func(p *parts) { p.nd.lla = otherMAC }},
}

// kernelCannotSet are the fields that the openvswitch module does not set.
var kernelCannotSet = regexp.MustCompile("->(arp|icmp|icmpv6|nd)_")

// Each field is set as the wire shows it, nothing else is changed, and all
// checksums are right; on the slow path and by cached flows. Frames are told
// apart by their Ethernet source.
func TestSetField(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	var flows []string
	source := func(i int) net.HardwareAddr { return net.HardwareAddr{2, 0xaa, 0, 0, 1, byte(i)} }
	for i, tt := range setFieldTests {
		flows = append(flows, fmt.Sprintf("dl_src=%s,%s,actions=set_field:%s,output:2", source(i), tt.match, tt.set))
	}
	d.setFlows(t, flows...)
	for i, tt := range setFieldTests {
		t.Run(strings.ReplaceAll(tt.match+" "+tt.set, "->", " "), func(t *testing.T) {
			in, want := tt.parts(), tt.parts()
			in.eth.SrcMAC, want.eth.SrcMAC = source(i), source(i)
			tt.edit(want)
			d.forwards(t, w[0], w[1], in.frame(), want.frame(), dataPath != "kernel" || !kernelCannotSet.MatchString(tt.set))
		})
	}
}
