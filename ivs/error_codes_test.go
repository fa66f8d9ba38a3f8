package main

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// provocation is a message, or several in a row, of which the last deserves an
// error.
type provocation struct {
	why string
	codes
	before []ofp13.Message
	m      ofp13.Message
	patch  func([]byte) // of the last message's bytes
}

// raw is a message that is sent as it is.
type raw []byte

func (r raw) AppendTo(b []byte, xid uint32) []byte {
	at := len(b)
	b = append(b, r...)
	binary.BigEndian.PutUint32(b[at+4:], xid)
	return b
}
func (raw) Decode([]byte) error { panic("never received") }

// put16 writes 16 bits into a message.
func put16(at int, v uint16) func([]byte) {
	return func(b []byte) { binary.BigEndian.PutUint16(b[at:], v) }
}

// flowWith is newFlow with something changed.
func flowWith(change func(*ofp13.FlowMod)) *ofp13.FlowMod {
	m := newFlow()
	change(m)
	return m
}

// acting is a flow-mod of these actions, matching is one of these fields, and
// instructing one of these instructions.
func acting(actions ...ofp13.Action) *ofp13.FlowMod {
	return flowWith(func(m *ofp13.FlowMod) { m.Instructions = applying(actions...) })
}

func matching(fields ...ofp13.OXM) *ofp13.FlowMod {
	return flowWith(func(m *ofp13.FlowMod) { m.Match.Fields = fields })
}

func instructing(list ...ofp13.Instruction) *ofp13.FlowMod {
	return flowWith(func(m *ofp13.FlowMod) { m.Instructions = list })
}

func packetOut(data []byte, change func(*ofp13.PacketOut)) *ofp13.PacketOut {
	m := &ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: ofp13.PortController, Data: data}
	if change != nil {
		change(m)
	}
	return m
}

// group is a group-mod of buckets with these actions, one each.
func group(command uint16, id uint32, typ uint8, actions ...ofp13.Action) *ofp13.GroupMod {
	m := &ofp13.GroupMod{Command: command, GroupID: id, Type: typ}
	for _, a := range actions {
		m.Buckets = append(m.Buckets, ofp13.Bucket{WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{a}})
	}
	return m
}

func toGroup(id uint32) ofp13.Action { return ofp13.Action{Type: ofp13.ActionGroup, ID: id} }

func meterMod(command uint16, id uint32, flags uint16, bands ...ofp13.MeterBand) *ofp13.MeterMod {
	return &ofp13.MeterMod{Command: command, MeterID: id, Flags: flags, Bands: bands}
}

