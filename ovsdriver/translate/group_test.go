package translate

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// translated returns what becomes of a key.
func translated(v *View, k *flowtable.Key) *Result {
	var r Result
	Translate(v, k, &r)
	return &r
}

// What a group does, as actions of the datapath.
func TestGroupActions(t *testing.T) {
	all, indirect, failover := ofp13.GroupTypeAll, ofp13.GroupTypeIndirect, ofp13.GroupTypeFastFailover
	dst := func(n uint64) ofp13.Action { return setting(ofp13.OXMEthDst, n) }
	const set1, set2 = "set { eth dst=00:00:00:00:00:01 } ", "set { eth dst=00:00:00:00:00:02 } "
	tests := []struct {
		name string
		fill func(x *tables)
		ins  []ofp13.Instruction
		want string
	}{
		{"outputs need no copy", func(x *tables) {
			x.group(all, 1, weighing(0, output(2)), weighing(0, output(3)))
		}, []ofp13.Instruction{applying(grouping(1), output(4))}, "output 2 output 3 output 4 "},
		{"edits are each bucket's own", func(x *tables) {
			x.group(all, 1, weighing(0, dst(1), output(2)), weighing(0, output(3)), weighing(0, dst(2), output(4)))
		}, []ofp13.Instruction{applying(grouping(1), output(2))},
			"clone 2 " + set1 + "output 2 output 3 clone 2 " + set2 + "output 4 output 2 "},
		{"the last copy is the frame", func(x *tables) {
			x.group(all, 1, weighing(0, dst(1), output(2)), weighing(0, dst(2), output(3)))
		}, []ofp13.Instruction{applying(grouping(1))}, "clone 2 " + set1 + "output 2 " + set2 + "output 3 "},
		{"a bucket that outputs nothing", func(x *tables) {
			x.group(all, 1, weighing(0, dst(1)), weighing(0), weighing(0, output(2)))
		}, []ofp13.Instruction{applying(grouping(1), output(3))}, "output 2 output 3 "},
		{"a bucket is a set", func(x *tables) {
			x.group(indirect, 1, weighing(0, output(3), output(2), dst(2), dst(1)))
		}, []ofp13.Instruction{applying(grouping(1))}, set1 + "output 2 "},
		{"not to the ingress port by number", func(x *tables) {
			x.group(all, 1, weighing(0, output(1)), weighing(0, output(ofp13.PortInPort)))
		}, []ofp13.Instruction{applying(grouping(1))}, "output 1 "},
		{"in the action set, instead of an output", func(x *tables) {
			x.group(indirect, 1, weighing(0, output(2)))
		}, []ofp13.Instruction{writing(output(3), grouping(1), dst(1))}, set1 + "output 2 "},
		{"a chain", func(x *tables) {
			x.group(all, 1, weighing(0, dst(1), output(2)), weighing(0, output(3)))
			x.group(indirect, 2, weighing(0, dst(2), grouping(1)))
		}, []ofp13.Instruction{applying(grouping(2), output(4))},
			"clone 5 " + set2 + "clone 2 " + set1 + "output 2 output 3 output 4 "},
		{"the first live bucket", func(x *tables) {
			x.group(failover, 1, watching(4, ofp13.GroupAny, output(4)), watching(9, ofp13.GroupAny, output(2)), watching(3, ofp13.GroupAny, output(3)))
		}, []ofp13.Instruction{applying(grouping(1))}, "output 3 "},
		{"no live bucket", func(x *tables) {
			x.group(failover, 1, watching(4, ofp13.GroupAny, output(4)))
		}, []ofp13.Instruction{applying(grouping(1))}, ""},
		{"no bucket", func(x *tables) { x.group(all, 1) }, []ofp13.Instruction{applying(grouping(1))}, ""},
		{"no bucket to select", func(x *tables) { x.group(ofp13.GroupTypeSelect, 1) },
			[]ofp13.Instruction{applying(output(2), grouping(1), output(3))}, "output 2 output 3 "},
		{"no bucket to fail over to", func(x *tables) { x.group(failover, 1) }, []ofp13.Instruction{applying(grouping(1))}, ""},
		{"a bucket lives by its group", func(x *tables) {
			x.group(failover, 1, watching(4, ofp13.GroupAny, output(4)))
			x.group(failover, 2, watching(4, ofp13.GroupAny, output(4)), watching(3, ofp13.GroupAny, output(3)))
			x.group(failover, 3, watching(ofp13.PortAny, 1, output(2)), watching(4, 2, output(3)))
		}, []ofp13.Instruction{applying(grouping(3))}, "output 3 "},
		{"a TTL's end is that of the copy", func(x *tables) {
			x.group(all, 1, weighing(0, settingTTL(1), output(2)), weighing(0, output(3)))
			x.group(all, 2, weighing(0, decreasing, output(2)), weighing(0, output(3)))
		}, []ofp13.Instruction{applying(settingTTL(1), grouping(2), output(4))},
			"set { ip ttl=1 } pktin output 3 output 4 "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			test.fill(x)
			x.add(0, 1, oxms(ip4), test.ins...)
			r := translated(x.publish(), tcpKey())
			if got := string(datapath.AppendActs(nil, r.Actions)); got != test.want && got != "drop "+test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if r.Slow != 0 {
				t.Errorf("slow: %s", r.Slow)
			}
		})
	}
}

