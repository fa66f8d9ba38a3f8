package datapathtest

import (
	"bytes"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

func caseController(r *rig) {
	r.need(datapath.Act{Kind: datapath.Controller})
	set := datapath.Act{Kind: datapath.Set, Field: flowtable.EthDst, Value: 0x021e57000063}
	r.need(set)
	frame := UDP(2, 1, 80, 18)
	record := uint64(0x0123456789abcdef)
	acts := []datapath.Act{set, {Kind: datapath.Controller, Value: record}, out(2)}
	r.put(r.flow(1, 1, frame, acts, flowtable.EthType))
	r.send(1, frame)
	u := r.upcall()
	if u.Kind != datapath.Action || u.Record != record {
		r.Errorf("upcall of kind %d with record %#x, want an Action with %#x", u.Kind, u.Record, record)
	}
	changed := edited(r.T, frame, acts[:1])
	if !sameFrame(u.Frame.Bytes(), changed) {
		r.Errorf("upcall with frame\n%x, want it as edited\n%x", u.Frame.Bytes(), changed)
	}
	// In the kernel's key, the packet fields follow what the actions set.
	if got := u.Key.Get(flowtable.InPort); got != 1 {
		r.Errorf("upcall with in_port %d, want 1", got)
	}
	r.receive(2, changed)
}

// cachedEdit is an edit that cached flows may be able to have, and a frame for it.
type cachedEdit struct {
	name  string
	frame []byte
	act   datapath.Act
}

func cachedEdits() []cachedEdit {
	udp := UDP(2, 1, 80, 18)
	stack := Labelled(udp, 0x00064007, 0x00065109)
	set := func(f flowtable.Field, v uint64) datapath.Act {
		return datapath.Act{Kind: datapath.Set, Field: f, Value: v}
	}
	return []cachedEdit{
		{"set eth_src", udp, set(flowtable.EthSrc, 0x021e57000044)},
		{"set eth_dst", udp, set(flowtable.EthDst, 0x021e57000044)},
		{"set ipv4_src", udp, set(flowtable.IPv4Src, 0xc0a80001)},
		{"set ipv4_dst", udp, set(flowtable.IPv4Dst, 0xc0a80001)},
		{"set ip_dscp", udp, set(flowtable.IPDSCP, 46)},
		{"set ip_ecn", udp, set(flowtable.IPECN, 3)},
		{"set ttl", udp, set(flowtable.IPTTL, 1)},
		{"set udp_src", udp, set(flowtable.L4Src, 53)},
		{"set udp_dst", udp, set(flowtable.L4Dst, 53)},
		{"push C-tag", udp, datapath.Act{Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 0x6064}},
		{"push S-tag", udp, datapath.Act{Kind: datapath.PushVLAN, EtherType: packet.TypeSVLAN, Value: 0x0064}},
		{"push second tag", Tagged(packet.TypeVLAN, 0x6064, udp), datapath.Act{Kind: datapath.PushVLAN, EtherType: packet.TypeSVLAN, Value: 0x00c8}},
		{"pop tag", Tagged(packet.TypeVLAN, 0x6064, udp), datapath.Act{Kind: datapath.PopVLAN}},
		{"pop outer tag", Tagged(packet.TypeSVLAN, 0x00c8, Tagged(packet.TypeVLAN, 0x6064, udp)), datapath.Act{Kind: datapath.PopVLAN}},
		{"set vlan_vid", Tagged(packet.TypeVLAN, 0x6064, udp), set(flowtable.VLANVID, 0x10c8)},
		{"set vlan_pcp", Tagged(packet.TypeVLAN, 0x6064, udp), set(flowtable.VLANPCP, 7)},
		{"push MPLS", udp, datapath.Act{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLS, Value: 0x00064140}},
		{"push MPLS onto MPLS", stack, datapath.Act{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLSM, Value: 0x00065040}},
		{"pop MPLS", stack, datapath.Act{Kind: datapath.PopMPLS, EtherType: packet.TypeMPLS}},
		{"pop the last MPLS", Labelled(udp, 0x00064109), datapath.Act{Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4}},
		{"set mpls_label", stack, set(flowtable.MPLSLabel, 7)},
		{"set mpls_tc", stack, set(flowtable.MPLSTC, 5)},
		{"set mpls_bos", stack, set(flowtable.MPLSBOS, 1)},
		{"set MPLS TTL", stack, set(flowtable.MPLSTTL, 200)},
		{"copy TTL out", stack, datapath.Act{Kind: datapath.CopyTTLOut}},
		{"copy TTL out of IP", Labelled(udp, 0x00064109), datapath.Act{Kind: datapath.CopyTTLOut}},
		{"copy TTL into IP", Labelled(udp, 0x00064109), datapath.Act{Kind: datapath.CopyTTLIn}},
		{"push PBB", Tagged(packet.TypeVLAN, 0x6064, udp), datapath.Act{Kind: datapath.PushPBB, Value: 0x123456}},
		{"pop PBB", Backbone(stack, 0x123456), datapath.Act{Kind: datapath.PopPBB}},
		{"set pbb_isid", Backbone(udp, 0x123456), set(flowtable.PBBISID, 9)},
	}
}

// caseCachedEdits holds every edit that cached flows can have to what package
// packet does.
func caseCachedEdits(r *rig) {
	features := r.dp.Features()
	fields := []flowtable.Field{
		flowtable.EthType, flowtable.EthSrc, flowtable.EthDst, flowtable.VLANTCI, flowtable.VLANTPID,
		flowtable.IPProto, flowtable.IPTOS, flowtable.IPTTL, flowtable.IPFrag,
		flowtable.IPv4Src, flowtable.IPv4Dst, flowtable.L4Src, flowtable.L4Dst,
	}
	for i, tt := range cachedEdits() {
		if !features.Can(&tt.act) {
			continue
		}
		id := datapath.FlowID(i + 1)
		flow := r.flow(id, 1, tt.frame, []datapath.Act{tt.act, out(2)}, fields...)
		for w := range flow.Match.Mask {
			flow.Match.Mask[w] &= features.KeyMask[w]
			flow.Match.Key[w] &= features.KeyMask[w]
		}
		r.put(flow)
		r.send(1, tt.frame)
		got, want := r.h.Receive(r.T, r.ports[1], patience), edited(r.T, tt.frame, []datapath.Act{tt.act})
		if !sameFrame(got, want) {
			r.Errorf("%s: sent\n%x, want\n%x", tt.name, got, want)
		}
		if _, err := r.remove(id); err != nil {
			r.Fatalf("%s: DeleteFlows: %v", tt.name, err)
		}
	}
	r.noUpcall()
}

// caseSeveralOutputs checks that each output sends the frame as it is then.
func caseSeveralOutputs(r *rig) {
	set := datapath.Act{Kind: datapath.Set, Field: flowtable.EthDst, Value: 0x021e57000044}
	r.need(set)
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2), set, out(3), out(1)}, flowtable.EthType))
	for range 3 {
		r.send(1, bytes.Clone(frame))
		r.receive(2, frame)
		r.receive(3, edited(r.T, frame, []datapath.Act{set}))
		r.receive(1, edited(r.T, frame, []datapath.Act{set}))
	}
}

func caseClone(r *rig) {
	set := datapath.Act{Kind: datapath.Set, Field: flowtable.EthDst, Value: 0x021e57000044}
	clone := datapath.Act{Kind: datapath.Clone, Value: 2}
	r.need(set)
	r.need(clone)
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{clone, set, out(2), out(3)}, flowtable.EthType))
	r.send(1, frame)
	r.receive(2, edited(r.T, frame, []datapath.Act{set}))
	r.receive(3, frame)
}
