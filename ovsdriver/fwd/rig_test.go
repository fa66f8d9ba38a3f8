package fwd

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/kflow"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// rig is tables, packets and a cache over a datapath in memory with ports 1 to
// 3. Its clock stands still unless a test moves it, and no worker runs: the
// test says which epoch they have left.
type rig struct {
	t       *testing.T
	now     int64
	step    int64 // by which each look at the clock moves it
	dp      *datapathtest.Fake
	views   translate.Publication
	cache   *kflow.Cache
	tables  *Tables
	packets *Packets

	busy      uint64              // the epoch that a worker works with; 0 for none
	removed   []ofp13.FlowRemoved // told to controllers
	packetIns []ofp13.PacketIn
	unwanted  uint32 // reasons of packet-ins that no controller wants, a bit each
	result    translate.Result
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOver(t, datapathtest.NewFake())
}

func newRigOver(t *testing.T, dp *datapathtest.Fake) *rig {
	t.Helper()
	r := &rig{t: t, now: int64(time.Hour), dp: dp}
	r.dp.SetClock(r.clock)
	var ports []translate.Port
	for no := datapath.PortNo(1); no <= 3; no++ {
		name := fmt.Sprintf("p%d", no)
		r.dp.AddInterface(name)
		if err := r.dp.AddPort(datapath.PortSpec{No: no, Name: name}); err != nil {
			t.Fatal(err)
		}
		ports = append(ports, translate.Port{No: no, Name: name})
	}
	first := translate.NewView(r.dp.Features())
	r.cache = kflow.New(r.dp, first, kflow.Config{Now: r.clock})
	r.tables = NewTables(first, TablesConfig{
		Cache:        r.cache,
		Publication:  &r.views,
		Quiesced:     func(epoch uint64) bool { return r.busy == 0 || r.busy >= epoch },
		SubmitBuffer: func(id uint32) error { return r.packets.SubmitBuffer(id) },
		FlowRemoved:  func(m *ofp13.FlowRemoved) { r.removed = append(r.removed, *m) },
		Now:          r.clock,
		MaxEntries:   100,
	})
	r.packets = NewPackets(PacketsConfig{
		Tables:   r.tables,
		Execute:  r.dp.Execute,
		PacketIn: r.keepPacketIn,
		Wanted:   func(reason uint8) bool { return r.unwanted>>reason&1 == 0 },
		Now:      r.clock,
	})
	r.tables.SetPorts(translate.NewPortSet(ports))
	r.settle()
	return r
}

func (r *rig) clock() int64 {
	if r.step != 0 { // else streams may ask from other goroutines
		r.now += r.step
	}
	return r.now
}

// keepPacketIn copies a message, which is valid only during the call.
func (r *rig) keepPacketIn(m *ofp13.PacketIn) {
	kept := *m
	kept.Match.Fields = slices.Clone(m.Match.Fields)
	kept.Data = append([]byte(nil), m.Data...)
	r.packetIns = append(r.packetIns, kept)
}

// settle commits, and fails unless the datapath obeys at once.
func (r *rig) settle() {
	r.t.Helper()
	done := false
	r.tables.Commit(func() { done = true })
	r.tables.Poll(time.Hour)
	if !done || r.tables.Pending() {
		r.t.Fatal("commit is not over though no worker is busy")
	}
}

// flowMod sends a flow-mod that must succeed.
func (r *rig) flowMod(m ofp13.FlowMod) {
	r.t.Helper()
	if err := r.tables.FlowMod(complete(m)); err != nil {
		r.t.Fatal(err)
	}
}

// refuse sends a flow-mod that must fail with this error and change nothing.
func (r *rig) refuse(m ofp13.FlowMod, typ, code uint16) {
	r.t.Helper()
	before := r.flows(ofp13.TableAll)
	wantError(r.t, r.tables.FlowMod(complete(m)), typ, code)
	if after := r.flows(ofp13.TableAll); len(after) != len(before) {
		r.t.Errorf("%d entries, want %d as before the refused flow-mod", len(after), len(before))
	}
}

// complete gives a flow-mod its wildcards, where tests leave zero.
func complete(m ofp13.FlowMod) *ofp13.FlowMod {
	if m.BufferID == 0 {
		m.BufferID = ofp13.NoBuffer
	}
	if m.OutPort == 0 {
		m.OutPort = ofp13.PortAny
	}
	if m.OutGroup == 0 {
		m.OutGroup = ofp13.GroupAny
	}
	return &m
}

func wantError(t *testing.T, err error, typ, code uint16) {
	t.Helper()
	want := &ofp13.Error{Type: typ, Code: code}
	var got *ofp13.Error
	if !errors.As(err, &got) || !errors.Is(got, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// request selects every entry of a table.
func request(table uint8) *ofp13.FlowStatsRequest {
	return &ofp13.FlowStatsRequest{TableID: table, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny}
}

// flows reads the statistics of every entry of a table.
func (r *rig) flows(table uint8) []ofp13.FlowStats {
	r.t.Helper()
	stream, err := r.tables.FlowStats(request(table))
	if err != nil {
		r.t.Fatal(err)
	}
	return readFlows(r.t, stream)
}

// readFlows reads a stream to its end, element by element off the wire.
func readFlows(t *testing.T, stream ofp13.Stream) []ofp13.FlowStats {
	t.Helper()
	var flows []ofp13.FlowStats
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var f ofp13.FlowStats
		if rest, err := f.DecodeNext(b); err != nil || len(rest) != 0 {
			t.Fatalf("element %x: %v, %d bytes left", b, err, len(rest))
		}
		flows = append(flows, f)
	}
	return flows
}

// send lets a frame come in and, if it misses, treats it as a worker treats a
// flow's second frame.
func (r *rig) send(port datapath.PortNo, frame []byte) {
	f := datapathtest.NewFrame(frame)
	var key flowtable.Key
	packet.Parse(&f, port, &key)
	for _, flow := range r.dp.Flows() {
		if flow.Match.Matches(&key) {
			r.dp.Inject(port, frame)
			return
		}
	}
	translate.Translate(r.views.Load(), &key, &r.result)
	for i := range r.result.Credits {
		r.result.Credits[i].Add(1, uint64(len(frame)), r.now)
	}
	r.cache.Install(&key)
	r.cache.Flush()
}

// translated returns what the present view does with a frame.
func (r *rig) translated(port datapath.PortNo, frame []byte) []datapath.Act {
	f := datapathtest.NewFrame(frame)
	var key flowtable.Key
	packet.Parse(&f, port, &key)
	translate.Translate(r.views.Load(), &key, &r.result)
	return r.result.Actions
}

// Short words for messages.

func output(port uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionOutput, ID: port, MaxLen: ofp13.ControllerMaxNoBuffer}
}

func apply(actions ...ofp13.Action) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionApplyActions, Actions: actions}
}

func do(ins ...ofp13.Instruction) []ofp13.Instruction { return ins }

func match(fields ...ofp13.OXM) ofp13.Match { return ofp13.Match{Fields: fields} }

func inPort(no uint64) ofp13.OXM  { return ofp13.NewOXM64(ofp13.OXMInPort, no) }
func ethDst(mac uint64) ofp13.OXM { return ofp13.NewOXM64(ofp13.OXMEthDst, mac) }

// frameTo makes a frame of 60 bytes without a known payload.
func frameTo(dst byte) []byte {
	frame := make([]byte, 60)
	copy(frame, []byte{2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, 99, 0x88, 0xb5})
	return frame
}

const mac1 = 0x020000000001 // destination of frameTo(1)
