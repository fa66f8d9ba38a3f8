package fwd

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

func newMeters(r *rig) *Meters { return NewMeters(r.tables, r.dp) }

func metering(id uint32) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionMeter, ID: id}
}

// packetMeter adds a meter that drops what exceeds a rate of packets.
func packetMeter(id, rate, burst uint32) *ofp13.MeterMod {
	return &ofp13.MeterMod{Command: ofp13.MeterAdd, MeterID: id, Flags: ofp13.MeterFlagPKTPS | ofp13.MeterFlagBurst,
		Bands: []ofp13.MeterBand{{Type: ofp13.MeterBandDrop, Rate: rate, BurstSize: burst}}}
}

func (s *Meters) must(t *testing.T, m *ofp13.MeterMod) {
	t.Helper()
	if err := s.MeterMod(m); err != nil {
		t.Fatal(err)
	}
}

// read reads statistics off the wire.
func (s *Meters) read(t *testing.T, id uint32) (all []ofp13.MeterStats) {
	t.Helper()
	stream, err := s.MeterStats(id)
	if err != nil {
		t.Fatal(err)
	}
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var m ofp13.MeterStats
		if rest, err := m.DecodeNext(b); err != nil || len(rest) != 0 {
			t.Fatalf("element %x: %v, %d bytes left", b, err, len(rest))
		}
		all = append(all, m)
	}
	return all
}

// Whatever is wrong with a meter-mod has its own code, and changes nothing.
func TestMeterRefusals(t *testing.T) {
	drop := ofp13.MeterBand{Type: ofp13.MeterBandDrop, Rate: 1, BurstSize: 1}
	remark := func(level uint8) ofp13.MeterBand {
		return ofp13.MeterBand{Type: ofp13.MeterBandDSCPRemark, Rate: 1, PrecLevel: level}
	}
	mod := func(command, flags uint16, id uint32, bands ...ofp13.MeterBand) ofp13.MeterMod {
		return ofp13.MeterMod{Command: command, Flags: flags, MeterID: id, Bands: bands}
	}
	r := newRig(t)
	s := newMeters(r)
	r.tables.meters.max = 2
	s.must(t, packetMeter(1, 5, 5))
	for _, c := range []struct {
		name string
		mod  ofp13.MeterMod
		code uint16
	}{
		{"a meter that is there", mod(ofp13.MeterAdd, 0, 1, drop), ofp13.MeterModFailedMeterExists},
		{"meter 0", mod(ofp13.MeterAdd, 0, 0, drop), ofp13.MeterModFailedInvalidMeter},
		{"beyond OFPM_MAX", mod(ofp13.MeterAdd, 0, ofp13.MeterMax+1, drop), ofp13.MeterModFailedInvalidMeter},
		{"all meters", mod(ofp13.MeterAdd, 0, ofp13.MeterAll, drop), ofp13.MeterModFailedInvalidMeter},
		{"modify one that is not there", mod(ofp13.MeterModify, 0, 2, drop), ofp13.MeterModFailedUnknownMeter},
		{"modify all", mod(ofp13.MeterModify, 0, ofp13.MeterAll, drop), ofp13.MeterModFailedUnknownMeter},
		{"no rate", mod(ofp13.MeterAdd, 0, 2, drop, ofp13.MeterBand{Type: ofp13.MeterBandDrop}), ofp13.MeterModFailedBadRate},
		{"no burst", mod(ofp13.MeterModify, ofp13.MeterFlagBurst, 1, remark(1)), ofp13.MeterModFailedBadBurst},
		{"an experimenter's band", mod(ofp13.MeterAdd, 0, 2, ofp13.MeterBand{Type: ofp13.MeterBandExperimenter, Rate: 1}), ofp13.MeterModFailedBadBand},
		{"a virtual meter that remarks", mod(ofp13.MeterAdd, 0, ofp13.MeterController, remark(1)), ofp13.MeterModFailedBadBand},
		{"a remark by nothing", mod(ofp13.MeterAdd, 0, 2, remark(0)), ofp13.MeterModFailedBadBandValue},
		{"a remark by 4", mod(ofp13.MeterAdd, 0, 2, remark(4)), ofp13.MeterModFailedBadBandValue},
		{"too many bands", mod(ofp13.MeterAdd, 0, 2, make([]ofp13.MeterBand, maxBands+1)...), ofp13.MeterModFailedOutOfBands},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, s.MeterMod(&c.mod), ofp13.ErrTypeMeterModFailed, c.code) })
	}
	if got := s.read(t, ofp13.MeterAll); len(got) != 1 || len(got[0].Bands) != 1 {
		t.Errorf("meters %+v, want the first alone", got)
	}
	s.must(t, packetMeter(2, 5, 5))
	wantError(t, s.MeterMod(packetMeter(3, 5, 5)), ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedOutOfMeters)
	_, err := s.MeterStats(3)
	wantError(t, err, ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedUnknownMeter)
	_, err = s.MeterConfig(3)
	wantError(t, err, ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedUnknownMeter)
}

