package ofp13

// message is a random valid message of any type.
func (g *generator) message() Message {
	if !g.ovs && g.below(4) == 0 {
		return g.rareMessage()
	}
	switch g.below(12) {
	case 0:
		return &Hello{Version: Version, Bitmaps: []uint32{g.u32() | 1<<4}}
	case 1:
		return &EchoRequest{Data: g.bytes(g.below(40))}
	case 2:
		return &FeaturesReply{DatapathID: g.u64(), NBuffers: g.u32(), NTables: g.u8(), Capabilities: 0x16f & g.u32()}
	case 3:
		return &SetConfig{Flags: uint16(g.below(4)), MissSendLen: g.u16()}
	case 4:
		return g.packetIn()
	case 5:
		return &FlowRemoved{
			Cookie: g.u64(), Priority: g.u16(), Reason: uint8(g.below(4)), TableID: uint8(g.below(255)),
			DurationSec: g.u32(), DurationNsec: uint32(g.below(1e9)), IdleTimeout: g.u16(), HardTimeout: g.u16(),
			PacketCount: g.u64(), ByteCount: g.u64(), Match: g.match(),
		}
	case 6:
		return &PortStatus{Reason: uint8(g.below(3)), Port: g.portDesc()}
	case 7:
		return &PacketOut{BufferID: NoBuffer, InPort: g.packetOutPort(), Actions: g.actions(), Data: g.bytes(g.below(100))}
	case 8:
		return &GroupMod{
			Command: GroupAdd, Type: GroupTypeAll, GroupID: uint32(g.below(1 << 20)), Buckets: g.buckets(),
		}
	case 9:
		return &PortMod{
			PortNo: 1 + uint32(g.below(1000)), HWAddr: g.mac(), Config: g.u32() & portConfigsMask,
			Mask: g.u32() & portConfigsMask, Advertise: g.u32() & 0xffff,
		}
	case 10:
		return &MeterMod{
			Command: MeterAdd, Flags: pick(g, MeterFlagKBPS, MeterFlagPKTPS|MeterFlagBurst),
			MeterID: 1 + uint32(g.below(1000)), Bands: g.bands(),
		}
	}
	return g.flowMod()
}

// rareMessage is one of the types that Open vSwitch need not be shown.
func (g *generator) rareMessage() Message {
	switch g.below(12) {
	case 0:
		return &ErrorMessage{Type: uint16(g.below(14)), Code: g.u16(), Data: g.bytes(g.below(80))}
	case 1:
		return &ErrorMessage{Type: ErrTypeExperimenter, Code: g.u16(), Experimenter: g.u32(), Data: g.bytes(3)}
	case 2:
		return &EchoReply{Data: g.bytes(g.below(40))}
	case 3:
		return &Experimenter{Experimenter: g.u32(), ExpType: g.u32(), Data: g.bytes(g.below(40))}
	case 4:
		return &GetConfigReply{Flags: g.u16(), MissSendLen: g.u16()}
	case 5:
		return &TableMod{TableID: g.u8(), Config: uint32(g.below(4))}
	case 6:
		return &MultipartRequest{Type: uint16(g.below(14)), Flags: g.u16(), Body: g.bytes(g.below(60))}
	case 7:
		return &MultipartReply{Type: MultipartExperimenter, Flags: g.u16(), Body: g.bytes(g.below(60))}
	case 8:
		return &QueueGetConfigRequest{Port: g.u32()}
	case 9:
		return g.queueConfig()
	case 10:
		return &RoleReply{Role: uint32(g.below(4)), GenerationID: g.u64()}
	}
	return &SetAsync{AsyncConfig{PacketInMask: g.pair(), PortStatusMask: g.pair(), FlowRemovedMask: g.pair()}}
}

func (g *generator) flowMod() *FlowMod {
	return &FlowMod{
		Cookie: g.u64(), CookieMask: g.u64(), TableID: uint8(g.below(200)), Command: uint8(g.below(5)),
		IdleTimeout: g.u16(), HardTimeout: g.u16(), Priority: g.u16(), BufferID: NoBuffer,
		OutPort: PortAny, OutGroup: GroupAny, Flags: g.u16() & FlagsAll,
		Match: g.match(), Instructions: g.instructions(),
	}
}

func (g *generator) packetIn() *PacketIn {
	data := g.bytes(g.below(100))
	return &PacketIn{
		BufferID: NoBuffer, TotalLen: uint16(len(data)), Reason: uint8(g.below(3)), TableID: uint8(g.below(254)),
		Cookie: g.u64(), Data: data,
		Match: Match{Fields: []OXM{NewOXM64(OXMInPort, 1+uint64(g.below(1000))), NewOXM64(OXMMetadata, g.u64())}},
	}
}

// packetOutPort is a port, or what may stand for none.
func (g *generator) packetOutPort() uint32 {
	return pick(g, PortController, PortLocal, 1+uint32(g.below(1000)))
}