// requestProvocations provokes the codes that concern messages as such, and sessions.
func requestProvocations() []provocation {
	const t = ofp13.ErrTypeBadRequest
	overflow := ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Flags: ofp13.MultipartMore, Body: make([]byte, 60000)}
	var many []ofp13.Message
	for range 34 { // 2 MB
		many = append(many, &overflow)
	}
	slave := []ofp13.Message{&ofp13.RoleRequest{Role: ofp13.RoleSlave, GenerationID: 5}}
	return []provocation{
		{"version 1.0", codes{t, ofp13.BadRequestBadVersion}, nil, &ofp13.BarrierRequest{}, func(b []byte) { b[0] = 1 }},
		{"a reply", codes{t, ofp13.BadRequestBadType}, nil, &ofp13.BarrierReply{}, nil},
		{"multipart 14", codes{t, ofp13.BadRequestBadMultipart}, nil, multipart(14, nil), nil},
		{"experimenter", codes{t, ofp13.BadRequestBadExperimenter}, nil, &ofp13.Experimenter{Experimenter: 1}, nil},
		{"experimenter's multipart", codes{t, ofp13.BadRequestBadExperimenter}, nil, multipart(ofp13.MultipartExperimenter, make([]byte, 8)), nil},
		{"length 9", codes{t, ofp13.BadRequestBadLen}, nil, raw{4, ofp13.TypeBarrierRequest, 0, 9, 0, 0, 0, 0, 0}, nil},
		{"no such buffer", codes{t, ofp13.BadRequestBufferUnknown}, nil, packetOut(nil, func(m *ofp13.PacketOut) { m.BufferID = 1 }), nil},
		{"a slave's packet-out", codes{t, ofp13.BadRequestIsSlave}, slave, packetOut(make([]byte, 60), nil), nil},
		{"no such port", codes{t, ofp13.BadRequestBadPort}, nil, packetOut(make([]byte, 60), func(m *ofp13.PacketOut) { m.InPort = 99 }), nil},
		{"no packet", codes{t, ofp13.BadRequestBadPacket}, nil, packetOut(make([]byte, 13), nil), nil},
		{"2 MB of parts", codes{t, ofp13.BadRequestMultipartBufferOverflow}, many, &overflow, nil},
		{"statistics of no table", codes{t, ofp13.BadRequestBadTableID}, nil, multipart(ofp13.MultipartFlow,
			(&ofp13.FlowStatsRequest{TableID: 254, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny}).Append(nil)), nil},
		{"statistics of no port", codes{t, ofp13.BadRequestBadPort}, nil, multipart(ofp13.MultipartPortStats, (&ofp13.PortStatsRequest{PortNo: 99}).Append(nil)), nil},
		{"reassembly", codes{ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadFlags}, nil, &ofp13.SetConfig{Flags: ofp13.FragReasm}, nil},
		{"unknown flags", codes{ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadFlags}, nil, &ofp13.SetConfig{Flags: 4}, nil},
		{"a long set-config", codes{ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadLen}, nil, raw{4, ofp13.TypeSetConfig, 0, 13, 12: 0}, nil},
		{"generation of old", codes{ofp13.ErrTypeRoleRequestFailed, ofp13.RoleRequestFailedStale}, slave, &ofp13.RoleRequest{Role: ofp13.RoleMaster, GenerationID: 4}, nil},
		{"role 4", codes{ofp13.ErrTypeRoleRequestFailed, ofp13.RoleRequestFailedBadRole}, nil, &ofp13.RoleRequest{Role: 4}, nil},
	}
}

// portProvocations provokes those of ports, queues and tables.
func portProvocations() []provocation {
	const p, q = ofp13.ErrTypePortModFailed, ofp13.ErrTypeQueueOpFailed
	address := [6]byte{2, 0, 0, 0, 1, 1}
	return []provocation{
		{"port 99", codes{p, ofp13.PortModFailedBadPort}, nil, &ofp13.PortMod{PortNo: 99}, nil},
		{"another's address", codes{p, ofp13.PortModFailedBadHWAddr}, nil, &ofp13.PortMod{PortNo: 1, HWAddr: [6]byte{1}}, nil},
		{"config bit 1", codes{p, ofp13.PortModFailedBadConfig}, nil, &ofp13.PortMod{PortNo: 1, HWAddr: address, Config: 2, Mask: 2}, nil},
		{"mask bit 1", codes{p, ofp13.PortModFailedBadConfig}, nil, &ofp13.PortMod{PortNo: 1, HWAddr: address, Mask: 2}, nil},
		{"no feature", codes{p, ofp13.PortModFailedBadAdvertise}, nil, &ofp13.PortMod{PortNo: 1, HWAddr: address, Advertise: 1 << 16}, nil},
		{"10 Mbit/s", codes{p, ofp13.PortModFailedBadAdvertise}, nil, &ofp13.PortMod{PortNo: 1, HWAddr: address, Advertise: 1}, nil},
		{"queues of port 99", codes{q, ofp13.QueueOpFailedBadPort}, nil, &ofp13.QueueGetConfigRequest{Port: 99}, nil},
		{"queue statistics of port 99", codes{q, ofp13.QueueOpFailedBadPort}, nil, multipart(ofp13.MultipartQueue, (&ofp13.QueueStatsRequest{PortNo: 99, QueueID: ofp13.QueueAll}).Append(nil)), nil},
		{"queue 7", codes{q, ofp13.QueueOpFailedBadQueue}, nil, multipart(ofp13.MultipartQueue, (&ofp13.QueueStatsRequest{PortNo: 1, QueueID: 7}).Append(nil)), nil},
		{"table-mod of 254", codes{ofp13.ErrTypeTableModFailed, ofp13.TableModFailedBadTable}, nil, &ofp13.TableMod{TableID: 254}, nil},
		{"table-mod bit 4", codes{ofp13.ErrTypeTableModFailed, ofp13.TableModFailedBadConfig}, nil, &ofp13.TableMod{Config: 16}, nil},
	}
}

