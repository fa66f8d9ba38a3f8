package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

const typeMPLS, typePBB = 0x8847, 0x88e7

// label is a label stack entry of traffic class 3.
type label struct {
	label uint32
	ttl   uint8
}

// labelled is a UDP datagram with this TTL below labels, outermost first.
func labelled(ttl uint8, stack ...label) []byte {
	typ := layers.EthernetTypeMPLSUnicast
	if len(stack) == 0 {
		typ = layers.EthernetTypeIPv4
	}
	ip := ip4(layers.IPProtocolUDP)
	ip.TTL = ttl
	all := []gopacket.SerializableLayer{ether(typ)}
	for i, l := range stack {
		all = append(all, &layers.MPLS{Label: l.label, TrafficClass: 3, StackBottom: i == len(stack)-1, TTL: l.ttl})
	}
	return build(append(all, ip, &layers.UDP{SrcPort: 10, DstPort: 20}, text)...)
}

// backbone is a frame in a provider backbone frame, with a B-TAG unless it is
// nil. The I-TAG has this priority.
func backbone(bTag []byte, pcp byte, isid byte, inner []byte) []byte {
	b := append(append([]byte{}, inner[:12]...), bTag...)
	return append(append(b, 0x88, 0xe7, pcp<<5, 0, 0, isid), inner...)
}

// program replaces the flow table by one entry for port 1, of this EtherType,
// and entries of table 1.
func (c *controller) program(t *testing.T, etherType uint64, list []ofp13.Instruction, later ...*ofp13.FlowMod) {
	t.Helper()
	c.send(t, flow(ofp13.FlowMod{Command: ofp13.FlowDelete, TableID: ofp13.TableAll}))
	match := ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, 1), ofp13.NewOXM64(ofp13.OXMEthType, etherType)}}
	c.send(t, flow(ofp13.FlowMod{Priority: 5, Match: match, Instructions: list}))
	for _, m := range later {
		c.send(t, m)
	}
	c.barrier(t)
}

// Actions on label stacks, backbone tags and between TTLs, as the wire shows
// them: fields of pushed headers are copied as §5.12.1 says, and the datapath
// does it in cached flows where it can, else all by the slow path.
func TestLabelActions(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w, c := l.wires(t), d.connect(t)
	push, pop := typed(ofp13.ActionPushMPLS, typeMPLS), typed(ofp13.ActionPopMPLS, typeMPLS)
	popIP, pushPBB := typed(ofp13.ActionPopMPLS, 0x0800), typed(ofp13.ActionPushPBB, typePBB)
	set := func(field uint8, v uint64) ofp13.Action {
		return ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(field, v)}
	}
	lab := func(v uint64) ofp13.Action { return set(ofp13.OXMMPLSLabel, v) }
	plain := func(typ uint16) ofp13.Action { return ofp13.Action{Type: typ} }
	inVLAN := func(b []byte) []byte { return slices.Concat(b[:12], []byte{0x81, 0x00, 0x00, 0x05}, b[12:]) }
	bTag := []byte{0x88, 0xa8, 0x00, 0x07}
	const everywhere, embedded = true, false // where it is cached
	tests := []struct {
		name     string
		typ      uint64
		actions  []ofp13.Action
		in, want []byte
		where    bool
	}{
		{"push three", 0x0800, []ofp13.Action{push, lab(1), set(ofp13.OXMMPLSTC, 3), push, lab(2), push, lab(3)},
			labelled(64), labelled(64, label{3, 64}, label{2, 64}, label{1, 64}), everywhere},
		{"push onto three", typeMPLS, []ofp13.Action{push, lab(9)},
			labelled(5, label{1, 11}, label{2, 12}, label{3, 13}), labelled(5, label{9, 11}, label{1, 11}, label{2, 12}, label{3, 13}), everywhere},
		{"push behind a VLAN tag", 0x0800, []ofp13.Action{push, lab(9), set(ofp13.OXMMPLSTC, 3)},
			inVLAN(labelled(64)), inVLAN(labelled(64, label{9, 64})), embedded},
		{"pop of four", typeMPLS, []ofp13.Action{pop, lab(8)},
			labelled(5, label{1, 11}, label{2, 12}, label{3, 13}, label{4, 14}), labelled(5, label{8, 12}, label{3, 13}, label{4, 14}), everywhere},
		{"pop the last", typeMPLS, []ofp13.Action{popIP, set(ofp13.OXMIPv4Dst, 0xc0000202)}, labelled(5, label{1, 11}), labelled(5), embedded},
		{"decrement and set", typeMPLS, []ofp13.Action{plain(ofp13.ActionDecMPLSTTL), lab(7)},
			labelled(5, label{1, 11}, label{2, 12}), labelled(5, label{7, 10}, label{2, 12}), everywhere},
		{"copy out of IP", typeMPLS, []ofp13.Action{plain(ofp13.ActionCopyTTLOut)}, labelled(5, label{1, 11}), labelled(5, label{1, 5}), embedded},
		{"copy out of MPLS", typeMPLS, []ofp13.Action{plain(ofp13.ActionCopyTTLOut)},
			labelled(5, label{1, 11}, label{2, 12}), labelled(5, label{1, 12}, label{2, 12}), embedded},
		{"copy in, and pop", typeMPLS, []ofp13.Action{plain(ofp13.ActionCopyTTLIn), popIP}, labelled(5, label{1, 11}), labelled(11), embedded},
		{"push PBB", 0x0800, []ofp13.Action{pushPBB}, tagged(customer(100, 5)), backbone(nil, 5, 0, tagged(customer(100, 5))), embedded},
		{"push PBB twice, and a B-TAG", 0x0800, []ofp13.Action{pushPBB, set(ofp13.OXMPBBISID, 9), pushPBB, typed(ofp13.ActionPushVLAN, 0x88a8), set(ofp13.OXMVLANVID, 0x1007)},
			tagged(), backbone(bTag, 0, 9, backbone(nil, 0, 9, tagged())), embedded},
		{"pop PBB leaves the B-TAG", typePBB, []ofp13.Action{plain(ofp13.ActionPopPBB)},
			backbone(bTag, 0, 9, tagged()), tagged(service(7, 0)), embedded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.program(t, tt.typ, apply(append(tt.actions, outputTo(2))...))
			d.forwards(t, w[0], w[1], tt.in, tt.want, tt.where || dataPath != "kernel")
		})
	}
}

