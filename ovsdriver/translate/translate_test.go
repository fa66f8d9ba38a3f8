package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// mask makes a mask of fields and bits in turn; in_port is always looked at.
func mask(values ...any) (m flowtable.Mask) {
	m.Exact(flowtable.InPort)
	for i := 0; i < len(values); i += 2 {
		m.Add(values[i].(flowtable.Field), uint64(values[i+1].(int)))
	}
	return m
}

func TestTranslate(t *testing.T) {
	const all = -1
	tagged := like(ofp13.OXMVLANVID, 0x1000, 0x1000)
	vid := func(v int) ofp13.Action { return setting(ofp13.OXMVLANVID, uint64(v|0x1000)) }
	tests := []struct {
		name  string
		rules func(x *tables)
		key   *flowtable.Key
		acts  string
		mask  flowtable.Mask
	}{
		{"no entry", func(x *tables) {}, tcpKey(), "drop", mask()},
		{"no instructions", func(x *tables) { x.add(0, 1, nil) }, tcpKey(), "drop", mask()},
		{"unknown port", func(x *tables) { x.add(0, 1, nil, applying(output(2))) },
			tcpKey(flowtable.InPort, 9), "drop", mask()},
		{"outputs", func(x *tables) {
			x.add(0, 0, nil, applying(output(2), output(99), output(1), output(ofp13.PortLocal), output(ofp13.PortInPort)))
		}, tcpKey(), "output 2 output 0 output 1", mask()},
		{"flood", func(x *tables) { x.add(0, 0, nil, applying(output(ofp13.PortFlood))) }, tcpKey(),
			"output 2 output 3 output 4 output 0", mask()},
		{"all from local", func(x *tables) { x.add(0, 0, nil, applying(output(ofp13.PortAll))) },
			tcpKey(flowtable.InPort, int(datapath.Local)), "output 1 output 2 output 3 output 4", mask()},
		{"match", func(x *tables) { x.add(0, 5, oxms(ip4, is(ofp13.OXMIPv4Dst, 0x0a000002)), applying(output(2))) },
			tcpKey(), "output 2", mask(flowtable.EthType, all, flowtable.IPv4Dst, all)},
		{"instructions in the standard's order", func(x *tables) {
			x.add(0, 1, nil, going(1), writing(output(3)), clearing(), applying(output(2)))
			x.add(1, 1, nil)
		}, tcpKey(), "output 2 output 3", mask()},
		{"clear", func(x *tables) {
			x.add(0, 1, nil, writing(output(3)), going(1))
			x.add(1, 1, nil, clearing())
		}, tcpKey(), "drop", mask()},
		{"miss in a later table drops the set", func(x *tables) {
			x.add(0, 1, nil, writing(output(3)), going(1))
		}, tcpKey(), "drop", mask()},
		{"metadata", func(x *tables) {
			x.add(0, 1, nil, metadata(0xab, 0xff), going(7))
			x.add(7, 1, oxms(is(ofp13.OXMMetadata, 0xab)), metadata(0x10, 0xf0), going(8))
			x.add(8, 1, oxms(is(ofp13.OXMMetadata, 0x1b)), applying(output(2)))
		}, tcpKey(), "output 2", mask()},
		{"set-field is seen, and is no longer the frame's", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(setting(ofp13.OXMIPv4Dst, 5)), going(1))
			x.add(1, 1, oxms(ip4, is(ofp13.OXMIPv4Dst, 5)), applying(output(2)))
		}, tcpKey(), "set { ipv4 dst=0.0.0.5 } output 2", mask(flowtable.EthType, all)},
		{"an edit nobody sees", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(output(2), setting(ofp13.OXMIPv4Dst, 5)))
		}, tcpKey(), "output 2", mask(flowtable.EthType, all)},
		{"action set order", func(x *tables) {
			x.add(0, 1, oxms(ip4), writing(output(3), setting(ofp13.OXMIPDSCP, 1), decreasing, pushing(0x8100), vid(7), output(2)))
		}, tcpKey(), "push-vlan { tpid=0x8100 vid=7 pcp=0 } set { ip ttl=63 } set { field-13=0x1 } output 2",
			mask(flowtable.EthType, all, flowtable.IPTTL, all, flowtable.VLANTCI, 0x1000)},

		{"ttl", func(x *tables) { x.add(0, 1, oxms(ip4), applying(decreasing, decreasing, output(2))) }, tcpKey(),
			"set { ip ttl=63 } set { ip ttl=62 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, all)},
		{"invalid ttl", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(output(3), decreasing, output(2)), writing(output(4)))
		}, tcpKey(flowtable.IPTTL, 1), "output 3 pktin", mask(flowtable.EthType, all, flowtable.IPTTL, all)},
		{"set ttl", func(x *tables) { x.add(0, 1, oxms(ip4), applying(settingTTL(9), decreasing, output(2))) }, tcpKey(),
			"set { ip ttl=9 } set { ip ttl=8 } output 2", mask(flowtable.EthType, all)},
		{"port of a later fragment", func(x *tables) {
			x.add(0, 1, oxms(ip4, tcp), applying(setting(ofp13.OXMTCPDst, 5), output(2)))
		}, tcpKey(flowtable.IPFrag, flowtable.FragLater, flowtable.L4Src, 0, flowtable.L4Dst, 0), "output 2",
			mask(flowtable.EthType, all, flowtable.IPProto, all, flowtable.IPFrag, flowtable.FragLater)},

		{"push on untagged", func(x *tables) { x.add(0, 1, nil, applying(pushing(0x8100), vid(7), output(2))) }, tcpKey(),
			"push-vlan { tpid=0x8100 vid=7 pcp=0 } output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"push copies", func(x *tables) { x.add(0, 1, nil, applying(pushing(0x88a8), output(2))) },
			tcpKey(flowtable.VLANTCI, 0xb005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x88a8 vid=5 pcp=5 } output 2", mask(flowtable.VLANTCI, all)},
		{"push, and the copy is not used", func(x *tables) {
			x.add(0, 1, nil, applying(pushing(0x88a8), vid(9), output(2)))
		}, tcpKey(flowtable.VLANTCI, 0xb005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x88a8 vid=9 pcp=5 } output 2", mask(flowtable.VLANTCI, 0xf000)},
		{"pop", func(x *tables) { x.add(0, 1, oxms(tagged), applying(popping, output(2))) },
			tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"pop-vlan output 2", mask(flowtable.VLANTCI, 0x1000, flowtable.EthType, all)},
		{"pop of untagged", func(x *tables) { x.add(0, 1, nil, applying(popping, output(2))) }, tcpKey(),
			"output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"the second tag moves up", func(x *tables) {
			x.add(0, 1, oxms(tagged), applying(popping), going(1))
			x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1006)), applying(output(2)))
		}, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x88a8, flowtable.VLAN2TCI, 0x1006, flowtable.VLAN2TPID, 0x8100),
			"pop-vlan output 2", mask(flowtable.VLANTCI, 0x1000, flowtable.EthType, all, flowtable.VLAN2TCI, 0x1fff)},
		{"push and pop", func(x *tables) {
			x.add(0, 1, nil, applying(pushing(0x8100), vid(7), popping), going(1))
			x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1005)), applying(output(2)))
		}, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x8100 vid=7 pcp=0 } pop-vlan output 2", mask(flowtable.VLANTCI, all)},
		{"set vid", func(x *tables) { x.add(0, 1, oxms(tagged), applying(vid(7), output(2))) },
			tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"set { vlan vid=7 } output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"vid of an untagged frame", func(x *tables) { x.add(0, 1, nil, applying(vid(7), output(2))) }, tcpKey(),
			"output 2", mask(flowtable.VLANTCI, 0x1000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			test.rules(x)
			var r Result
			Translate(x.publish(), test.key, &r)
			if got := words(r.Actions); got != test.acts {
				t.Errorf("actions %q, want %q", got, test.acts)
			}
			if r.Mask != test.mask {
				t.Errorf("mask %v, want %v", r.Mask, test.mask)
			}
			if r.Slow != 0 || r.Resume {
				t.Errorf("slow %v, resume %v", r.Slow, r.Resume)
			}
		})
	}
}