// matchProvocations provokes those of matches.
func matchProvocations() []provocation {
	const t = ofp13.ErrTypeBadMatch
	ipv4 := ofp13.NewOXM64(ofp13.OXMEthType, 0x0800)
	return []provocation{
		{"standard match", codes{t, ofp13.BadMatchBadType}, nil, newFlow(), put16(48, 0)},
		{"match of 4 KB", codes{t, ofp13.BadMatchBadLen}, nil, newFlow(), put16(50, 0x1000)},
		{"address outside its mask", codes{t, ofp13.BadMatchBadWildcards}, nil, matching(ipv4, masked(ofp13.OXMIPv4Dst, 0x0a000000, 0xff000000)), func(b []byte) { b[65] = 1 }},
		{"field 127", codes{t, ofp13.BadMatchBadField}, nil, newFlow(), func(b []byte) { b[54] = 127 << 1 }},
		{"VLAN id of 14 bits", codes{t, ofp13.BadMatchBadValue}, nil, matching(ofp13.NewOXM64(ofp13.OXMVLANVID, 0x3001)), nil},
		{"masked in_port", codes{t, ofp13.BadMatchBadMask}, nil, matching(masked(ofp13.OXMInPort, 1, 1)), nil},
		{"IPv4 address without eth_type", codes{t, ofp13.BadMatchBadPrereq}, nil, matching(ofp13.NewOXM64(ofp13.OXMIPv4Dst, 1)), nil},
		{"eth_type twice", codes{t, ofp13.BadMatchDupField}, nil, matching(ipv4, ipv4), nil},
	}
}

func masked(field uint8, value, mask uint64) ofp13.OXM {
	return ofp13.NewMaskedOXM64(field, value, mask)
}

// actionProvocations provokes those of actions.
func actionProvocations() []provocation {
	const t = ofp13.ErrTypeBadAction
	const at = 48 + 16 + 8 // of newFlow's action
	set := func(field uint8, value uint64) ofp13.Action {
		return ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(field, value)}
	}
	many := make([]ofp13.Action, 1025)
	for i := range many {
		many[i] = ofp13.Action{Type: ofp13.ActionDecNwTTL}
	}
	return []provocation{
		{"action 1", codes{t, ofp13.BadActionBadType}, nil, newFlow(), put16(at, 1)},
		{"output of 8 bytes", codes{t, ofp13.BadActionBadLen}, nil, newFlow(), put16(at+2, 8)},
		{"experimenter's", codes{t, ofp13.BadActionBadExperimenter}, nil, acting(ofp13.Action{Type: ofp13.ActionExperimenter, ID: 1}), nil},
		{"to NORMAL", codes{t, ofp13.BadActionBadOutPort}, nil, acting(outputTo(ofp13.PortNormal)), nil},
		{"a tag of IPv4", codes{t, ofp13.BadActionBadArgument}, nil, acting(ofp13.Action{Type: ofp13.ActionPushVLAN, EtherType: 0x0800}), nil},
		{"1025 actions", codes{t, ofp13.BadActionTooMany}, nil, acting(many...), nil},
		{"queue OFPQ_ALL", codes{t, ofp13.BadActionBadQueue}, nil, acting(ofp13.Action{Type: ofp13.ActionSetQueue, ID: ofp13.QueueAll}), nil},
		{"no such group", codes{t, ofp13.BadActionBadOutGroup}, nil, acting(toGroup(77)), nil},
		{"IPv4 address of IPv6", codes{t, ofp13.BadActionMatchInconsistent}, nil, flowWith(func(m *ofp13.FlowMod) {
			m.Match.Fields = []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMEthType, 0x86dd)}
			m.Instructions = applying(set(ofp13.OXMIPv4Dst, 1))
		}), nil},
		{"set in_port", codes{t, ofp13.BadActionBadSetType}, nil, acting(set(ofp13.OXMInPort, 1)), nil},
		{"VLAN id without presence", codes{t, ofp13.BadActionBadSetArgument}, nil, acting(set(ofp13.OXMVLANVID, 5)), nil},
		{"eth_type of 4 bytes", codes{t, ofp13.BadActionBadSetLen}, nil, acting(set(ofp13.OXMEthType, 0x0800)), func(b []byte) { b[at+7] = 4 }},
	}
}