// A label is matched and set, one cached flow for each.
func TestSetLabel(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	d.setFlows(t, "mpls,mpls_label=100,actions=set_field:203->mpls_label,output:2",
		"mpls,mpls_label=101,actions=set_field:5->mpls_tc,output:2")
	d.forwards(t, w[0], w[1], labelled(5, label{100, 11}), labelled(5, label{203, 11}), true)
	tc := labelled(5, label{101, 11})
	tc[16] = tc[16]&^0x0e | 5<<1
	d.forwards(t, w[0], w[1], labelled(5, label{101, 11}), tc, true)
}

// typed is an action that names an EtherType.
func typed(action, etherType uint16) ofp13.Action {
	return ofp13.Action{Type: action, EtherType: etherType}
}

// What a pop uncovers is matched by the next table: the slow path parses the
// frame again.
func TestPopUncovers(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w, c := l.wires(t), d.connect(t)
	next := ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 1}
	deeper := flow(ofp13.FlowMod{TableID: 1, Priority: 5, Instructions: apply(ofp13.Action{Type: ofp13.ActionDecNwTTL}, outputTo(2)),
		Match: ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMEthType, 0x0800),
			ofp13.NewOXM64(ofp13.OXMIPProto, 17), ofp13.NewOXM64(ofp13.OXMUDPDst, 20)}}})
	for name, tt := range map[string]struct {
		typ uint64
		pop ofp13.Action
		in  []byte
	}{
		"MPLS": {typeMPLS, typed(ofp13.ActionPopMPLS, 0x0800), labelled(5, label{1, 11})},
		"PBB":  {typePBB, ofp13.Action{Type: ofp13.ActionPopPBB}, backbone(nil, 0, 9, labelled(5))},
	} {
		t.Run(name, func(t *testing.T) {
			c.program(t, tt.typ, append(apply(tt.pop), next), deeper)
			d.forwards(t, w[0], w[1], tt.in, labelled(4), false)
		})
	}
}

// A frame whose MPLS TTL would fall to 0 goes to the controllers that want it.
func TestInvalidMPLSTTL(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w, c := l.wires(t), d.connect(t)
	c.send(t, &ofp13.SetAsync{AsyncConfig: ofp13.AsyncConfig{PacketInMask: [2]uint32{1 << ofp13.ReasonInvalidTTL, 0}}})
	c.program(t, typeMPLS, apply(ofp13.Action{Type: ofp13.ActionDecMPLSTTL}, outputTo(2)))
	in := labelled(5, label{1, 1})
	for range repeats {
		w[0].send(t, in)
		c.checkPacketIn(t, "TTL 1", wantPacketIn{ofp13.ReasonInvalidTTL, 0, 0, 1, 0, in})
	}
	w[1].expectNothing(t, "TTL 1")
}

// TCP goes from host to host with a label on for a moment: a third host gets a
// copy with the label, cut into what its wire takes where the embedded datapath
// cannot leave that to the device, and the others get theirs without.
func TestMPLSBetweenHosts(t *testing.T) {
	t.Parallel()
	need(t, "tcpdump")
	l := newLab(t, 3)
	d := l.start(t)
	const pushCopyPop = "actions=push_mpls:0x8847,set_field:16->mpls_label,output:3,pop_mpls:0x0800,output:"
	d.setFlows(t, "arp,actions=all", "ip,in_port=1,"+pushCopyPop+"2", "ip,in_port=2,"+pushCopyPop+"1")
	a, b, observer := l.hosts[0], l.hosts[1], l.hosts[2]
	for _, h := range []*host{a, b} { // so that a label more fits the observer's wire
		h.run(t, "ip", "link", "set", "eth0", "mtu", "1400")
	}
	dump := observer.spawn(t, nil, "tcpdump", "-l", "-n", "-e", "-c", "100", "-i", "eth0", "mpls 16 and greater 1400")
	await(t, "tcpdump listens", func() bool { return strings.Contains(dump.out.String(), "listening on eth0") })
	rate := a.transfer(t, b, 8<<20)
	segment := "length 1418: MPLS (label 16, tc 0, [S], ttl 64)"
	if dataPath == "kernel" { // between whose devices segments may stay together
		segment = ": MPLS (label 16, tc 0, [S], ttl 64)"
	}
	await(t, "tcpdump sees full segments below labels", func() bool { return strings.Count(dump.out.String(), segment) >= 90 })
	t.Logf("TCP by way of a label: %.2f Gbit/s", rate*8/1e9)
}
