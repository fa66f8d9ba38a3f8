package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
)

// agent is all of a switch between a controller's connection and a datapath in
// memory, with ports 1 to 3.
type agent struct {
	t      testing.TB
	driver *ovsdriver.Driver
	server *openflow.Server
	dp     *datapathtest.Fake
	do     chan func()
	quit   chan struct{}
	done   chan struct{}

	conn net.Conn // the controller's end
	xid  uint32
}

// hosts is a host whose interfaces are all up. Nothing changes it.
type hosts map[string]link.Link

func (h hosts) Get(name string) (link.Link, error) {
	if l, ok := h[name]; ok {
		return l, nil
	}
	return link.Link{}, link.ErrNotFound
}
func (h hosts) Classes(int) ([]link.Class, error) { return nil, nil }
func (h hosts) Mode(string) link.Mode             { return link.Mode{} }
func (h hosts) SetUp(string, bool) error          { return nil }

// pipe is a Dialer that gives the switch one end of a connection, once.
type pipe struct{ ends chan net.Conn }

func (p pipe) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case nc := <-p.ends:
		return nc, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newAgent starts a switch and connects to it.
func newAgent(t testing.TB) *agent {
	t.Helper()
	quietLog := logrus.New()
	quietLog.SetOutput(io.Discard)
	log := logrus.NewEntry(quietLog)
	a := &agent{t: t, dp: datapathtest.NewFake(), do: make(chan func()), quit: make(chan struct{}), done: make(chan struct{})}
	links := hosts{}
	for i := range 3 {
		name := fmt.Sprintf("p%d", i+1)
		a.dp.AddInterface(name)
		links[name] = link.Link{Index: i + 1, Name: name, Up: true, Running: true, HWAddr: net.HardwareAddr{2, 0, 0, 0, 1, byte(i + 1)}}
	}
	a.driver = ovsdriver.New(ovsdriver.Config{
		Identity: ovsdriver.Identity{DatapathID: 1, Name: "test", Buffers: 16},
		Datapath: a.dp, Links: links, Log: log, Workers: 1, Unlimited: true,
	})
	ends := make(chan net.Conn, 1)
	here, there := net.Pipe()
	ends <- there
	a.conn = here
	a.server = openflow.NewServer(a.driver.Switch(), openflow.Config{
		Controllers: []string{"192.0.2.1:6653"}, Dialer: pipe{ends}, Log: log,
	})
	must(t, a.driver.Start(a.server))
	for i := range 3 {
		_, err := a.driver.Switch().Ports.Add(fmt.Sprintf("p%d", i+1), datapath.Netdev)
		must(t, err)
	}
	must(t, a.server.Start(context.Background()))
	go a.main()
	t.Cleanup(a.close)
	a.write((&ofp13.Hello{Version: ofp13.Version}).AppendTo(nil, 0))
	if m := a.receive(); m[1] != ofp13.TypeHello {
		t.Fatalf("first message is of type %d", m[1])
	}
	return a
}

// main is the loop of the daemon, as far as there is something for it here.
func (a *agent) main() {
	defer close(a.done)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	ready := make(chan struct{})
	close(ready)
	for {
		var again chan struct{}
		if a.driver.Settle() {
			again = ready
		}
		select {
		case e := <-a.driver.PortEvents():
			a.driver.Switch().Ports.HandleDatapath(e)
		case e := <-a.server.Events():
			a.server.Handle(e)
		case <-a.driver.Requests():
			a.driver.Serve()
		case <-a.driver.Quiet():
		case r := <-a.driver.Readings():
			a.driver.Merge(r)
		case f := <-a.do:
			f()
		case <-tick.C:
			a.driver.Tick()
		case <-again:
		case <-a.quit:
			return
		}
	}
}

