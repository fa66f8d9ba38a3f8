package ovsdriver

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/fwd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// switchboard is a driver over a datapath in memory, with the main loop run by
// the test's goroutine, and controllers that note what they are told.
type switchboard struct {
	*testing.T
	*Driver
	dp    *datapathtest.Fake
	links hostLinks

	packetIns   []ofp13.PacketIn
	portStatus  []ofp13.PortStatus
	flowRemoved []ofp13.FlowRemoved
}

// hostLinks is a host whose interfaces are all up. Its map does not change once
// the driver runs.
type hostLinks map[string]link.Link

func (h hostLinks) Get(name string) (link.Link, error) {
	l, ok := h[name]
	if !ok {
		return l, fmt.Errorf("interface %s: %w", name, link.ErrNotFound)
	}
	return l, nil
}
func (h hostLinks) Classes(int) ([]link.Class, error) { return nil, nil }
func (h hostLinks) Mode(string) link.Mode             { return link.Mode{} }
func (h hostLinks) SetUp(string, bool) error          { return nil }

func (b *switchboard) WantsPacketIn(uint8) bool { return true }

func (b *switchboard) PacketIn(m *ofp13.PacketIn) {
	kept := *m
	kept.Match.Fields, kept.Data = slices.Clone(m.Match.Fields), bytes.Clone(m.Data)
	b.packetIns = append(b.packetIns, kept)
}
func (b *switchboard) PortStatus(m *ofp13.PortStatus)   { b.portStatus = append(b.portStatus, *m) }
func (b *switchboard) FlowRemoved(m *ofp13.FlowRemoved) { b.flowRemoved = append(b.flowRemoved, *m) }

// newSwitchboard starts a driver of n ports, p1 to pn.
func newSwitchboard(t *testing.T, n int) *switchboard {
	t.Helper()
	quiet := logrus.New()
	quiet.SetOutput(io.Discard)
	b := &switchboard{T: t, dp: datapathtest.NewFake(), links: hostLinks{}}
	b.Driver = New(Config{
		Identity: Identity{DatapathID: 1, Name: "test"},
		Datapath: b.dp, Links: b.links, Log: logrus.NewEntry(quiet),
		Workers: 2, Unlimited: true,
	})
	for i := range n {
		name := fmt.Sprintf("p%d", i+1)
		b.dp.AddInterface(name)
		b.links[name] = link.Link{Index: i + 1, Name: name, Up: true, Running: true, HWAddr: net.HardwareAddr{2, 0, 0, 0, 1, byte(i + 1)}}
	}
	if err := b.Start(b); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range n {
		if no, err := b.Switch().Ports.Add(fmt.Sprintf("p%d", i+1), datapath.Netdev); err != nil || int(no) != i+1 {
			t.Fatalf("port p%d is number %d, %v", i+1, no, err)
		}
	}
	return b
}

// run is the main loop, until done says that it is enough.
func (b *switchboard) run(what string, done func() bool) {
	b.Helper()
	limit := time.After(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		again := b.Settle()
		if done() {
			return
		}
		if again {
			continue
		}
		select {
		case <-b.Requests():
			b.Serve()
		case <-b.Quiet():
		case r := <-b.Readings():
			b.Merge(r)
		case e := <-b.PortEvents():
			b.Switch().Ports.HandleDatapath(e)
		case <-tick.C:
			b.Tick()
		case <-limit:
			b.Fatalf("no %s within 10 s; counters %v", what, b.Counters())
		}
	}
}

func (b *switchboard) flowMod(m ofp13.FlowMod) {
	b.Helper()
	m.BufferID, m.OutPort, m.OutGroup = ofp13.NoBuffer, ofp13.PortAny, ofp13.GroupAny
	if err := b.Switch().FlowMod(&m); err != nil {
		b.Fatal(err)
	}
}

// barrier returns when the datapath obeys.
func (b *switchboard) barrier() {
	b.Helper()
	over := false
	b.Switch().Commit(func() { over = true })
	b.run("barrier reply", func() bool { return over })
}

// flows asks for all flow statistics.
func (b *switchboard) flows() (flows []ofp13.FlowStats) {
	b.Helper()
	stream, err := b.Switch().FlowStats(&ofp13.FlowStatsRequest{
		TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny,
	})
	if err != nil {
		b.Fatal(err)
	}
	for e, ok := stream.Next(nil); ok; e, ok = stream.Next(nil) {
		var f ofp13.FlowStats
		if _, err := f.DecodeNext(e); err != nil {
			b.Fatal(err)
		}
		flows = append(flows, f)
	}
	return flows
}

