package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

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
			{Table: 2, Reason: ofp13.ReasonAction, MaxLen: 128, Cookie: noCookie, Metadata: 7}}},
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

	r.creditBehind(0, 0, 3, 300, 77)
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
		if got := touched(visit, flowtable.NewEntry[*Program](&m, test.priority, nil)); got != test.want {
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
	Continue(inner, &packet.Layout{L3: 22, L4: 42}, &r)
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

// A tunnel_id that an action has set is told with a packet-in though the frame,
// which does not tell it, was parsed again meanwhile (§7.2.3.9).
func TestTunnelIDOutlivesAParse(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x8847)),
		applying(setting(ofp13.OXMTunnelID, 5), poppingMPLS(0x0800), decreasing, output(ofp13.PortController)), going(1))
	x.add(1, 1, oxms(is(ofp13.OXMTunnelID, 5)), applying(output(ofp13.PortController)))
	var r Result
	Translate(x.publish(), mplsKey(0x10140), &r)
	if !r.Resume {
		t.Fatalf("no need to resume: %s", words(r.Actions))
	}
	Continue(tcpKey(), &packet.Layout{L3: 14, L4: 34}, &r)
	if len(r.PacketIns) != 2 || r.PacketIns[0].TunnelID != 5 || r.PacketIns[1].TunnelID != 5 {
		t.Errorf("packet-ins %+v, want two of tunnel 5", r.PacketIns)
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
	Continue(key(flowtable.InPort, 1, flowtable.VLANTCI, 0x1000, flowtable.VLAN2TCI, 0x1000, flowtable.EthType, 0x8100), &packet.Layout{}, &r)
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
