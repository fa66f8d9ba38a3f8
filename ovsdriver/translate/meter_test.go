package translate

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// What the meters of tests do with every frame, whatever the time: a band
// without a rate is always exceeded.
const (
	passing   = 1
	dropping  = 2
	remarking = 3 // by one level
	deepening = 4 // by two
)

// newMeter makes one of these meters.
func newMeter(id uint32) *meter.Meter {
	var bands []meter.Band
	switch id {
	case dropping:
		bands = []meter.Band{{Then: meter.Drop}}
	case remarking, deepening:
		bands = []meter.Band{{Then: meter.Verdict(id - remarking + 1)}}
	}
	return meter.New(meter.Config{Bands: bands}, 0)
}

// testMeters are all four. A datapath with meters of its own has not those that
// remark.
func testMeters(features *datapath.Features) *Meters {
	var all *Meters
	alarm := new(atomic.Bool)
	for id := uint32(passing); id <= deepening; id++ {
		native := features.Can(&datapath.Act{Kind: datapath.Meter}) && !(features.OwnMeters && id >= remarking)
		all = all.Put(id, &Meter{Meter: newMeter(id), Native: native, Alarm: alarm})
	}
	return all
}

// measured does what a test's meter does with a frame: false is the end of it.
func measured(f *datapath.Frame, id uint32) bool {
	switch id {
	case dropping:
		return false
	case remarking, deepening:
		packet.Remark(f, uint8(id-remarking+1))
	}
	return true
}

func metering(id uint32) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionMeter, ID: id}
}

// A meter comes first whatever the order on the wire (§5.9), and an entry that
// only meters asks it too.
func TestMeterComesFirst(t *testing.T) {
	x := newTables(t)
	x.view.SetMeters(testMeters(&anything), nil)
	x.add(0, 1, oxms(is(ofp13.OXMInPort, 1)), writing(output(2)), applying(output(3)), metering(passing), going(1))
	x.add(0, 1, oxms(is(ofp13.OXMInPort, 2)), metering(dropping), applying(setting(ofp13.OXMEthDst, 5)))
	x.add(1, 1, nil, metering(remarking), applying(output(4)))
	var r Result
	for port, want := range map[int]string{1: "meter 1 output 3 meter 3 output 4 output 2", 2: "meter 2"} {
		Translate(x.publish(), key(flowtable.InPort, port), &r)
		if got := strings.ReplaceAll(words(r.Actions), ",", ""); got != want {
			t.Errorf("in by port %d: %s, want %s", port, got, want)
		}
		if r.Slow != 0 || r.Resume {
			t.Errorf("in by port %d: slow for %s", port, r.Slow)
		}
	}
	Translate(x.publish(), key(flowtable.InPort, 1), &r)
	if !slices.Contains(r.Tokens, MeterToken(passing)) || !slices.Contains(r.Tokens, MeterToken(remarking)) {
		t.Errorf("tokens %v lack those of both meters", r.Tokens)
	}
}

// Only what looks at the DSCP behind a meter that remarks has to wait for the
// frame.
func TestRemarkHidesTheDSCP(t *testing.T) {
	for _, tt := range []struct {
		meter  uint32
		match  []ofp13.OXM
		freeze bool
	}{
		{remarking, oxms(ip4, is(ofp13.OXMIPDSCP, 12)), true},
		{remarking, oxms(ip4, is(ofp13.OXMIPECN, 1)), false},
		{remarking, oxms(ip4, tcp), false},
		{passing, oxms(ip4, is(ofp13.OXMIPDSCP, 12)), false},
	} {
		x := newTables(t)
		x.view.SetMeters(testMeters(&anything), nil)
		x.add(0, 1, nil, metering(tt.meter), going(1))
		x.add(1, 1, tt.match, applying(output(2)))
		var r Result
		Translate(x.publish(), key(flowtable.InPort, 1, flowtable.EthType, 0x0800, flowtable.IPDSCP, 10), &r)
		if r.Resume != tt.freeze || (len(r.Visits) == 1) != tt.freeze {
			t.Errorf("meter %d, then %v: resume %t with %d visits, want %t", tt.meter, tt.match, r.Resume, len(r.Visits), tt.freeze)
		}
	}
}

