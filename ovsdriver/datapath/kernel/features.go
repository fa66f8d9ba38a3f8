package kernel

import (
	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// probe is one thing to try: whether the kernel takes a flow.
type probe struct {
	match flowtable.Match
	acts  []datapath.Act
	grant func(*datapath.Features) // called if it does
}

// probePort is an ingress port that no datapath of ours ever has, so that the
// flows that are tried forward nothing.
const probePort = maxPorts - 1

// probeID is the id of the flows that are tried.
const probeID = ^datapath.FlowID(0)

// probeFeatures tries what the running kernel can do.
func probeFeatures(f *flows) datapath.Features {
	features := datapath.Features{
		Name: "kernel", Version: kernelRelease(),
		KeyMask: staticKeyMask(), Always: always(), TagEdit: tagEdit(), Popped: popped(), Needs: needs(),
		MaxActs: maxActionsLen / 8, // so many outputs
	}
	for _, p := range append(keyProbes(), actProbes()...) {
		if f.accepts(&p) {
			p.grant(&features)
		}
	}
	if features.Sets = probeSets(f); features.Sets != 0 {
		features.Acts |= 1 << datapath.Set
	}
	const retag = 1<<datapath.PushVLAN | 1<<datapath.PopVLAN
	if features.Acts&retag == retag {
		features.Sets |= 1<<flowtable.VLANTCI | 1<<flowtable.VLANVID | 1<<flowtable.VLANPCP
	}
	return features
}

// accepts puts a flow, marked as a probe so that the kernel logs no error, and
// deletes it again.
func (f *flows) accepts(p *probe) bool {
	f.tx.reset()
	start := f.open(0, unix.NLM_F_CREATE|unix.NLM_F_EXCL, cmdNew)
	f.tx.buf = attr(f.tx.buf, flowAttrProbe, 0)
	if err := f.appendFlow(&datapath.Flow{ID: probeID, Match: p.match, Actions: p.acts}); err != nil {
		f.tx.drop(start)
		return false
	}
	f.tx.done(start)
	start = f.open(1, 0, cmdDel)
	f.tx.buf = appendUFID(f.tx.buf, probeID)
	f.tx.done(start)
	taken := false
	err := f.tx.run(func(i int, _ []byte, err error) {
		if i == 0 {
			taken = err == nil
		}
	})
	f.tx.reset()
	return taken && err == nil
}

// staticKeyMask are the fields that every kernel since Linux 4.1 matches, and
// those of provider backbone tags: only flows for frames with such a tag are
// refused for them, all others have them for nothing.
func staticKeyMask() flowtable.Mask {
	var m flowtable.Mask
	for f := flowtable.InPort; f < flowtable.NumFields; f++ {
		switch f {
		case flowtable.Metadata,
			flowtable.VLAN2TCI, flowtable.VLAN2TPID, flowtable.IPv6ExtHdr,
			flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL,
			flowtable.MPLS1, flowtable.MPLS2:
		default:
			m.Exact(f)
		}
	}
	return m
}

// matchOf is an exact match on a port that no frame comes from, of these fields.
func matchOf(ethType uint64, fields map[flowtable.Field]uint64) flowtable.Match {
	m := flowtable.Match{Mask: always()}
	m.Exact(flowtable.InPort, probePort)
	m.Exact(flowtable.EthType, ethType)
	for f, v := range fields {
		m.Exact(f, v)
	}
	return m
}

type fields = map[flowtable.Field]uint64

// keyProbes try fields that came to the kernel one by one: the second tag with
// Linux 4.9, deep MPLS stacks with 5.5, extension headers with 5.18.
func keyProbes() []probe {
	matches := func(f ...flowtable.Field) func(*datapath.Features) {
		return func(to *datapath.Features) {
			for _, f := range f {
				to.KeyMask.Exact(f)
			}
		}
	}
	tagged := fields{flowtable.VLANTCI: 0x1001, flowtable.VLANTPID: packet.TypeSVLAN, flowtable.VLAN2TCI: 0x1002, flowtable.VLAN2TPID: packet.TypeVLAN}
	one := fields{flowtable.MPLS0: 0x1100}
	two := fields{flowtable.MPLS0: 0x1000, flowtable.MPLS1: 0x1100}
	three := fields{flowtable.MPLS0: 0x1000, flowtable.MPLS1: 0x1000, flowtable.MPLS2: 0x1100}
	return []probe{
		{matchOf(packet.TypeIPv4, tagged), nil, matches(flowtable.VLAN2TCI, flowtable.VLAN2TPID)},
		{matchOf(packet.TypeIPv6, fields{flowtable.IPProto: packet.ProtoUDP, flowtable.IPv6ExtHdr: 1}), nil, matches(flowtable.IPv6ExtHdr)},
		{matchOf(packet.TypeMPLS, one), nil, matches(flowtable.MPLS0)},
		{matchOf(packet.TypeMPLS, two), nil, matches(flowtable.MPLS1)},
		{matchOf(packet.TypeMPLS, three), nil, matches(flowtable.MPLS2)},
	}
}

// actProbes try actions. Meters are not among them: see meters.probe.
func actProbes() []probe {
	does := func(k datapath.ActKind) func(*datapath.Features) {
		return func(to *datapath.Features) { to.Acts |= 1 << k }
	}
	ip := matchOf(packet.TypeIPv4, nil)
	lists := []struct {
		match flowtable.Match
		acts  []datapath.Act
	}{
		{ip, []datapath.Act{{Kind: datapath.Output, Port: 1}}},
		{ip, []datapath.Act{{Kind: datapath.Controller, Value: 1}}},
		{ip, []datapath.Act{{Kind: datapath.Queue, Value: 0x10010}}},
		{ip, []datapath.Act{{Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 1}}},
		{ip, []datapath.Act{{Kind: datapath.PopVLAN}}},
		{ip, []datapath.Act{{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLS, Value: 0x1140}}},
		{matchOf(packet.TypeMPLS, fields{flowtable.MPLS0: 0x1140}), []datapath.Act{{Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4}}},
		{ip, []datapath.Act{{Kind: datapath.Clone, Value: 1}, {Kind: datapath.Output, Port: 1}, {Kind: datapath.Output, Port: 2}}},
	}
	var out []probe
	for _, l := range lists {
		out = append(out, probe{l.match, l.acts, does(l.acts[0].Kind)})
	}
	return out
}

// probeSets tries to set fields, those of one header together: what a header
// lets write has never changed by parts. A field counts only if it can be set in
// every protocol that has it.
func probeSets(f *flows) (sets uint64) {
	ports := []flowtable.Field{flowtable.L4Src, flowtable.L4Dst}
	both := []flowtable.Field{flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN, flowtable.IPTTL}
	proto := func(ethType, proto uint64) flowtable.Match {
		return matchOf(ethType, fields{flowtable.IPProto: proto, flowtable.IPFrag: flowtable.FragNone})
	}
	var refused uint64
	for _, p := range []struct {
		match  flowtable.Match
		fields []flowtable.Field
	}{
		{matchOf(packet.TypeIPv4, nil), []flowtable.Field{flowtable.EthSrc, flowtable.EthDst}},
		{matchOf(packet.TypeIPv4, nil), append([]flowtable.Field{flowtable.IPv4Src, flowtable.IPv4Dst}, both...)},
		{matchOf(packet.TypeIPv6, nil), append([]flowtable.Field{flowtable.IPv6SrcHi, flowtable.IPv6SrcLo,
			flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPv6FLabel}, both...)},
		{proto(packet.TypeIPv4, packet.ProtoTCP), ports},
		{proto(packet.TypeIPv4, packet.ProtoUDP), ports},
		{proto(packet.TypeIPv6, packet.ProtoSCTP), ports},
		{matchOf(packet.TypeMPLS, fields{flowtable.MPLS0: 0x1140}), []flowtable.Field{flowtable.MPLS0, flowtable.MPLSLabel,
			flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL}},
	} {
		var acts []datapath.Act
		var bits uint64
		for _, field := range p.fields {
			acts = append(acts, datapath.Act{Kind: datapath.Set, Field: field, Value: 1})
			bits |= 1 << field
		}
		if f.accepts(&probe{match: p.match, acts: acts}) {
			sets |= bits
		} else {
			refused |= bits
		}
	}
	return sets &^ refused
}

// kernelRelease is what uname says: the module has no version of its own.
func kernelRelease() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
