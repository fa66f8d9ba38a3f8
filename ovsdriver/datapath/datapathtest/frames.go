package datapathtest

import (
	"bytes"
	"encoding/binary"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// Ethernet returns a frame of the suite's own: to station dst, from station
// src, with EtherType and payload.
func Ethernet(dst, src byte, etherType uint16, payload []byte) []byte {
	b := append([]byte{}, stationPrefix...)
	b = append(b, 0, 0, dst)
	b = append(b, stationPrefix...)
	b = append(b, 0, 0, src)
	b = binary.BigEndian.AppendUint16(b, etherType)
	return append(b, payload...)
}

// ARP returns a request of station src for the address of station dst.
func ARP(dst, src byte) []byte {
	p := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	p = append(p, 0x02, 0x1e, 0x57, 0, 0, src, 10, 0, 0, src)
	p = append(p, 0, 0, 0, 0, 0, 0, 10, 0, 0, dst)
	return Ethernet(dst, src, packet.TypeARP, p)
}

// UDP returns a frame with an IPv4 UDP datagram from 10.0.0.src:1000 to
// 10.0.0.dst:port, checksums right, with a payload of n bytes.
func UDP(dst, src byte, port uint16, n int) []byte {
	ip := []byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, packet.ProtoUDP, 0, 0, 10, 0, 0, src, 10, 0, 0, dst}
	binary.BigEndian.PutUint16(ip[2:], uint16(packet.IPv4Len+packet.UDPLen+n))
	binary.BigEndian.PutUint16(ip[10:], ^onesSum(ip))
	udp := binary.BigEndian.AppendUint16([]byte{0x03, 0xe8}, port)
	udp = binary.BigEndian.AppendUint16(udp, uint16(packet.UDPLen+n))
	// The partial checksum is of the pseudo header: addresses, protocol, length.
	pseudo := append(append([]byte{}, ip[12:20]...), 0, packet.ProtoUDP, byte((packet.UDPLen+n)>>8), byte(packet.UDPLen+n))
	udp = binary.BigEndian.AppendUint16(udp, onesSum(pseudo))
	for i := range n {
		udp = append(udp, byte(i))
	}
	f := NewFrame(Ethernet(dst, src, packet.TypeIPv4, append(ip, udp...)))
	f.Offload = datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: packet.EthernetLen + packet.IPv4Len, CsumOffset: 6}
	if err := packet.Complete(&f); err != nil {
		panic(err) // the frame above fits its description
	}
	return f.Bytes()
}

// onesSum adds 16-bit words in one's complement (RFC 1071); an even number of
// bytes.
func onesSum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// Tagged puts a VLAN tag into a frame.
func Tagged(tpid, tci uint16, frame []byte) []byte {
	b := append([]byte{}, frame[:12]...)
	b = binary.BigEndian.AppendUint16(b, tpid)
	b = binary.BigEndian.AppendUint16(b, tci)
	return append(b, frame[12:]...)
}

// sameFrame reports whether got is want, or want padded with zeros to 60 bytes.
func sameFrame(got, want []byte) bool {
	if len(got) < len(want) || !bytes.Equal(got[:len(want)], want) {
		return false
	}
	padding := got[len(want):]
	return len(padding) == 0 || len(got) == 60 && len(bytes.Trim(padding, "\x00")) == 0
}

// Labelled is an untagged frame with MPLS label stack entries before its
// payload, outermost first.
func Labelled(frame []byte, entries ...uint32) []byte {
	b := append(bytes.Clone(frame[:12]), 0x88, 0x47)
	for _, e := range entries {
		b = binary.BigEndian.AppendUint32(b, e)
	}
	return append(b, frame[14:]...)
}

// Backbone is a frame in a provider backbone frame between the same addresses.
func Backbone(frame []byte, isid uint32) []byte {
	b := append(bytes.Clone(frame[:12]), 0x88, 0xe7)
	return append(binary.BigEndian.AppendUint32(b, isid), frame...)
}