// own is a datapath that has meters of its own, and does not write operations of
// ARP.
func own() datapath.Features {
	f := anything
	f.OwnMeters = true
	f.Sets &^= 1 << flowtable.ARPOp
	return f
}

// arpFrame is an ARP request.
func arpFrame() (*datapath.Frame, flowtable.Key) {
	f := plain()
	f.End = f.Start + 12 + len("\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01") + 20
	copy(f.Bytes()[12:], "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01")
	var k flowtable.Key
	packet.Parse(f, 1, &k)
	return f, k
}

// A meter that the datapath does not hold makes a flow slow. A frame that must
// pass a meter of the datapath's own, but be dealt with here, is sent there
// first. Where that cannot be, for a flow that cannot be cached, the meter is
// marked as living in two places.
func TestMetersLiveInOnePlace(t *testing.T) {
	dst, op := setting(ofp13.OXMEthDst, 9), setting(ofp13.OXMARPOp, 7)
	for _, tt := range []struct {
		name     string
		features datapath.Features
		meter    uint32
		first    []ofp13.Action // of the table before
		actions  []ofp13.Action
		slow     Slow
		given    string // to the datapath
		strained bool
	}{
		{"in the datapath", own(), passing, nil, []ofp13.Action{output(2)}, 0, "meter 1 output 2", false},
		{"to the controller", own(), passing, nil, []ofp13.Action{output(ofp13.PortController)}, 0, "meter 1 pktin", false},
		{"with another action", own(), passing, nil, []ofp13.Action{op, output(2)}, SlowAction, "meter 1 pktin", false},
		{"not at first", own(), passing, []ofp13.Action{dst}, []ofp13.Action{op, output(2)}, SlowAction, "output 2", true},
		{"not at first, to the controller", own(), passing, []ofp13.Action{dst}, []ofp13.Action{output(ofp13.PortController)}, 0, "", false},
		{"in user space", own(), remarking, nil, []ofp13.Action{output(2)}, SlowAction, "output 2", false},
		{"one place anyway", anything, remarking, nil, []ofp13.Action{output(2)}, 0, "output 2", false},
	} {
		x := newTablesOn(t, tt.features)
		meters := testMeters(&tt.features)
		x.view.SetMeters(meters, nil)
		x.add(0, 1, nil, applying(tt.first...), going(1))
		x.add(1, 1, oxms(is(ofp13.OXMEthType, 0x0806)), metering(tt.meter), applying(tt.actions...))
		f, k := arpFrame()
		sink := &recorder{t: t, features: &tt.features}
		executor := Executor{Ask: true}
		executor.Packet(x.publish(), &k, f, 1, sink)
		var given string
		for _, e := range sink.waiting {
			given += words(e.Actions)
		}
		m := meters.Get(tt.meter)
		if executor.Result.Slow != tt.slow || given != tt.given || m.Strained.Load() != tt.strained || m.Alarm.Load() != tt.strained {
			t.Errorf("%s: slow for %s, given %q, strained %t, alarm %t; want %s, %q, %t", tt.name, executor.Result.Slow,
				given, m.Strained.Load(), m.Alarm.Load(), tt.slow, tt.given, tt.strained)
		}
	}
}

// A frame that comes back from the datapath's meter meets it no more. The meter's
// entry has counted it when it went there, and counts it once.
func TestReturn(t *testing.T) {
	features := own()
	x := newTablesOn(t, features)
	meters := testMeters(&features)
	x.view.SetMeters(meters, nil)
	e := x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x0806)), metering(dropping), applying(setting(ofp13.OXMARPOp, 7), output(2), output(ofp13.PortController)))
	v := x.publish()
	f, k := arpFrame()
	sink := &recorder{t: t, features: &features}
	executor := Executor{Ask: true}
	executor.Packet(v, &k, f, 1, sink)
	if n, _, _ := e.Stats.Read(); n != 1 || len(sink.waiting) != 1 || sink.waiting[0].Actions[1].Value != Asked {
		t.Fatalf("credited %d packets, given %+v", n, sink.waiting)
	}
	sink.waiting = nil
	executor.Reset()
	executor.Return(v, &k, f, 2, sink)
	sink.flush()
	if n, _, _ := e.Stats.Read(); n != 1 || len(sink.out) != 1 || len(sink.in) != 1 {
		t.Errorf("credited %d packets, left by %v, to the controller %v; want one each", n, sink.out, sink.in)
	}
	var s meter.Stats
	if meters.Get(dropping).Stats(&s); s.In.Packets != 0 {
		t.Errorf("the meter in user space counted %d packets", s.In.Packets)
	}
}

