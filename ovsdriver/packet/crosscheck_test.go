package packet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/ivs-go/ivs/flowtable"
)

// stack is a random well-formed frame, in another implementation's words, and
// the key that follows from them.
type stack struct {
	rng    *rand.Rand
	layers []gopacket.SerializableLayer
	key    flowtable.Key
	next   *layers.EthernetType // to be written by the layer above
}

func (s *stack) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.rng.Uint32())
	}
	return b
}

func (s *stack) set(f flowtable.Field, v uint64) { s.key.Set(f, v) }

func word(b []byte) uint64 {
	v := uint64(0)
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return v
}

func (s *stack) link() {
	eth := &layers.Ethernet{DstMAC: s.bytes(6), SrcMAC: s.bytes(6)}
	s.set(flowtable.EthDst, word(eth.DstMAC))
	s.set(flowtable.EthSrc, word(eth.SrcMAC))
	s.layers, s.next = append(s.layers, eth), &eth.EthernetType
	fields := [][2]flowtable.Field{{flowtable.VLANTCI, flowtable.VLANTPID}, {flowtable.VLAN2TCI, flowtable.VLAN2TPID}}
	for i := range s.rng.IntN(3) {
		*s.next = layers.EthernetTypeDot1Q
		if s.rng.IntN(2) == 0 {
			*s.next = layers.EthernetTypeQinQ
		}
		tag := &layers.Dot1Q{Priority: uint8(s.rng.IntN(8)), DropEligible: s.rng.IntN(2) == 0, VLANIdentifier: uint16(s.rng.IntN(4096))}
		s.set(fields[i][0], uint64(tag.Priority)<<13|flowtable.VLANPresent|uint64(tag.VLANIdentifier))
		s.set(fields[i][1], uint64(*s.next))
		s.layers, s.next = append(s.layers, tag), &tag.Type
	}
}

func (s *stack) network() {
	switch s.rng.IntN(3) {
	case 0:
		*s.next = layers.EthernetTypeARP
		arp := &layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
			Operation: uint16(s.rng.IntN(1 << 16)), SourceHwAddress: s.bytes(6), SourceProtAddress: s.bytes(4),
			DstHwAddress: s.bytes(6), DstProtAddress: s.bytes(4)}
		s.set(flowtable.ARPOp, uint64(arp.Operation))
		s.set(flowtable.ARPSHA, word(arp.SourceHwAddress))
		s.set(flowtable.ARPTHA, word(arp.DstHwAddress))
		s.set(flowtable.IPv4Src, word(arp.SourceProtAddress))
		s.set(flowtable.IPv4Dst, word(arp.DstProtAddress))
		s.layers = append(s.layers, arp)
	case 1:
		*s.next = layers.EthernetTypeIPv4
		ip := &layers.IPv4{Version: 4, TOS: uint8(s.rng.IntN(256)), TTL: uint8(s.rng.IntN(256)), SrcIP: s.bytes(4), DstIP: s.bytes(4)}
		if s.rng.IntN(4) == 0 {
			ip.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
		}
		s.set(flowtable.IPTOS, uint64(ip.TOS))
		s.set(flowtable.IPTTL, uint64(ip.TTL))
		s.set(flowtable.IPv4Src, word(ip.SrcIP))
		s.set(flowtable.IPv4Dst, word(ip.DstIP))
		s.layers = append(s.layers, ip)
		s.transport(ip, &ip.Protocol, layers.IPProtocolICMPv4)
	case 2:
		*s.next = layers.EthernetTypeIPv6
		ip := &layers.IPv6{Version: 6, TrafficClass: uint8(s.rng.IntN(256)), FlowLabel: uint32(s.rng.IntN(1 << 20)),
			HopLimit: uint8(s.rng.IntN(256)), SrcIP: s.bytes(16), DstIP: s.bytes(16)}
		s.set(flowtable.IPTOS, uint64(ip.TrafficClass))
		s.set(flowtable.IPv6FLabel, uint64(ip.FlowLabel))
		s.set(flowtable.IPTTL, uint64(ip.HopLimit))
		for i, f := range []flowtable.Field{flowtable.IPv6SrcHi, flowtable.IPv6SrcLo} {
			s.set(f, word(ip.SrcIP[8*i:8*i+8]))
		}
		for i, f := range []flowtable.Field{flowtable.IPv6DstHi, flowtable.IPv6DstLo} {
			s.set(f, word(ip.DstIP[8*i:8*i+8]))
		}
		s.layers = append(s.layers, ip)
		s.transport(ip, &ip.NextHeader, layers.IPProtocolICMPv6)
	}
	s.set(flowtable.EthType, uint64(*s.next))
}