func to(ports ...uint32) []ofp13.Instruction {
	var actions []ofp13.Action
	for _, no := range ports {
		actions = append(actions, ofp13.Action{Type: ofp13.ActionOutput, ID: no, MaxLen: ofp13.ControllerMaxNoBuffer})
	}
	return []ofp13.Instruction{{Type: ofp13.InstructionApplyActions, Actions: actions}}
}

func from(port uint64) ofp13.Match {
	return ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, port)}}
}

// frame is 60 bytes to a destination of its own.
func frame(dst byte) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, 99, 0x88, 0xb5})
	return f
}

// A flow entry from its flow-mod to its flow-removed: frames take the slow path,
// then the cached one, and all are counted, also those that no reading has seen.
func TestAnEntrysLife(t *testing.T) {
	b := newSwitchboard(t, 2)
	b.flowMod(ofp13.FlowMod{Cookie: 7, Priority: 9, Flags: ofp13.FlagSendFlowRem, Match: from(1), Instructions: to(2)})
	b.barrier()
	sent, left := 0, 0
	send := func(n int) {
		for range n {
			b.dp.Inject(1, frame(1))
			sent++
		}
		b.run("frames", func() bool { left += len(b.dp.Sent(2)); return left == sent })
	}
	send(2) // seen twice: cached
	b.run("cached flow", func() bool { return len(b.dp.Flows()) == 1 })
	send(498)
	b.run("counters", func() bool { return b.flows()[0].PacketCount == 500 })
	send(500)
	b.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, TableID: ofp13.TableAll})
	b.barrier()
	if len(b.flowRemoved) != 1 {
		t.Fatalf("%d flow-removed, want 1", len(b.flowRemoved))
	}
	if m := b.flowRemoved[0]; m.Cookie != 7 || m.PacketCount != 1000 || m.ByteCount != 60_000 || m.Reason != ofp13.RemovedDelete || m.Match.Fields[0] != from(1).Fields[0] {
		t.Errorf("flow-removed %+v, want 1000 packets", m)
	}
	b.dp.Inject(1, frame(1))
	if n := len(b.dp.Sent(2)); n != 0 {
		t.Errorf("%d frames went the way of an entry that is gone", n)
	}
}

// Frames keep coming by many flows while one controller changes entries without
// end and another sends barriers: each is replied to, and then obeyed.
func TestBarriersUnderTrafficAndFlowMods(t *testing.T) {
	b := newSwitchboard(t, 4)
	b.flowMod(ofp13.FlowMod{Match: from(1), Instructions: to(2)})
	b.barrier()
	var stop atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; !stop.Load(); i++ {
			b.dp.Inject(1, frame(byte(i)))
			b.dp.Inject(2, frame(byte(i)))
			if i%16 == 0 {
				time.Sleep(50 * time.Microsecond)
			}
		}
	}()
	noise := 0
	for round := range 100 {
		way, other := datapath.PortNo(3+round%2), datapath.PortNo(4-round%2)
		b.flowMod(ofp13.FlowMod{Match: from(1), Instructions: to(uint32(way))})
		over := false
		b.Switch().Commit(func() {
			over = true
			b.dp.Sent(other) // what went the old way before the reply
		})
		b.run("barrier reply", func() bool {
			if !over {
				noise++
				b.flowMod(ofp13.FlowMod{Priority: uint16(noise), Match: from(2)})
			}
			return over
		})
		begin := time.Now()
		b.run("traffic", func() bool { return time.Since(begin) > 2*time.Millisecond })
		if n := len(b.dp.Sent(other)); n > 0 {
			t.Fatalf("round %d: %d frames went the old way after the barrier reply", round, n)
		}
		b.dp.Sent(way)
		b.dp.Sent(2)
	}
	stop.Store(true)
	<-ended
	if c := b.Counters(); c["cache: installed"] == 0 || c["cache: replaced"] == 0 {
		t.Errorf("nothing was cached or replaced: %v", c)
	}
}

