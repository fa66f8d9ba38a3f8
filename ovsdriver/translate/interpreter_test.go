package translate

import (
	"bytes"
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// interpreter does OpenFlow the slow and obvious way: on a frame, step by step,
// parsing it anew before each step, with tables searched from end to end.
type interpreter struct {
	entries [4][]*Entry
	ports   *PortSet
	groups  *GroupSet
	view    *View
	depth   int  // groups that it is in
	done    bool // with the tables: the action set is executed
	deep    bool // see through more tags than a key holds

	frame    *datapath.Frame
	ingress  uint64
	metadata uint64
	tunnel   uint64
	table    uint8
	entry    *Entry
	set      map[string]ofp13.Action
	writer   map[string]*Entry
	pushed   int
	queue    uint32
	beyond   bool     // a frame had more tags than a walk keeps track of
	out      []string // what left by which port
	in       []string // what went to the controller
}

// newInterpreter takes over the tables of x.
func newInterpreter(x *tables, deep bool) *interpreter {
	p := &interpreter{ports: x.view.Ports(), groups: x.groups, view: x.publish(), deep: deep}
	for id := range p.entries {
		if x.list[id] == nil {
			continue
		}
		for e := range x.list[id].Publish().All() {
			p.entries[id] = append(p.entries[id], e)
		}
	}
	return p
}

// key parses the frame. Beyond two tags a parse ends; deep lifts the tags above
// those out first, so that the packet is seen.
func (p *interpreter) key() (k flowtable.Key) {
	k, _ = p.parse()
	return k
}

// parse is key, and says where the headers lie that it has found.
func (p *interpreter) parse() (k flowtable.Key, l packet.Layout) {
	f := copyOf(p.frame)
	var tags []uint64
	for p.deep {
		packet.Parse(f, 0, &k)
		if k.Get(flowtable.VLAN2TCI) == 0 {
			break
		}
		tags = append(tags, k.Get(flowtable.VLANTCI))
		must(packet.Edit(f, &datapath.Act{Kind: datapath.PopVLAN}))
	}
	packet.ParseLayout(f, 0, &k, &l)
	if len(tags) > 0 { // outer tags above the innermost
		tags = append(tags, k.Get(flowtable.VLANTCI))
		k.Set(flowtable.VLANTCI, tags[0])
		k.Set(flowtable.VLAN2TCI, tags[1])
	}
	k.Set(flowtable.InPort, p.ingress)
	k.Set(flowtable.InPhyPort, p.ingress)
	k.Set(flowtable.Metadata, p.metadata)
	k.Set(flowtable.TunnelID, p.tunnel)
	return k, l
}

func copyOf(f *datapath.Frame) *datapath.Frame {
	c := *f
	c.Buf = bytes.Clone(f.Buf)
	return &c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// run takes a frame through the tables.
func (p *interpreter) run(f *datapath.Frame, ingress uint64) {
	p.begin(f, ingress)
	p.tables()
}

// begin starts a frame.
func (p *interpreter) begin(f *datapath.Frame, ingress uint64) {
	p.frame, p.ingress, p.tunnel = copyOf(f), ingress, 0
	p.out, p.in, p.pushed, p.queue, p.beyond = nil, nil, 0, 0, false
}

// tables takes the frame through the tables, from the first on.
func (p *interpreter) tables() {
	p.metadata, p.table, p.done = 0, 0, false
	p.set, p.writer = map[string]ofp13.Action{}, map[string]*Entry{}
	for {
		k := p.key()
		p.entry = nil
		for _, e := range p.entries[p.table] {
			if m := e.Match(); m.Matches(&k) && (p.entry == nil || e.Priority > p.entry.Priority) {
				p.entry = e
			}
		}
		if p.entry == nil {
			return
		}
		next, alive := p.instructions()
		if !alive {
			return
		}
		if next == 0 {
			p.done = true
			p.actionSet()
			return
		}
		p.table = next
	}
}

// find returns the instruction of a type, if the entry has it.
func (p *interpreter) find(typ uint16) *ofp13.Instruction {
	list := sentBy(p.entry.Value)
	for i := range list {
		if list[i].Type == typ {
			return &list[i]
		}
	}
	return nil
}

// instructions does an entry's instructions in the order of §5.9.
func (p *interpreter) instructions() (next uint8, alive bool) {
	if in := p.find(ofp13.InstructionMeter); in != nil && !measured(p.frame, in.ID) {
		return 0, false
	}
	if in := p.find(ofp13.InstructionApplyActions); in != nil {
		for _, a := range in.Actions {
			if !p.action(a, p.entry) {
				return 0, false
			}
		}
	}
	if p.find(ofp13.InstructionClearActions) != nil {
		clear(p.set)
	}
	if in := p.find(ofp13.InstructionWriteActions); in != nil {
		p.write(in.Actions, p.entry)
	}
	if in := p.find(ofp13.InstructionWriteMetadata); in != nil {
		p.metadata = p.metadata&^in.MetadataMask | in.Metadata&in.MetadataMask
	}
	if in := p.find(ofp13.InstructionGotoTable); in != nil {
		return in.TableID, true
	}
	return 0, true
}

// write adds actions to the action set.
func (p *interpreter) write(list []ofp13.Action, by *Entry) {
	for _, a := range list {
		kind := fmt.Sprint(a.Type)
		if a.Type == ofp13.ActionSetField {
			kind = fmt.Sprint("set ", a.Field.Field)
		}
		p.set[kind], p.writer[kind] = a, by
	}
}

// actionSet does the action set in the order of §5.10.
func (p *interpreter) actionSet() {
	var order []string
	for _, typ := range []uint16{ofp13.ActionCopyTTLIn, ofp13.ActionPopVLAN, ofp13.ActionPopPBB, ofp13.ActionPopMPLS,
		ofp13.ActionPushMPLS, ofp13.ActionPushPBB, ofp13.ActionPushVLAN, ofp13.ActionCopyTTLOut,
		ofp13.ActionDecMPLSTTL, ofp13.ActionDecNwTTL} {
		order = append(order, fmt.Sprint(typ))
	}
	for field := range 40 {
		order = append(order, fmt.Sprint("set ", field))
	}
	order = append(order, fmt.Sprint(ofp13.ActionSetMPLSTTL), fmt.Sprint(ofp13.ActionSetNwTTL), fmt.Sprint(ofp13.ActionSetQueue))
	last := fmt.Sprint(ofp13.ActionGroup)
	if _, ok := p.set[last]; !ok {
		last = fmt.Sprint(ofp13.ActionOutput)
	}
	order = append(order, last)
	for _, kind := range order {
		if a, ok := p.set[kind]; ok && !p.action(a, p.writer[kind]) {
			return
		}
	}
}

// action does one action; false is the end of the frame.
func (p *interpreter) action(a ofp13.Action, by *Entry) bool {
	k, l := p.parse()
	ip := l.L3 != 0 && (k.Get(flowtable.EthType) == 0x0800 || k.Get(flowtable.EthType) == 0x86dd)
	switch a.Type {
	case ofp13.ActionOutput:
		p.output(a.ID, by)
	case ofp13.ActionSetQueue:
		p.queue = a.ID
	case ofp13.ActionGroup:
		p.group(a.ID, by)
	case ofp13.ActionPushVLAN:
		p.edit(datapath.Act{Kind: datapath.PushVLAN, EtherType: a.EtherType, Value: k.Get(flowtable.VLANTCI) &^ 0x1000})
	case ofp13.ActionPopVLAN:
		p.edit(datapath.Act{Kind: datapath.PopVLAN})
	case ofp13.ActionPushMPLS, ofp13.ActionPopMPLS, ofp13.ActionSetMPLSTTL, ofp13.ActionDecMPLSTTL:
		return p.mpls(a, &k, &l, by)
	case ofp13.ActionPushPBB:
		p.edit(datapath.Act{Kind: datapath.PushPBB, Value: k.Get(flowtable.PBBISID)})
	case ofp13.ActionPopPBB:
		p.edit(datapath.Act{Kind: datapath.PopPBB})
	case ofp13.ActionCopyTTLOut:
		p.edit(datapath.Act{Kind: datapath.CopyTTLOut})
	case ofp13.ActionCopyTTLIn:
		p.edit(datapath.Act{Kind: datapath.CopyTTLIn})
	case ofp13.ActionSetNwTTL:
		if ip {
			p.edit(datapath.Act{Kind: datapath.Set, Field: flowtable.IPTTL, Value: uint64(a.TTL)})
		}
	case ofp13.ActionDecNwTTL:
		if !ip {
			return true
		}
		ttl := k.Get(flowtable.IPTTL)
		if ttl < 2 {
			p.toController(ofp13.ReasonInvalidTTL, by)
			return false
		}
		p.edit(datapath.Act{Kind: datapath.Set, Field: flowtable.IPTTL, Value: ttl - 1})
	case ofp13.ActionSetField:
		p.setField(&a.Field, &k)
	}
	return true
}

// mpls does an action on a label stack (§5.12, §5.12.1).
func (p *interpreter) mpls(a ofp13.Action, k *flowtable.Key, l *packet.Layout, by *Entry) bool {
	isMPLS := k.Get(flowtable.EthType) == 0x8847 || k.Get(flowtable.EthType) == 0x8848
	if a.Type == ofp13.ActionPushMPLS {
		entry := 0x100 | k.Get(flowtable.IPTTL)
		if isMPLS {
			entry = k.Get(flowtable.MPLS0) &^ 0x100
		}
		if isTag(k) && !p.deep { // a third tag is payload
			entry |= uint64(l.Type-12) / packet.VLANLen << 32
		}
		p.edit(datapath.Act{Kind: datapath.PushMPLS, EtherType: a.EtherType, Value: entry})
		return true
	}
	if !isMPLS || l.Labels == 0 {
		return true
	}
	ttl := k.Get(flowtable.MPLSTTL)
	switch a.Type {
	case ofp13.ActionPopMPLS:
		p.edit(datapath.Act{Kind: datapath.PopMPLS, EtherType: a.EtherType})
	case ofp13.ActionSetMPLSTTL:
		p.edit(datapath.Act{Kind: datapath.Set, Field: flowtable.MPLSTTL, Value: uint64(a.TTL)})
	case ofp13.ActionDecMPLSTTL:
		if ttl < 2 {
			p.toController(ofp13.ReasonInvalidTTL, by)
			return false
		}
		p.edit(datapath.Act{Kind: datapath.Set, Field: flowtable.MPLSTTL, Value: ttl - 1})
	}
	return true
}

func (p *interpreter) edit(a datapath.Act) {
	if a.Kind == datapath.PushVLAN {
		p.pushed++
	}
	p.beyond = p.beyond || p.pushed > maxTags-2
	must(packet.Edit(p.frame, &a))
	switch a.Kind {
	case datapath.PopMPLS, datapath.PopPBB: // they may uncover more tags than a parse sees
		var k flowtable.Key
		packet.Parse(p.frame, 0, &k)
		p.beyond = p.beyond || p.deep && isTag(&k)
	}
}

// isTag reports whether a tag follows those that a key holds.
func isTag(k *flowtable.Key) bool {
	t := k.Get(flowtable.EthType)
	return t == 0x8100 || t == 0x88a8
}

// setField edits a field if this is a frame that has it: of ARP's addresses
// only ARP, of TCP's ports only TCP, and so on.
func (p *interpreter) setField(o *ofp13.OXM, k *flowtable.Key) {
	etherType, proto := k.Get(flowtable.EthType), k.Get(flowtable.IPProto)
	ip := etherType == 0x0800 || etherType == 0x86dd
	mpls := etherType == 0x8847 || etherType == 0x8848
	later := k.Get(flowtable.IPFrag) == flowtable.FragLater
	var f flowtable.Field
	ok := true
	switch o.Field {
	case ofp13.OXMEthDst:
		f = flowtable.EthDst
	case ofp13.OXMEthSrc:
		f = flowtable.EthSrc
	case ofp13.OXMTunnelID:
		p.tunnel, ok = o.Uint64(), false
	case ofp13.OXMEthType:
		f = flowtable.EthType
	case ofp13.OXMVLANVID:
		f = flowtable.VLANVID
	case ofp13.OXMVLANPCP:
		f = flowtable.VLANPCP
	case ofp13.OXMIPDSCP:
		f, ok = flowtable.IPDSCP, ip
	case ofp13.OXMIPECN:
		f, ok = flowtable.IPECN, ip
	case ofp13.OXMIPProto:
		f, ok = flowtable.IPProto, ip
	case ofp13.OXMIPv4Src:
		f, ok = flowtable.IPv4Src, etherType == 0x0800
	case ofp13.OXMIPv4Dst:
		f, ok = flowtable.IPv4Dst, etherType == 0x0800
	case ofp13.OXMTCPSrc:
		f, ok = flowtable.L4Src, ip && proto == 6 && !later
	case ofp13.OXMTCPDst:
		f, ok = flowtable.L4Dst, ip && proto == 6 && !later
	case ofp13.OXMUDPSrc:
		f, ok = flowtable.L4Src, ip && proto == 17 && !later
	case ofp13.OXMUDPDst:
		f, ok = flowtable.L4Dst, ip && proto == 17 && !later
	case ofp13.OXMSCTPSrc:
		f, ok = flowtable.L4Src, ip && proto == 132 && !later
	case ofp13.OXMSCTPDst:
		f, ok = flowtable.L4Dst, ip && proto == 132 && !later
	case ofp13.OXMICMPv4Code:
		f, ok = flowtable.L4Dst, etherType == 0x0800 && proto == 1 && !later
	case ofp13.OXMARPOp:
		f, ok = flowtable.ARPOp, etherType == 0x0806
	case ofp13.OXMARPSPA:
		f, ok = flowtable.IPv4Src, etherType == 0x0806
	case ofp13.OXMARPTHA:
		f, ok = flowtable.ARPTHA, etherType == 0x0806
	case ofp13.OXMMPLSLabel:
		f, ok = flowtable.MPLSLabel, mpls
	case ofp13.OXMMPLSTC:
		f, ok = flowtable.MPLSTC, mpls
	case ofp13.OXMMPLSBOS:
		f, ok = flowtable.MPLSBOS, mpls
	case ofp13.OXMPBBISID:
		f, ok = flowtable.PBBISID, etherType == 0x88e7
	case ofp13.OXMIPv6FLabel:
		f, ok = flowtable.IPv6FLabel, etherType == 0x86dd
	default:
		p.setIPv6(o, k)
		return
	}
	if ok {
		p.edit(datapath.Act{Kind: datapath.Set, Field: f, Value: o.Uint64()})
	}
}

// setIPv6 is setField for addresses and ICMPv6.
func (p *interpreter) setIPv6(o *ofp13.OXM, k *flowtable.Key) {
	icmp := k.Get(flowtable.EthType) == 0x86dd && k.Get(flowtable.IPProto) == 58 && k.Get(flowtable.IPFrag) != flowtable.FragLater
	kind := k.Get(flowtable.L4Src)
	nd := icmp && (kind == 135 || kind == 136) && k.Get(flowtable.L4Dst) == 0
	var hi, lo flowtable.Field
	ok := false
	switch o.Field {
	case ofp13.OXMIPv6Src:
		hi, lo, ok = flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, k.Get(flowtable.EthType) == 0x86dd
	case ofp13.OXMIPv6Dst:
		hi, lo, ok = flowtable.IPv6DstHi, flowtable.IPv6DstLo, k.Get(flowtable.EthType) == 0x86dd
	case ofp13.OXMIPv6NDTarget:
		hi, lo, ok = flowtable.NDTargetHi, flowtable.NDTargetLo, nd
	case ofp13.OXMICMPv6Type:
		hi, ok = flowtable.L4Src, icmp
	case ofp13.OXMICMPv6Code:
		hi, ok = flowtable.L4Dst, icmp
	case ofp13.OXMIPv6NDSLL:
		hi, ok = flowtable.ARPSHA, nd && kind == 135
	case ofp13.OXMIPv6NDTLL:
		hi, ok = flowtable.ARPTHA, nd && kind == 136
	default:
		panic(fmt.Sprintf("field %d", o.Field))
	}
	if !ok {
		return
	}
	p.edit(datapath.Act{Kind: datapath.Set, Field: hi, Value: number(&o.Value, o.Len)})
	if o.Len == 16 {
		p.edit(datapath.Act{Kind: datapath.Set, Field: lo, Value: lowNumber(&o.Value)})
	}
}

func (p *interpreter) output(port uint32, by *Entry) {
	switch port {
	case ofp13.PortController:
		why := ofp13.ReasonAction
		if by.Priority == 0 && p.depth == 0 {
			why = ofp13.ReasonNoMatch
		}
		p.toController(why, by)
	case ofp13.PortInPort:
		p.send(uint32(p.ingress))
	case ofp13.PortAll, ofp13.PortFlood:
		for _, other := range p.ports.All() {
			if uint64(other.No) != p.ingress {
				p.send(uint32(other.No))
			}
		}
	default:
		if uint64(port) != p.ingress {
			p.send(port)
		}
	}
}

func (p *interpreter) send(port uint32) {
	to := p.ports.Get(datapath.PortNo(port))
	if to == nil {
		return
	}
	class := uint64(0)
	if to.HTB != 0 && p.queue != 0 {
		class = uint64(to.HTB)<<16 + uint64(p.queue)
	}
	p.out = append(p.out, sent(port, class, p.frame))
}

func (p *interpreter) toController(why uint8, by *Entry) {
	cookie := by.Cookie
	if p.depth > 0 || p.done {
		cookie = noCookie
	}
	p.in = append(p.in, told(&PacketIn{Reason: why, Cookie: cookie, Metadata: p.metadata, TunnelID: p.tunnel}, p.frame))
}