// A packet counts for each group and bucket that it goes through, as often as it
// does.
func TestGroupCredits(t *testing.T) {
	x := newTables(t)
	one := x.group(ofp13.GroupTypeAll, 1, weighing(0, output(2)), weighing(0, output(3)))
	two := x.group(ofp13.GroupTypeAll, 2, weighing(0, grouping(1)), weighing(0), weighing(0, grouping(1)))
	dead := x.group(ofp13.GroupTypeFastFailover, 3, watching(4, ofp13.GroupAny, output(4)))
	x.add(0, 1, nil, applying(grouping(2), grouping(3)))
	translated(x.publish(), tcpKey()).creditBehind(0, 0, 3, 300, 5)
	for _, c := range []struct {
		name  string
		stats *flowtable.Stats
		want  uint64
	}{
		{"group 1", one.Stats, 6}, {"its bucket", one.Buckets[1].Stats, 6},
		{"group 2", two.Stats, 3}, {"its empty bucket", two.Buckets[1].Stats, 3},
		{"group without live bucket", dead.Stats, 3}, {"its bucket", dead.Buckets[0].Stats, 0},
	} {
		if packets, bytes, _ := c.stats.Read(); packets != c.want || bytes != 100*c.want {
			t.Errorf("%s: %d packets, %d bytes; want %d", c.name, packets, bytes, c.want)
		}
	}
}

// What a bucket sends to the controller is no table miss, and has no entry's
// cookie.
func TestGroupPacketIn(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeIndirect, 1, weighing(0, output(ofp13.PortController)))
	x.add(0, 0, nil, applying(output(ofp13.PortController), grouping(1)))
	r := translated(x.publish(), tcpKey())
	if len(r.PacketIns) != 2 || r.PacketIns[0].Reason != ofp13.ReasonNoMatch || r.PacketIns[1].Reason != ofp13.ReasonAction ||
		r.PacketIns[0].Cookie != 0 || r.PacketIns[1].Cookie != noCookie {
		t.Errorf("packet-ins %+v", r.PacketIns)
	}
}

// A chain that fans out without end ends somewhere, and is not cached.
func TestGroupsThatFanOut(t *testing.T) {
	for name, leaf := range map[string][]ofp13.Action{"outputs": {output(2)}, "edits": {setting(ofp13.OXMEthDst, 1), output(2)}, "nothing": nil} {
		x := newTables(t)
		x.group(ofp13.GroupTypeAll, 1, weighing(0, leaf...), weighing(0, leaf...))
		for id := uint32(2); id <= MaxChain; id++ {
			x.group(ofp13.GroupTypeAll, id, weighing(0, grouping(id-1)), weighing(0, setting(ofp13.OXMEthSrc, 1), grouping(id-1)))
		}
		x.add(0, 1, nil, applying(grouping(MaxChain), output(3)))
		r := translated(x.publish(), tcpKey())
		if r.Slow&SlowLength == 0 || len(r.Actions) > maxActions+MaxChain || len(r.Credits) > 3*maxBuckets {
			t.Errorf("%s: slow %s, %d actions, %d credits", name, r.Slow, len(r.Actions), len(r.Credits))
		}
		if top := lastClone(r.Actions); top > len(r.Actions) {
			t.Errorf("%s: a Clone reaches to %d of %d", name, top, len(r.Actions))
		}
	}
}

// lastClone returns how far Clones reach.
func lastClone(acts []datapath.Act) (end int) {
	for i := range acts {
		if acts[i].Kind == datapath.Clone {
			end = max(end, i+1+int(acts[i].Value))
		}
	}
	return end
}

// So does asking for liveness.
func TestLivenessThatFansOut(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeFastFailover, 1, watching(4, ofp13.GroupAny), watching(4, ofp13.GroupAny))
	for id := uint32(2); id <= MaxChain; id++ {
		x.group(ofp13.GroupTypeFastFailover, id, watching(ofp13.PortAny, id-1), watching(ofp13.PortAny, id-1))
	}
	x.add(0, 1, nil, applying(grouping(MaxChain), output(3)))
	if r := translated(x.publish(), tcpKey()); r.Slow&SlowLength == 0 {
		t.Errorf("slow %s", r.Slow)
	}
}