func (g *generator) portDesc() Port {
	return Port{
		PortNo: 1 + uint32(g.below(1000)), HWAddr: g.mac(), Name: g.name(16),
		Config: g.u32() & portConfigsMask, State: uint32(g.below(8)),
		Curr: g.u32() & 0xffff, Advertised: g.u32() & 0xffff, Supported: g.u32() & 0xffff, Peer: g.u32() & 0xffff,
		CurrSpeed: g.u32(), MaxSpeed: g.u32(),
	}
}

func (g *generator) queueConfig() *QueueGetConfigReply {
	m := &QueueGetConfigReply{Port: g.u32()}
	for range g.below(3) {
		q := PacketQueue{QueueID: g.u32(), Port: m.Port}
		for range g.below(3) {
			p := QueueProperty{Property: pick(g, QueuePropMinRate, QueuePropMaxRate), Rate: g.u16()}
			if g.coin() {
				p = QueueProperty{Property: QueuePropExperimenter, Experimenter: g.u32(), Data: g.bytes(8 * g.below(3))}
			}
			q.Properties = append(q.Properties, p)
		}
		m.Queues = append(m.Queues, q)
	}
	return m
}

// body is a random multipart body or element.
func (g *generator) body() body {
	switch g.below(10) {
	case 0:
		return &FlowStatsRequest{
			TableID: g.u8(), OutPort: g.u32(), OutGroup: g.u32(), Cookie: g.u64(), CookieMask: g.u64(), Match: g.match(),
		}
	case 1:
		return &FlowStats{
			TableID: g.u8(), DurationSec: g.u32(), DurationNsec: g.u32(), Priority: g.u16(), IdleTimeout: g.u16(),
			HardTimeout: g.u16(), Flags: g.u16(), Cookie: g.u64(), PacketCount: g.u64(), ByteCount: g.u64(),
			Match: g.match(), Instructions: g.instructions(),
		}
	case 2:
		m := &GroupStats{GroupID: g.u32(), RefCount: g.u32(), PacketCount: g.u64(), ByteCount: g.u64(), DurationSec: g.u32()}
		for range g.below(4) {
			m.Buckets = append(m.Buckets, BucketCounter{g.u64(), g.u64()})
		}
		return m
	case 3:
		return &GroupDesc{Type: g.u8(), GroupID: g.u32(), Buckets: g.buckets()}
	case 4:
		m := &MeterStats{MeterID: g.u32(), FlowCount: g.u32(), PacketInCount: g.u64(), ByteInCount: g.u64(), DurationNsec: g.u32()}
		for range g.below(4) {
			m.Bands = append(m.Bands, MeterBandStats{g.u64(), g.u64()})
		}
		return m
	case 5:
		return &MeterConfig{Flags: g.u16(), MeterID: g.u32(), Bands: g.bands()}
	case 6:
		p := g.portDesc()
		return &p
	case 7:
		return &TableStats{TableID: g.u8(), ActiveCount: g.u32(), LookupCount: g.u64(), MatchedCount: g.u64()}
	case 8:
		return &ExperimenterMultipart{Experimenter: g.u32(), ExpType: g.u32(), Data: g.bytes(g.below(30))}
	}
	return g.tableFeatures()
}

func (g *generator) tableFeatures() *TableFeatures {
	m := &TableFeatures{
		TableID: g.u8(), Name: g.name(32), MetadataMatch: g.u64(), MetadataWrite: g.u64(), Config: g.u32(), MaxEntries: g.u32(),
	}
	for range g.below(6) {
		m.Properties = append(m.Properties, g.tableProperty())
	}
	return m
}

func (g *generator) tableProperty() TableFeatureProperty {
	ids := make([]FeatureID, g.below(5))
	for i := range ids {
		ids[i] = FeatureID{Type: uint16(g.below(30))}
		if g.below(4) == 0 {
			ids[i] = FeatureID{Type: ActionExperimenter, Experimenter: g.u32()}
		}
	}
	p := TableFeatureProperty{}
	switch g.below(5) {
	case 0:
		p.Type, p.Instructions = pick(g, TablePropInstructions, TablePropInstructionsMiss), ids
	case 1:
		p.Type, p.NextTables = TablePropNextTables, g.bytes(g.below(20))
	case 2:
		p.Type, p.Actions = pick(g, TablePropWriteActions, TablePropApplyActionsMiss), ids
	case 3:
		p.Type = pick(g, TablePropMatch, TablePropWildcards, TablePropApplySetField)
		for range g.below(6) {
			m := g.match()
			for i := range m.Fields {
				p.Fields = append(p.Fields, m.Fields[i].id())
			}
		}
	default:
		p.Type, p.Experimenter, p.ExpType, p.Data = TablePropExperimenterMiss, g.u32(), g.u32(), g.bytes(g.below(20))
	}
	return p
}
