package upcall

import (
	"hash/maphash"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/bh"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// After Quiesced(e) no execution of an older view happens any more.
func TestQuiesced(t *testing.T) {
	const epochs = 40
	var barrier atomic.Uint64
	var views translate.Publication
	var executed, stale atomic.Uint64
	var stop atomic.Bool
	receiver := func() datapath.Receiver {
		f := datapathtest.NewFrame(frame(64, 1))
		return &scripted{
			receive: func(b []datapath.Upcall) (int, error) {
				if stop.Load() {
					return 0, net.ErrClosed
				}
				for i := range b[:3] {
					b[i] = datapath.Upcall{Frame: f}
					packet.Parse(&f, 1, &b[i].Key)
				}
				return 3, nil
			},
			execute: func(b []datapath.Execution) error {
				// The entries of epoch e output to port 2 + e.
				for i := range b {
					executed.Add(1)
					if uint64(b[i].Actions[0].Port) < 2+barrier.Load() {
						stale.Add(1)
					}
				}
				return nil
			},
		}
	}
	ports := []translate.Port{{No: 1}}
	for i := range epochs {
		ports = append(ports, translate.Port{No: datapath.PortNo(2 + i)})
	}
	view := viewOf(datapathtest.AllFeatures(), entry(t, output(2)))
	view.SetPorts(translate.NewPortSet(ports))
	views.Publish(view)
	p := Start(&Config{
		Receivers: []datapath.Receiver{receiver(), receiver(), receiver()},
		Views:     &views, Bottom: bh.New(bh.Quota{}), Now: func() int64 { return 1 },
	})
	for e := uint64(2); e < epochs; e++ {
		for before := executed.Load(); executed.Load() == before; {
			runtime.Gosched() // until some worker has been at it
		}
		view = view.Next()
		c := flowtable.NewClassifier[*translate.Program]()
		c.Insert(entry(t, output(uint32(2+e))))
		view.SetTable(0, c.Publish(), nil)
		views.Publish(view)
		for !p.Quiesced(view.Epoch) {
			select {
			case <-p.Quiet():
			case <-time.After(5 * time.Second):
				t.Fatal("nobody said that a worker is quiet")
			}
		}
		barrier.Store(view.Epoch)
	}
	stop.Store(true)
	p.Wait()
	if executed.Load() < epochs || stale.Load() != 0 {
		t.Errorf("%d executions, %d of them of views that were gone", executed.Load(), stale.Load())
	}
}

// A worker never begins a batch on a view that Quiesced has called gone, however
// close the two come.
func TestEnterAgainstQuiesced(t *testing.T) {
	const epochs = 40_000
	var views translate.Publication
	view := translate.NewView(datapathtest.AllFeatures())
	views.Publish(view)
	w := newWorker(&Pool{}, &Config{Views: &views}, nil, maphash.MakeSeed())
	p := &Pool{workers: []*worker{w}, quiet: make(chan struct{}, 1)}
	var gone atomic.Uint64 // views of lesser epochs
	var stop atomic.Bool
	var stale, batches int
	var worker sync.WaitGroup
	worker.Go(func() {
		for ; !stop.Load(); batches++ {
			if v := w.enter(); v.Epoch < gone.Load() {
				stale++
			}
			w.epoch.Store(0)
		}
	})
	for range epochs {
		view = view.Next()
		views.Publish(view)
		for !p.Quiesced(view.Epoch) {
			runtime.Gosched()
		}
		gone.Store(view.Epoch)
	}
	stop.Store(true)
	worker.Wait()
	if stale > 0 || batches == 0 {
		t.Errorf("%d of %d batches began on views that were gone", stale, batches)
	}
}

// A batch on an old view is waited for, however long it takes.
func TestQuiescedWaits(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	f := datapathtest.NewFrame(frame(64, 1))
	first := true
	receiver := &scripted{
		receive: func(b []datapath.Upcall) (int, error) {
			if !first {
				return 0, net.ErrClosed
			}
			first = false
			b[0] = datapath.Upcall{Frame: f}
			packet.Parse(&f, 1, &b[0].Key)
			return 1, nil
		},
		execute: func([]datapath.Execution) error {
			close(entered)
			<-leave
			return nil
		},
	}
	var views translate.Publication
	v := viewOf(datapathtest.AllFeatures(), entry(t, output(2)))
	views.Publish(v)
	p := Start(&Config{Receivers: []datapath.Receiver{receiver}, Views: &views, Bottom: bh.New(bh.Quota{}), Now: func() int64 { return 1 }})
	<-entered
	if !p.Quiesced(v.Epoch) {
		t.Error("the present view is not waited for")
	}
	next := v.Next()
	views.Publish(next)
	if p.Quiesced(next.Epoch) {
		t.Error("a batch runs on the older view")
	}
	close(leave)
	select {
	case <-p.Quiet():
	case <-time.After(5 * time.Second):
		t.Error("nobody said that a worker is quiet")
	}
	if !p.Quiesced(next.Epoch) {
		t.Error("no batch runs")
	}
	p.Wait()
}