// A frame that must pass meters of the datapath's own one behind the other passes
// all of them on one way there, and then no more.
func TestReturnFromManyMeters(t *testing.T) {
	for _, tt := range []struct {
		second uint32
		given  string
		here   uint64 // packets that the second meter has measured here
	}{
		{dropping, "meter 1 meter 2 pktin", 0},
		{passing, "meter 1 meter 1 pktin", 0},
		{remarking, "meter 1 pktin", 1},
	} {
		features := own()
		x := newTablesOn(t, features)
		meters := testMeters(&features)
		x.view.SetMeters(meters, nil)
		x.add(0, 1, nil, metering(passing), going(1))
		x.add(1, 1, nil, metering(tt.second), applying(output(ofp13.PortController)))
		v := x.publish()
		f, k := arpFrame()
		sink := &recorder{t: t, features: &features}
		executor := Executor{Ask: true}
		executor.Packet(v, &k, f, 1, sink)
		if len(sink.waiting) != 1 || words(sink.waiting[0].Actions) != tt.given {
			t.Errorf("given %+v, want %q", sink.waiting, tt.given)
		}
		sink.waiting = nil
		executor.Reset()
		executor.Return(v, &k, f, 2, sink)
		var s meter.Stats
		meters.Get(tt.second).Stats(&s)
		if len(sink.waiting) != 0 || len(sink.in) != 1 || s.In.Packets != tt.here {
			t.Errorf("%s: back again with %+v, %d to the controller, %d packets measured here; want none, 1, %d",
				tt.given, sink.waiting, len(sink.in), s.In.Packets, tt.here)
		}
	}
}

// A frame asks the datapath's meters before all else or not at all: one that has
// sent a bucket's copy already would send it again when it came back.
func TestAskIsNotLateBehindABucket(t *testing.T) {
	features := own()
	x := newTablesOn(t, features)
	meters := testMeters(&features)
	x.view.SetMeters(meters, nil)
	x.group(ofp13.GroupTypeAll, 5, weighing(0, poppingMPLS(0x0800), decreasing, output(2)))
	x.add(0, 1, oxms(is(ofp13.OXMEthType, 0x8847)), applying(grouping(5)), going(1))
	x.add(1, 1, nil, metering(passing), applying(output(ofp13.PortController)))
	f := ipFrame(64)
	must(packet.Edit(f, &datapath.Act{Kind: datapath.PushMPLS, EtherType: 0x8847, Value: 0x1140}))
	var k flowtable.Key
	packet.Parse(f, 1, &k)
	sink := &recorder{t: t, features: &features}
	executor := Executor{Ask: true}
	executor.Packet(x.publish(), &k, f, 1, sink)
	sink.flush()
	var s meter.Stats
	meters.Get(passing).Stats(&s)
	if len(sink.out) != 1 || len(sink.in) != 1 || len(sink.asked) != 0 || s.In.Packets != 1 || !meters.Get(passing).Strained.Load() {
		t.Errorf("left by %v, to the controller %v, %d on the way to the meter, which has measured %d here; want one each, none, 1, and a strained meter",
			sink.out, sink.in, len(sink.asked), s.In.Packets)
	}
}

// A frame that the executor's meter drops leaves by no port, is told to no
// controller, and meets no later table.
func TestDropByTheSlowPath(t *testing.T) {
	features := anything
	features.Acts &^= 1 << datapath.Meter
	x := newTablesOn(t, features)
	meters := testMeters(&features)
	x.view.SetMeters(meters, nil)
	x.add(0, 1, nil, applying(output(3)), going(1))
	x.add(1, 1, nil, metering(dropping), applying(output(2), output(ofp13.PortController)))
	sink := &recorder{t: t, features: &features}
	var k flowtable.Key
	f := plain()
	packet.Parse(f, 1, &k)
	var executor Executor
	executor.Packet(x.publish(), &k, f, 1, sink)
	sink.flush()
	if dsts(sink.out) != "3:01" || len(sink.in) != 0 {
		t.Errorf("left by %v, %d to the controller; want by port 3 only", sink.out, len(sink.in))
	}
	var s meter.Stats
	if meters.Get(dropping).Stats(&s); s.In.Packets != 1 || s.Bands[0].Bytes != 18 {
		t.Errorf("the meter counted %+v, want one frame of 18 bytes", s)
	}
}

