package ofp13

import (
	"encoding/binary"
	"math/rand/v2"
)

// generator makes random valid values. With ovs it leaves out what Open vSwitch
// does not know or forbids beyond the specification.
type generator struct {
	r   *rand.Rand
	ovs bool
}

func (g *generator) u8() uint8              { return uint8(g.r.Uint32()) }
func (g *generator) u16() uint16            { return uint16(g.r.Uint32()) }
func (g *generator) u32() uint32            { return g.r.Uint32() }
func (g *generator) u64() uint64            { return g.r.Uint64() }
func (g *generator) coin() bool             { return g.r.IntN(2) == 0 }
func (g *generator) below(n int) int        { return g.r.IntN(n) }
func (g *generator) pair() [2]uint32        { return [2]uint32{g.u32(), g.u32()} }
func (g *generator) mac() (mac [6]byte)     { copy(mac[:], g.bytes(6)); return mac }
func pick[T any](g *generator, list ...T) T { return list[g.below(len(list))] }

func (g *generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = g.u8()
	}
	return b
}

func (g *generator) name(n int) string {
	return "abcdefghijklmnopqrstuvwxyz0123456789"[:g.below(min(n, 36))]
}

// port is a number that no action needs to fear.
func (g *generator) port() uint32 {
	if g.below(4) == 0 {
		return pick(g, PortInPort, PortTable, PortNormal, PortFlood, PortAll, PortController, PortLocal)
	}
	return 1 + uint32(g.below(60000))
}

// match grows one field at a time; each field's prerequisites are those that
// the fields before it fulfil.
func (g *generator) match() Match {
	var m Match
	var seen prereqs
	for _, field := range g.fieldOrder() {
		if g.below(3) == 0 {
			continue
		}
		o := g.field(field)
		if f := &basicFields[field]; !seen.met(f.Prereq) {
			continue
		}
		if err := seen.add(&o); err == nil {
			m.Fields = append(m.Fields, o)
		}
	}
	if seen.met(PrereqTCP) && g.coin() {
		m.Fields = append(m.Fields, NewTCPFlags(g.u16()&0xfff, pick(g, uint16(0xfff), 0x012)))
	}
	return m
}

// fieldOrder is any order that puts prerequisites first.
func (g *generator) fieldOrder() []uint8 {
	first := []uint8{OXMInPort, OXMEthType, OXMVLANVID, OXMIPProto, OXMICMPv6Type}
	var rest []uint8
	for f := range uint8(len(basicFields)) {
		switch f {
		case OXMInPort, OXMEthType, OXMVLANVID, OXMIPProto, OXMICMPv6Type:
			continue
		case OXMInPhyPort, OXMPBBISID, OXMIPv6ExtHdr:
			if g.ovs {
				continue
			}
		}
		rest = append(rest, f)
	}
	g.r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return append(first, rest...)
}

// field is a legal value, with a mask now and then.
func (g *generator) field(field uint8) OXM {
	switch field {
	case OXMEthType:
		return NewOXM64(field, uint64(pick(g, uint16(etherTypeIPv4), etherTypeIPv6, etherTypeARP, etherTypeMPLS,
			etherTypeMPLSM, etherTypePBB, 0x88cc)))
	case OXMIPProto:
		return NewOXM64(field, uint64(pick(g, uint8(protoTCP), protoUDP, protoICMP, protoICMPv6, protoSCTP, 0, 47)))
	case OXMICMPv6Type:
		return NewOXM64(field, uint64(pick(g, uint8(icmpv6NeighborSolicit), icmpv6NeighborAdvert, 128)))
	case OXMVLANVID:
		return g.vlanVID()
	case OXMInPort, OXMInPhyPort:
		return NewOXM64(field, uint64(1+g.below(1000)))
	}
	f := &basicFields[field]
	o := OXM{Class: OXMClassBasic, Field: field, Len: f.Len}
	o.Value = g.bits(f)
	if f.Maskable && g.coin() {
		o.HasMask = true
		o.Mask = g.mask(f)
		for i, m := range o.Mask {
			o.Value[i] &= m
		}
	}
	return o
}

// mask is any mask, but for the words of Open vSwitch an IPv6 prefix.
func (g *generator) mask(f *Field) (v [16]byte) {
	if !g.ovs || f.Len < 16 {
		return g.bits(f)
	}
	for i := range g.below(128) {
		v[i/8] |= 0x80 >> (i % 8)
	}
	return v
}

// bits are random bits that the field can hold. Open vSwitch takes no ARP
// opcode above 255, and ND only with an ICMPv6 code of 0.
func (g *generator) bits(f *Field) (v [16]byte) {
	switch {
	case g.ovs && f.Name == "arp_op":
		return leftAlign(uint64(g.u8()), f.Len)
	case g.ovs && f.Name == "icmpv6_code":
		return v
	}
	copy(v[:f.Len], g.bytes(int(f.Len)))
	if f.Len <= 8 {
		word := binary.BigEndian.Uint64(v[:]) >> (64 - 8*f.Len)
		v = leftAlign(word&(^uint64(0)>>(64-f.Bits)), f.Len)
	}
	return v
}

