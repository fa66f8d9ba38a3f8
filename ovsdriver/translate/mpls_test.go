package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// mplsKey is a frame with this label stack at port 1.
func mplsKey(entries ...int) *flowtable.Key {
	k := key(flowtable.InPort, 1, flowtable.EthDst, 0x020000000002, flowtable.EthSrc, 0x020000000001, flowtable.EthType, 0x8847)
	for i, e := range entries {
		k.Set(labelFields[i], uint64(e))
	}
	return k
}

// Actions on labels and backbone tags, what they decide by, and where the key
// ends: resume says that the walk had to stop there.
func TestTranslateLabels(t *testing.T) {
	const all = -1
	mpls, pbb := is(ofp13.OXMEthType, 0x8847), is(ofp13.OXMEthType, 0x88e7)
	label, isid := func(v int) ofp13.Action { return setting(ofp13.OXMMPLSLabel, uint64(v)) }, setting(ofp13.OXMPBBISID, 9)
	one := func(match []ofp13.OXM, list ...ofp13.Action) func(x *tables) {
		return func(x *tables) { x.add(0, 1, match, applying(append(list, output(2))...)) }
	}
	then := func(match []ofp13.OXM, next ofp13.OXM, list ...ofp13.Action) func(x *tables) {
		return func(x *tables) {
			x.add(0, 1, match, applying(list...), going(1))
			x.add(1, 1, oxms(next), applying(output(2)))
		}
	}
	outer, second := 0x00010040, 0x00020140 // labels 16 and 32, the second at the bottom
	tests := []struct {
		name   string
		rules  func(x *tables)
		key    *flowtable.Key
		acts   string
		mask   flowtable.Mask
		resume bool
	}{
		{"push on IP takes its TTL", one(nil, pushingMPLS(0x8847)), tcpKey(),
			"push-mpls { type=0x8847 lse=0x140 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, all), false},
		{"push with label and TTL of its own", one(nil, pushingMPLS(0x8848), label(16), settingMPLSTTL(9)), tcpKey(),
			"push-mpls { type=0x8848 lse=0x10109 } output 2", mask(flowtable.EthType, all), false},
		{"push on what has no TTL", one(nil, pushingMPLS(0x8847)), key(flowtable.InPort, 1, flowtable.EthType, 0x0806),
			"push-mpls { type=0x8847 lse=0x100 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, all), false},
		{"push on IP whose TTL was written", one(oxms(ip4), settingTTL(5), pushingMPLS(0x8847), label(16)), tcpKey(),
			"set { ip ttl=5 } push-mpls { type=0x8847 lse=0x10105 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, 64), false},
		{"push copies", one(nil, pushingMPLS(0x8848)), mplsKey(outer, second),
			"push-mpls { type=0x8848 lse=0x10040 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0xfffffeff), false},
		{"push, and the copied label is not used", one(nil, pushingMPLS(0x8847), label(7)), mplsKey(outer, second),
			"push-mpls { type=0x8847 lse=0x7040 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0xeff), false},
		{"three pushes", one(nil, pushingMPLS(0x8847), label(1), pushingMPLS(0x8847), label(2), pushingMPLS(0x8847), label(3)), tcpKey(),
			"push-mpls { type=0x8847 lse=0x1140 } push-mpls { type=0x8847 lse=0x2040 } push-mpls { type=0x8847 lse=0x3040 } output 2",
			mask(flowtable.EthType, all, flowtable.IPTTL, all), false},
		{"a VLAN tag stays before a label", func(x *tables) {
			x.add(0, 1, nil, applying(pushingMPLS(0x8847), label(1), settingMPLSTTL(2)), going(1))
			x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1005)), applying(output(2)))
		}, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"push-mpls { type=0x8847 lse=0x1102 } output 2", mask(flowtable.EthType, all, flowtable.VLANTCI, 0x1fff), false},

		{"pop to a label that the key has", then(oxms(mpls), mpls, poppingMPLS(0x8847), label(7)), mplsKey(outer, second),
			"pop-mpls { type=0x8847 } set { mpls label=7 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x140, flowtable.MPLS1, 0x100), false},
		{"pop, and match the next label", then(oxms(mpls), is(ofp13.OXMMPLSLabel, 32), poppingMPLS(0x8847)), mplsKey(outer, second),
			"pop-mpls { type=0x8847 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x140, flowtable.MPLS1, 0xfffff000), false},
		{"pop to IP, which nobody looks at", one(oxms(mpls), poppingMPLS(0x0800), setting(ofp13.OXMEthDst, 5)), mplsKey(second),
			"pop-mpls { type=0x0800 } set { eth dst=00:00:00:00:00:05 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), false},
		{"pop to IP, set its address", one(oxms(mpls), poppingMPLS(0x0800), setting(ofp13.OXMIPv4Dst, 5)), mplsKey(second),
			"pop-mpls { type=0x0800 } set { ipv4 dst=0.0.0.5 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), false},
		{"pop to IP, and match only its type", then(oxms(mpls), ip4, poppingMPLS(0x0800)), mplsKey(second),
			"pop-mpls { type=0x0800 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), false},
		{"pop to IP, and match its address", then(oxms(mpls), is(ofp13.OXMIPv4Dst, 5), poppingMPLS(0x0800)), mplsKey(second),
			"pop-mpls { type=0x0800 }", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), true},
		{"pop to IP, and decrement its TTL", one(oxms(mpls), poppingMPLS(0x0800), decreasing), mplsKey(second),
			"pop-mpls { type=0x0800 }", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), true},
		{"pop to a VLAN, and match it", then(oxms(mpls), is(ofp13.OXMVLANVID, 0x1005), poppingMPLS(0x8100)), mplsKey(second),
			"pop-mpls { type=0x8100 }", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), true},
		{"pop of what may be cut off", one(oxms(mpls), poppingMPLS(0x0800)), mplsKey(),
			"drop", mask(flowtable.EthType, all, flowtable.MPLS0, all), true},
		{"push and pop", then(nil, is(ofp13.OXMMPLSLabel, 16), pushingMPLS(0x8847), poppingMPLS(0x8847)), mplsKey(outer, second),
			"push-mpls { type=0x8847 lse=0x10040 } pop-mpls { type=0x8847 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0xfffffeff), false},

		{"decrement", one(oxms(mpls), decreasingMPLS), mplsKey(outer), "set { mpls ttl=63 } output 2",
			mask(flowtable.EthType, all, flowtable.MPLSTTL, all), false},
		{"invalid TTL", one(oxms(mpls), decreasingMPLS), mplsKey(0x1101), "pktin", mask(flowtable.EthType, all, flowtable.MPLSTTL, all), false},
		{"decrement what was just pushed", one(oxms(ip4), pushingMPLS(0x8847), decreasingMPLS, settingMPLSTTL(1)), tcpKey(),
			"push-mpls { type=0x8847 lse=0x101 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, all), false},
		{"bottom of the stack", then(oxms(mpls), is(ofp13.OXMMPLSBOS, 0), setting(ofp13.OXMMPLSBOS, 0)), mplsKey(second),
			"set { mpls bos=0 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x100), false},

		{"copies of TTLs", one(oxms(mpls), copyingOut, copyingIn, label(7), settingMPLSTTL(3)), mplsKey(outer, second),
			"copy-ttl-out copy-ttl-in set { mpls label=7 } set { mpls ttl=3 } output 2", mask(flowtable.EthType, all, flowtable.MPLS0, 0x140), false},
		{"decrement a copy", one(oxms(mpls), copyingOut, decreasingMPLS), mplsKey(second), "copy-ttl-out", mask(flowtable.EthType, all), true},
		{"copies of one TTL", one(oxms(ip4), copyingOut, copyingIn), tcpKey(), "output 2", mask(flowtable.EthType, all, flowtable.IPProto, all), false},
		{"copies between IP headers", one(oxms(ip4), copyingIn, copyingOut), tcpKey(flowtable.IPProto, 4),
			"copy-ttl-in copy-ttl-out output 2", mask(flowtable.EthType, all, flowtable.IPProto, all), false},

		{"push PBB", one(nil, pushingPBB), tcpKey(), "push-pbb { isid=0 } output 2", mask(flowtable.EthType, all), false},
		{"push PBB with a B-TAG", one(nil, pushingPBB, isid, pushing(0x88a8), setting(ofp13.OXMVLANVID, 0x1007)),
			tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"push-pbb { isid=9 } push-vlan { tpid=0x88a8 vid=7 pcp=0 } output 2", mask(flowtable.EthType, all), false},
		{"push PBB copies", one(nil, pushingPBB), key(flowtable.InPort, 1, flowtable.EthType, 0x88e7, flowtable.PBBISID, 5),
			"push-pbb { isid=5 } output 2", mask(flowtable.EthType, all, flowtable.PBBISID, all), false},
		{"push PBB, and the copy is not used", one(nil, pushingPBB, isid), key(flowtable.InPort, 1, flowtable.EthType, 0x88e7, flowtable.PBBISID, 5),
			"push-pbb { isid=9 } output 2", mask(flowtable.EthType, all), false},
		{"pop PBB", one(oxms(pbb), poppingPBB, setting(ofp13.OXMEthSrc, 5)), key(flowtable.InPort, 1, flowtable.EthType, 0x88e7),
			"pop-pbb set { eth src=00:00:00:00:00:05 } output 2", mask(flowtable.EthType, all), false},
		{"pop PBB, and match what it uncovers", then(oxms(pbb), is(ofp13.OXMEthDst, 5), poppingPBB), key(flowtable.InPort, 1, flowtable.EthType, 0x88e7),
			"pop-pbb", mask(flowtable.EthType, all), true},

		{"EtherType, and nobody looks behind it", one(nil, setting(ofp13.OXMEthType, 0x8848), setting(ofp13.OXMEthDst, 5)), tcpKey(),
			"set { eth type=0x8848 } set { eth dst=00:00:00:00:00:05 } output 2", mask(flowtable.EthType, all), false},
		{"EtherType, and a match behind it", then(nil, is(ofp13.OXMMPLSLabel, 5), setting(ofp13.OXMEthType, 0x8847)), tcpKey(),
			"set { eth type=0x8847 }", mask(flowtable.EthType, all), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			test.rules(x)
			x.check(test.key, test.acts, test.mask, test.resume)
		})
	}
}

// A frame's third tag is payload to a key: a label goes before it.
func TestPushMPLSBeforeTag(t *testing.T) {
	for _, c := range []struct {
		acts []ofp13.Action
		key  *flowtable.Key
		tags uint64
	}{
		{nil, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100), 0},
		{nil, key(flowtable.InPort, 1, flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x88a8, flowtable.VLAN2TCI, 0x1006, flowtable.VLAN2TPID, 0x8100,
			flowtable.EthType, 0x8100), 2},
		{[]ofp13.Action{pushing(0x88a8)}, key(flowtable.InPort, 1, flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x88a8, flowtable.VLAN2TCI, 0x1006,
			flowtable.VLAN2TPID, 0x8100, flowtable.EthType, 0x8100), 3},
	} {
		x := newTables(t)
		x.add(0, 1, nil, applying(append(c.acts, pushingMPLS(0x8847), setting(ofp13.OXMMPLSLabel, 1), output(2))...))
		var r Result
		Translate(x.publish(), c.key, &r)
		push := r.Actions[len(r.Actions)-2]
		if push.Kind != datapath.PushMPLS || push.Value>>32 != c.tags || push.Value>>12&0xfffff != 1 {
			t.Errorf("%s, behind %d tags, want behind %d", words(r.Actions), push.Value>>32, c.tags)
		}
	}
}

// A packet-in for an invalid MPLS TTL says so, and names the entry (§5.12).
// What a push that nobody sees would have copied is not looked at: not in the next
// bucket, nor in the next translation.
func TestUnseenPushLooksAtNothing(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeAll, 1, weighing(0, pushingMPLS(0x8847)), weighing(0, output(2)))
	x.add(0, 1, oxms(is(ofp13.OXMInPort, 1)), applying(grouping(1), output(3)))
	x.add(0, 1, oxms(is(ofp13.OXMInPort, 2)), applying(pushingMPLS(0x8847)))
	x.add(0, 2, oxms(is(ofp13.OXMEthType, 0x8847)), applying(decreasingMPLS, output(2)))
	v := x.publish()
	var r Result
	for _, tt := range []struct {
		name string
		key  *flowtable.Key
	}{
		{"in a bucket", tcpKey()},
		{"at the end", tcpKey(flowtable.InPort, 2)},
		{"after that", mplsKey(0x10140)},
	} {
		if Translate(v, tt.key, &r); r.Mask.Get(flowtable.IPTTL) != 0 {
			t.Errorf("%s: %s looks at bits %#x of IP's TTL", tt.name, words(r.Actions), r.Mask.Get(flowtable.IPTTL))
		}
	}
}

func TestInvalidMPLSTTL(t *testing.T) {
	x := newTables(t)
	x.add(0, 8, oxms(is(ofp13.OXMEthType, 0x8847)), applying(decreasingMPLS), writing(output(2)))
	var r Result
	Translate(x.publish(), mplsKey(0x1100), &r)
	want := PacketIn{Reason: ofp13.ReasonInvalidTTL, MaxLen: ofp13.ControllerMaxNoBuffer, Cookie: 8}
	if len(r.PacketIns) != 1 || r.PacketIns[0] != want {
		t.Errorf("packet-ins %+v, want %+v", r.PacketIns, want)
	}
}

// More labels than a walk keeps track of make it parse the frame again.
func TestTranslateManyLabels(t *testing.T) {
	x := newTables(t)
	var push []ofp13.Action
	for range 5 {
		push = append(push, pushingMPLS(0x8847))
	}
	x.add(0, 1, nil, applying(append(push, output(2))...))
	var r Result
	Translate(x.publish(), mplsKey(0x1140), &r)
	if n := len(r.Actions); !r.Resume || n != maxLabels-3 {
		t.Fatalf("resume %v after %d actions", r.Resume, n)
	}
	Continue(mplsKey(0x1040, 0x1040, 0x1040), &packet.Layout{L3: 14, Labels: 3}, &r)
	if r.Resume || len(r.Actions) != 3 {
		t.Errorf("then resume %v, %s", r.Resume, words(r.Actions))
	}
}

func TestTranslateLabelsAllocs(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(ip4), applying(pushingMPLS(0x8847), setting(ofp13.OXMMPLSLabel, 16), pushingPBB), going(1))
	x.add(1, 1, nil, applying(output(3)))
	x.add(1, 2, oxms(is(ofp13.OXMEthType, 0x88e7)), applying(output(3), poppingPBB, output(2)))
	x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x8847)), applying(copyingIn, decreasingMPLS, poppingMPLS(0x8847)), going(1))
	v := x.publish()
	var r Result
	for _, k := range []*flowtable.Key{tcpKey(), mplsKey(0x10040, 0x20140)} {
		Translate(v, k, &r)
		if n := testing.AllocsPerRun(1000, func() { Translate(v, k, &r) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
		if len(r.Actions) < 3 || r.Actions[0].Kind == datapath.Output {
			t.Errorf("actions %s", words(r.Actions))
		}
	}
}

func BenchmarkTranslateLabels(b *testing.B) {
	x := newTables(b)
	x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x8847), is(ofp13.OXMMPLSLabel, 16)), applying(decreasingMPLS, poppingMPLS(0x8847)), going(1))
	x.add(1, 1, oxms(is(ofp13.OXMEthType, 0x8847), is(ofp13.OXMMPLSLabel, 32)), applying(setting(ofp13.OXMMPLSLabel, 33), output(2)))
	v := x.publish()
	k := mplsKey(0x10040, 0x20140)
	var r Result
	b.ReportAllocs()
	for b.Loop() {
		Translate(v, k, &r)
	}
}
