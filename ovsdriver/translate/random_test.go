package translate

import (
	"math/rand/v2"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// gen makes random tables and frames from few values, so that they meet.
type gen struct {
	*rand.Rand
	pushes   bool // tables push tags
	headers  bool // tables set fields behind the Ethernet header
	maxTags  int  // of frames
	truncate bool // some frames
	remarks  bool // much is remarked, and matched by DSCP
	asks     bool // meters around groups whose buckets uncover headers
	tunnels  bool // actions set tunnel_id, and matches name it
	groups   bool // tables use groups
	labels   bool // tables and frames have MPLS and PBB
}

func pick[T any](g *gen, list ...T) T { return list[g.IntN(len(list))] }

func (g *gen) chance(percent int) bool { return g.IntN(100) < percent }

// shape is what a match says of a packet's type, for the actions that fit it.
type shape struct{ etherType, proto, icmpType uint64 }

// match makes a random match.
func (g *gen) match() (fields []ofp13.OXM, s shape) {
	add := func(o ofp13.OXM) { fields = append(fields, o) }
	if g.chance(20) {
		add(is(pick(g, ofp13.OXMInPort, ofp13.OXMInPhyPort), uint64(1+g.IntN(3))))
	}
	if g.chance(20) {
		add(like(ofp13.OXMMetadata, uint64(g.IntN(2)), 1))
	}
	if g.tunnels && g.chance(20) {
		add(is(ofp13.OXMTunnelID, uint64(g.IntN(2))))
	}
	if g.chance(15) {
		add(like(pick(g, ofp13.OXMEthDst, ofp13.OXMEthSrc), uint64(g.IntN(4)), 3))
	}
	if g.chance(30) {
		g.matchTag(add)
	}
	if g.chance(70) {
		s.etherType = pick[uint64](g, 0x0800, 0x0800, 0x86dd, 0x0806, 0x1234, 0x8100)
		if g.labels && g.chance(60) {
			s.etherType = pick[uint64](g, 0x8847, 0x8847, 0x8848, 0x88e7)
		}
		add(is(ofp13.OXMEthType, s.etherType))
	}
	switch s.etherType {
	case 0x0800, 0x86dd:
		g.matchIP(add, &s)
	case 0x8847, 0x8848:
		g.matchMPLS(add)
	case 0x88e7:
		if g.chance(50) {
			add(like(ofp13.OXMPBBISID, uint64(g.IntN(4)), pick[uint64](g, 1, 3, 0xffffff)&3))
		}
	case 0x0806:
		if g.chance(50) {
			add(is(ofp13.OXMARPOp, pick[uint64](g, 0, 1, 2, 256)))
		}
		if g.chance(50) {
			add(is(pick(g, ofp13.OXMARPSPA, ofp13.OXMARPTPA), uint64(g.IntN(3))))
		}
	}
	return fields, s
}

func (g *gen) matchTag(add func(ofp13.OXM)) {
	switch g.IntN(5) {
	case 0:
		add(is(ofp13.OXMVLANVID, 0))
	case 1:
		add(like(ofp13.OXMVLANVID, 0x1000, 0x1000))
	case 2:
		add(like(ofp13.OXMVLANVID, 0x1001, 0x1001))
	case 3:
		add(is(ofp13.OXMVLANVID, 0x1000|uint64(g.IntN(3))))
	case 4:
		add(like(ofp13.OXMVLANVID, 0x1000, 0x1000))
		add(is(ofp13.OXMVLANPCP, uint64(g.IntN(3))))
	}
}

func (g *gen) matchIP(add func(ofp13.OXM), s *shape) {
	if s.etherType == 0x0800 && g.chance(40) {
		add(like(pick(g, ofp13.OXMIPv4Src, ofp13.OXMIPv4Dst), uint64(g.IntN(4)), pick[uint64](g, 1, 3, 0xffffffff)&3))
	}
	if s.etherType == 0x86dd && g.chance(30) {
		add(ofp13.NewOXM(pick(g, ofp13.OXMIPv6Src, ofp13.OXMIPv6Dst), g.ipv6()))
	}
	if s.etherType == 0x86dd && g.chance(10) {
		add(is(ofp13.OXMIPv6ExtHdr, uint64(g.IntN(512))))
	}
	if g.chance(20) || g.remarks {
		add(is(ofp13.OXMIPDSCP, g.dscp()))
	}
	if !g.chance(60) {
		return
	}
	s.proto = pick[uint64](g, 0, 1, 6, 6, 17, 58, 132)
	add(is(ofp13.OXMIPProto, s.proto))
	port := uint64(g.IntN(4))
	switch {
	case s.proto == 6 && g.chance(50):
		add(is(pick(g, ofp13.OXMTCPSrc, ofp13.OXMTCPDst), port))
	case s.proto == 17 && g.chance(50):
		add(is(pick(g, ofp13.OXMUDPSrc, ofp13.OXMUDPDst), port))
	case s.proto == 132 && g.chance(50):
		add(is(pick(g, ofp13.OXMSCTPSrc, ofp13.OXMSCTPDst), port))
	case s.proto == 1 && s.etherType == 0x0800 && g.chance(50):
		add(is(ofp13.OXMICMPv4Type, pick[uint64](g, 0, 8)))
	case s.proto == 58 && s.etherType == 0x86dd && g.chance(70):
		s.icmpType = pick[uint64](g, 128, 135, 136)
		add(is(ofp13.OXMICMPv6Type, s.icmpType))
	}
}

// dscp makes one of few values, some of which a meter can remark.
func (g *gen) dscp() uint64 { return pick[uint64](g, 0, 1, 10, 12, 14) }

// ipv6 makes one of four addresses.
func (g *gen) ipv6() []byte {
	b := make([]byte, 16)
	b[0], b[15] = byte(g.IntN(2)), byte(g.IntN(2))
	return b
}

func (g *gen) matchMPLS(add func(ofp13.OXM)) {
	if g.chance(40) {
		add(is(ofp13.OXMMPLSLabel, uint64(g.IntN(3))))
	}
	if g.chance(20) {
		add(is(ofp13.OXMMPLSTC, uint64(g.IntN(2))))
	}
	if g.chance(30) {
		add(is(ofp13.OXMMPLSBOS, uint64(g.IntN(2))))
	}
}

// labelAction makes a random action on labels or backbone headers.
func (g *gen) labelAction() ofp13.Action {
	switch g.IntN(14) {
	case 0, 1, 2:
		return poppingMPLS(pick[uint16](g, 0x0800, 0x86dd, 0x8847, 0x8848, 0x8100, 0x1234, 0x88e7))
	case 3:
		if g.pushes {
			return pushingMPLS(pick[uint16](g, 0x8847, 0x8848))
		}
		return decreasingMPLS
	case 4:
		if g.pushes {
			return pushingPBB
		}
		return poppingPBB
	case 5:
		return poppingPBB
	case 6:
		return pick(g, settingMPLSTTL(uint8(g.IntN(3))), settingMPLSTTL(64))
	case 7:
		return decreasingMPLS
	case 8:
		return copyingIn
	case 9:
		return copyingOut
	case 10:
		return setting(ofp13.OXMMPLSLabel, uint64(g.IntN(3)))
	case 11:
		return setting(ofp13.OXMMPLSTC, uint64(g.IntN(2)))
	case 12:
		return setting(ofp13.OXMMPLSBOS, uint64(g.IntN(2)))
	}
	return setting(ofp13.OXMPBBISID, uint64(g.IntN(4)))
}

// action makes a random action that may fit the shape.
func (g *gen) action(s shape) ofp13.Action {
	if g.labels && g.chance(50) {
		return g.labelAction()
	}
	if g.tunnels && g.chance(15) {
		return setting(ofp13.OXMTunnelID, uint64(g.IntN(2)))
	}
	switch n := g.IntN(13); {
	case g.groups && g.chance(20):
		return grouping(uint32(1 + g.IntN(numGroups)))
	case n < 4:
		return output(pick(g, 1, 2, 3, 4, 5, ofp13.PortInPort, ofp13.PortAll, ofp13.PortFlood, ofp13.PortController, ofp13.PortLocal))
	case n == 4:
		return popping
	case n == 5 && g.pushes:
		return pushing(pick[uint16](g, 0x8100, 0x88a8))
	case n == 6:
		return setting(ofp13.OXMVLANVID, 0x1000|uint64(g.IntN(3)))
	case n == 7:
		return setting(ofp13.OXMVLANPCP, uint64(g.IntN(3)))
	case n == 8 && g.headers:
		return pick(g, decreasing, decreasing, settingTTL(uint8(g.IntN(3))))
	case n < 11 && g.headers:
		return g.setField(s)
	case n == 12:
		return queueing(pick[uint32](g, 0, 1, 16, 0xffff))
	}
	return setting(pick(g, ofp13.OXMEthDst, ofp13.OXMEthSrc), uint64(g.IntN(4)))
}

// setField makes a set of a header's field, mostly of one that the shape has.
func (g *gen) setField(s shape) ofp13.Action {
	port := uint64(g.IntN(4))
	var list []ofp13.Action
	switch s.etherType {
	case 0x0800:
		list = append(list, setting(ofp13.OXMIPv4Src, port), setting(ofp13.OXMIPv4Dst, port))
	case 0x86dd:
		addr := ofp13.NewOXM(pick(g, ofp13.OXMIPv6Src, ofp13.OXMIPv6Dst), g.ipv6())
		list = append(list, ofp13.Action{Type: ofp13.ActionSetField, Field: addr}, setting(ofp13.OXMIPv6FLabel, port))
	case 0x0806:
		return pick(g, setting(ofp13.OXMARPOp, 1+port), setting(ofp13.OXMARPSPA, port), setting(ofp13.OXMARPTHA, port+1))
	default:
		return setting(ofp13.OXMEthType, 0x1234) // of IP there would be no valid header
	}
	list = append(list, setting(ofp13.OXMIPDSCP, port), setting(ofp13.OXMIPECN, port))
	switch {
	case s.proto == 6:
		list = append(list, setting(ofp13.OXMTCPSrc, port), setting(ofp13.OXMTCPDst, port))
	case s.proto == 17:
		list = append(list, setting(ofp13.OXMUDPSrc, port), setting(ofp13.OXMUDPDst, port))
	case s.proto == 132:
		list = append(list, setting(ofp13.OXMSCTPSrc, port), setting(ofp13.OXMSCTPDst, port))
	case s.proto == 1 && s.etherType == 0x0800:
		list = append(list, setting(ofp13.OXMICMPv4Code, port))
	case s.icmpType == 135:
		target := ofp13.NewOXM(ofp13.OXMIPv6NDTarget, g.ipv6())
		list = append(list, setting(ofp13.OXMIPv6NDSLL, port), setting(ofp13.OXMICMPv6Type, 136),
			setting(ofp13.OXMICMPv6Code, port&1), ofp13.Action{Type: ofp13.ActionSetField, Field: target})
	case s.icmpType == 136:
		list = append(list, setting(ofp13.OXMIPv6NDTLL, port))
	default:
		list = append(list, setting(ofp13.OXMIPProto, pick[uint64](g, 6, 17)))
	}
	return list[g.IntN(len(list))]
}

// instructions makes random instructions for an entry of a table.
func (g *gen) instructions(table uint8, s shape, last uint8) (list []ofp13.Instruction) {
	actions := func() (a []ofp13.Action) {
		for range 1 + g.IntN(4) {
			a = append(a, g.action(s))
		}
		return a
	}
	if g.chance(15) || g.remarks || g.asks && g.chance(40) {
		list = append(list, metering(pick[uint32](g, passing, dropping, remarking, remarking, deepening)))
	}
	switch {
	case g.asks && g.chance(50):
		list = append(list, applying(grouping(uint32(1+g.IntN(numGroups)))))
	case g.chance(60):
		list = append(list, applying(actions()...))
	}
	if g.chance(40) {
		list = append(list, writing(actions()...))
	}
	if g.chance(10) {
		list = append(list, clearing())
	}
	if g.chance(30) {
		list = append(list, metadata(uint64(g.IntN(2)), 1))
	}
	if table < last && g.chance(70) {
		list = append(list, going(table+1+uint8(g.IntN(int(last-table)))))
	}
	return list
}

// numGroups is how many groups tables use; one more is not there.
const numGroups = 5

// fillGroups makes groups that use those before them.
func (g *gen) fillGroups(x *tables) {
	if !g.groups {
		return
	}
	for id := uint32(1); id < numGroups; id++ {
		typ := uint8(g.IntN(4))
		var buckets []ofp13.Bucket
		for range 1 + g.IntN(3) {
			b := weighing(0)
			if typ == ofp13.GroupTypeSelect {
				b.Weight = uint16(1 + g.IntN(3))
			}
			if typ == ofp13.GroupTypeSelect && g.chance(30) || typ == ofp13.GroupTypeFastFailover {
				b.WatchPort = uint32(2 + g.IntN(4)) // 4 is down, 5 is not there
			}
			if b.WatchPort != ofp13.PortAny && g.chance(30) {
				b.WatchGroup = uint32(g.IntN(int(id)))
			}
			if g.asks {
				b.Actions = append(b.Actions, pick(g, poppingMPLS(0x0800), poppingPBB), decreasing)
			}
			_, s := g.match()
			for range g.IntN(4) {
				if a := g.action(s); a.Type != ofp13.ActionGroup || a.ID < id {
					b.Actions = append(b.Actions, a)
				}
			}
			buckets = append(buckets, b)
		}
		if typ == ofp13.GroupTypeIndirect {
			buckets = buckets[:1]
		}
		x.group(typ, id, buckets...)
	}
}

// fill puts some entries of different priorities into tables 0 to last.
func (g *gen) fill(x *tables, last uint8) {
	g.fillGroups(x)
	for table := range last + 1 {
		for priority := range 6 {
			if priority == 0 {
				x.add(table, 0, nil, g.instructions(table, shape{}, last)[:0]...)
			}
			for range 10 { // until one is not refused
				match, s := g.match()
				if _, err := x.try(table, uint16(priority+1), match, g.instructions(table, s, last)...); err == nil {
					break
				}
			}
		}
	}
}

// frame makes a random frame.
func (g *gen) frame() *datapath.Frame {
	b := []byte{2, 0, 0, 0, 0, byte(g.IntN(4)), 4, 0, 0, 0, 0, byte(g.IntN(4))}
	for range g.IntN(g.maxTags + 1) {
		b = append(b, pick(g, []byte{0x81, 0x00}, []byte{0x88, 0xa8})...)
		b = append(b, byte(g.IntN(3)<<5), byte(g.IntN(3)))
	}
	if g.labels && g.chance(60) {
		b = g.appendLabels(b)
		return g.cut(b)
	}
	return g.cut(g.appendPayload(b))
}

// appendLabels appends a label stack or an I-TAG, and what lies below.
func (g *gen) appendLabels(b []byte) []byte {
	if g.chance(25) {
		b = append(b, 0x88, 0xe7, byte(g.IntN(8)<<5), 0, 0, byte(g.IntN(4)))
		b = append(b, 2, 0, 0, 0, 0, byte(g.IntN(4)), 4, 0, 0, 0, 0, byte(g.IntN(4)))
		if g.chance(30) {
			return g.appendLabels(b)
		}
		return g.appendPayload(b)
	}
	b = append(b, 0x88, pick[byte](g, 0x47, 0x47, 0x48))
	entry := func(bottom byte) {
		b = append(b, 0, 0, byte(g.IntN(3)<<4|g.IntN(2)<<1)|bottom, pick[byte](g, 0, 1, 2, 64))
	}
	for range g.IntN(5) {
		entry(0)
	}
	entry(pick[byte](g, 1, 1, 1, 0))
	switch g.IntN(4) {
	case 0:
		return append(b, 0, 1, 8, 0, 6, 4, 0, 1)
	case 1:
		return g.appendIPv6(b)
	}
	return g.appendIPv4(b)
}

// appendPayload appends an EtherType and what is of that type.
func (g *gen) appendPayload(b []byte) []byte {
	switch g.IntN(8) {
	case 0:
		b = append(b, 0x12, 0x34, 1, 2, 3)
	case 1:
		b = append(b, 0x08, 0x06, 0, 1, 8, 0, 6, 4, pick[byte](g, 0, 1), byte(g.IntN(3)),
			2, 0, 0, 0, 0, 1, 0, 0, 0, byte(g.IntN(3)), 2, 0, 0, 0, 0, 2, 0, 0, 0, byte(g.IntN(3)))
	case 2, 3:
		b = g.appendIPv6(append(b, 0x86, 0xdd))
	default:
		b = g.appendIPv4(append(b, 0x08, 0x00))
	}
	return b
}

// cut puts bytes into a frame, sometimes not all of them.
func (g *gen) cut(b []byte) *datapath.Frame {
	if g.truncate && g.chance(20) {
		b = b[:14+g.IntN(len(b)-14)]
	}
	return framed(b)
}

// framed puts bytes into a frame.
func framed(b []byte) *datapath.Frame {
	f := &datapath.Frame{Buf: make([]byte, datapath.Headroom+len(b)+256), Start: datapath.Headroom}
	f.End = f.Start + copy(f.Buf[f.Start:], b)
	return f
}

// appendIPv4 appends a packet whose header checksum is right.
func (g *gen) appendIPv4(b []byte) []byte {
	proto := pick[byte](g, 0, 1, 6, 6, 17, 132)
	l4 := g.l4(proto)
	frag := pick(g, 0, 0, 0, 0x2000, 0x2001, 0x0001)
	h := []byte{0x45, byte(g.dscp() << 2), 0, byte(20 + len(l4)), 0, 1, byte(frag >> 8), byte(frag),
		pick[byte](g, 0, 1, 2, 64), proto, 0, 0, 0, 0, 0, byte(g.IntN(4)), 0, 0, 0, byte(g.IntN(4))}
	sum := 0
	for i := 0; i < len(h); i += 2 {
		sum += int(h[i])<<8 | int(h[i+1])
	}
	sum = ^(sum&0xffff + sum>>16)
	h[10], h[11] = byte(sum>>8), byte(sum)
	return append(append(b, h...), l4...)
}

// appendIPv6 appends a packet, sometimes with a hop-by-hop header.
func (g *gen) appendIPv6(b []byte) []byte {
	proto := pick[byte](g, 6, 17, 58, 58)
	l4 := g.l4(proto)
	h := []byte{0x60, 0, 0, byte(g.IntN(2)), 0, byte(len(l4)), proto, pick[byte](g, 0, 1, 2, 64)}
	h = append(append(h, g.ipv6()...), g.ipv6()...)
	if g.chance(20) {
		h[6], h[5] = 0, h[5]+8
		h = append(h, proto, 0, 1, 4, 0, 0, 0, 0)
	}
	return append(append(b, h...), l4...)
}

// l4 makes an L4 header and a little payload, long enough for whatever protocol
// a set-field makes of it. Its checksum is none, which edits carry along.
func (g *gen) l4(proto byte) []byte {
	src, dst := byte(g.IntN(4)), byte(g.IntN(4))
	b := []byte{0, src, 0, dst, 0, 24, 0x12, 0x34, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0, 9, 9, 9, 9}
	switch proto {
	case 1:
		b[0], b[1] = pick[byte](g, 0, 8), 0
	case 58:
		return g.icmpv6()
	}
	return b
}

// icmpv6 makes an echo request, or a neighbour solicitation or advertisement
// with or without its option.
func (g *gen) icmpv6() []byte {
	kind := pick[byte](g, 128, 135, 136)
	b := []byte{kind, pick[byte](g, 0, 0, 1), 1, 2, 0, 0, 0, 0}
	if kind == 128 {
		return append(b, make([]byte, 16)...)
	}
	b = append(b, g.ipv6()...)
	if g.chance(60) {
		b = append(b, kind-134, 1, 2, 0, 0, 0, 0, byte(g.IntN(4)))
	}
	return b
}
