package fwd

import (
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/kflow"
	"github.com/ivs-go/ivs/ovsdriver/translate"
	"github.com/ivs-go/ivs/ovsdriver/upcall"
)

// mainLoop is a switch with running workers, and its main loop made small.
type mainLoop struct {
	t       *testing.T
	dp      *datapathtest.Fake
	views   translate.Publication
	bottom  *bh.Channel
	cache   *kflow.Cache
	tables  *Tables
	workers *upcall.Pool

	removed uint64 // packets of removed entries
	gone    int    // removed entries
}

var started = time.Now()

func monotonic() int64 { return int64(time.Since(started)) + int64(time.Hour) }

func newMainLoop(t *testing.T) *mainLoop {
	t.Helper()
	l := &mainLoop{t: t, dp: datapathtest.NewFake(), bottom: bh.New(bh.Quota{})}
	l.dp.SetClock(monotonic)
	receivers, err := l.dp.Receivers(2)
	if err != nil {
		t.Fatal(err)
	}
	first := translate.NewView(l.dp.Features())
	l.cache = kflow.New(l.dp, first, kflow.Config{Now: monotonic, ReadEvery: 2 * time.Millisecond})
	l.tables = NewTables(first, TablesConfig{
		Cache:       l.cache,
		Publication: &l.views,
		Quiesced:    func(epoch uint64) bool { return l.workers.Quiesced(epoch) },
		FlowRemoved: func(m *ofp13.FlowRemoved) { l.removed += m.PacketCount; l.gone++ },
		Now:         monotonic,
	})
	l.workers = upcall.Start(&upcall.Config{
		Receivers: receivers, Views: &l.views, Bottom: l.bottom, Now: monotonic, BloomOff: true,
	})
	var ports []translate.Port
	for no, name := range map[datapath.PortNo]string{1: "p1", 2: "p2", 3: "p3", 4: "p4"} {
		l.dp.AddInterface(name)
		ports = append(ports, translate.Port{No: no, Name: name})
		if err := l.dp.AddPort(datapath.PortSpec{No: no, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	l.tables.SetPorts(translate.NewPortSet(ports))
	l.cache.Start()
	return l
}

// turn does what waits for main, until done says that it is enough.
func (l *mainLoop) turn(done func() bool) {
	l.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		l.tables.Publish()
		for l.tables.Pending() && l.tables.Poll(time.Millisecond) {
		}
		if done() {
			return
		}
		select {
		case <-l.bottom.Wake():
			l.bottom.Drain([bh.NumKinds]int{bh.Install: 64}, func(r *bh.Request) { l.cache.Install(&r.Key) })
			l.cache.Flush()
		case readings := <-l.cache.Readings():
			l.cache.Merge(readings)
		case <-l.workers.Quiet():
		case <-time.After(time.Millisecond):
		case <-limit:
			l.t.Fatal("the switch did not settle")
		}
	}
}

// close ends everything.
func (l *mainLoop) close() {
	l.cache.Close()
	l.dp.Close()
	l.workers.Wait()
}

// barrier commits and turns until that is over.
func (l *mainLoop) barrier() {
	l.t.Helper()
	over := false
	l.tables.Commit(func() { over = true })
	l.turn(func() bool { return over })
}

// While frames come in and counters are read, the tables' only entry is
// replaced by another hundreds of times: after each barrier frames go the new
// way, and in the end every frame has been counted by exactly one entry.
func TestCountersAreExactUnderChurn(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := newMainLoop(t)
	defer l.close()
	swap := func(port uint32) {
		for _, m := range []ofp13.FlowMod{
			{Command: ofp13.FlowDelete},
			{Flags: ofp13.FlagSendFlowRem, Instructions: do(apply(output(port)))},
		} {
			if err := l.tables.FlowMod(complete(m)); err != nil {
				t.Fatal(err)
			}
		}
		l.barrier()
	}
	swap(3)

	var stop atomic.Bool
	var sent atomic.Uint64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !stop.Load() {
			for port := datapath.PortNo(1); port <= 2; port++ {
				l.dp.Inject(port, frameTo(byte(sent.Add(1)%8)))
			}
			time.Sleep(20 * time.Microsecond)
		}
	}()
	for i := range 200 {
		way, other := datapath.PortNo(3+i%2), datapath.PortNo(4-i%2)
		swap(uint32(way))
		l.dp.Sent(other)
		before := sent.Load()
		l.turn(func() bool { return sent.Load() > before+4 })
		if frames := l.dp.Sent(other); len(frames) > 0 {
			t.Fatalf("round %d: %d frames went the old way after the barrier", i, len(frames))
		}
		l.dp.Sent(way)
	}
	stop.Store(true)
	<-ended
	l.settleCounts(sent.Load())
}

// settleCounts removes the last entry and compares the counters of all with the
// frames that came in.
func (l *mainLoop) settleCounts(sent uint64) {
	l.t.Helper()
	lookups := func() uint64 {
		n, _ := l.tables.tables[0].Lookups().Read()
		return n
	}
	lost := l.dp.Drops().NoReceiver
	l.turn(func() bool { return lookups()+lost == sent }) // the last readings and upcalls
	if err := l.tables.FlowMod(complete(ofp13.FlowMod{Command: ofp13.FlowDelete})); err != nil {
		l.t.Fatal(err)
	}
	l.barrier()
	if l.removed+lost != sent {
		l.t.Errorf("%d removed entries count %d packets, %d came in (%d lost)", l.gone, l.removed, sent, lost)
	}
	if c := l.cache.Counters(); c.Installed == 0 || c.Checked == 0 {
		l.t.Errorf("nothing was cached or looked at again: %+v", c)
	}
}
