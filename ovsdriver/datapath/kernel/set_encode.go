package kernel

import (
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// place says where a field lies in the struct of a key attribute: bits
// Shift..Shift+width of the size bytes, in network order, at offset.
type place struct {
	attr   uint16
	length uint8 // of the struct
	offset uint8
	size   uint8
	shift  uint8
}

// ethernetPlaces, ipv4Places and so on are what OVS_ACTION_ATTR_SET_MASKED can
// write of each header. The kernel refuses protocol and fragment type, ARP, ICMP
// and neighbour discovery, and has no set for VLAN tags and the EtherType.
var (
	ethernetPlaces = map[flowtable.Field]place{
		flowtable.EthSrc: {keyEthernet, lenEthernet, 0, 6, 0},
		flowtable.EthDst: {keyEthernet, lenEthernet, 6, 6, 0},
	}
	ipv4Places = map[flowtable.Field]place{
		flowtable.IPv4Src: {keyIPv4, lenIPv4, 0, 4, 0},
		flowtable.IPv4Dst: {keyIPv4, lenIPv4, 4, 4, 0},
		flowtable.IPTOS:   {keyIPv4, lenIPv4, 9, 1, 0},
		flowtable.IPDSCP:  {keyIPv4, lenIPv4, 9, 1, 2},
		flowtable.IPECN:   {keyIPv4, lenIPv4, 9, 1, 0},
		flowtable.IPTTL:   {keyIPv4, lenIPv4, 10, 1, 0},
	}
	ipv6Places = map[flowtable.Field]place{
		flowtable.IPv6SrcHi:  {keyIPv6, lenIPv6, 0, 8, 0},
		flowtable.IPv6SrcLo:  {keyIPv6, lenIPv6, 8, 8, 0},
		flowtable.IPv6DstHi:  {keyIPv6, lenIPv6, 16, 8, 0},
		flowtable.IPv6DstLo:  {keyIPv6, lenIPv6, 24, 8, 0},
		flowtable.IPv6FLabel: {keyIPv6, lenIPv6, 32, 4, 0},
		flowtable.IPTOS:      {keyIPv6, lenIPv6, 37, 1, 0},
		flowtable.IPDSCP:     {keyIPv6, lenIPv6, 37, 1, 2},
		flowtable.IPECN:      {keyIPv6, lenIPv6, 37, 1, 0},
		flowtable.IPTTL:      {keyIPv6, lenIPv6, 38, 1, 0},
	}
	portPlaces = map[flowtable.Field]place{ // attr is the protocol's
		flowtable.L4Src: {0, lenPorts, 0, 2, 0},
		flowtable.L4Dst: {0, lenPorts, 2, 2, 0},
	}
	mplsPlaces = map[flowtable.Field]place{
		flowtable.MPLS0:     {keyMPLS, lenLSE, 0, 4, 0},
		flowtable.MPLSLabel: {keyMPLS, lenLSE, 0, 4, 12},
		flowtable.MPLSTC:    {keyMPLS, lenLSE, 0, 4, 9},
		flowtable.MPLSBOS:   {keyMPLS, lenLSE, 0, 4, 8},
		flowtable.MPLSTTL:   {keyMPLS, lenLSE, 0, 4, 0},
	}
)

// header groups the fields that one kernel action can write together.
type header uint8

const (
	headerNone header = iota
	headerEthernet
	headerVLAN
	headerMPLS
	headerIP
	headerL4
)

func headerOf(f flowtable.Field) header {
	switch f {
	case flowtable.EthSrc, flowtable.EthDst:
		return headerEthernet
	case flowtable.VLANTCI, flowtable.VLANVID, flowtable.VLANPCP:
		return headerVLAN
	case flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL:
		return headerMPLS
	case flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN, flowtable.IPTTL, flowtable.IPv4Src, flowtable.IPv4Dst,
		flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPv6FLabel:
		return headerIP
	case flowtable.L4Src, flowtable.L4Dst:
		return headerL4
	}
	return headerNone
}

// sameHeader counts the Sets at the start of acts that go into one action.
func sameHeader(acts []datapath.Act) int {
	h := headerOf(acts[0].Field)
	n := 1
	for n < len(acts) && acts[n].Kind == datapath.Set && headerOf(acts[n].Field) == h {
		n++
	}
	return n
}

// appendSet appends one OVS_ACTION_ATTR_SET_MASKED for Sets of one header, with
// just their bits in its mask.
func (e *actionEncoder) appendSet(b []byte, sets []datapath.Act) ([]byte, error) {
	if headerOf(sets[0].Field) == headerVLAN {
		return e.setTag(b, sets)
	}
	var value, mask [lenIPv6]byte
	var p place
	for i := range sets {
		var ok bool
		if p, ok = e.placeOf(sets[i].Field); !ok {
			return b, cannot(fmt.Sprintf("set field %d of such a frame", sets[i].Field))
		}
		ones := sets[i].Field.Ones()
		put(value[p.offset:p.offset+p.size], ones<<p.shift, sets[i].Value&ones<<p.shift)
		put(mask[p.offset:p.offset+p.size], ones<<p.shift, ones<<p.shift)
	}
	b, start := begin(b, actSetMasked)
	b = attr(b, p.attr, 2*int(p.length))
	b = append(append(b, value[:p.length]...), mask[:p.length]...)
	return end(pad(b), start), nil
}

// put replaces the bits of the big-endian number in b that mask selects.
func put(b []byte, mask, value uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = b[i]&^byte(mask) | byte(value)&byte(mask)
		mask, value = mask>>8, value>>8
	}
}