// A datapath that cannot set a tag's VID gets a pop and a push, and then all of
// the tag has to be known.
func TestTranslateTagWithoutSet(t *testing.T) {
	x := newTables(t)
	f := anything
	f.Sets &^= 1<<flowtable.VLANVID | 1<<flowtable.VLANPCP | 1<<flowtable.VLANTCI
	x.view = NewView(f)
	x.view.SetPorts(NewPortSet(testPorts()))
	x.add(0, 1, oxms(like(ofp13.OXMVLANVID, 0x1000, 0x1000)),
		applying(setting(ofp13.OXMVLANVID, 0x1007), output(2), setting(ofp13.OXMVLANPCP, 1), output(3)))
	var r Result
	Translate(x.publish(), tcpKey(flowtable.VLANTCI, 0xb005, flowtable.VLANTPID, 0x88a8), &r)
	want := "pop-vlan push-vlan { tpid=0x88a8 vid=7 pcp=5 } output 2 pop-vlan push-vlan { tpid=0x88a8 vid=7 pcp=1 } output 3"
	if got := words(r.Actions); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := mask(flowtable.VLANTCI, 0xf000, flowtable.VLANTPID, -1); r.Mask != want {
		t.Errorf("mask %v, want %v", r.Mask, want)
	}
	if r.Slow != 0 {
		t.Errorf("slow: %v", r.Slow)
	}
}

