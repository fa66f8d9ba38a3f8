package kernel

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// appendMatch appends the key and the mask of a flow as flowAttrKey and
// flowAttrMask. Their structure is the key's; see shapeOf for what is refused.
func appendMatch(b []byte, m *flowtable.Match) ([]byte, error) {
	s, err := shapeOf(m)
	if err != nil {
		return b, err
	}
	var start int
	b, start = begin(b, flowAttrKey)
	b = end(s.append(b, s.key, false), start)
	b, start = begin(b, flowAttrMask)
	return end(s.append(b, (*flowtable.Key)(&s.mask), true), start), nil
}

// append appends the attributes of this shape with the values of k, which is
// the key, or its mask.
func (s *flowShape) append(b []byte, k *flowtable.Key, mask bool) []byte {
	b = appendUint32Attr(b, keyRecircID, uint32(k.Get(flowtable.RecircID)))
	if s.mask.Get(flowtable.DPHash) != 0 {
		b = appendUint32Attr(b, keyDPHash, uint32(k.Get(flowtable.DPHash)))
	}
	if mask {
		b = appendUint32Attr(b, keyInPort, ^uint32(0))
	} else {
		b = appendInPort(b, datapath.PortNo(k.Get(flowtable.InPort)))
	}
	b = attr(b, keyEthernet, lenEthernet)
	b = appendBE48(b, k.Get(flowtable.EthSrc))
	b = appendBE48(b, k.Get(flowtable.EthDst))

	var starts [2]int
	fields := [2][2]flowtable.Field{{flowtable.VLANTPID, flowtable.VLANTCI}, {flowtable.VLAN2TPID, flowtable.VLAN2TCI}}
	for i := range s.tags {
		b = appendBE16Attr(b, keyEthertype, uint16(k.Get(fields[i][0])))
		b = appendBE16Attr(b, keyVLAN, uint16(k.Get(fields[i][1])))
		b, starts[i] = begin(b, keyEncap)
	}
	b = s.appendBehindTags(b, k, mask)
	for i := s.tags - 1; i >= 0; i-- {
		b = end(b, starts[i])
	}
	return b
}

// appendBehindTags appends what is inside the innermost encapsulation.
func (s *flowShape) appendBehindTags(b []byte, k *flowtable.Key, mask bool) []byte {
	if s.ethType != packet.Type8022 || mask {
		b = appendBE16Attr(b, keyEthertype, uint16(k.Get(flowtable.EthType)))
	}
	switch s.l3 {
	case keyIPv4:
		b = appendIPv4(b, k)
	case keyIPv6:
		b = appendIPv6(b, k)
		if s.mask.Get(flowtable.IPv6ExtHdr) != 0 {
			b = pad(host.AppendUint16(attr(b, keyIPv6ExtHdrs, 2), uint16(k.Get(flowtable.IPv6ExtHdr))))
		}
	case keyARP:
		b = appendARP(b, k)
	case keyMPLS:
		b = attr(b, keyMPLS, s.labels*lenLSE)
		for i := range s.labels {
			b = binary.BigEndian.AppendUint32(b, uint32(k.Get(stack[i])))
		}
	}
	return s.appendL4(b, k)
}

// stack are the label stack entries of a key, from the outermost.
var stack = [...]flowtable.Field{flowtable.MPLS0, flowtable.MPLS1, flowtable.MPLS2}

func (s *flowShape) appendL4(b []byte, k *flowtable.Key) []byte {
	src, dst := uint16(k.Get(flowtable.L4Src)), uint16(k.Get(flowtable.L4Dst))
	switch s.l4 {
	case keyTCP, keyUDP, keySCTP:
		b = attr(b, s.l4, lenPorts)
		b = binary.BigEndian.AppendUint16(b, src)
		b = binary.BigEndian.AppendUint16(b, dst)
		if s.l4 == keyTCP {
			b = appendBE16Attr(b, keyTCPFlags, uint16(k.Get(flowtable.TCPFlags)))
		}
	case keyICMP, keyICMPv6:
		b = append(attr(b, s.l4, lenICMP), byte(src), byte(dst), 0, 0)
	}
	if s.nd {
		b = attr(b, keyND, lenND)
		b = binary.BigEndian.AppendUint64(b, k.Get(flowtable.NDTargetHi))
		b = binary.BigEndian.AppendUint64(b, k.Get(flowtable.NDTargetLo))
		b = appendBE48(b, k.Get(flowtable.ARPSHA))
		b = appendBE48(b, k.Get(flowtable.ARPTHA))
	}
	return b
}

func appendIPv4(b []byte, k *flowtable.Key) []byte {
	b = attr(b, keyIPv4, lenIPv4)
	b = binary.BigEndian.AppendUint32(b, uint32(k.Get(flowtable.IPv4Src)))
	b = binary.BigEndian.AppendUint32(b, uint32(k.Get(flowtable.IPv4Dst)))
	return appendIP(b, k)
}

func appendIPv6(b []byte, k *flowtable.Key) []byte {
	b = attr(b, keyIPv6, lenIPv6)
	for _, f := range [...]flowtable.Field{flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo} {
		b = binary.BigEndian.AppendUint64(b, k.Get(f))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(k.Get(flowtable.IPv6FLabel)))
	return appendIP(b, k)
}

func appendIP(b []byte, k *flowtable.Key) []byte {
	return append(b, byte(k.Get(flowtable.IPProto)), byte(k.Get(flowtable.IPTOS)),
		byte(k.Get(flowtable.IPTTL)), byte(k.Get(flowtable.IPFrag)))
}

// appendARP appends struct ovs_key_arp. The kernel refuses an opcode above 255;
// in a mask it ignores the high byte.
func appendARP(b []byte, k *flowtable.Key) []byte {
	b = attr(b, keyARP, lenARP)
	b = binary.BigEndian.AppendUint32(b, uint32(k.Get(flowtable.IPv4Src)))
	b = binary.BigEndian.AppendUint32(b, uint32(k.Get(flowtable.IPv4Dst)))
	b = binary.BigEndian.AppendUint16(b, uint16(k.Get(flowtable.ARPOp)&0xff))
	b = appendBE48(b, k.Get(flowtable.ARPSHA))
	b = appendBE48(b, k.Get(flowtable.ARPTHA))
	return append(b, 0, 0)
}

// appendInPort appends the ingress port, or nothing for a frame from no port.
func appendInPort(b []byte, no datapath.PortNo) []byte {
	if v, ok := toKernelPort(no); ok {
		return appendUint32Attr(b, keyInPort, v)
	}
	return b
}

// attr appends the header of an attribute whose payload of n bytes follows.
func attr(b []byte, typ uint16, n int) []byte {
	b = host.AppendUint16(b, uint16(attrHeader+n))
	return host.AppendUint16(b, typ)
}

func appendBE48(b []byte, v uint64) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(v>>32))
	return binary.BigEndian.AppendUint32(b, uint32(v))
}
