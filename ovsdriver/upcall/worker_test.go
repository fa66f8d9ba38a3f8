package upcall

import (
	"bytes"
	"errors"
	"hash/maphash"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entry makes a flow entry that matches everything and applies actions.
func entry(t testing.TB, actions ...ofp13.Action) *translate.Entry {
	t.Helper()
	var match flowtable.Match
	p, err := translate.Compile(0, &match, []ofp13.Instruction{{Type: ofp13.InstructionApplyActions, Actions: actions}})
	if err != nil {
		t.Fatal(err)
	}
	e := flowtable.NewEntry(&match, 1, p)
	e.Cookie, e.Stats = 77, &flowtable.Stats{}
	return e
}

func output(port uint32) ofp13.Action { return ofp13.Action{Type: ofp13.ActionOutput, ID: port} }

// viewOf makes a view of one table with one entry, and ports 1 to 4.
func viewOf(features datapath.Features, e *translate.Entry) *translate.View {
	v := translate.NewView(features)
	c := flowtable.NewClassifier[*translate.Program]()
	c.Insert(e)
	v.SetTable(0, c.Publish(), &flowtable.Lookups{})
	v.SetPorts(translate.NewPortSet([]translate.Port{{No: 1}, {No: 2}, {No: 3}, {No: 4}}))
	return v
}

// stand is a pool over a fake datapath with ports 1 to 4.
type stand struct {
	t      *testing.T
	fake   *datapathtest.Fake
	views  translate.Publication
	bottom *bh.Channel
	pool   *Pool
	clock  atomic.Int64
}

func newStand(t *testing.T, e *translate.Entry, change func(*Config)) *stand {
	s := &stand{t: t, fake: datapathtest.NewFake(), bottom: bh.New(bh.Quota{})}
	s.views.Publish(viewOf(s.fake.Features(), e))
	receivers, err := s.fake.Receivers(2)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"p1", "p2", "p3", "p4"} {
		s.fake.AddInterface(name)
		if err := s.fake.AddPort(datapath.PortSpec{No: datapath.PortNo(i + 1), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	cfg := &Config{Receivers: receivers, Views: &s.views, Bottom: s.bottom, Now: s.clock.Load}
	if change != nil {
		change(cfg)
	}
	s.pool = Start(cfg)
	t.Cleanup(func() {
		if err := s.fake.Close(); err != nil {
			t.Error(err)
		}
		s.pool.Wait()
	})
	return s
}

// request waits for the next request to main.
func (s *stand) request() (r bh.Request) {
	s.t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		n := s.bottom.Drain([bh.NumKinds]int{1, 1, 1, 1}, func(got *bh.Request) {
			r = *got
			r.Frame.Buf = bytes.Clone(r.Frame.Buf)
		})
		if n > 0 {
			return r
		}
		select {
		case <-s.bottom.Wake():
		case <-deadline:
			s.t.Fatal("no request to main")
		}
	}
}

// total adds up the workers' counters.
func (s *stand) total() (sum Counters) {
	for _, c := range s.pool.Counters(nil) {
		sum.Add(&c)
	}
	return sum
}

// settled waits until so many misses were handled, and no worker is at work.
func (s *stand) settled(misses uint64) Counters {
	s.t.Helper()
	for range 5000 {
		if c := s.total(); c.Misses >= misses && s.pool.Quiesced(1<<60) {
			return s.total()
		}
		time.Sleep(time.Millisecond)
	}
	s.t.Fatalf("counters %+v, want %d misses", s.total(), misses)
	return Counters{}
}

// frame is a frame of n bytes, told apart by its last.
func frame(n int, last byte) []byte {
	b := make([]byte, n)
	copy(b, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34})
	b[n-1] = last
	return b
}

func TestMissIsForwardedAndCredited(t *testing.T) {
	e := entry(t, output(2), output(3))
	s := newStand(t, e, nil)
	s.clock.Store(99)
	s.fake.Inject(1, frame(64, 5))
	for _, port := range []datapath.PortNo{2, 3} {
		if got := s.fake.Next(port, 5*time.Second); !bytes.Equal(got, frame(64, 5)) {
			t.Errorf("port %d got %x", port, got)
		}
	}
	if packets, bytes, used := e.Stats.Read(); packets != 1 || bytes != 64 || used != 99 {
		t.Errorf("%d packets, %d bytes, used %d", packets, bytes, used)
	}
}

func TestInstallOnSecondSighting(t *testing.T) {
	s := newStand(t, entry(t, output(2)), nil)
	s.fake.Inject(1, frame(64, 1))
	if c := s.settled(1); c.Installs != 0 {
		t.Fatalf("asked at the first sighting: %+v", c)
	}
	s.fake.Inject(1, frame(60, 2)) // another frame of the same flow
	r := s.request()
	var want flowtable.Key
	f := datapathtest.NewFrame(frame(60, 2))
	packet.Parse(&f, 1, &want)
	if r.Kind != bh.Install || r.Key != want {
		t.Errorf("request %d for %v", r.Kind, r.Key)
	}
	// A burst does not ask again; some time later it does.
	for range 10 {
		s.fake.Inject(1, frame(64, 1))
	}
	if c := s.settled(12); c.Installs != 1 {
		t.Errorf("%d requests for one flow", c.Installs)
	}
	s.clock.Add(askAgain)
	s.fake.Inject(1, frame(64, 1))
	if r := s.request(); r.Kind != bh.Install {
		t.Errorf("request %d", r.Kind)
	}
}

func TestInstallOptions(t *testing.T) {
	s := newStand(t, entry(t, output(2)), func(c *Config) { c.BloomOff = true })
	s.fake.Inject(1, frame(64, 1))
	if r := s.request(); r.Kind != bh.Install {
		t.Errorf("request %d", r.Kind)
	}

	s = newStand(t, entry(t, output(2)), func(c *Config) { c.DisableKflows = true })
	for range 3 {
		s.fake.Inject(1, frame(64, 1))
	}
	if c := s.settled(3); c.Installs != 0 {
		t.Errorf("%+v", c)
	}
}

func TestPacketIn(t *testing.T) {
	set := ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(ofp13.OXMEthDst, 9)}
	s := newStand(t, entry(t, set, ofp13.Action{Type: ofp13.ActionOutput, ID: ofp13.PortController, MaxLen: 100}, output(2)), nil)
	s.fake.Inject(3, frame(200, 1))
	r := s.request()
	if r.Kind != bh.PacketIn || r.Table != 0 || r.Reason != ofp13.ReasonAction || r.MaxLen != 100 || r.Cookie != 77 {
		t.Errorf("%+v", r)
	}
	if got := r.Frame.Bytes(); len(got) != 200 || got[5] != 9 {
		t.Errorf("the frame is %x", got)
	}
	if r.Key.Get(flowtable.InPort) != 3 || r.Key.Get(flowtable.EthDst) != 0x020000000001 {
		t.Errorf("the key is %v", r.Key)
	}
	if got := s.fake.Next(2, 5*time.Second); len(got) != 200 || got[5] != 9 {
		t.Errorf("port 2 got %x", got)
	}
}

