package kernel

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// noPort is the ingress port of a frame that came from no port, such as a
// packet-out's: OFPP_CONTROLLER. The kernel leaves OVS_KEY_ATTR_IN_PORT out.
const noPort datapath.PortNo = 0xfffffffd

// entryBottom is the bottom-of-stack bit of a label stack entry.
const entryBottom = 1 << 8

// decodeKey reads the nested OVS_KEY_ATTR_* of a frame's key into k, all words
// of it. Attributes that the key has no field for (skb mark, conntrack) are
// skipped. It reports false if an attribute is cut off or has the wrong length.
func decodeKey(b []byte, k *flowtable.Key) bool {
	*k = flowtable.Key{}
	k.Set(flowtable.InPort, uint64(noPort))
	k.Set(flowtable.InPhyPort, uint64(noPort))
	d := keyDecoder{k: k}
	return d.level(b, 0)
}

// decodeMask reads the nested OVS_KEY_ATTR_* of a flow's mask into m.
func decodeMask(b []byte, m *flowtable.Mask) bool {
	*m = flowtable.Mask{}
	d := keyDecoder{k: (*flowtable.Key)(m), mask: true}
	return d.level(b, 0)
}

// keyDecoder reads a key or a mask: the attributes are the same.
type keyDecoder struct {
	k    *flowtable.Key
	mask bool
}

// level reads one level of attributes; depth counts the OVS_KEY_ATTR_ENCAP
// around it, one per VLAN tag.
func (d *keyDecoder) level(b []byte, depth int) bool {
	var ethType, tci, encap []byte
	for len(b) > 0 {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return false
		}
		b = rest
		switch typ {
		case keyEthertype:
			ethType = data
		case keyVLAN:
			tci = data
		case keyEncap:
			encap = data[:len(data):len(data)]
		default:
			if !d.field(typ, data) {
				return false
			}
		}
	}
	if ethType != nil && len(ethType) != 2 || tci != nil && len(tci) != 2 {
		return false
	}
	if encap == nil || tci == nil {
		d.etherType(ethType)
		return true
	}
	return d.tag(ethType, tci, encap, depth)
}

// tag reads a VLAN tag and what is behind it. A tag that the frame is too short
// for has TCI 0 and nothing behind it: then its TPID is the frame's EtherType.
func (d *keyDecoder) tag(tpid, tci, encap []byte, depth int) bool {
	if !d.mask && tci[0] == 0 && tci[1] == 0 {
		d.etherType(tpid)
		return true
	}
	tciField, tpidField := flowtable.VLANTCI, flowtable.VLANTPID
	switch depth {
	case 0:
	case 1:
		tciField, tpidField = flowtable.VLAN2TCI, flowtable.VLAN2TPID
	default:
		return false
	}
	d.be16(tciField, tci)
	if tpid != nil {
		d.be16(tpidField, tpid)
	}
	return d.level(encap, depth+1)
}

// etherType reads OVS_KEY_ATTR_ETHERTYPE. A key without one is of an 802.2
// frame; a mask without one has the type wild.
func (d *keyDecoder) etherType(data []byte) {
	switch {
	case data != nil:
		d.be16(flowtable.EthType, data)
	case !d.mask:
		d.k.Set(flowtable.EthType, packet.Type8022)
	}
}

// keyLens are the lengths of attributes that field reads; 0 for any length.
var keyLens = [...]uint8{
	keyInPort: 4, keyEthernet: lenEthernet, keyIPv4: lenIPv4, keyIPv6: lenIPv6,
	keyTCP: lenPorts, keyUDP: lenPorts, keySCTP: lenPorts, keyICMP: lenICMP, keyICMPv6: lenICMP,
	keyARP: lenARP, keyND: lenND, keyTCPFlags: 2, keyDPHash: 4, keyRecircID: 4, keyIPv6ExtHdrs: 2,
}

// field reads any attribute that is the same at every level.
func (d *keyDecoder) field(typ uint16, b []byte) bool {
	if int(typ) >= len(keyLens) {
		return true
	}
	if n := int(keyLens[typ]); n != 0 && n != len(b) {
		return false
	}
	switch typ {
	case keyInPort:
		d.inPort(host.Uint32(b))
	case keyEthernet:
		d.k.Set(flowtable.EthSrc, be48(b))
		d.k.Set(flowtable.EthDst, be48(b[6:]))
	case keyIPv4:
		d.ipv4(b)
	case keyIPv6:
		d.ipv6(b)
	case keyTCP, keyUDP, keySCTP:
		d.be16(flowtable.L4Src, b)
		d.be16(flowtable.L4Dst, b[2:])
	case keyICMP, keyICMPv6:
		d.k.Set(flowtable.L4Src, d.byteIn16(uint64(b[0])))
		d.k.Set(flowtable.L4Dst, d.byteIn16(uint64(b[1])))
	case keyTCPFlags:
		d.be16(flowtable.TCPFlags, b)
	case keyARP:
		d.arp(b)
	case keyND:
		d.k.Set(flowtable.NDTargetHi, binary.BigEndian.Uint64(b))
		d.k.Set(flowtable.NDTargetLo, binary.BigEndian.Uint64(b[8:]))
		d.k.Set(flowtable.ARPSHA, be48(b[16:]))
		d.k.Set(flowtable.ARPTHA, be48(b[22:]))
	case keyIPv6ExtHdrs:
		d.k.Set(flowtable.IPv6ExtHdr, uint64(host.Uint16(b)))
	case keyDPHash:
		d.k.Set(flowtable.DPHash, uint64(host.Uint32(b)))
	case keyRecircID:
		d.k.Set(flowtable.RecircID, uint64(host.Uint32(b)))
	case keyMPLS:
		return d.mpls(b)
	case keyTunnel:
		return d.tunnel(b)
	}
	return true
}

