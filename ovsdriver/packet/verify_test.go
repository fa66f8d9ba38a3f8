package packet

import (
	"encoding/binary"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// residue is what remains of a checksum's verification, computed the slow way:
// 0 where the checksum is right, something else, the same before and after an
// edit, where it was wrong from the start.
type residue struct {
	header   uint16 // IPv4 header
	upper    uint16 // TCP, UDP, ICMP, ICMPv6, over pseudo header and the rest
	crc      uint32 // SCTP
	unsummed bool   // UDP without a checksum
}

// onesSum adds 16-bit words in one's complement, one by one.
func onesSum(words ...[]byte) uint16 {
	total := uint32(0)
	for _, b := range words {
		for i, v := range b {
			if i%2 == 0 {
				total += uint32(v) << 8
			} else {
				total += uint32(v)
			}
			total = total>>16 + total&0xffff
		}
	}
	if total == 0xffff {
		return 0 // the two zeros of one's complement are one number
	}
	return uint16(total)
}

// bitwiseCRC32c is RFC 9260 appendix A without a table.
func bitwiseCRC32c(b []byte) uint32 {
	crc := ^uint32(0)
	for _, v := range b {
		crc ^= uint32(v)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0x82f63b78
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// packetEnd is where a packet says that it ends, if that can be.
func packetEnd(b []byte, l *Layout) int {
	end := l.L3 + int(b[l.L3+2])<<8 + int(b[l.L3+3])
	if l.EthType == TypeIPv6 {
		end = l.L3 + 40 + int(b[l.L3+4])<<8 + int(b[l.L3+5])
	}
	if end <= l.upper || end > len(b) {
		return len(b)
	}
	return end
}

// residueOf verifies the checksums of a frame. With a partial checksum, only
// the pseudo header's part of it is verified.
func residueOf(f *datapath.Frame) (r residue) {
	b, l := f.Bytes(), locate(f)
	if l.EthType == TypeIPv4 && l.L3 != 0 {
		h := b[l.L3:]
		r.header = onesSum(h[:int(h[0]&15)*4])
	}
	if l.upper == 0 || l.upper > len(b) {
		return r
	}
	segment := b[l.upper:packetEnd(b, &l)]
	var pseudo []byte
	switch l.EthType {
	case TypeIPv4:
		pseudo = append(pseudo, b[l.L3+12:l.L3+20]...)
	case TypeIPv6:
		pseudo = append(pseudo, b[l.L3+8:l.L3+24]...)
		if !l.routed {
			pseudo = append(pseudo, b[l.L3+24:l.L3+40]...)
		}
	}
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(segment)))
	pseudo = append(pseudo, 0, l.Proto)
	partial := f.Offload.Flags&datapath.OffloadNeedsCsum != 0 && int(f.Offload.CsumStart) == l.upper
	check := -1
	switch {
	case l.Proto == ProtoTCP && len(segment) >= 20:
		check = 16
	case l.Proto == ProtoUDP && len(segment) >= 8:
		check = 6
		r.unsummed = binary.BigEndian.Uint16(segment[6:]) == 0 && !partial
	case l.Proto == ProtoICMPv6 && l.EthType == TypeIPv6 && len(segment) >= 8:
		check = 2
	case l.Proto == ProtoICMP && l.EthType == TypeIPv4 && len(segment) >= 8:
		check, pseudo = 2, nil
	case l.Proto == ProtoSCTP && len(segment) >= 12 && !partial:
		without := append([]byte{}, segment...)
		clear(without[8:12])
		r.crc = bitwiseCRC32c(without) ^ binary.LittleEndian.Uint32(segment[8:])
		return r
	}
	switch {
	case check < 0 || r.unsummed:
	case partial:
		// The field says what the pseudo header sums to.
		field := binary.BigEndian.Uint16(segment[check:])
		r.upper = onesSum(pseudo, []byte{byte(^field >> 8), byte(^field)})
	default:
		r.upper = onesSum(pseudo, segment)
	}
	return r
}

// whole makes every checksum of a frame right, the slow way.
func whole(b []byte) []byte {
	f := framed(b)
	b = f.Bytes()
	l := locate(f)
	if l.EthType == TypeIPv4 && l.L3 != 0 {
		h := b[l.L3 : l.L3+int(b[l.L3]&15)*4]
		h[10], h[11] = 0, 0
		binary.BigEndian.PutUint16(h[10:], ^onesSum(h))
	}
	e := editor{f: f, b: b, l: l}
	if at := e.checksumAt(); at != 0 {
		e.put16(at, 0xffff) // all ones count as nothing
		v := ^residueOf(f).upper
		if v == 0 {
			v = 0xffff
		}
		e.put16(at, v)
	}
	if l.Proto == ProtoSCTP && l.L4 != 0 && packetEnd(b, &l)-l.L4 >= SCTPLen {
		p := b[l.L4:packetEnd(b, &l)]
		clear(p[8:12])
		binary.LittleEndian.PutUint32(p[8:], bitwiseCRC32c(p))
	}
	return b
}

// TestVerifier holds the verifier itself to checksums known to be right.
func TestVerifier(t *testing.T) {
	// The header that many texts on RFC 1071 compute.
	header := raw(macs + `0800 4500 003c 1c46 4000 4006 b1e6  ac10 0a63 ac10 0a0c`)
	if got := residueOf(framed(header)); got.header != 0 {
		t.Errorf("a right IPv4 header leaves %#x", got.header)
	}
	header[30] ^= 1
	if got := residueOf(framed(header)); got.header == 0 {
		t.Error("a wrong IPv4 header leaves nothing")
	}
	// The check value of CRC-32C.
	if got := bitwiseCRC32c([]byte("123456789")); got != 0xe3069283 {
		t.Errorf("CRC32c of 123456789 is %#x, want 0xe3069283", got)
	}
	if b := make([]byte, 40); sctpCRC(b) != bitwiseCRC32c(b) {
		t.Error("sctpCRC differs from the CRC32c of zeros")
	}
}