// What a cached flow hands up is passed on with its record, untranslated.
func TestCachedPacketIn(t *testing.T) {
	e := entry(t, output(4))
	s := newStand(t, e, nil)
	var match flowtable.Match
	match.Exact(flowtable.InPort, 1)
	errs := make([]error, 1)
	s.fake.PutFlows([]datapath.Flow{{ID: 1, Match: match, Actions: []datapath.Act{
		{Kind: datapath.Set, Field: flowtable.EthDst, Value: 8}, {Kind: datapath.Controller, Value: 1234},
	}}}, errs)
	if errs[0] != nil {
		t.Fatal(errs[0])
	}
	s.fake.Inject(1, frame(64, 3))
	r := s.request()
	if r.Kind != bh.CachedPacketIn || r.Record != 1234 || r.Frame.Bytes()[5] != 8 || r.Key.Get(flowtable.EthDst) != 0x020000000001 {
		t.Errorf("%+v", r)
	}
	if packets, _, _ := e.Stats.Read(); packets != 0 {
		t.Error("it was translated again")
	}
}

func TestTraceRequests(t *testing.T) {
	s := newStand(t, entry(t, output(2)), nil)
	s.pool.Trace(true)
	s.fake.Inject(1, frame(64, 1))
	if r := s.request(); r.Kind != bh.Trace || r.Key.Get(flowtable.InPort) != 1 {
		t.Errorf("%+v", r)
	}
	s.pool.Trace(false)
	s.fake.Inject(1, frame(64, 1))
	if r := s.request(); r.Kind != bh.Install {
		t.Errorf("%+v", r)
	}
}

// A full bottom half costs requests, never forwarding.
func TestBottomHalfFull(t *testing.T) {
	s := newStand(t, entry(t, output(2), output(ofp13.PortController)), func(c *Config) {
		c.Bottom = bh.New(bh.Quota{PacketIn: 3, Install: 1})
		c.BloomOff = true
	})
	for i := range byte(20) {
		b := frame(64, 1)
		b[0] = 4 * i // flows of their own
		s.fake.Inject(1, b)
	}
	for range 20 {
		if s.fake.Next(2, 5*time.Second) == nil {
			t.Fatal("a frame is missing")
		}
	}
	if c := s.settled(20); c.PacketIns != 3 || c.Installs != 1 || c.Refused != 17+19 {
		t.Errorf("%+v", c)
	}
}