func TestTranslatePortConfig(t *testing.T) {
	tests := []struct {
		name         string
		port, config uint32
		acts         string
	}{
		{"plain", 2, 0, "output 2 output 2 output 3 output 4 output 0"},
		{"out no-fwd", 2, ofp13.PortConfigNoFwd, "output 3 output 4 output 0"},
		{"out down", 2, ofp13.PortConfigDown, "output 3 output 4 output 0"},
		{"out no-recv", 2, ofp13.PortConfigNoRecv, "output 2 output 2 output 3 output 4 output 0"},
		{"in down", 1, ofp13.PortConfigDown, "drop"},
		{"in no-recv", 1, ofp13.PortConfigNoRecv, "drop"},
		{"in no-fwd", 1, ofp13.PortConfigNoFwd, "output 2 output 2 output 3 output 4 output 0"},
		{"in no-packet-in", 1, ofp13.PortConfigNoPacketIn, "output 2 output 2 output 3 output 4 output 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			x.add(0, 1, nil, applying(output(2), output(ofp13.PortAll)))
			ports := testPorts()
			for i := range ports {
				if ports[i].No == datapath.PortNo(test.port) {
					ports[i].Config = test.config
				}
			}
			x.view.SetPorts(NewPortSet(ports))
			var r Result
			Translate(x.publish(), tcpKey(), &r)
			if got := words(r.Actions); got != test.acts {
				t.Errorf("got %q, want %q", got, test.acts)
			}
		})
	}
}

func TestTranslateFragDrop(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, nil, applying(output(2)))
	x.view.SetFragDrop(true)
	v := x.publish()
	for frag, want := range map[int]string{flowtable.FragNone: "output 2", flowtable.FragFirst: "drop", flowtable.FragLater: "drop"} {
		var r Result
		Translate(v, tcpKey(flowtable.IPFrag, frag), &r)
		if got := words(r.Actions); got != want || r.Mask != mask(flowtable.IPFrag, -1) {
			t.Errorf("frag %d: %q, mask %v", frag, got, r.Mask)
		}
	}
}

func TestTranslatePacketIns(t *testing.T) {
	controller := output(ofp13.PortController)
	x := newTables(t)
	x.add(0, 0, nil, applying(controller))                                                                   // table-miss
	x.add(0, 5, oxms(is(ofp13.OXMInPort, 2)), applying(controller), metadata(7, 15), going(1))               // both ways
	x.add(1, 0, nil, going(2))                                                                               // table-miss that asks nothing
	x.add(2, 9, oxms(like(ofp13.OXMMetadata, 7, 7)), writing(controller), going(3))                          // asks in the set
	x.add(3, 0, nil)                                                                                         // table-miss behind it
	x.add(0, 6, oxms(is(ofp13.OXMInPort, 3), ip4), metadata(1, 1), applying(decreasing), writing(output(2))) // TTL
	v := x.publish()
	tests := []struct {
		key  *flowtable.Key
		want []PacketIn
	}{
		{tcpKey(), []PacketIn{{Table: 0, Reason: ofp13.ReasonNoMatch, MaxLen: 128, Cookie: 0}}},
		{tcpKey(flowtable.InPort, 2), []PacketIn{
			{Table: 0, Reason: ofp13.ReasonAction, MaxLen: 128, Cookie: 5},
			{Table: 2, Reason: ofp13.ReasonAction, MaxLen: 128, Cookie: 2<<32 | 9, Metadata: 7}}},
		{tcpKey(flowtable.InPort, 3, flowtable.IPTTL, 0), []PacketIn{
			{Table: 0, Reason: ofp13.ReasonInvalidTTL, MaxLen: ofp13.ControllerMaxNoBuffer, Cookie: 6}}},
	}
	for _, test := range tests {
		var r Result
		Translate(v, test.key, &r)
		if len(r.PacketIns) != len(test.want) || len(r.Actions) != len(test.want) {
			t.Errorf("port %d: %+v, actions %s", test.key.Get(flowtable.InPort), r.PacketIns, words(r.Actions))
			continue
		}
		for i, want := range test.want {
			if r.PacketIns[i] != want || r.Actions[i] != (datapath.Act{Kind: datapath.Controller, Value: uint64(i)}) {
				t.Errorf("port %d: got %+v %+v, want %+v", test.key.Get(flowtable.InPort), r.PacketIns[i], r.Actions[i], want)
			}
		}
	}
}