// placeOf finds where f lies in the frame as it is now.
func (e *actionEncoder) placeOf(f flowtable.Field) (p place, ok bool) {
	switch headerOf(f) {
	case headerEthernet:
		p, ok = ethernetPlaces[f]
	case headerMPLS:
		if isMPLS(e.ethType) {
			p, ok = mplsPlaces[f]
		}
	case headerIP:
		switch e.ethType {
		case packet.TypeIPv4:
			p, ok = ipv4Places[f]
		case packet.TypeIPv6:
			p, ok = ipv6Places[f]
		}
	case headerL4:
		if p.attr = e.l4(); p.attr != 0 {
			p, ok = portPlaces[f]
			p.attr = e.l4()
		}
	}
	return p, ok
}

// l4 returns the key attribute of the transport header, or 0. The kernel writes
// into the payload of a later fragment without a look: its mask must show that
// the frame is none.
func (e *actionEncoder) l4() uint16 {
	if e.ethType != packet.TypeIPv4 && e.ethType != packet.TypeIPv6 || !e.known(flowtable.IPProto) ||
		!e.whole() {
		return 0
	}
	switch e.key.Get(flowtable.IPProto) {
	case packet.ProtoTCP:
		return keyTCP
	case packet.ProtoUDP:
		return keyUDP
	case packet.ProtoSCTP:
		return keySCTP
	}
	return 0
}

// whole reports whether the frame is known to be no later fragment. Any bit in
// which a flow's fragment type differs from that of later ones shows it.
func (e *actionEncoder) whole() bool {
	differs := e.key.Get(flowtable.IPFrag) ^ flowtable.FragLater
	if e.mask != nil {
		differs &= e.mask.Get(flowtable.IPFrag)
	}
	return differs != 0
}

// setTag rewrites the outermost tag by popping it and pushing it anew, for which
// all of it must be known.
func (e *actionEncoder) setTag(b []byte, sets []datapath.Act) ([]byte, error) {
	t := e.tags[0]
	switch t.state {
	case tagAbsent: // nothing to set
		return b, nil
	case tagKnown:
	default:
		return b, cannot("set a part of a VLAN tag whose rest is wild")
	}
	for i := range sets {
		switch sets[i].Field {
		case flowtable.VLANTCI:
			t.tci = uint16(sets[i].Value)
		case flowtable.VLANVID:
			t.tci = t.tci&^0xfff | uint16(sets[i].Value)&0xfff
		case flowtable.VLANPCP:
			t.tci = t.tci&0x1fff | uint16(sets[i].Value)<<13
		}
	}
	under := e.tags[1]
	b, err := e.pushVLAN(e.popVLAN(b), t.tpid, t.tci)
	e.tags[1] = under
	return b, err
}
