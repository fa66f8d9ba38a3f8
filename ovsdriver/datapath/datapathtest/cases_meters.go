package datapathtest

import (
	"errors"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// fewPackets lets so many packets pass, and then one an hour or so.
func fewPackets(n uint32) *meter.Meter {
	return meter.New(meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: n, Then: meter.Drop}}}, monotonic())
}

// counted returns what a meter has counted, wherever it is.
func (r *rig) counted(id uint32, m *meter.Meter) (in, dropped meter.Count) {
	r.Helper()
	var own [1]meter.Stats
	if err := r.dp.ReadMeters([]uint32{id}, own[:]); err != nil {
		r.Fatalf("ReadMeters: %v", err)
	}
	return sum(own[0], m)
}

func sum(own meter.Stats, m *meter.Meter) (in, dropped meter.Count) {
	var s meter.Stats
	m.Stats(&s)
	in, dropped = s.In.Plus(own.In), s.Bands[0]
	if len(own.Bands) > 0 {
		dropped = dropped.Plus(own.Bands[0])
	}
	return in, dropped
}

// caseMeter drops what exceeds a meter, of cached frames and of executions
// alike, and counts each frame once.
func caseMeter(r *rig) {
	meterAct := datapath.Act{Kind: datapath.Meter, Value: 5}
	r.need(meterAct)
	const burst, each = 10, 30
	m := fewPackets(burst)
	if _, err := r.dp.PutMeter(5, m); err != nil {
		r.Fatalf("PutMeter: %v", err)
	}
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{meterAct, out(2)}, flowtable.EthType))
	began := time.Now()
	for range each {
		r.send(1, frame)
	}
	more := int(time.Since(began).Seconds()) + 1 // what the rate may let pass
	passed := 0
	for passed < burst {
		r.receive(2, frame)
		passed++
	}
	r.eventually("every frame is counted", func() bool {
		in, dropped := r.counted(5, m)
		return in.Packets == each && in.Bytes == each*uint64(len(frame)) &&
			int(dropped.Packets) <= each-burst && int(dropped.Packets) >= each-burst-more
	})
	batch := make([]datapath.Execution, 5)
	key := keyOf(1, frame)
	for i := range batch {
		f := NewFrame(frame)
		batch[i] = datapath.Execution{Frame: &f, Key: &key, Actions: []datapath.Act{meterAct, out(2)}}
	}
	if err := r.dp.Execute(batch); err != nil {
		r.Fatal(err)
	}
	in, _ := r.counted(5, m)
	if in.Packets != each+5 {
		r.Errorf("%d frames counted after 5 executions, want %d", in.Packets, each+5)
	}
	own, err := r.dp.DeleteMeter(5)
	if err != nil {
		r.Fatalf("DeleteMeter: %v", err)
	}
	if in, _ := sum(own, m); in.Packets != each+5 {
		r.Errorf("the last counters say %d frames, want %d", in.Packets, each+5)
	}
	if _, err := r.dp.DeleteMeter(5); !errors.Is(err, datapath.ErrNoMeter) {
		r.Errorf("a second DeleteMeter: %v, want ErrNoMeter", err)
	}
}

// caseMeterReplaced puts a wider meter in place of a narrow one, which leaves
// its counters behind.
func caseMeterReplaced(r *rig) {
	meterAct := datapath.Act{Kind: datapath.Meter, Value: 7}
	r.need(meterAct)
	narrow, wide := fewPackets(3), fewPackets(1000)
	if _, err := r.dp.PutMeter(7, narrow); err != nil {
		r.Fatalf("PutMeter: %v", err)
	}
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{meterAct, out(2)}, flowtable.EthType))
	for range 10 {
		r.send(1, frame)
	}
	r.eventually("the narrow meter has counted", func() bool {
		in, _ := r.counted(7, narrow)
		return in.Packets == 10
	})
	before, err := r.dp.PutMeter(7, wide)
	if err != nil {
		r.Fatalf("PutMeter: %v", err)
	}
	if in, dropped := sum(before, narrow); in.Packets != 10 || dropped.Packets < 6 {
		r.Errorf("the replaced meter had %d frames, %d dropped; want 10, 7 or a little less", in.Packets, dropped.Packets)
	}
	for range 100 {
		r.send(1, frame)
	}
	r.eventually("the wide meter has counted", func() bool {
		in, dropped := r.counted(7, wide)
		return in.Packets == 100 && dropped.Packets == 0
	})
}

// caseMeterKept refuses a meter that the datapath can't have: the one before it
// stays, for the flows that ask it, until it is deleted.
func caseMeterKept(r *rig) {
	meterAct := datapath.Act{Kind: datapath.Meter, Value: 8}
	r.need(meterAct)
	kept := fewPackets(3)
	if _, err := r.dp.PutMeter(8, kept); err != nil {
		r.Fatalf("PutMeter: %v", err)
	}
	remark := meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: 3, Then: 1}}}
	switch _, err := r.dp.PutMeter(8, meter.New(remark, monotonic())); {
	case err == nil:
		r.Skip("the datapath can have every meter")
	case !errors.Is(err, datapath.ErrUnsupported):
		r.Fatalf("PutMeter: %v, want ErrUnsupported", err)
	}
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{meterAct, out(2)}, flowtable.EthType))
	for range 10 {
		r.send(1, frame)
	}
	r.eventually("the meter that was there counts", func() bool {
		in, dropped := r.counted(8, kept)
		return in.Packets == 10 && dropped.Packets >= 6
	})
	if _, err := r.dp.DeleteMeter(8); err != nil {
		r.Errorf("DeleteMeter: %v", err)
	}
}

// caseMeterDrops has a flow count what each of its meters drops, and a third one's
// with the second's, where the datapath knows.
func caseMeterDrops(r *rig) {
	r.need(datapath.Act{Kind: datapath.Meter, Value: 1})
	if r.dp.Features().OwnMeters {
		r.Skip("the datapath's own meters do not say whose frames they drop")
	}
	const each = 30
	acts := []datapath.Act{}
	for id, burst := range []uint32{20, 10, 4} {
		if _, err := r.dp.PutMeter(uint32(id+1), fewPackets(burst)); err != nil {
			r.Fatalf("PutMeter: %v", err)
		}
		acts = append(acts, datapath.Act{Kind: datapath.Meter, Value: uint64(id + 1)})
	}
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, append(acts, out(2)), flowtable.EthType))
	began := time.Now()
	for range each {
		r.send(1, frame)
	}
	more := uint64(time.Since(began).Seconds()) + 2 // what the rates may let pass
	r.eventually("all frames are counted", func() bool { return r.stats()[1].Packets == each })
	last, err := r.remove(1)
	if err != nil {
		r.Fatal(err)
	}
	d, n := last.Dropped, uint64(len(frame))
	if d[0].Packets > 10 || d[0].Packets+more < 10 || d[1].Packets > 16+more || d[1].Packets+more < 16 ||
		d[0].Bytes != n*d[0].Packets || d[1].Bytes != n*d[1].Packets {
		r.Errorf("dropped %+v of %d frames; want 10 by the first meter, 16 by the others, of %d bytes", d, each, n)
	}
}