func TestTranslateCreditsVisitsTokens(t *testing.T) {
	x := newTables(t)
	first := x.add(0, 3, oxms(ip4), applying(setting(ofp13.OXMIPv4Dst, 5), output(3), output(2), output(2)), metadata(1, 1), going(4))
	first.Flags = flowtable.FlagNoBytCounts
	x.add(4, 3, oxms(is(ofp13.OXMEthType, 0x0806)), applying(output(ofp13.PortFlood)))
	v := x.publish()
	var r Result
	Translate(v, tcpKey(), &r)

	if len(r.Visits) != 2 || r.Visits[0].Entry != first || r.Visits[1].Entry != nil || r.Visits[1].Table != 4 {
		t.Fatalf("visits: %+v", r.Visits)
	}
	second := &r.Visits[1]
	if second.Key.Get(flowtable.IPv4Dst) != 5 || second.Key.Get(flowtable.Metadata) != 1 {
		t.Errorf("the key at table 4 is %v", second.Key)
	}
	known := r.Mask
	known.Exact(flowtable.IPv4Dst)
	known.Exact(flowtable.InPhyPort)
	known.Merge(&pipelineMask)
	if second.Known != known {
		t.Errorf("known %v, want %v", second.Known, known)
	}
	if want := []Token{PortToken(1), PortToken(3), PortToken(2)}; len(r.Tokens) != 3 || r.Tokens[0] != want[0] || r.Tokens[1] != want[1] || r.Tokens[2] != want[2] {
		t.Errorf("tokens %v, want %v", r.Tokens, want)
	}

	r.Credit(3, 300, 77)
	if packets, bytes, used := first.Stats.Read(); packets != 3 || bytes != 0 || used != 77 {
		t.Errorf("entry: %d packets, %d bytes, used %d", packets, bytes, used)
	}
	for id, want := range map[int][2]uint64{0: {3, 3}, 4: {3, 0}} {
		if lookups, matched := x.count[id].Read(); lookups != want[0] || matched != want[1] {
			t.Errorf("table %d: %d lookups, %d matched", id, lookups, matched)
		}
	}
}

// What a later change of the tables can do to a translation.
func TestVisitTouched(t *testing.T) {
	x := newTables(t)
	x.add(0, 3, oxms(like(ofp13.OXMVLANVID, 0x1000, 0x1000)), applying(popping, setting(ofp13.OXMEthDst, 7)), going(1))
	x.add(1, 10, oxms(is(ofp13.OXMVLANVID, 0x1006)), applying(output(2)))
	var r Result
	Translate(x.publish(), tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100,
		flowtable.VLAN2TCI, 0x1006, flowtable.VLAN2TPID, 0x8100), &r)
	visit := &r.Visits[1]
	tests := []struct {
		name     string
		priority uint16
		match    ofp13.OXM
		want     bool
	}{
		{"lower", 9, is(ofp13.OXMEthDst, 7), false},
		{"equal", 10, is(ofp13.OXMEthDst, 7), true},
		{"written otherwise", 11, is(ofp13.OXMEthDst, 8), false},
		{"not looked at", 11, is(ofp13.OXMEthSrc, 9), true},
		{"another second tag", 11, is(ofp13.OXMVLANVID, 0x1005), false},
		{"the second tag", 11, is(ofp13.OXMVLANVID, 0x1006), true},
		{"looked at", 11, is(ofp13.OXMEthType, 0x0806), false},
		{"another port", 11, is(ofp13.OXMInPort, 2), false},
		{"another physical port", 11, is(ofp13.OXMInPhyPort, 2), false},
		{"metadata", 11, is(ofp13.OXMMetadata, 1), false},
		{"no metadata", 11, is(ofp13.OXMMetadata, 0), true},
	}
	for _, test := range tests {
		m, err := CompileMatch(&ofp13.Match{Fields: oxms(test.match)})
		if err != nil {
			t.Fatal(err)
		}
		if got := visit.Touched(&Entry{Priority: test.priority, Match: m}); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestTranslateSlow(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x0806), is(ofp13.OXMARPOp, 1)), applying(setting(ofp13.OXMARPOp, 2), output(ofp13.PortAll)))
	arp := key(flowtable.InPort, 1, flowtable.EthType, 0x0806, flowtable.ARPOp, 1)
	for name, test := range map[string]struct {
		change func(*datapath.Features)
		want   Slow
	}{
		"all":    {func(*datapath.Features) {}, 0},
		"mask":   {func(f *datapath.Features) { f.KeyMask.Set(flowtable.ARPOp, 0xff) }, SlowMask},
		"action": {func(f *datapath.Features) { f.Sets &^= 1 << flowtable.ARPOp }, SlowAction},
		"length": {func(f *datapath.Features) { f.MaxActs = 4 }, SlowLength},
	} {
		f := anything
		test.change(&f)
		x.view = NewView(f)
		x.view.SetPorts(NewPortSet(testPorts()))
		var r Result
		if Translate(x.publish(), arp, &r); r.Slow != test.want {
			t.Errorf("%s: slow is %v, want %v", name, r.Slow, test.want)
		}
	}
}