// instructionProvocations provokes those of instructions and flow-mods.
func instructionProvocations() []provocation {
	const t, f = ofp13.ErrTypeBadInstruction, ofp13.ErrTypeFlowModFailed
	const at = 48 + 16 // of newFlow's instruction
	jump := func(table uint8) ofp13.Instruction {
		return ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: table}
	}
	overlapping := flowWith(func(m *ofp13.FlowMod) { m.Match.Fields, m.Flags = nil, ofp13.FlagCheckOverlap })
	return []provocation{
		{"instruction 7", codes{t, ofp13.BadInstructionUnknownInst}, nil, newFlow(), put16(at, 7)},
		{"one twice", codes{t, ofp13.BadInstructionUnsupInst}, nil, instructing(jump(1), jump(2)), nil},
		{"back to table 0", codes{t, ofp13.BadInstructionBadTableID}, nil, instructing(jump(0)), nil},
		{"experimenter's", codes{t, ofp13.BadInstructionBadExperimenter}, nil, instructing(ofp13.Instruction{Type: ofp13.InstructionExperimenter, ID: 1}), nil},
		{"over the end", codes{t, ofp13.BadInstructionBadLen}, nil, newFlow(), put16(at+2, 0x1000)},
		{"table 254", codes{f, ofp13.FlowModFailedBadTableID}, nil, flowWith(func(m *ofp13.FlowMod) { m.TableID = 254 }), nil},
		{"overlap", codes{f, ofp13.FlowModFailedOverlap}, []ofp13.Message{newFlow()}, overlapping, nil},
		{"command 5", codes{f, ofp13.FlowModFailedBadCommand}, nil, flowWith(func(m *ofp13.FlowMod) { m.Command = 5 }), nil},
		{"flag 5", codes{f, ofp13.FlowModFailedBadFlags}, nil, flowWith(func(m *ofp13.FlowMod) { m.Flags = 1 << 5 }), nil},
	}
}