// An entry uses a meter only if it is there (§7.4.4.13), and never a virtual one.
func TestFlowsNeedTheirMeter(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(ofp13.MeterController, 5, 5))
	for id, code := range map[uint32]uint16{
		7: ofp13.MeterModFailedUnknownMeter, 0: ofp13.MeterModFailedInvalidMeter,
		ofp13.MeterController: ofp13.MeterModFailedInvalidMeter, ofp13.MeterAll: ofp13.MeterModFailedInvalidMeter,
	} {
		r.refuse(ofp13.FlowMod{Instructions: do(metering(id))}, ofp13.ErrTypeMeterModFailed, code)
	}
	s.must(t, packetMeter(7, 5, 5))
	r.flowMod(ofp13.FlowMod{Instructions: do(metering(7))})
	r.refuse(ofp13.FlowMod{Command: ofp13.FlowModify, Instructions: do(metering(8))},
		ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedUnknownMeter)
}

// A meter that goes takes its entries along (§5.7), whose removal is told; OFPM_ALL
// leaves the virtual meters, and so does their own deletion (§6.6).
func TestDeletedMetersTakeTheirFlows(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	for _, id := range []uint32{1, 2, 3, ofp13.MeterSlowpath} {
		s.must(t, packetMeter(id, 5, 5))
	}
	for table, id := range []uint32{1, 1, 2, 3} {
		m := ofp13.FlowMod{TableID: uint8(table), Cookie: uint64(table), Flags: ofp13.FlagSendFlowRem, Instructions: do(metering(id))}
		r.flowMod(m)
		m.Flags, m.Match, m.Instructions = 0, match(inPort(1)), do(apply(output(2)))
		r.flowMod(m)
	}
	r.settle()
	if got := s.read(t, 1); got[0].FlowCount != 2 {
		t.Errorf("%d flows use meter 1, want 2", got[0].FlowCount)
	}
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 1})
	r.settle()
	if n := len(r.flows(ofp13.TableAll)); n != 6 || len(r.removed) != 2 {
		t.Errorf("%d entries left, %d removals told; want 6, 2", n, len(r.removed))
	}
	for _, m := range r.removed {
		if m.Reason != ofp13.RemovedDelete || m.Cookie > 1 {
			t.Errorf("told of the removal of entry %d for reason %d", m.Cookie, m.Reason)
		}
	}
	if r.dp.HasMeter(1) || !r.dp.HasMeter(2) {
		t.Error("the datapath has meter 1 still, or meter 2 no longer")
	}
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 1})
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: ofp13.MeterAll})
	r.settle()
	if got := s.read(t, ofp13.MeterAll); len(got) != 1 || got[0].MeterID != ofp13.MeterSlowpath {
		t.Errorf("meters %+v left, want OFPM_SLOWPATH", got)
	}
	wantError(t, s.MeterMod(&ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: ofp13.MeterSlowpath}),
		ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedInvalidMeter)
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterModify, MeterID: ofp13.MeterSlowpath})
	if n := len(r.flows(ofp13.TableAll)); n != 4 || r.dp.HasMeter(2) {
		t.Errorf("%d entries left, want 4; the datapath has meter 2: %t", n, r.dp.HasMeter(2))
	}
}

// A meter that comes back before its deletion is obeyed stays in the datapath.
func TestMeterComesBackAtOnce(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(1, 5, 5))
	s.must(t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 1})
	s.must(t, packetMeter(1, 5, 5))
	r.settle()
	if !r.dp.HasMeter(1) {
		t.Error("the datapath has lost the new meter")
	}
}

// What comes by a flow with a meter is counted, and what exceeds it is dropped.
func TestMeterStatistics(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(1, 10, 4))
	r.flowMod(ofp13.FlowMod{Instructions: do(apply(output(2)), metering(1))})
	r.settle()
	r.send(1, frameTo(1)) // caches the flow, no more
	for range 10 {
		r.send(1, frameTo(1))
	}
	r.now += int64(1500 * time.Millisecond)
	want := []ofp13.MeterStats{{MeterID: 1, FlowCount: 1, PacketInCount: 10, ByteInCount: 600, DurationSec: 1, DurationNsec: 5e8,
		Bands: []ofp13.MeterBandStats{{PacketBandCount: 6, ByteBandCount: 360}}}}
	if diff := cmp.Diff(want, s.read(t, 1)); diff != "" {
		t.Error(diff)
	}
	if n := len(r.dp.Sent(2)); n != 4 {
		t.Errorf("%d frames sent, want the burst, 4", n)
	}
	// A modification leaves the meter's counters, and begins those of bands anew.
	m := packetMeter(1, 10, 100)
	m.Command = ofp13.MeterModify
	m.Bands = append(m.Bands, ofp13.MeterBand{Type: ofp13.MeterBandDSCPRemark, Rate: 5, BurstSize: 3, PrecLevel: 1})
	s.must(t, m)
	r.settle()
	for range 10 {
		r.send(1, frameTo(1))
	}
	want[0].PacketInCount, want[0].ByteInCount = 20, 1200
	want[0].Bands = []ofp13.MeterBandStats{{}, {PacketBandCount: 7, ByteBandCount: 420}}
	if diff := cmp.Diff(want, s.read(t, ofp13.MeterAll)); diff != "" {
		t.Error(diff)
	}
}