// scripted is a receiver under a test's control.
type scripted struct {
	receive func([]datapath.Upcall) (int, error)
	execute func([]datapath.Execution) error
}

func (s *scripted) Receive(b []datapath.Upcall) (int, error) { return s.receive(b) }
func (s *scripted) Execute(b []datapath.Execution) error     { return s.execute(b) }

// Errors of the datapath are counted, and the worker goes on until it closes.
func TestReceiverErrors(t *testing.T) {
	f := datapathtest.NewFrame(frame(64, 1))
	calls := 0
	receiver := &scripted{
		receive: func(b []datapath.Upcall) (int, error) {
			calls++
			switch calls {
			case 1:
				return 0, errors.New("no buffer space available")
			case 2:
				b[0] = datapath.Upcall{Frame: f}
				packet.Parse(&f, 1, &b[0].Key)
				return 1, nil
			}
			return 0, net.ErrClosed
		},
		execute: func([]datapath.Execution) error { return errors.New("no such device") },
	}
	var views translate.Publication
	views.Publish(viewOf(datapathtest.AllFeatures(), entry(t, output(2))))
	p := Start(&Config{Receivers: []datapath.Receiver{receiver}, Views: &views, Bottom: bh.New(bh.Quota{}), Now: func() int64 { return 1 }})
	p.Wait()
	if c := p.Counters(nil)[0]; c.ReceiveErrs != 1 || c.ExecuteErrs != 1 || c.Misses != 1 || c.Batches != 1 {
		t.Errorf("%+v", c)
	}
}

func TestServeAllocs(t *testing.T) {
	set := ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(ofp13.OXMEthDst, 9)}
	edits := datapathtest.AllFeatures()
	edits.Acts = 1 << datapath.Output
	for name, features := range map[string]datapath.Features{"datapath edits": datapathtest.AllFeatures(), "worker edits": edits} {
		executed := 0
		receiver := &scripted{execute: func(b []datapath.Execution) error { executed += len(b); return nil }}
		var views translate.Publication
		views.Publish(viewOf(features, entry(t, output(2), set, output(3), output(ofp13.PortController))))
		bottom := bh.New(bh.Quota{PacketIn: batchSize, Install: batchSize})
		w := newWorker(&Pool{}, &Config{Views: &views, Bottom: bottom, Now: func() int64 { return 1 }, BloomOff: true}, receiver, maphash.MakeSeed())
		batch := make([]datapath.Upcall, batchSize)
		serve := func() {
			for i := range batch {
				if batch[i].Frame.Buf == nil {
					batch[i].Frame = datapathtest.NewFrame(frame(64, byte(i)))
				}
				packet.Parse(&batch[i].Frame, 1, &batch[i].Key)
			}
			w.serve(batch)
			bottom.Drain([bh.NumKinds]int{batchSize, batchSize, batchSize, batchSize}, func(*bh.Request) {})
		}
		for range 3 {
			serve()
		}
		if n := testing.AllocsPerRun(100, serve); n != 0 {
			t.Errorf("%s: %v allocations per batch, want none", name, n)
		}
		if executed < 100*batchSize {
			t.Errorf("%s: %d executions", name, executed)
		}
	}
}

func TestWorkers(t *testing.T) {
	for wish, want := range map[int]int{1: 1, 4: 4, 16: 16, 17: 16, 1000: 16} {
		if got := Workers(wish); got != want {
			t.Errorf("Workers(%d) = %d", wish, got)
		}
	}
	if n := Workers(0); n < MinWorkers || n > MaxWorkers {
		t.Errorf("Workers(0) = %d", n)
	}
}

func BenchmarkServe(b *testing.B) {
	receiver := &scripted{execute: func([]datapath.Execution) error { return nil }}
	var views translate.Publication
	views.Publish(viewOf(datapathtest.AllFeatures(), entry(b, output(2))))
	w := newWorker(&Pool{}, &Config{Views: &views, Bottom: bh.New(bh.Quota{}), Now: func() int64 { return 1 }}, receiver, maphash.MakeSeed())
	batch := make([]datapath.Upcall, batchSize)
	for i := range batch {
		batch[i].Frame = datapathtest.NewFrame(frame(64, byte(i)))
		packet.Parse(&batch[i].Frame, 1, &batch[i].Key)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.serve(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batchSize), "ns/packet")
}