// groupProvocations provokes those of groups and meters.
func groupProvocations() []provocation {
	const g, m = ofp13.ErrTypeGroupModFailed, ofp13.ErrTypeMeterModFailed
	const add, all = ofp13.GroupAdd, ofp13.GroupTypeAll
	drop := ofp13.MeterBand{Type: ofp13.MeterBandDrop, Rate: 100}
	failover, watching := group(add, 9, ofp13.GroupTypeFastFailover, outputTo(1)), group(add, 9, all, outputTo(1))
	failover.Buckets[0].WatchGroup, watching.Buckets[0].WatchPort = 77, 1
	crowded := group(add, 9, all)
	crowded.Buckets = make([]ofp13.Bucket, 4000)
	for i := range crowded.Buckets {
		crowded.Buckets[i] = ofp13.Bucket{WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny}
	}
	bands := make([]ofp13.MeterBand, 1000)
	for i := range bands {
		bands[i] = ofp13.MeterBand{Type: ofp13.MeterBandDrop, Rate: uint32(i + 1)}
	}
	chain := []ofp13.Message{group(add, 100, all, outputTo(1))}
	for id := uint32(101); id < 132; id++ {
		chain = append(chain, group(add, id, all, toGroup(id-1)))
	}
	return []provocation{
		{"33 groups in a row", codes{g, ofp13.GroupModFailedChainingUnsupported}, chain, group(add, 9, all, toGroup(131)), nil},
		{"group 1 again", codes{g, ofp13.GroupModFailedGroupExists}, nil, group(add, 1, all), nil},
		{"a reserved group", codes{g, ofp13.GroupModFailedInvalidGroup}, nil, group(add, ofp13.GroupAll, all), nil},
		{"modification of none", codes{g, ofp13.GroupModFailedUnknownGroup}, nil, group(ofp13.GroupModify, 77, all), nil},
		{"type 4", codes{g, ofp13.GroupModFailedBadType}, nil, group(add, 9, 4), nil},
		{"command 3", codes{g, ofp13.GroupModFailedBadCommand}, nil, group(3, 9, all), nil},
		{"bucket of 8 bytes", codes{g, ofp13.GroupModFailedBadBucket}, nil, group(add, 9, all, outputTo(1)), put16(16, 8)},
		{"4000 buckets", codes{g, ofp13.GroupModFailedOutOfBuckets}, nil, crowded, nil},
		{"watch of no group", codes{g, ofp13.GroupModFailedBadWatch}, nil, failover, nil},
		{"a bucket of ALL that watches", codes{g, ofp13.GroupModFailedWatchUnsupported}, nil, watching, nil},
		{"deletion of a part", codes{g, ofp13.GroupModFailedChainedGroup}, []ofp13.Message{group(add, 9, all, toGroup(1))}, group(ofp13.GroupDelete, 1, all), nil},
		{"a loop", codes{g, ofp13.GroupModFailedLoop}, []ofp13.Message{group(add, 9, all, toGroup(1))}, group(ofp13.GroupModify, 1, all, toGroup(9)), nil},
		{"meter 1 again", codes{m, ofp13.MeterModFailedMeterExists}, nil, meterMod(ofp13.MeterAdd, 1, 1, drop), nil},
		{"meter 0", codes{m, ofp13.MeterModFailedInvalidMeter}, nil, meterMod(ofp13.MeterAdd, 0, 1, drop), nil},
		{"modification of no meter", codes{m, ofp13.MeterModFailedUnknownMeter}, nil, meterMod(ofp13.MeterModify, 7, 1, drop), nil},
		{"statistics of no meter", codes{m, ofp13.MeterModFailedUnknownMeter}, nil, multipart(ofp13.MultipartMeter, (&ofp13.MeterStatsRequest{MeterID: 7}).Append(nil)), nil},
		{"meter command 3", codes{m, ofp13.MeterModFailedBadCommand}, nil, meterMod(3, 7, 1), nil},
		{"two units", codes{m, ofp13.MeterModFailedBadFlags}, nil, meterMod(ofp13.MeterAdd, 7, 3, drop), nil},
		{"rate 0", codes{m, ofp13.MeterModFailedBadRate}, nil, meterMod(ofp13.MeterAdd, 7, 1, ofp13.MeterBand{Type: ofp13.MeterBandDrop}), nil},
		{"burst 0", codes{m, ofp13.MeterModFailedBadBurst}, nil, meterMod(ofp13.MeterAdd, 7, ofp13.MeterFlagKBPS|ofp13.MeterFlagBurst, drop), nil},
		{"band 3", codes{m, ofp13.MeterModFailedBadBand}, nil, meterMod(ofp13.MeterAdd, 7, 1, drop), put16(16, 3)},
		{"precedence 255", codes{m, ofp13.MeterModFailedBadBandValue}, nil, meterMod(ofp13.MeterAdd, 7, 1, ofp13.MeterBand{Type: ofp13.MeterBandDSCPRemark, Rate: 1, PrecLevel: 255}), nil},
		{"1000 bands", codes{m, ofp13.MeterModFailedOutOfBands}, nil, meterMod(ofp13.MeterAdd, 7, 1, bands...), nil},
	}
}
