package upcall

import (
	"sync/atomic"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Packets for the controller through a meter that the datapath has for itself
// are measured there, and nowhere else, before they are told; the meter's entry
// counts all of them, that of the next table those that pass.
func TestFramesComeBackFromTheirMeter(t *testing.T) {
	const burst, sent = 3, 8
	later := entry(t, output(ofp13.PortController), output(2))
	var match flowtable.Match
	p, err := translate.Compile(0, &match, []ofp13.Instruction{
		{Type: ofp13.InstructionMeter, ID: 1},
		{Type: ofp13.InstructionGotoTable, TableID: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := flowtable.NewEntry(&match, 1, p)
	e.Stats = &flowtable.Stats{}
	s := newStand(t, e, nil)
	cfg := meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: burst, Then: meter.Drop}}}
	own, twin := meter.New(cfg, 0), meter.New(cfg, 0)
	s.fake.SetClock(func() int64 { return 0 })
	if _, err := s.fake.PutMeter(1, own); err != nil {
		t.Fatal(err)
	}
	features := s.fake.Features()
	features.OwnMeters = true
	v := viewOf(features, e).Next()
	second := flowtable.NewClassifier[*translate.Program]()
	second.Insert(later)
	v.SetTable(1, second.Publish(), &flowtable.Lookups{})
	var meters *translate.Meters
	v.SetMeters(meters.Put(1, &translate.Meter{Meter: twin, Native: true, Alarm: new(atomic.Bool)}), nil)
	s.views.Publish(v)
	for range sent {
		s.fake.Inject(1, datapathtest.UDP(2, 1, 80, 18))
	}
	c := s.settled(sent)
	for c.Actions < burst {
		c = s.settled(sent)
	}
	var inOwn, inTwin meter.Stats
	own.Stats(&inOwn)
	twin.Stats(&inTwin)
	if inOwn.In.Packets != sent || inOwn.Bands[0].Packets != sent-burst || inTwin.In.Packets != 0 {
		t.Errorf("the datapath's meter counts %+v, the other %+v", inOwn, inTwin)
	}
	all, _, _ := e.Stats.Read()
	if n, _, _ := later.Stats.Read(); all != sent || n != burst || c.PacketIns != burst {
		t.Errorf("%d and %d packets credited, %d told; want %d, and twice %d", all, n, c.PacketIns, sent, burst)
	}
}