func TestTranslateResume(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(is(ofp13.OXMVLANVID, 0x1001)), applying(popping, output(3)), writing(output(4)), metadata(9, 15), going(1))
	x.add(1, 1, oxms(is(ofp13.OXMMetadata, 9), is(ofp13.OXMVLANVID, 0x1002), ip4), applying(output(2)))
	v := x.publish()
	// Three tags: the key stops at the third one's type.
	outer := key(flowtable.InPort, 1, flowtable.EthType, 0x8100, flowtable.VLANTCI, 0x1001, flowtable.VLANTPID, 0x8100,
		flowtable.VLAN2TCI, 0x1002, flowtable.VLAN2TPID, 0x8100)
	var r Result
	Translate(v, outer, &r)
	if !r.Resume || r.Slow&SlowReparse == 0 || words(r.Actions) != "pop-vlan output 3" {
		t.Fatalf("resume %v, slow %v, actions %q", r.Resume, r.Slow, words(r.Actions))
	}
	inner := tcpKey(flowtable.VLANTCI, 0x1002, flowtable.VLANTPID, 0x8100, flowtable.VLAN2TCI, 0x1003, flowtable.VLAN2TPID, 0x8100)
	Continue(inner, &r)
	if r.Resume || words(r.Actions) != "output 2 output 4" || len(r.Visits) != 2 || len(r.Credits) != 2 {
		t.Errorf("resume %v, actions %q, %d visits", r.Resume, words(r.Actions), len(r.Visits))
	}
	// Nobody asks what the pop has uncovered, so nothing has to be parsed again.
	x.add(0, 2, oxms(is(ofp13.OXMVLANVID, 0x1001)), applying(popping, output(3)), writing(output(4)))
	Translate(x.publish(), outer, &r)
	if r.Resume || r.Slow != 0 || words(r.Actions) != "pop-vlan output 3 output 4" {
		t.Errorf("without a look: resume %v, actions %q", r.Resume, words(r.Actions))
	}
}

func TestTranslateManyTags(t *testing.T) {
	x := newTables(t)
	push := []ofp13.Action{}
	for range 7 {
		push = append(push, pushing(0x8100))
	}
	x.add(0, 1, nil, applying(append(push, output(2))...))
	var r Result
	Translate(x.publish(), tcpKey(), &r)
	if n := len(r.Actions); !r.Resume || n != maxTags-2 {
		t.Fatalf("resume %v after %d actions", r.Resume, n)
	}
	Continue(key(flowtable.InPort, 1, flowtable.VLANTCI, 0x1000, flowtable.VLAN2TCI, 0x1000, flowtable.EthType, 0x8100), &r)
	if r.Resume || len(r.Actions) != 4 {
		t.Errorf("then resume %v, %s", r.Resume, words(r.Actions))
	}
}

func TestTranslateAllocs(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(ip4), applying(decreasing, pushing(0x8100), setting(ofp13.OXMVLANVID, 0x1007), output(2)), metadata(1, 1), going(1))
	x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1007)), applying(popping, output(ofp13.PortFlood)), writing(output(ofp13.PortController)), going(2))
	x.add(2, 0, nil)
	v := x.publish()
	k := tcpKey()
	var r Result
	Translate(v, k, &r)
	if n := testing.AllocsPerRun(1000, func() { Translate(v, k, &r) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkTranslate(b *testing.B) {
	x := newTables(b)
	x.add(0, 1, oxms(ip4), applying(decreasing), going(1))
	x.add(1, 1, oxms(ip4, is(ofp13.OXMIPv4Dst, 0x0a000002)), applying(output(2)))
	v := x.publish()
	k := tcpKey()
	var r Result
	b.ReportAllocs()
	for b.Loop() {
		Translate(v, k, &r)
	}
}