// inPort translates the kernel's port 0 to LOCAL. In a mask the kernel has
// nothing but all ones.
func (d *keyDecoder) inPort(v uint32) {
	if d.mask {
		d.k.Set(flowtable.InPort, flowtable.InPort.Ones())
		return
	}
	no := uint64(fromKernelPort(v))
	d.k.Set(flowtable.InPort, no)
	d.k.Set(flowtable.InPhyPort, no)
}

func (d *keyDecoder) ipv4(b []byte) {
	d.k.Set(flowtable.IPv4Src, uint64(binary.BigEndian.Uint32(b)))
	d.k.Set(flowtable.IPv4Dst, uint64(binary.BigEndian.Uint32(b[4:])))
	d.ip(b[8:])
}

// ip reads the four bytes that both IP versions end in: protocol, TOS, TTL and
// fragment type.
func (d *keyDecoder) ip(b []byte) {
	d.k.Set(flowtable.IPProto, uint64(b[0]))
	d.k.Set(flowtable.IPTOS, uint64(b[1]))
	d.k.Set(flowtable.IPTTL, uint64(b[2]))
	d.k.Set(flowtable.IPFrag, uint64(b[3]))
}

func (d *keyDecoder) ipv6(b []byte) {
	d.k.Set(flowtable.IPv6SrcHi, binary.BigEndian.Uint64(b))
	d.k.Set(flowtable.IPv6SrcLo, binary.BigEndian.Uint64(b[8:]))
	d.k.Set(flowtable.IPv6DstHi, binary.BigEndian.Uint64(b[16:]))
	d.k.Set(flowtable.IPv6DstLo, binary.BigEndian.Uint64(b[24:]))
	d.k.Set(flowtable.IPv6FLabel, uint64(binary.BigEndian.Uint32(b[32:])))
	d.ip(b[36:])
}

// arp reads struct ovs_key_arp. The kernel has the opcode in one byte, 0 for
// opcodes above 255; fixKey puts that right for frames.
func (d *keyDecoder) arp(b []byte) {
	d.k.Set(flowtable.IPv4Src, uint64(binary.BigEndian.Uint32(b)))
	d.k.Set(flowtable.IPv4Dst, uint64(binary.BigEndian.Uint32(b[4:])))
	d.k.Set(flowtable.ARPOp, d.byteIn16(uint64(binary.BigEndian.Uint16(b[8:]))))
	d.k.Set(flowtable.ARPSHA, be48(b[10:]))
	d.k.Set(flowtable.ARPTHA, be48(b[16:]))
}

// byteIn16 returns v, or for the mask of a one-byte kernel field the mask of the
// two-byte key field that says the same: the high byte is always zero.
func (d *keyDecoder) byteIn16(v uint64) uint64 {
	if d.mask && v&0xff == 0xff {
		return 0xffff
	}
	return v
}

// mpls reads label stack entries: none in a flow that has all of them wild.
func (d *keyDecoder) mpls(b []byte) bool {
	if len(b)%lenLSE != 0 {
		return false
	}
	for i, f := range stack {
		if i*lenLSE < len(b) {
			d.k.Set(f, uint64(binary.BigEndian.Uint32(b[i*lenLSE:])))
		}
	}
	return true
}

func (d *keyDecoder) tunnel(b []byte) bool {
	for len(b) > 0 {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return false
		}
		if typ == tunnelKeyID && len(data) == 8 {
			d.k.Set(flowtable.TunnelID, binary.BigEndian.Uint64(data))
		}
		b = rest
	}
	return true
}

func (d *keyDecoder) be16(f flowtable.Field, b []byte) {
	d.k.Set(f, uint64(binary.BigEndian.Uint16(b)))
}

func be48(b []byte) uint64 {
	return uint64(binary.BigEndian.Uint32(b))<<16 | uint64(binary.BigEndian.Uint16(b[4:]))
}

// fromKernelPort is the kernel's port number in OpenFlow's numbering.
func fromKernelPort(v uint32) datapath.PortNo {
	if v == 0 {
		return datapath.Local
	}
	return datapath.PortNo(v)
}

// toKernelPort is the reverse; ok is false for numbers that no port can have.
func toKernelPort(no datapath.PortNo) (v uint32, ok bool) {
	if no == datapath.Local {
		return 0, true
	}
	return uint32(no), no > 0 && no < maxPorts
}
