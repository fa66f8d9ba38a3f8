package e2e

import (
	"net"
	"strings"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Addresses of hosts that do not exist, so that no host's stack answers.
var (
	ghostA = net.HardwareAddr{0x02, 0xaa, 0, 0, 0, 1}
	ghostB = net.HardwareAddr{0x02, 0xaa, 0, 0, 0, 2}

	ghostIPA  = net.IP{192, 0, 2, 1}
	ghostIPB  = net.IP{192, 0, 2, 2}
	ghostIP6A = net.ParseIP("2001:db8::1")
	ghostIP6B = net.ParseIP("2001:db8::2")
)

// build makes a frame of layers, with all lengths and checksums right.
func build(all ...gopacket.SerializableLayer) []byte {
	var network gopacket.NetworkLayer
	for _, l := range all {
		if n, ok := l.(gopacket.NetworkLayer); ok {
			network = n
		}
		if s, ok := l.(interface {
			SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
		}); ok && network != nil {
			if err := s.SetNetworkLayerForChecksum(network); err != nil {
				panic(err) // the test itself is wrong
			}
		}
	}
	b := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(b, options, all...); err != nil {
		panic(err) // the test itself is wrong
	}
	return b.Bytes()
}

// decode tells the layers of a frame.
func decode(frame []byte) string {
	var lines []string
	for _, l := range gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default).Layers() {
		lines = append(lines, "    "+gopacket.LayerString(l))
	}
	return strings.Join(lines, "\n")
}

// ether is an Ethernet header from ghost A to ghost B.
func ether(typ layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: ghostA, DstMAC: ghostB, EthernetType: typ}
}

// ip4 is an IPv4 header from ghost A to ghost B.
func ip4(proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: ghostIPA, DstIP: ghostIPB}
}

// ip6 is an IPv6 header from ghost A to ghost B.
func ip6(proto layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: ghostIP6A, DstIP: ghostIP6B}
}

// text is a payload that makes any frame at least 60 bytes long.
var text = gopacket.Payload("the quick brown fox jumps over the lazy dog")

// udpFrame is a UDP datagram from ghost A to ghost B; payload nil means text.
func udpFrame(src, dst uint16, payload []byte) []byte {
	if payload == nil {
		payload = text
	}
	udp := &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
	return build(ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolUDP), udp, gopacket.Payload(payload))
}

// lldpFrame is a link discovery frame, 60 bytes long.
func lldpFrame() []byte {
	to := &layers.Ethernet{
		SrcMAC: ghostA, DstMAC: net.HardwareAddr{0x01, 0x80, 0xc2, 0, 0, 0x0e},
		EthernetType: layers.EthernetTypeLinkLayerDiscovery,
	}
	chassis := []byte{2, 7, 4, 2, 0xaa, 0, 0, 0, 1}
	port, ttl, end := []byte{4, 3, 7, '1', '2'}, []byte{6, 2, 0, 120}, make([]byte, 28)
	return build(to, gopacket.Payload(chassis), gopacket.Payload(port), gopacket.Payload(ttl), gopacket.Payload(end))
}
