package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
)

// setL4 writes a port, or the type or code of ICMP, and the checksum.
func (e *editor) setL4(field flowtable.Field, v uint64) {
	if e.l.L4 == 0 {
		return
	}
	second := field == flowtable.L4Dst
	switch e.l.Proto {
	case ProtoICMP, ProtoICMPv6:
		before := e.get16(e.l.L4)
		at := e.l.L4 + icmpType
		if second {
			at = e.l.L4 + icmpCode
		}
		e.b[at] = uint8(v)
		e.mendBody(uint64(before), uint64(e.get16(e.l.L4)))
	case ProtoSCTP:
		e.setSCTPPort(second, uint16(v))
	default:
		at := e.portAt(second)
		before := e.get16(at)
		e.put16(at, uint16(v))
		e.mendBody(uint64(before), v&0xffff)
	}
}

func (e *editor) portAt(second bool) int {
	if second {
		return e.l.L4 + 2
	}
	return e.l.L4
}

// setSCTPPort writes a port and the CRC32c. What was wrong with the CRC before
// stays wrong, as in the kernel (set_sctp in net/openvswitch/actions.c).
func (e *editor) setSCTPPort(second bool, v uint16) {
	at := e.portAt(second)
	if e.partial() || e.l.end < e.l.L4+SCTPLen {
		e.put16(at, v)
		return
	}
	p := e.b[e.l.L4:e.l.end]
	before := sctpCRC(p)
	e.put16(at, v)
	field := binary.LittleEndian.Uint32(p[sctpChecksum:])
	binary.LittleEndian.PutUint32(p[sctpChecksum:], field^before^sctpCRC(p))
}

// checksumAt returns where the upper layer's 16-bit checksum lies, or 0. As in
// the kernel it need not have whole options around it.
func (e *editor) checksumAt() int {
	n := len(e.b) - e.l.upper
	switch {
	case e.l.upper == 0:
	case e.l.Proto == ProtoTCP && n >= TCPLen:
		return e.l.upper + tcpChecksum
	case e.l.Proto == ProtoUDP && n >= UDPLen:
		return e.l.upper + udpChecksum
	case e.l.Proto == ProtoICMP && n >= ICMPLen && e.l.EthType == TypeIPv4,
		e.l.Proto == ProtoICMPv6 && n >= ICMPLen && e.l.EthType == TypeIPv6:
		return e.l.upper + icmpChecksum
	}
	return 0
}

// mendPseudo updates the upper layer's checksum after a change of its pseudo
// header, be the checksum whole or partial. ICMP for IPv4 has no pseudo header.
func (e *editor) mendPseudo(before, after uint64) {
	at := e.checksumAt()
	if at == 0 || e.l.Proto == ProtoICMP {
		return
	}
	if e.partial() {
		e.put16(at, replaced(e.get16(at), before, after))
		return
	}
	e.mend(at, before, after)
}

// mendBody updates the upper layer's checksum after a change of the words that
// follow the pseudo header; a partial one does not hold them.
func (e *editor) mendBody(before, after uint64) {
	if at := e.checksumAt(); at != 0 && !e.partial() {
		e.mend(at, before, after)
	}
}

// mend updates the whole checksum at b[at:]. A UDP datagram without one stays
// so, and one whose checksum comes to 0 says 0xffff (RFC 768).
func (e *editor) mend(at int, before, after uint64) {
	check := e.get16(at)
	udp := e.l.Proto == ProtoUDP
	if udp && check == 0 {
		return
	}
	check = ^replaced(^check, before, after)
	if udp && check == 0 {
		check = 0xffff
	}
	e.put16(at, check)
}
