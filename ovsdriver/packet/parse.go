package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Parse fills k with the fields of f as the kernel's openvswitch module would
// extract them (key_extract in net/openvswitch/flow.c), and with inPort. Every
// word of k is written; pipeline and recirculation words become zero.
//
// Two fields say more than the kernel's: ARPOp has 16 bits, where the module
// makes opcodes above 255 zero, and IPv6ExtHdr is as OpenFlow 1.3.5 §7.2.3.8
// defines it, where the module never sees ESP, takes AH after a fragment header
// and lone destination options after a routing header for out of sequence, and
// takes what follows AH, or a later fragment's payload, for headers.
func Parse(f *datapath.Frame, inPort datapath.PortNo, k *flowtable.Key) {
	var l Layout
	ParseLayout(f, inPort, k, &l)
}

// ParseLayout is Parse, and says in l where the headers lie.
func ParseLayout(f *datapath.Frame, inPort datapath.PortNo, k *flowtable.Key, l *Layout) {
	*k = flowtable.Key{}
	*l = Layout{}
	k[wordPort] = uint64(inPort)<<shiftPort | uint64(inPort)
	b := f.Bytes()
	if len(b) < EthernetLen {
		return
	}
	parseEthernet(b, k, l)
	parseNetwork(b, f, k, l)
}

// parseNetwork reads what begins at l.L3 and is of type l.EthType.
func parseNetwork(b []byte, f *datapath.Frame, k *flowtable.Key, l *Layout) {
	switch l.EthType {
	case TypeIPv4:
		parseIPv4(b, f, k, l)
	case TypeIPv6:
		parseIPv6(b, f, k, l)
	case TypeARP, TypeRARP:
		parseARP(b, k, l)
	case TypeMPLS, TypeMPLSM:
		parseMPLS(b, k, l)
	case TypePBB:
		parsePBB(b, k, l)
	}
}

// parseEthernet reads addresses, up to two tags and the EtherType. Until it is
// known to be there, l.L3 is where a network header would begin.
func parseEthernet(b []byte, k *flowtable.Key, l *Layout) {
	e := Ethernet(b)
	at, etherType := 12, e.Type()
	// A tag counts only if an EtherType follows it.
	if isVLAN(etherType) && len(b) >= at+VLANLen+2 {
		tag := VLAN(b[at:])
		k[wordEthSrc] = uint64(tag.TCI() | flowtable.VLANPresent)
		k.Set(flowtable.VLANTPID, uint64(etherType))
		at, l.Tags = at+VLANLen, 1
		etherType = binary.BigEndian.Uint16(b[at:])
		if isVLAN(etherType) && len(b) >= at+VLANLen+2 {
			tag = VLAN(b[at:])
			k.Set(flowtable.VLAN2TCI, uint64(tag.TCI()|flowtable.VLANPresent))
			k.Set(flowtable.VLAN2TPID, uint64(etherType))
			at, l.Tags = at+VLANLen, 2
			etherType = binary.BigEndian.Uint16(b[at:])
		}
	}
	if etherType < TypeMin {
		at, etherType = parseLLC(b, at)
	}
	l.Type, l.L3, l.EthType = at, at+2, etherType
	k[wordEthDst] = e.Dst()<<shiftAddress | uint64(etherType)
	k[wordEthSrc] |= e.Src() << shiftAddress
}

// parseLLC reads what follows an 802.3 length field at b[at:] and returns where
// the EtherType is: in a SNAP header (RFC 1042), or nowhere.
func parseLLC(b []byte, at int) (int, uint16) {
	if len(b) < at+2+snapLen {
		return at, Type8022
	}
	h := b[at+2:]
	if h[0] != 0xaa || h[1] != 0xaa || h[3]|h[4]|h[5] != 0 {
		return at, Type8022
	}
	etherType := binary.BigEndian.Uint16(h[6:])
	if etherType < TypeMin {
		return at, Type8022
	}
	return at + 2 + 6, etherType
}

func parseARP(b []byte, k *flowtable.Key, l *Layout) {
	a := ARP(b[l.L3:])
	if len(a) < ARPLen || !a.ok() {
		l.L3 = 0
		return
	}
	k.Set(flowtable.ARPOp, uint64(a.Op()))
	k.Set(flowtable.ARPSHA, a.SHA())
	k.Set(flowtable.ARPTHA, a.THA())
	k.Set(flowtable.IPv4Src, uint64(a.SPA()))
	k.Set(flowtable.IPv4Dst, uint64(a.TPA()))
}

// parseMPLS reads up to three entries; what lies below the stack is not the
// switch's business.
func parseMPLS(b []byte, k *flowtable.Key, l *Layout) {
	fields := [...]flowtable.Field{flowtable.MPLS0, flowtable.MPLS1, flowtable.MPLS2}
	at := l.L3
	for _, f := range fields {
		if len(b) < at+MPLSLen {
			break
		}
		entry := MPLS(b[at:]).Entry()
		k.Set(f, uint64(entry))
		at, l.Labels = at+MPLSLen, l.Labels+1
		if entry&mplsBottom != 0 {
			break
		}
	}
	if l.Labels == 0 {
		l.L3 = 0
	}
}

// parsePBB reads the I-TAG; the customer's frame below it stays unread.
func parsePBB(b []byte, k *flowtable.Key, l *Layout) {
	if len(b) < l.L3+ITagLen {
		l.L3 = 0
		return
	}
	word := ITag(b[l.L3:]).Word()
	k.Set(flowtable.PBBISID, uint64(word&itagISID))
	k.Set(flowtable.PBBUCA, uint64(word>>itagUCAShift))
}