// The entry of a meter counts all packets, what comes after it those that pass:
// groups of the entry, lookups and entries of later tables.
func TestCreditsBehindMeters(t *testing.T) {
	for name, features := range featureSets() {
		x := newTablesOn(t, features)
		x.view.SetMeters(testMeters(&features), nil)
		g := x.group(ofp13.GroupTypeIndirect, 1, weighing(0, output(2)))
		first := x.add(0, 1, nil, applying(grouping(1)), metering(passing), going(1))
		second := x.add(1, 1, nil, applying(grouping(1), output(3)), metering(dropping), going(2))
		third := x.add(2, 1, nil, applying(output(3)))
		if features.OwnMeters {
			continue // only the datapath knows what its meters drop
		}
		v := x.publish()
		var executor Executor
		var sink nowhere
		for range 3 {
			f := plain()
			var k flowtable.Key
			packet.Parse(f, 1, &k)
			executor.Packet(v, &k, f, 1, &sink)
			executor.Reset()
		}
		var got []uint64
		for _, s := range []*flowtable.Stats{first.Stats, g.Stats, second.Stats, third.Stats} {
			n, _, _ := s.Read()
			got = append(got, n)
		}
		for _, l := range x.count[:3] {
			n, _ := l.Read()
			got = append(got, n)
		}
		if want := []uint64{3, 3, 3, 0, 3, 3, 0}; !slices.Equal(got, want) {
			t.Errorf("%s: entry, group, and two entries, lookups of three tables: %v, want %v", name, got, want)
		}
	}
}

func TestAdmit(t *testing.T) {
	x := newTables(t)
	slow := &Meter{Meter: meter.New(meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: 2, Then: meter.Drop}}}, 0)}
	v := x.publish()
	for range 5 {
		if !v.Admit(plain(), 0) {
			t.Error("refused without a meter")
		}
	}
	v = v.Next()
	v.SetMeters(nil, slow)
	admitted := 0
	for range 5 {
		if v.Admit(plain(), 0) {
			admitted++
		}
	}
	if admitted != 2 {
		t.Errorf("%d of 5 frames admitted, want the burst, 2", admitted)
	}
}

func TestMeterInstructionsAreChecked(t *testing.T) {
	x := newTables(t)
	for id, want := range map[uint32]bool{0: false, 1: true, ofp13.MeterMax: true, ofp13.MeterMax + 1: false,
		ofp13.MeterSlowpath: false, ofp13.MeterController: false, ofp13.MeterAll: false} {
		e, err := x.try(0, 1, nil, metering(id))
		if (err == nil) != want {
			t.Errorf("meter %#x: %v", id, err)
		}
		if want && e.Value.Meter() != id {
			t.Errorf("program names meter %#x, want %#x", e.Value.Meter(), id)
		}
	}
}

func TestMeterAllocs(t *testing.T) {
	for name, features := range featureSets() {
		x := newTablesOn(t, features)
		x.view.SetMeters(testMeters(&features), testMeters(&features).Get(passing))
		x.add(0, 1, nil, metering(remarking), applying(output(2), setting(ofp13.OXMEthDst, 5)), going(1))
		x.add(1, 1, nil, metering(passing), applying(output(3), output(ofp13.PortController)))
		v := x.publish()
		executor := Executor{Ask: true}
		var sink nowhere
		f := plain()
		var k flowtable.Key
		packet.Parse(f, 1, &k)
		run := func() {
			if v.Admit(f, 1) {
				executor.Packet(v, &k, f, 1, &sink)
				executor.Return(v, &k, f, 1, &sink)
			}
			executor.Reset()
		}
		for range 2 * maxCopies {
			run()
		}
		if n := testing.AllocsPerRun(1000, run); n != 0 {
			t.Errorf("%s: %v allocations a packet", name, n)
		}
	}
}