func TestPacketInsAndOuts(t *testing.T) {
	b := newSwitchboard(t, 3)
	b.flowMod(ofp13.FlowMod{Cookie: 5, Instructions: to(ofp13.PortController)}) // table-miss
	b.barrier()
	for i := 1; i <= 5; i++ { // the later ones by a cached flow
		b.dp.Inject(1, frame(1))
		b.run("packet-in", func() bool { return len(b.packetIns) == i })
		b.run("cached flow", func() bool { return i < 2 || len(b.dp.Flows()) == 1 })
	}
	for i, m := range b.packetIns {
		if m.Cookie != 5 || m.Reason != ofp13.ReasonNoMatch || m.TableID != 0 || int(m.TotalLen) != 60 ||
			!bytes.Equal(m.Data, frame(1)) || m.Match.Fields[0] != from(1).Fields[0] {
			t.Errorf("packet-in %d: %+v", i, m)
		}
	}
	if c := b.Counters(); c["upcall: from cached actions"] == 0 {
		t.Errorf("no packet-in came by a cached flow: %v", c)
	}

	out := func(in uint32, dst byte, ports ...uint32) {
		err := b.Switch().PacketOut(&ofp13.PacketOut{
			BufferID: ofp13.NoBuffer, InPort: in, Actions: to(ports...)[0].Actions, Data: frame(dst),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	out(ofp13.PortController, 2, 2, ofp13.PortFlood)
	for no, want := range map[datapath.PortNo]int{1: 1, 2: 2, 3: 1} {
		if got := len(b.dp.Sent(no)); got != want {
			t.Errorf("packet-out: %d frames left port %d, want %d", got, no, want)
		}
	}
	// Output to TABLE meets a flow-mod that nobody has committed yet.
	b.flowMod(ofp13.FlowMod{Priority: 1, Match: from(2), Instructions: to(3)})
	out(2, 3, ofp13.PortTable)
	if got := b.dp.Sent(3); len(got) != 1 || !bytes.Equal(got[0], frame(3)) {
		t.Errorf("packet-out to TABLE sent %x", got)
	}
}

// A port under traffic vanishes, a barrier later nothing goes there, and another
// port takes its number's place.
// Whatever is counted of packet-ins is shown.
func TestCountersOfPacketIns(t *testing.T) {
	shown := 0
	for name := range newSwitchboard(t, 0).Counters() {
		if strings.HasPrefix(name, "packet-in: ") {
			shown++
		}
	}
	if want := reflect.TypeFor[fwd.PacketInCounters]().NumField(); shown != want {
		t.Errorf("%d counters are shown, want %d", shown, want)
	}
}

func TestPortsComeAndGo(t *testing.T) {
	b := newSwitchboard(t, 3)
	b.flowMod(ofp13.FlowMod{Instructions: to(ofp13.PortFlood)})
	b.barrier()
	for range 3 {
		b.dp.Inject(1, frame(1))
	}
	b.run("cached flow", func() bool { return len(b.dp.Flows()) > 0 })
	b.portStatus = nil
	b.dp.RemoveInterface("p2")
	b.run("port status", func() bool { return len(b.portStatus) == 1 })
	if s := b.portStatus[0]; s.Reason != ofp13.PortReasonDelete || s.Port.PortNo != 2 {
		t.Errorf("port status %+v, want the end of port 2", s)
	}
	b.barrier()
	for _, f := range b.dp.Flows() {
		for _, a := range f.Actions {
			if a.Port == 2 {
				t.Errorf("a cached flow still outputs to port 2: %v", f)
			}
		}
	}
	if err := b.Switch().Ports.Delete("p3"); err != nil {
		t.Fatal(err)
	}
	b.dp.Sent(3)
	b.barrier()
	if no, err := b.Switch().Ports.Add("p3", datapath.Netdev); err != nil || no != 3 {
		t.Fatalf("p3 came back as %d, %v", no, err)
	}
	b.barrier()
	b.dp.Inject(1, frame(1))
	b.run("frame at the port that came back", func() bool { return len(b.dp.Sent(3)) == 1 })
}

func TestTraceTellsOfNewFlows(t *testing.T) {
	b := newSwitchboard(t, 2)
	b.flowMod(ofp13.FlowMod{Cookie: 0xabc, Match: from(1), Instructions: to(2)})
	b.barrier()
	lines := make(chan string, 8)
	stop := b.Trace(1, lines)
	b.dp.Inject(2, frame(1))
	b.dp.Inject(1, frame(1))
	b.run("trace", func() bool { return len(lines) > 0 })
	if text := <-lines; !strings.Contains(text, "port=1") || !strings.Contains(text, "cookie=0xabc") || !strings.Contains(text, "output 2") {
		t.Errorf("trace says\n%s", text)
	}
	stop()
	b.dp.Inject(1, frame(9))
	left := 0
	b.run("frames", func() bool { left += len(b.dp.Sent(2)); return left == 2 })
	if len(lines) != 0 {
		t.Errorf("a trace goes on after its end: %s", <-lines)
	}
}

// Close ends every goroutine (TestMain looks), whatever is under way.
func TestCloseUnderWay(t *testing.T) {
	b := newSwitchboard(t, 2)
	b.flowMod(ofp13.FlowMod{Instructions: to(ofp13.PortController)})
	b.Switch().Commit(func() {})
	b.Trace(0, make(chan string))
	for i := range 2000 { // more than the bottom half takes, and nobody drains it
		b.dp.Inject(1, frame(byte(i)))
	}
}

func TestCloseWithoutStart(t *testing.T) {
	d := New(Config{Datapath: datapathtest.NewFake(), Links: hostLinks{}, Log: logrus.NewEntry(logrus.New())})
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