// A translation depends on whatever was asked for its liveness, live or not.
func TestLivenessTokens(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeFastFailover, 1, watching(4, ofp13.GroupAny, output(2)))
	x.group(ofp13.GroupTypeFastFailover, 2, watching(ofp13.PortAny, 1, output(2)), watching(3, ofp13.GroupAny, output(3)))
	x.add(0, 1, nil, applying(grouping(2)))
	r := translated(x.publish(), tcpKey())
	if words(r.Actions) != "output 3" {
		t.Errorf("actions %s: port 4 is down, and with it group 1", words(r.Actions))
	}
	for _, token := range []Token{GroupToken(2), GroupToken(1), LivenessToken(4), LivenessToken(3)} {
		if !slices.Contains(r.Tokens, token) {
			t.Errorf("token %#x is not among %#x", token, r.Tokens)
		}
	}
}

// Whatever changes, of ports or groups, a translation that it changes has the
// token that says so.
func TestGroupTokens(t *testing.T) {
	g := &gen{Rand: rand.New(rand.NewPCG(21, 22)), pushes: true, headers: true, maxTags: 2, groups: true}
	changed := 0
	for range 400 {
		x := newTables(t)
		g.fill(x, 1)
		v := x.publish()
		keys, before := g.translations(v)
		var tokens []Token
		if g.chance(50) {
			ports := testPorts()
			p := &ports[1+g.IntN(4)]
			p.LinkDown = !p.LinkDown
			next := NewPortSet(ports)
			tokens = next.Changed(v.Ports(), nil)
			x.view.SetPorts(next)
		} else {
			id := uint32(1 + g.IntN(numGroups-1))
			x.group(ofp13.GroupTypeAll, id, weighing(0, output(2)))
			tokens = append(tokens, GroupToken(id))
		}
		v = x.publish()
		for i := range keys {
			var after Result
			Translate(v, &keys[i], &after)
			if same(&before[i], &after) {
				continue
			}
			changed++
			if !slices.ContainsFunc(tokens, func(t Token) bool { return slices.Contains(before[i].Tokens, t) }) {
				t.Fatalf("%s became %s, but had none of %x: %x", words(before[i].Actions), words(after.Actions), tokens, before[i].Tokens)
			}
		}
	}
	if changed < 200 {
		t.Errorf("only %d translations changed", changed)
	}
}

// One change among ten thousand groups costs microseconds.
func BenchmarkGroupSetWith(b *testing.B) {
	set := NewGroupSet(1)
	for id := range uint32(10000) {
		set = set.With(&Group{ID: id})
	}
	g := &Group{ID: 77}
	b.ReportAllocs()
	for b.Loop() {
		set = set.With(g)
	}
}

func BenchmarkSelect(b *testing.B) {
	x := newTables(b)
	x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(2, output(3)))
	x.add(0, 1, nil, applying(grouping(1)))
	v, k := x.publish(), tcpKey()
	var r Result
	b.ReportAllocs()
	for b.Loop() {
		Translate(v, k, &r)
	}
}

func TestGroupAllocs(t *testing.T) {
	x := newTables(t)
	dst := setting(ofp13.OXMEthDst, 1)
	x.group(ofp13.GroupTypeSelect, 1, watchWeight(4, 1, output(2)), watchWeight(3, 2, output(3)), watchWeight(2, 2, dst, output(2)))
	x.group(ofp13.GroupTypeAll, 2, weighing(0, dst, grouping(1)), weighing(0, output(2)))
	x.group(ofp13.GroupTypeFastFailover, 3, watching(4, 1, pushing(0x8100), grouping(2)))
	x.add(0, 1, nil, applying(grouping(3), output(3)), writing(grouping(2), dst))
	v := x.publish()
	var r Result
	n := 0
	key := tcpKey()
	run := func() {
		n++
		key.Set(flowtable.L4Src, uint64(n))
		Translate(v, key, &r)
	}
	for range 100 {
		run()
	}
	if allocs := testing.AllocsPerRun(1000, run); allocs != 0 {
		t.Errorf("%v allocations a packet", allocs)
	}
}

func watchWeight(port uint32, weight uint16, a ...ofp13.Action) ofp13.Bucket {
	b := watching(port, ofp13.GroupAny, a...)
	b.Weight = weight
	return b
}

func TestCompileGroupErrors(t *testing.T) {
	for i, c := range []struct {
		action ofp13.Action
		code   uint16
	}{
		{output(ofp13.PortAny), ofp13.BadActionBadOutPort},
		{output(ofp13.PortTable), ofp13.BadActionBadOutPort},
		{grouping(ofp13.GroupAll), ofp13.BadActionBadOutGroup},
		{setting(ofp13.OXMInPort, 1), ofp13.BadActionBadSetType},
		{pushing(0x1234), ofp13.BadActionBadArgument},
		{ofp13.Action{Type: 99}, ofp13.BadActionBadType},
		{ofp13.Action{Type: ofp13.ActionExperimenter}, ofp13.BadActionBadExperimenter},
	} {
		_, err := CompileGroup(&ofp13.GroupMod{Buckets: []ofp13.Bucket{weighing(0, output(1)), weighing(0, c.action)}})
		want := &ofp13.Error{Type: ofp13.ErrTypeBadAction, Code: c.code}
		if !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", i, err, want)
		}
	}
}