func (s *stack) transport(ip gopacket.NetworkLayer, proto *layers.IPProtocol, icmp layers.IPProtocol) {
	src, dst := uint16(s.rng.IntN(1<<16)), uint16(s.rng.IntN(1<<16))
	*proto = []layers.IPProtocol{layers.IPProtocolTCP, layers.IPProtocolUDP, layers.IPProtocolSCTP, icmp}[s.rng.IntN(4)]
	switch *proto {
	case layers.IPProtocolTCP:
		tcp := &layers.TCP{SrcPort: layers.TCPPort(src), DstPort: layers.TCPPort(dst), SYN: true, ECE: src&1 != 0, NS: dst&1 != 0}
		s.set(flowtable.TCPFlags, 2|uint64(src&1)<<6|uint64(dst&1)<<8)
		_ = tcp.SetNetworkLayerForChecksum(ip)
		s.layers = append(s.layers, tcp)
	case layers.IPProtocolUDP:
		udp := &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
		_ = udp.SetNetworkLayerForChecksum(ip)
		s.layers = append(s.layers, udp)
	case layers.IPProtocolSCTP:
		s.layers = append(s.layers, &layers.SCTP{SrcPort: layers.SCTPPort(src), DstPort: layers.SCTPPort(dst)})
	case layers.IPProtocolICMPv4:
		src, dst = src&0xff, dst&0xff
		s.layers = append(s.layers, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(uint8(src), uint8(dst))})
	case layers.IPProtocolICMPv6:
		src, dst = src&0x7f, dst&0xff // below neighbour discovery
		m := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(uint8(src), uint8(dst))}
		_ = m.SetNetworkLayerForChecksum(ip)
		s.layers = append(s.layers, m, gopacket.Payload(make([]byte, 4)))
	}
	s.set(flowtable.IPProto, uint64(*proto))
	s.set(flowtable.L4Src, uint64(src))
	s.set(flowtable.L4Dst, uint64(dst))
}

// TestAgainstGopacket parses frames that another implementation wrote, and
// finds its checksums right before and after changing addresses and ports.
func TestAgainstGopacket(t *testing.T) {
	for seed := range uint64(3000) {
		s := &stack{rng: rand.New(rand.NewPCG(seed, 1))}
		s.set(flowtable.InPort, 4)
		s.set(flowtable.InPhyPort, 4)
		s.link()
		s.network()
		s.layers = append(s.layers, gopacket.Payload(s.bytes(s.rng.IntN(60))))
		out := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(out, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, s.layers...); err != nil {
			t.Fatal(err)
		}
		b := bytes.Clone(out.Bytes())
		var k flowtable.Key
		var l Layout
		f := framed(b)
		ParseLayout(f, 4, &k, &l)
		if k != s.key {
			t.Fatalf("seed %d: key (-want +got)\n%s\n%x", seed, cmp.Diff(named(s.key), named(k)), b)
		}
		if got := residueOf(f); got != (residue{}) {
			t.Fatalf("seed %d: the verifier finds %+v wrong in\n%x", seed, got, b)
		}
		for _, field := range []flowtable.Field{
			flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.IPv6SrcHi, flowtable.IPv6DstLo,
			flowtable.L4Src, flowtable.L4Dst, flowtable.IPTOS, flowtable.IPTTL, flowtable.VLANVID,
		} {
			checkSet(t, f, field, s.rng.Uint64())
		}
	}
}

// TestViews: the header views read what was written.
func TestViews(t *testing.T) {
	b := raw(macs + `0800 ` + ip4TCPHeader + tcpHeader)
	var eth layers.Ethernet
	if err := eth.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		t.Fatal(err)
	}
	e := Ethernet(b)
	if e.Dst() != word(eth.DstMAC) || e.Src() != word(eth.SrcMAC) || e.Type() != uint16(eth.EthernetType) {
		t.Errorf("Ethernet: %x %x %x", e.Dst(), e.Src(), e.Type())
	}
	var ip layers.IPv4
	if err := ip.DecodeFromBytes(b[14:], gopacket.NilDecodeFeedback); err != nil {
		t.Fatal(err)
	}
	h := IPv4(b[14:])
	if h.HeaderLen() != int(ip.IHL)*4 || h.TotalLen() != ip.Length || h.ID() != ip.Id || h.TTL() != ip.TTL ||
		h.Checksum() != ip.Checksum || h.Src() != binary.BigEndian.Uint32(ip.SrcIP.To4()) ||
		!net.IP(b[30:34]).Equal(ip.DstIP) || h.Frag() != uint16(ip.Flags)<<13|ip.FragOffset {
		t.Errorf("IPv4 view differs from %+v", ip)
	}
}