// Entries that name one meter share its rate (§5.7).
func TestMeterOfTwoEntries(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(1, 10, 6))
	for port := range uint64(2) {
		r.flowMod(ofp13.FlowMod{Match: match(inPort(1 + port)), Instructions: do(metering(1), apply(output(3)))})
	}
	r.settle()
	for range 6 { // the first of each port caches a flow, no more
		r.send(1, frameTo(1))
		r.send(2, frameTo(1))
	}
	got := s.read(t, 1)[0]
	if got.FlowCount != 2 || got.PacketInCount != 10 || got.Bands[0].PacketBandCount != 4 || len(r.dp.Sent(3)) != 6 {
		t.Errorf("%+v, want 10 packets of 2 entries and 4 of them dropped", got)
	}
}

// A meter's counters survive any number of modifications.
func TestMeterCountsOverVersions(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	m := packetMeter(1, 10, 4)
	s.must(t, m)
	r.flowMod(ofp13.FlowMod{Instructions: do(metering(1))})
	r.settle()
	r.send(1, frameTo(1))
	m.Command = ofp13.MeterModify
	for n := range uint64(3 * maxFormer) {
		if got := s.read(t, 1)[0].PacketInCount; got != n {
			t.Fatalf("%d packets counted, want %d", got, n)
		}
		r.send(1, frameTo(1))
		s.must(t, m)
	}
}

func TestMeterConfigAndFeatures(t *testing.T) {
	s := newMeters(newRig(t))
	want := map[uint32]ofp13.MeterConfig{}
	for id, bands := range map[uint32][]ofp13.MeterBand{
		1:          {{Type: ofp13.MeterBandDrop, Rate: 64}},
		9:          {{Type: ofp13.MeterBandDSCPRemark, Rate: 1, PrecLevel: 2}, {Type: ofp13.MeterBandDrop, Rate: 9}},
		0xffff0000: nil,
	} {
		m := ofp13.MeterMod{MeterID: id, Flags: ofp13.MeterFlagStats, Bands: bands}
		s.must(t, &m)
		want[id] = ofp13.MeterConfig{Flags: m.Flags, MeterID: id, Bands: bands}
	}
	for _, ids := range [][]uint32{{1}, {9}, {0xffff0000}, {1, 9, 0xffff0000}} {
		ask := ids[0]
		if len(ids) > 1 {
			ask = ofp13.MeterAll
		}
		stream, err := s.MeterConfig(ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			b, _ := stream.Next(nil)
			var got ofp13.MeterConfig
			if _, err := got.DecodeNext(b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fmt.Sprint(want[id]), fmt.Sprint(got)); diff != "" {
				t.Errorf("meter %d: %s", id, diff)
			}
		}
	}
	var f ofp13.MeterFeatures
	s.MeterFeatures(&f)
	if want := (ofp13.MeterFeatures{MaxMeter: maxMeters, BandTypes: 1<<1 | 1<<2, Capabilities: 15, MaxBands: maxBands}); f != want {
		t.Errorf("features %+v, want %+v", f, want)
	}
}

// The meter OFPM_CONTROLLER measures every packet-in.
func TestControllerMeter(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(ofp13.MeterController, 1, 3))
	in := translate.PacketIn{Reason: ofp13.ReasonAction}
	var key flowtable.Key
	for range 5 {
		f := datapathtest.NewFrame(frameTo(1))
		packet.Parse(&f, 1, &key)
		r.packets.PacketIn(&in, &key, &f)
	}
	if n := len(r.packetIns); n != 3 || r.packets.Counters().Metered != 2 {
		t.Errorf("%d packet-ins, %d metered; want 3, 2", n, r.packets.Counters().Metered)
	}
	if got := s.read(t, ofp13.MeterController); got[0].PacketInCount != 5 || got[0].Bands[0].PacketBandCount != 2 {
		t.Errorf("statistics %+v, want 5 packets, 2 dropped", got)
	}
}

func TestSlowPathMeter(t *testing.T) {
	r := newRig(t)
	s := newMeters(r)
	s.must(t, packetMeter(ofp13.MeterSlowpath, 1, 3))
	r.settle()
	admitted := 0
	for range 5 {
		f := datapathtest.NewFrame(frameTo(1))
		if r.views.Load().Admit(&f, r.now) {
			admitted++
		}
	}
	if admitted != 3 || s.read(t, ofp13.MeterSlowpath)[0].PacketInCount != 5 {
		t.Errorf("%d of 5 frames admitted, want 3", admitted)
	}
}
