package packet

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// sum adds the 16-bit big-endian words of b (RFC 1071) to initial, in one's
// complement over 64 bits; an odd last byte counts as the high one.
func sum(b []byte, initial uint64) uint64 {
	s, carry := initial, uint64(0)
	for len(b) >= 32 {
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[8:]), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[16:]), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[24:]), carry)
		b = b[32:]
	}
	for len(b) >= 8 {
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	for len(b) >= 2 {
		s, carry = bits.Add64(s, uint64(binary.BigEndian.Uint16(b)), carry)
		b = b[2:]
	}
	if len(b) == 1 {
		s, carry = bits.Add64(s, uint64(b[0])<<8, carry)
	}
	s, carry = bits.Add64(s, 0, carry)
	return s + carry
}

// fold reduces a sum to 16 bits, not complemented.
func fold(s uint64) uint16 {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s>>16 + s&0xffff)
}

// replaced returns what an un-complemented checksum becomes when the sum of
// some words that it covers changes (RFC 1624, equation 3).
func replaced(check uint16, before, after uint64) uint16 {
	return fold(uint64(check) + uint64(^fold(before)) + uint64(fold(after)))
}

// pseudo sums the pseudo header of an upper-layer segment of n bytes. The
// addresses are those of the IP header at ip, which is IPv6 if v6.
func pseudo(ip []byte, v6 bool, proto uint8, n int) uint64 {
	addresses := ip[ip4Src:IPv4Len]
	if v6 {
		addresses = ip[ip6Src:IPv6Len]
	}
	return sum(addresses, uint64(proto)+uint64(n))
}

// crcTable is Castagnoli's polynomial (RFC 9260 appendix A); the standard
// library computes it with the processor's instruction. It is never written.
var crcTable = crc32.MakeTable(crc32.Castagnoli)

// sctpCRC computes the CRC32c of an SCTP packet, whose checksum field counts as
// zero.
func sctpCRC(p []byte) uint32 {
	var zero [4]byte
	crc := crc32.Update(0, crcTable, p[:sctpChecksum])
	crc = crc32.Update(crc, crcTable, zero[:])
	return crc32.Update(crc, crcTable, p[SCTPLen:])
}
