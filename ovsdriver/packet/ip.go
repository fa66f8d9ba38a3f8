package packet

import "encoding/binary"

// IP protocol numbers that this package knows.
const (
	ProtoHopByHop = 0
	ProtoICMP     = 1
	ProtoIPv4     = 4 // in IP (RFC 2003)
	ProtoTCP      = 6
	ProtoUDP      = 17
	ProtoIPv6     = 41 // in IP (RFC 2473)
	ProtoRouting  = 43
	ProtoFragment = 44
	ProtoGRE      = 47
	ProtoESP      = 50
	ProtoAH       = 51
	ProtoICMPv6   = 58
	ProtoNone     = 59
	ProtoDstOpts  = 60
	ProtoSCTP     = 132
)

// Lengths of headers in bytes, without options.
const (
	IPv4Len     = 20
	IPv6Len     = 40
	ARPLen      = 28 // over Ethernet, for IPv4
	fragmentLen = 8  // IPv6 fragment header
)

// IPv4 is a view of an IPv4 header (RFC 791) and what follows it.
type IPv4 []byte

// Offsets in the header.
const (
	ip4TOS      = 1
	ip4Len      = 2
	ip4ID       = 4
	ip4Frag     = 6
	ip4TTL      = 8
	ip4Proto    = 9
	ip4Checksum = 10
	ip4Src      = 12
	ip4Dst      = 16

	ip4MoreFragments = 0x2000
	ip4Offset        = 0x1fff
)

// HeaderLen returns the length with options, 0 to 60 bytes.
func (h IPv4) HeaderLen() int { return int(h[0]&0x0f) * 4 }

// TOS returns DSCP and ECN.
func (h IPv4) TOS() uint8 { return h[ip4TOS] }

// TotalLen returns the length of header and payload in bytes.
func (h IPv4) TotalLen() uint16 { return binary.BigEndian.Uint16(h[ip4Len:]) }

// ID returns the identification of the datagram.
func (h IPv4) ID() uint16 { return binary.BigEndian.Uint16(h[ip4ID:]) }

// Frag returns the flags (3 bits) and the fragment offset (13 bits, in units
// of 8 bytes).
func (h IPv4) Frag() uint16 { return binary.BigEndian.Uint16(h[ip4Frag:]) }

// TTL returns the time to live.
func (h IPv4) TTL() uint8 { return h[ip4TTL] }

// Proto returns the protocol.
func (h IPv4) Proto() uint8 { return h[ip4Proto] }

// Checksum returns the header checksum.
func (h IPv4) Checksum() uint16 { return binary.BigEndian.Uint16(h[ip4Checksum:]) }

// Src returns the source address.
func (h IPv4) Src() uint32 { return binary.BigEndian.Uint32(h[ip4Src:]) }

// Dst returns the destination address.
func (h IPv4) Dst() uint32 { return binary.BigEndian.Uint32(h[ip4Dst:]) }

// finish writes length, identification, fragment word and then the checksum.
func (h IPv4) finish(totalLen int, id, frag uint16) {
	binary.BigEndian.PutUint16(h[ip4Len:], uint16(totalLen))
	binary.BigEndian.PutUint16(h[ip4ID:], id)
	binary.BigEndian.PutUint16(h[ip4Frag:], frag)
	binary.BigEndian.PutUint16(h[ip4Checksum:], 0)
	binary.BigEndian.PutUint16(h[ip4Checksum:], ^fold(sum(h[:h.HeaderLen()], 0)))
}

// IPv6 is a view of an IPv6 header (RFC 8200) and what follows it.
type IPv6 []byte

// Offsets in the header.
const (
	ip6Len      = 4
	ip6Next     = 6
	ip6HopLimit = 7
	ip6Src      = 8
	ip6Dst      = 24
)

// Word returns version (4 bits), traffic class (8) and flow label (20).
func (h IPv6) Word() uint32 { return binary.BigEndian.Uint32(h) }

// PayloadLen returns the length of what follows this header, in bytes.
func (h IPv6) PayloadLen() uint16 { return binary.BigEndian.Uint16(h[ip6Len:]) }

// Next returns the type of the next header.
func (h IPv6) Next() uint8 { return h[ip6Next] }

// HopLimit returns the hop limit.
func (h IPv6) HopLimit() uint8 { return h[ip6HopLimit] }

// ARP is a view of an ARP or RARP packet over Ethernet for IPv4 (RFC 826).
type ARP []byte

// Offsets in the packet.
const (
	arpOp  = 6
	arpSHA = 8
	arpSPA = 14
	arpTHA = 18
	arpTPA = 24

	// arpEthernetIPv4 is hardware Ethernet, protocol IPv4 and their lengths.
	arpEthernetIPv4 = 0x0001_0800_06_04
)

// ok reports whether the packet is about Ethernet and IPv4.
func (a ARP) ok() bool { return mac(a) == arpEthernetIPv4 }

// Op returns the operation.
func (a ARP) Op() uint16 { return binary.BigEndian.Uint16(a[arpOp:]) }

// SHA returns the sender's Ethernet address.
func (a ARP) SHA() uint64 { return mac(a[arpSHA:]) }

// SPA returns the sender's IPv4 address.
func (a ARP) SPA() uint32 { return binary.BigEndian.Uint32(a[arpSPA:]) }

// THA returns the target's Ethernet address.
func (a ARP) THA() uint64 { return mac(a[arpTHA:]) }

// TPA returns the target's IPv4 address.
func (a ARP) TPA() uint32 { return binary.BigEndian.Uint32(a[arpTPA:]) }
