package packet

import "encoding/binary"

// EtherTypes that this package knows (IEEE 802 numbers).
const (
	TypeIPv4  = 0x0800
	TypeARP   = 0x0806
	TypeRARP  = 0x8035
	TypeVLAN  = 0x8100 // 802.1Q C-tag
	TypeIPv6  = 0x86dd
	TypeMPLS  = 0x8847
	TypeMPLSM = 0x8848 // multicast, or upstream-assigned labels
	TypeSVLAN = 0x88a8 // 802.1ad S-tag
	TypePBB   = 0x88e7 // 802.1ah I-tag
	Type8022  = 0x05ff // stands for "an 802.2 frame without an EtherType", as in OpenFlow 1.0

	TypeMin = 0x0600 // lower values are lengths (IEEE 802.3 §3.2.6)
)

// Lengths of headers in bytes.
const (
	EthernetLen = 14
	VLANLen     = 4
	MPLSLen     = 4
	ITagLen     = 4
	snapLen     = 8  // DSAP, SSAP, control, OUI, EtherType, behind the length field
	pbbLen      = 18 // backbone Ethernet header and I-TAG
)

// Ethernet is a view of an Ethernet header and what follows it.
type Ethernet []byte

// Dst returns the destination address, 48 bits.
func (e Ethernet) Dst() uint64 { return mac(e[0:]) }

// Src returns the source address, 48 bits.
func (e Ethernet) Src() uint64 { return mac(e[6:]) }

// Type returns the two bytes after the addresses: EtherType, TPID or length.
func (e Ethernet) Type() uint16 { return binary.BigEndian.Uint16(e[12:]) }

// SetDst writes the destination address.
func (e Ethernet) SetDst(v uint64) { putMAC(e[0:], v) }

// SetSrc writes the source address.
func (e Ethernet) SetSrc(v uint64) { putMAC(e[6:], v) }

// mac reads 48 bits.
func mac(b []byte) uint64 {
	return uint64(binary.BigEndian.Uint16(b))<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
}

// putMAC writes 48 bits.
func putMAC(b []byte, v uint64) {
	_ = b[5]
	binary.BigEndian.PutUint16(b, uint16(v>>32))
	binary.BigEndian.PutUint32(b[2:], uint32(v))
}

// VLAN is a view of an 802.1Q tag: TPID and TCI.
type VLAN []byte

// TCI returns priority (3 bits), DEI (1) and VLAN id (12).
func (v VLAN) TCI() uint16 { return binary.BigEndian.Uint16(v[2:]) }

// SetTCI writes priority, DEI and VLAN id.
func (v VLAN) SetTCI(tci uint16) { binary.BigEndian.PutUint16(v[2:], tci) }

// tciDEI is the drop eligible indicator. In a key its bit says that there is a
// tag, so it can be neither matched nor set.
const tciDEI = 0x1000

func isVLAN(etherType uint16) bool { return etherType == TypeVLAN || etherType == TypeSVLAN }

// MPLS is a view of a label stack entry (RFC 3032 §2.1).
type MPLS []byte

// Entry returns label (20 bits), TC (3), bottom of stack (1) and TTL (8).
func (m MPLS) Entry() uint32 { return binary.BigEndian.Uint32(m) }

// SetEntry writes the whole entry.
func (m MPLS) SetEntry(v uint32) { binary.BigEndian.PutUint32(m, v) }

// mplsBottom is the bottom-of-stack bit of an entry.
const mplsBottom = 1 << 8

func isMPLS(etherType uint16) bool { return etherType == TypeMPLS || etherType == TypeMPLSM }

// ITag is a view of the 802.1ah I-TAG TCI, behind its EtherType (IEEE 802.1Q
// §9.7): PCP (3 bits), DEI (1), UCA (1), reserved (3), I-SID (24).
type ITag []byte

// Word returns all 32 bits.
func (t ITag) Word() uint32 { return binary.BigEndian.Uint32(t) }

// SetWord writes all 32 bits.
func (t ITag) SetWord(v uint32) { binary.BigEndian.PutUint32(t, v) }

const (
	itagPCPShift = 29
	itagUCAShift = 27
	itagISID     = 0xffffff
)
