package packet

import "encoding/binary"

// Lengths of headers in bytes, without options.
const (
	TCPLen  = 20
	UDPLen  = 8
	SCTPLen = 12
	ICMPLen = 8
	ndLen   = 24 // neighbour solicitation or advertisement, before its options
)

// TCP is a view of a TCP header (RFC 9293) and what follows it.
type TCP []byte

// Offsets in the header.
const (
	tcpSeq      = 4
	tcpFlags    = 12 // data offset (4 bits) and flags (12)
	tcpChecksum = 16

	tcpFIN = 0x001
	tcpPSH = 0x008
	tcpCWR = 0x080
)

// HeaderLen returns the length with options, 0 to 60 bytes.
func (h TCP) HeaderLen() int { return int(h[tcpFlags]>>4) * 4 }

// Seq returns the sequence number.
func (h TCP) Seq() uint32 { return binary.BigEndian.Uint32(h[tcpSeq:]) }

// Flags returns the 12 bits after the data offset.
func (h TCP) Flags() uint16 { return binary.BigEndian.Uint16(h[tcpFlags:]) & 0x0fff }

// Offsets in UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792) and ICMPv6
// (RFC 4443) headers.
const (
	udpLen       = 4
	udpChecksum  = 6
	sctpChecksum = 8 // CRC32c, least significant byte first
	icmpType     = 0
	icmpCode     = 1
	icmpChecksum = 2
)

// UDP is a view of a UDP header (RFC 768) and what follows it.
type UDP []byte

// Checksum returns the checksum; 0 for none.
func (h UDP) Checksum() uint16 { return binary.BigEndian.Uint16(h[udpChecksum:]) }

// Neighbour discovery: ICMPv6 types, where the target stands, and options (RFC 4861
// §4.3, §4.4, §4.6.1).
const (
	NDSolicit   = 135
	NDAdvertise = 136
	ndTarget    = 8 // the target address, from the ICMPv6 header
	ndOptSource = 1
	ndOptTarget = 2
	ndOptAddr   = 2 // the address, from the option's start
)

// Flags and offsets in a GRE header (RFC 2784 §2, RFC 2890 §2).
const (
	greLen       = 4 // without optional fields
	greLenSummed = 8 // with a checksum
	greSum       = 4
	greChecksum  = 0x8000
	greSequence  = 0x1000
	greVersion   = 0x0007
)
