package kflow

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// putMeter adds a meter that lets so many packets pass.
func (r *rig) putMeter(id, burst uint32) {
	r.t.Helper()
	m := meter.New(meter.Config{PerPacket: true, Bands: []meter.Band{{Rate: 1, Burst: burst, Then: meter.Drop}}}, r.now)
	if _, err := r.dp.PutMeter(id, m); err != nil {
		r.t.Fatal(err)
	}
	r.meters = r.meters.Put(id, &translate.Meter{Meter: m, Native: true})
}

// Of a cached flow's packets, the entry of a meter counts all, and later tables
// those that pass; also by the flow's last counters.
func TestPacketsThatMetersDropAreNotCreditedBehind(t *testing.T) {
	r := newRig(t, Config{})
	r.putMeter(1, 20)
	r.putMeter(2, 10)
	entries := []*translate.Entry{
		r.add(0, 1, match(), metering(1), goTo(1)),
		r.add(1, 1, match(), metering(2), goTo(2)),
		r.add(2, 1, match(), goTo(3)),
	}
	r.table(3)
	r.commit()
	frame := udpFrame(1, ip1, 80)
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	r.install(&key)
	check := func(when string, want ...uint64) {
		t.Helper()
		for i, e := range entries {
			if n, bytes, _ := e.Stats.Read(); n != want[i] || bytes != want[i]*uint64(len(frame)) {
				t.Errorf("%s: entry of table %d counts %d packets, %d bytes; want %d packets of %d", when, i, n, bytes, want[i], len(frame))
			}
		}
		if n, _ := r.table(3).Lookups().Read(); n != want[3] {
			t.Errorf("%s: table 3 counts %d lookups, want %d", when, n, want[3])
		}
	}
	for range 15 {
		r.send(1, frame, false)
	}
	r.read()
	r.read()
	check("when read", 15, 15, 10, 10)
	for range 15 {
		r.send(1, frame, false)
	}
	r.add(0, 1, match(), apply(output(2)))
	r.commit()
	check("at the end", 30, 20, 10, 10)
}

// Counters may be read between a drop and the count of its frame; what has passed
// is then counted later, and never twice.
func TestReadingsRunAheadWithDrops(t *testing.T) {
	stats := &flowtable.Stats{}
	f := &flow{credits: []translate.Credit{{Stats: stats, Behind: 1}}}
	for _, s := range []struct{ packets, dropped, passed uint64 }{{10, 2, 8}, {12, 9, 8}, {20, 9, 11}, {20, 9, 11}} {
		reading := datapath.FlowStats{Packets: s.packets, Bytes: 100 * s.packets}
		reading.Dropped[0] = meter.Count{Packets: s.dropped, Bytes: 100 * s.dropped}
		f.credit(&reading)
		if n, bytes, _ := stats.Read(); n != s.passed || bytes != 100*s.passed {
			t.Errorf("%d packets, %d dropped: credited %d, %d bytes; want %d", s.packets, s.dropped, n, bytes, s.passed)
		}
	}
}

func metering(id uint32) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionMeter, ID: id}
}