func (g *generator) vlanVID() OXM {
	switch g.below(4) {
	case 0:
		return NewOXM64(OXMVLANVID, uint64(VLANNone))
	case 1:
		return NewMaskedOXM64(OXMVLANVID, uint64(VLANPresent), uint64(VLANPresent))
	case 2:
		return NewMaskedOXM64(OXMVLANVID, uint64(VLANPresent|g.u16()&0xfff), 0x100f)
	}
	return NewOXM64(OXMVLANVID, uint64(VLANPresent|g.u16()&0xfff))
}

func (g *generator) action() Action {
	types := []uint16{
		ActionOutput, ActionGroup, ActionSetQueue, ActionSetNwTTL, ActionDecNwTTL, ActionSetMPLSTTL,
		ActionDecMPLSTTL, ActionPushVLAN, ActionPopVLAN, ActionPushMPLS, ActionPopMPLS, ActionSetField,
	}
	if !g.ovs {
		types = append(types, ActionCopyTTLIn, ActionCopyTTLOut, ActionPushPBB, ActionPopPBB, ActionExperimenter)
	}
	a := Action{Type: types[g.below(len(types))]}
	switch a.Type {
	case ActionOutput:
		a.ID = g.port()
		if a.ID == PortController {
			a.MaxLen = g.u16()
		}
	case ActionGroup:
		a.ID = uint32(g.below(1 << 24))
	case ActionSetQueue:
		a.ID = g.u32()
	case ActionSetNwTTL, ActionSetMPLSTTL:
		a.TTL = g.u8()
	case ActionPushVLAN:
		a.EtherType = pick(g, uint16(0x8100), 0x88a8)
	case ActionPushMPLS:
		a.EtherType = pick(g, uint16(etherTypeMPLS), etherTypeMPLSM)
	case ActionPushPBB:
		a.EtherType = etherTypePBB
	case ActionPopMPLS:
		a.EtherType = etherTypeIPv4
	case ActionSetField:
		a.Field = g.setField()
	case ActionExperimenter:
		a.ID = g.u32()
		a.Experimenter = g.bytes(8 * g.below(3))
	}
	return a
}

func (g *generator) setField() OXM {
	for {
		field := uint8(g.below(len(basicFields)))
		f := &basicFields[field]
		if g.ovs {
			switch field {
			case OXMEthType, OXMIPProto, OXMMPLSBOS, OXMPBBISID:
				continue
			}
		}
		if !f.Settable {
			continue
		}
		o := OXM{Class: OXMClassBasic, Field: field, Len: f.Len, Value: g.bits(f)}
		if field == OXMVLANVID {
			o = NewOXM64(field, o.Uint64()|uint64(VLANPresent))
		}
		return o
	}
}

func (g *generator) actions() []Action {
	list := make([]Action, g.below(5))
	for i := range list {
		list[i] = g.action()
	}
	return list
}

// instructions are a random subset in random order; Open vSwitch wants the
// specification's order.
func (g *generator) instructions() []Instruction {
	all := []Instruction{
		{Type: InstructionMeter, ID: 1 + uint32(g.below(1000))},
		{Type: InstructionApplyActions, Actions: g.actions()},
		{Type: InstructionClearActions},
		{Type: InstructionWriteActions, Actions: g.actionSet()},
		{Type: InstructionWriteMetadata, Metadata: g.u64(), MetadataMask: g.u64()},
		{Type: InstructionGotoTable, TableID: 200 + uint8(g.below(50))},
	}
	if !g.ovs {
		all = append(all, Instruction{Type: InstructionExperimenter, ID: g.u32(), Experimenter: g.bytes(8 * g.below(3))})
		g.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	var list []Instruction
	for _, in := range all {
		if g.coin() {
			list = append(list, in)
		}
	}
	return list
}

// actionSet is a list that Open vSwitch takes as an action set.
func (g *generator) actionSet() []Action {
	if g.ovs {
		return []Action{{Type: ActionOutput, ID: 1}}
	}
	return g.actions()
}

func (g *generator) buckets() []Bucket {
	list := make([]Bucket, g.below(4))
	for i := range list {
		list[i] = Bucket{Weight: g.u16(), WatchPort: PortAny, WatchGroup: GroupAny, Actions: g.actions()}
		if g.ovs {
			list[i].Weight = 0
		} else if g.coin() {
			list[i].WatchPort = g.port()
		}
	}
	return list
}

func (g *generator) bands() []MeterBand {
	list := make([]MeterBand, g.below(4))
	for i := range list {
		d := MeterBand{Type: MeterBandDrop, Rate: g.u32(), BurstSize: g.u32()}
		switch n := g.below(3); {
		case n == 0:
			d.Type, d.PrecLevel = MeterBandDSCPRemark, g.u8()
		case n == 1 && !g.ovs:
			d.Type, d.Experimenter, d.Data = MeterBandExperimenter, g.u32(), g.bytes(8*g.below(3))
		}
		list[i] = d
	}
	return list
}
