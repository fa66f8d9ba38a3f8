package fwd

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// ownMeters is a datapath that has meters of its own, as the kernel: only those
// with a single band that drops.
type ownMeters struct {
	*datapathtest.Fake
	own map[uint32]*meter.Meter
}

func (o *ownMeters) counted(id uint32) (s meter.Stats) {
	if m := o.own[id]; m != nil {
		m.Stats(&s)
	}
	return s
}

func (o *ownMeters) PutMeter(id uint32, m *meter.Meter) (meter.Stats, error) {
	if _, _, ok := m.Config().Single(); !ok {
		return meter.Stats{}, datapath.ErrUnsupported
	}
	before := o.counted(id)
	o.own[id] = meter.New(*m.Config(), int64(time.Hour))
	_, err := o.Fake.PutMeter(id, o.own[id])
	return before, err
}

func (o *ownMeters) DeleteMeter(id uint32) (meter.Stats, error) {
	last := o.counted(id)
	delete(o.own, id)
	_, err := o.Fake.DeleteMeter(id)
	return last, err
}

func (o *ownMeters) ReadMeters(ids []uint32, own []meter.Stats) error {
	for i, id := range ids {
		own[i] = o.counted(id)
	}
	return nil
}

func newOwn(t *testing.T) (*rig, *Meters) {
	features := datapathtest.AllFeatures()
	features.OwnMeters = true
	features.Sets &^= 1 << flowtable.EthSrc
	r := newRigOver(t, datapathtest.NewFakeWith(features))
	return r, NewMeters(r.tables, &ownMeters{r.dp, map[uint32]*meter.Meter{}})
}

// slowPath takes a frame through the tables as a worker does.
func (r *rig) slowPath(port datapath.PortNo, frame []byte) {
	x := translate.Executor{Ask: true}
	f := datapathtest.NewFrame(frame)
	var key flowtable.Key
	packet.Parse(&f, port, &key)
	x.Packet(r.views.Load(), &key, &f, r.now, &outbox{packets: r.packets})
	r.result = x.Result
}

// A meter that the slow path has to ask too moves there, with its counters.
func TestMeterMoves(t *testing.T) {
	r, s := newOwn(t)
	s.must(t, packetMeter(1, 10, 4))
	setSrc := ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(ofp13.OXMEthSrc, 5)}
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Priority: 1, Instructions: do(metering(1), apply(output(2)))})
	// The datapath's meter cannot be asked about a frame that has changed before.
	dst := ofp13.Action{Type: ofp13.ActionSetField, Field: ethDst(7)}
	r.flowMod(ofp13.FlowMod{Match: match(inPort(3)), Priority: 1,
		Instructions: do(apply(dst), ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 1})})
	r.flowMod(ofp13.FlowMod{TableID: 1, Instructions: do(metering(1), apply(setSrc, output(2)))})
	r.settle()
	r.send(1, frameTo(1))
	for range 6 {
		r.send(1, frameTo(1))
	}
	count := func(in, dropped uint64) {
		t.Helper()
		got := s.read(t, 1)[0]
		if got.PacketInCount != in || got.Bands[0].PacketBandCount != dropped {
			t.Errorf("%d packets, %d dropped; want %d, %d", got.PacketInCount, got.Bands[0].PacketBandCount, in, dropped)
		}
	}
	count(6, 2)
	r.tables.Tick()
	if !r.dp.HasMeter(1) || len(r.dp.Flows()) != 1 {
		t.Error("the meter has left the datapath without a need")
	}
	r.slowPath(3, frameTo(1))
	count(7, 2)
	r.tables.Tick()
	r.settle()
	if r.dp.HasMeter(1) || len(r.dp.Flows()) != 0 {
		t.Errorf("the datapath has the meter still: %t, and %d flows", r.dp.HasMeter(1), len(r.dp.Flows()))
	}
	count(7, 2)
	for range 5 { // both flows share the rest of one bucket
		r.slowPath(1, frameTo(1))
	}
	count(12, 4)
	if r.result.Slow&translate.SlowAction == 0 {
		t.Errorf("slow: %s; a flow through the meter could be cached", r.result.Slow)
	}
}

// A meter is in the datapath exactly as long as the datapath can hold it.
func TestMeterFollowsItsConfiguration(t *testing.T) {
	r, s := newOwn(t)
	drops := packetMeter(1, 10, 4)
	remarks := packetMeter(1, 10, 4)
	remarks.Bands[0].Type, remarks.Bands[0].PrecLevel = ofp13.MeterBandDSCPRemark, 1
	s.must(t, drops)
	r.flowMod(ofp13.FlowMod{Instructions: do(metering(1), apply(output(2)))})
	r.settle()
	drops.Command, remarks.Command = ofp13.MeterModify, ofp13.MeterModify
	for i := range uint64(3) {
		r.send(1, frameTo(1))
		r.send(1, frameTo(1))
		if got := s.read(t, 1)[0].PacketInCount; got != 1+2*i || !r.dp.HasMeter(1) {
			t.Errorf("round %d: %d packets, in the datapath: %t", i, got, r.dp.HasMeter(1))
		}
		s.must(t, remarks)
		if !r.dp.HasMeter(1) {
			t.Error("the meter has gone before the flows that ask it")
		}
		r.settle()
		if r.dp.HasMeter(1) || len(r.dp.Flows()) != 0 {
			t.Errorf("in the datapath: %t, asked by %d flows", r.dp.HasMeter(1), len(r.dp.Flows()))
		}
		r.slowPath(1, frameTo(1))
		if got := s.read(t, 1)[0]; got.PacketInCount != 2+2*i || got.Bands[0].PacketBandCount != 0 {
			t.Errorf("round %d: statistics %+v", i, got)
		}
		s.must(t, drops)
		r.settle()
	}
}

// A meter that was deleted takes nothing from the one that came in its place,
// though both leave the datapath one after the other.
func TestDeletedMeterLeavesTheNext(t *testing.T) {
	r, s := newOwn(t)
	drops := packetMeter(1, 10, 4)
	remarks := packetMeter(1, 10, 4)
	remarks.Command = ofp13.MeterModify
	remarks.Bands[0].Type, remarks.Bands[0].PrecLevel = ofp13.MeterBandDSCPRemark, 1
	s.must(t, drops)
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 1})
	s.must(t, drops)
	own := s.tables.meters.dp.(*ownMeters)
	own.own[1].Take(3, 180, r.now)
	s.must(t, remarks)
	r.settle()
	if got := s.read(t, 1)[0]; got.PacketInCount != 3 || got.ByteInCount != 180 {
		t.Errorf("%d packets and %d bytes, want 3 and 180", got.PacketInCount, got.ByteInCount)
	}
	if r.dp.HasMeter(1) {
		t.Error("the datapath has the meter still")
	}
}
