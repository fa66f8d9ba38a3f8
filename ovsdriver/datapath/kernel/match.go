package kernel

import (
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// always are the bits that the kernel matches whether a flow asks for them or
// not: in_port, eth_type, and whether there are tags, with their TPIDs. It takes
// no mask without them, so a flow must have them.
func always() flowtable.Mask {
	var m flowtable.Mask
	m.Exact(flowtable.InPort)
	m.Exact(flowtable.EthType)
	m.Add(flowtable.VLANTCI, flowtable.VLANPresent)
	m.Exact(flowtable.VLANTPID)
	m.Add(flowtable.VLAN2TCI, flowtable.VLANPresent)
	m.Exact(flowtable.VLAN2TPID)
	return m
}

// tagEdit are the bits that a flow needs to rewrite a VLAN tag: the kernel has
// no action for that, so the tag is popped and pushed anew, whole.
func tagEdit() flowtable.Mask {
	var m flowtable.Mask
	m.Exact(flowtable.VLANTCI)
	m.Exact(flowtable.VLANTPID)
	return m
}

// popped are the bits that show the kernel how many label stack entries there
// are: it edits none that a flow does not ask for.
func popped() (m [2]flowtable.Mask) {
	m[0].Add(flowtable.MPLS1, entryBottom)
	m[1].Add(flowtable.MPLS2, entryBottom)
	return m
}

// needs are the prerequisites that the kernel has for fields behind an IP
// header, and for extension headers, of which ESP is told by the protocol only;
// and those for extension headers to be what the kernel takes them for (see
// checkExtensions). Sender and target hardware address are ARP's and neighbour
// discovery's: for ARP, needing the (absent) protocol costs nothing.
func needs() []datapath.Need {
	var n datapath.Need
	for _, f := range [...]flowtable.Field{
		flowtable.L4Src, flowtable.L4Dst, flowtable.TCPFlags,
		flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA, flowtable.IPv6ExtHdr,
	} {
		n.If.Exact(f)
	}
	n.Then.Exact(flowtable.IPProto)
	var ext datapath.Need
	ext.If.Add(flowtable.IPv6ExtHdr, flowtable.IPv6ExtHdr.Ones()&^packet.ExtHop)
	ext.Then.Add(flowtable.IPv6ExtHdr, extErrs)
	return []datapath.Need{n, ext}
}

// flowShape says what of a match the kernel's attributes hold, so that what is
// installed matches exactly the frames that the match does.
type flowShape struct {
	key  *flowtable.Key
	mask flowtable.Mask // as the kernel gets it

	carried flowtable.Mask // fields that attributes of this shape carry
	ethType uint16
	tags    int    // VLAN tags, 0 to 2
	labels  int    // MPLS label stack entries to send, 0 to 3
	l3      uint16 // keyIPv4, keyIPv6, keyARP, keyMPLS or 0
	l4      uint16 // keyTCP, keyUDP, keySCTP, keyICMP, keyICMPv6 or 0
	nd      bool   // keyND
}

// shapeOf plans the attributes of m. It refuses, with ErrUnsupported, a match
// that the kernel would take for another: nothing is ever installed that a frame
// outside m can hit. Bits of fields that no frame of this shape has are dropped:
// they are zero in every such frame.
func shapeOf(m *flowtable.Match) (flowShape, error) {
	s := flowShape{key: &m.Key, mask: m.Mask, ethType: uint16(m.Key.Get(flowtable.EthType))}
	if !s.exact(flowtable.InPort) || !s.exact(flowtable.EthType) {
		return s, refuse("in_port and eth_type must be exact")
	}
	if _, ok := toKernelPort(datapath.PortNo(m.Key.Get(flowtable.InPort))); !ok {
		return s, refuse("in_port is no port of a datapath")
	}
	s.carry(flowtable.InPort, flowtable.EthType, flowtable.EthSrc, flowtable.EthDst, flowtable.DPHash, flowtable.RecircID)
	for _, plan := range [...]func(*flowShape) error{(*flowShape).planTags, (*flowShape).planL3, (*flowShape).planL4, (*flowShape).planND} {
		if err := plan(&s); err != nil {
			return s, err
		}
	}
	if s.ethType == packet.TypePBB && s.mask.Get(flowtable.PBBISID)|s.mask.Get(flowtable.PBBUCA) != 0 {
		return s, refuse("it has no fields of a provider backbone tag")
	}
	// The ingress port is exact, and for frames off a port it is the physical one.
	s.mask.Set(flowtable.InPhyPort, 0)
	for i, w := range s.mask {
		if i >= flowtable.PipelineWord && w != 0 {
			return s, refuse("a pipeline field is in the mask")
		}
		if m.Key[i]&w&^s.carried[i] != 0 {
			return s, refuse("a field is not zero that such frames do not have")
		}
		s.mask[i] &= s.carried[i]
	}
	// Frames off a port have the recirculation id 0, and others must name theirs.
	s.mask.Exact(flowtable.RecircID)
	return s, nil
}

func refuse(why string) error {
	return fmt.Errorf("openvswitch cannot hold this flow: %s: %w", why, datapath.ErrUnsupported)
}

func (s *flowShape) carry(fields ...flowtable.Field) {
	for _, f := range fields {
		s.carried.Exact(f)
	}
}

func (s *flowShape) exact(f flowtable.Field) bool { return s.mask.Get(f) == f.Ones() }

// planTags counts the tags. The kernel matches the presence of both, always.
func (s *flowShape) planTags() error {
	tags := [2][2]flowtable.Field{{flowtable.VLANTCI, flowtable.VLANTPID}, {flowtable.VLAN2TCI, flowtable.VLAN2TPID}}
	for _, tag := range tags {
		tci, tpid := tag[0], tag[1]
		if s.mask.Get(tci)&flowtable.VLANPresent == 0 {
			return refuse("the presence of a VLAN tag must be in the mask")
		}
		if s.key.Get(tci)&flowtable.VLANPresent == 0 {
			break
		}
		if !s.exact(tpid) {
			return refuse("the TPID of a VLAN tag must be exact")
		}
		s.carry(tci, tpid)
		s.tags++
	}
	if s.tags < 2 && isVLAN(s.ethType) {
		return refuse("the VLAN tag is cut off")
	}
	return nil
}

func isVLAN(ethType uint16) bool { return ethType == packet.TypeVLAN || ethType == packet.TypeSVLAN }
func isMPLS(ethType uint16) bool { return ethType == packet.TypeMPLS || ethType == packet.TypeMPLSM }

func (s *flowShape) planL3() error {
	switch {
	case s.ethType == packet.TypeIPv4:
		s.l3 = keyIPv4
		s.carry(flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.IPProto, flowtable.IPTOS, flowtable.IPTTL, flowtable.IPFrag)
	case s.ethType == packet.TypeIPv6:
		s.l3 = keyIPv6
		s.carry(flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPv6FLabel,
			flowtable.IPProto, flowtable.IPTOS, flowtable.IPTTL, flowtable.IPFrag, flowtable.IPv6ExtHdr)
		return s.checkExtensions()
	case s.ethType == packet.TypeARP || s.ethType == packet.TypeRARP:
		s.l3 = keyARP
		s.carry(flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.ARPOp, flowtable.ARPSHA, flowtable.ARPTHA)
		return s.checkARPOp()
	case isMPLS(s.ethType):
		s.l3 = keyMPLS
		s.planMPLS()
	}
	return nil
}

// checkARPOp refuses what the kernel cannot tell apart: it has the opcode in one
// byte, and 0 there for every opcode above 255.
func (s *flowShape) checkARPOp() error {
	op := s.key.Get(flowtable.ARPOp)
	if bits := s.mask.Get(flowtable.ARPOp); bits != 0 && (bits&0xff != 0xff || op == 0 || op > 0xff) {
		return refuse("the ARP opcode must be exact and from 1 to 255")
	}
	return nil
}

// extErrs are the extension headers with which the kernel errs: it does not see
// ESP, misplaces what follows AH, reads a later fragment's payload as headers,
// and calls more chains out of sequence than OpenFlow 1.3.5 §7.2.3.8 does. In a
// chain that is cut short, releases differ in whether the last header counts.
const extErrs = packet.ExtESP | packet.ExtAuth | packet.ExtFrag | packet.ExtUnseq

// checkExtensions refuses what depends on extension headers where they may be
// other than the kernel takes them for: all but the first, unless none of those
// with which it errs is there. Of ESP the protocol tells.
func (s *flowShape) checkExtensions() error {
	mask, value := s.mask.Get(flowtable.IPv6ExtHdr), s.key.Get(flowtable.IPv6ExtHdr)
	proto := s.key.Get(flowtable.IPProto)
	if mask&^packet.ExtHop == 0 {
		return nil
	}
	if mask&extErrs != extErrs || value&extErrs != 0 || !s.exact(flowtable.IPProto) || proto == packet.ProtoESP || proto == packet.ProtoNone {
		return refuse("it takes some IPv6 extension headers for others")
	}
	return nil
}

// planMPLS counts the label stack entries to send. The kernel matches only
// frames that have as many, so none is sent that need not be there: an entry at
// the bottom of the stack has zeros behind it.
func (s *flowShape) planMPLS() {
	s.labels = 1
	for i := 1; i < len(stack) && !s.bottom(stack[i-1]); i++ {
		if s.mask.Get(stack[i]) != 0 {
			s.labels = i + 1
		}
	}
	s.carry(stack[:s.labels]...)
}

// bottom reports whether the mask shows that the entry is the last.
func (s *flowShape) bottom(f flowtable.Field) bool {
	return s.key.Get(f)&s.mask.Get(f)&entryBottom != 0
}

// planL4 finds the transport header. Its fields may be in the mask only if the
// protocol is.
func (s *flowShape) planL4() error {
	if s.l3 != keyIPv4 && s.l3 != keyIPv6 {
		return nil
	}
	if !s.exact(flowtable.IPProto) {
		if s.looksAtL4() || s.key.Get(flowtable.IPProto) != 0 {
			return refuse("ip_proto must be exact, or wild and the fields behind the IP header too")
		}
		return nil
	}
	if s.key.Get(flowtable.IPFrag) == flowtable.FragLater {
		return nil
	}
	switch proto := s.key.Get(flowtable.IPProto); {
	case proto == packet.ProtoTCP:
		s.l4 = keyTCP
		s.carry(flowtable.TCPFlags)
	case proto == packet.ProtoUDP:
		s.l4 = keyUDP
	case proto == packet.ProtoSCTP:
		s.l4 = keySCTP
	case proto == packet.ProtoICMP && s.l3 == keyIPv4:
		s.l4 = keyICMP
	case proto == packet.ProtoICMPv6 && s.l3 == keyIPv6:
		s.l4 = keyICMPv6
	default:
		return nil
	}
	s.carry(flowtable.L4Src, flowtable.L4Dst)
	return nil
}

func (s *flowShape) looksAtL4() bool {
	for _, f := range [...]flowtable.Field{flowtable.L4Src, flowtable.L4Dst, flowtable.TCPFlags} {
		if s.mask.Get(f) != 0 {
			return true
		}
	}
	return s.l3 == keyIPv6 && s.looksAtND()
}

func (s *flowShape) looksAtND() bool {
	for _, f := range [...]flowtable.Field{flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA} {
		if s.mask.Get(f) != 0 {
			return true
		}
	}
	return false
}

// planND adds the neighbour discovery header, which the kernel knows by an exact
// ICMPv6 type.
func (s *flowShape) planND() error {
	if s.l4 != keyICMPv6 {
		return nil
	}
	typ := s.key.Get(flowtable.L4Src)
	if s.mask.Get(flowtable.L4Src)&0xff != 0xff {
		if s.looksAtND() {
			return refuse("fields of neighbour discovery need an exact icmpv6_type")
		}
		if typ == packet.NDSolicit || typ == packet.NDAdvertise {
			return refuse("icmpv6_type must be exact or wild")
		}
		return nil
	}
	if typ == packet.NDSolicit || typ == packet.NDAdvertise {
		s.nd = true
		s.carry(flowtable.NDTargetHi, flowtable.NDTargetLo, flowtable.ARPSHA, flowtable.ARPTHA)
	}
	return nil
}