func (a *agent) close() {
	a.conn.Close()
	close(a.quit)
	<-a.done
	a.server.Close()
	if err := a.driver.Close(); err != nil {
		a.t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write sends bytes as they are.
func (a *agent) write(b []byte) {
	a.t.Helper()
	must(a.t, a.conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err := a.conn.Write(b)
	must(a.t, err)
}

// receive returns the next message that is no echo request, which it answers,
// and not asynchronous.
func (a *agent) receive() []byte {
	a.t.Helper()
	for {
		head := make([]byte, 8)
		_, err := io.ReadFull(a.conn, head)
		must(a.t, err)
		m := append(head, make([]byte, int(binary.BigEndian.Uint16(head[2:]))-8)...)
		_, err = io.ReadFull(a.conn, m[8:])
		must(a.t, err)
		switch m[1] {
		case ofp13.TypeEchoRequest:
			m[1] = ofp13.TypeEchoReply
			a.write(m)
		case ofp13.TypePacketIn, ofp13.TypeFlowRemoved, ofp13.TypePortStatus:
		default:
			return m
		}
	}
}

// send sends a message with a fresh xid.
func (a *agent) send(m ofp13.Message) {
	a.t.Helper()
	a.xid++
	a.write(m.AppendTo(nil, a.xid))
}

// answers sends bytes and an echo behind them, and returns what the switch says
// to the bytes.
func (a *agent) answers(b []byte) (all [][]byte) {
	a.t.Helper()
	const last = 0xfffffff0
	sent := make(chan struct{})
	go func() { // the switch may answer before it has read all
		defer close(sent)
		_, _ = a.conn.Write((&ofp13.EchoRequest{}).AppendTo(bytes.Clone(b), last))
	}()
	must(a.t, a.conn.SetDeadline(time.Now().Add(10*time.Second)))
	for {
		m := a.receive()
		if m[1] == ofp13.TypeEchoReply && binary.BigEndian.Uint32(m[4:]) == last {
			<-sent
			return all
		}
		all = append(all, m)
	}
}

// state is all that controllers have configured, as they could read it, without
// what changes with time.
func (a *agent) state() (s string) {
	a.t.Helper()
	done := make(chan struct{})
	a.do <- func() {
		defer close(done)
		sw := a.driver.Switch()
		flows, err := sw.FlowStats(&ofp13.FlowStatsRequest{TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny})
		for b, ok := flows.Next(nil); ok; b, ok = flows.Next(nil) {
			var f ofp13.FlowStats
			if _, bad := f.DecodeNext(b); bad != nil {
				err = errors.Join(err, bad)
			}
			f.DurationSec, f.DurationNsec = 0, 0
			s += fmt.Sprintf("flow %x\n", f.Append(nil))
		}
		features, err2 := sw.TableFeatures(nil)
		meters, err3 := sw.MeterConfig(ofp13.MeterAll)
		if err = errors.Join(err, err2, err3); err != nil {
			s = err.Error()
			return
		}
		for _, stream := range []ofp13.Stream{meters, sw.GroupDesc(), sw.PortDesc()} {
			for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
				s += fmt.Sprintf("%x\n", b)
			}
		}
		sum := fnv.New64a()
		for b, ok := features.Next(nil); ok; b, ok = features.Next(b[:0]) {
			_, _ = sum.Write(b)
		}
		s += fmt.Sprintf("table features %x\n", sum.Sum64())
		s += fmt.Sprintf("flags %d\n", sw.Config())
	}
	<-done
	return s
}

// program gives the switch something that bad messages could spoil.
func (a *agent) program() {
	a.t.Helper()
	flow := newFlow()
	flow.Cookie, flow.Priority = 5, 7
	a.send(&ofp13.GroupMod{Command: ofp13.GroupAdd, GroupID: 1, Type: ofp13.GroupTypeAll, Buckets: []ofp13.Bucket{
		{WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{outputTo(2)}}}})
	a.send(&ofp13.MeterMod{Command: ofp13.MeterAdd, MeterID: 1, Flags: ofp13.MeterFlagKBPS,
		Bands: []ofp13.MeterBand{{Type: ofp13.MeterBandDrop, Rate: 1000}}})
	a.send(flow)
	if bad := a.answers(nil); len(bad) != 0 {
		a.t.Fatalf("programming fails: %s", nameOf(bad[0]))
	}
}

// nameOf tells what a message is.
func nameOf(b []byte) string {
	var e ofp13.ErrorMessage
	if e.Decode(b) == nil {
		return e.Name()
	}
	return fmt.Sprintf("message of type %d", b[1])
}

func outputTo(port uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionOutput, ID: port, MaxLen: 128}
}

func applying(actions ...ofp13.Action) []ofp13.Instruction {
	return []ofp13.Instruction{{Type: ofp13.InstructionApplyActions, Actions: actions}}
}

// newFlow adds an entry of in_port 1 that outputs to port 2.
func newFlow() *ofp13.FlowMod {
	return &ofp13.FlowMod{
		BufferID: ofp13.NoBuffer, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny, Priority: 9,
		Match:        ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, 1)}},
		Instructions: applying(outputTo(2)),
	}
}
