package datapathtest

import (
	"errors"
	"sync"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func caseHit(r *rig) {
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	for range 3 {
		r.send(1, frame)
		r.receive(2, frame)
	}
	r.noUpcall()
	r.miss(2, frame)             // another port
	r.miss(1, UDP(3, 1, 80, 18)) // another destination
	r.miss(1, ARP(2, 1))         // another type
}

func caseWildcards(r *rig) {
	r.put(r.flow(1, 1, UDP(2, 1, 80, 18), []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	for _, frame := range [][]byte{
		UDP(2, 1, 80, 18), UDP(2, 9, 80, 18), UDP(2, 1, 443, 18), UDP(2, 1, 80, 400),
		edited(r.T, UDP(2, 1, 80, 18), []datapath.Act{{Kind: datapath.Set, Field: flowtable.IPv4Src, Value: 1}}),
		edited(r.T, UDP(2, 1, 80, 18), []datapath.Act{{Kind: datapath.Set, Field: flowtable.IPTTL, Value: 1}}),
	} {
		r.send(1, frame)
		r.receive(2, frame)
	}
	r.noUpcall()
}

// caseMaskedBits matches some bits of a field only.
func caseMaskedBits(r *rig) {
	var mask flowtable.Mask
	mask.Exact(flowtable.InPort)
	mask.Exact(flowtable.EthType)
	mask.Add(flowtable.IPv4Dst, 0xfffffff0)
	mask.Add(flowtable.EthSrc, 1)
	r.put(r.masked(1, 1, UDP(17, 1, 80, 18), []datapath.Act{out(2)}, mask))
	for _, station := range []byte{16, 17, 31} { // 10.0.0.16/28
		frame := UDP(station, 3, 80, 18)
		r.send(1, frame)
		r.receive(2, frame)
	}
	r.miss(1, UDP(15, 1, 80, 18))
	r.miss(1, UDP(32, 1, 80, 18))
	r.miss(1, UDP(17, 2, 80, 18)) // an even source
}

func caseDrop(r *rig) {
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, nil, flowtable.EthType))
	r.send(1, frame)
	r.noUpcall()
	r.nothing(2)
	r.eventually("one frame counted", func() bool { return r.stats()[1].Packets == 1 })
}

func caseReplace(r *rig) {
	frame := UDP(2, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	r.send(1, frame)
	r.receive(2, frame)

	// Other actions: no frame may miss in between.
	r.put(r.flow(1, 1, frame, []datapath.Act{out(3)}, flowtable.EthType, flowtable.EthDst))
	r.send(1, frame)
	r.receive(3, frame)
	r.nothing(2)
	if got := r.stats(); len(got) != 1 || got[1].Packets == 0 {
		r.Errorf("after a replacement the cache holds %v, want flow 1 with its count", got)
	}

	// A wider mask as well.
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}, flowtable.EthType))
	wider := UDP(3, 1, 80, 18)
	r.send(1, wider)
	r.receive(2, wider)
	if got := r.stats(); len(got) != 1 {
		r.Errorf("after a replacement the cache holds %v, want flow 1 only", got)
	}

	// And a narrower one.
	r.put(r.flow(1, 1, frame, []datapath.Act{out(3)}, flowtable.EthType, flowtable.EthDst))
	r.miss(1, wider)
	r.send(1, frame)
	r.receive(3, frame)
	r.noUpcall()
}

func caseDelete(r *rig) {
	frame, other := UDP(2, 1, 80, 18), UDP(3, 1, 80, 18)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst),
		r.flow(2, 1, other, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	const frames = 5
	for range frames {
		r.send(1, frame)
		r.receive(2, frame)
	}
	ids := []datapath.FlowID{7, 1, 2}
	last, errs := make([]datapath.FlowStats, len(ids)), make([]error, len(ids))
	r.dp.DeleteFlows(ids, last, errs)
	r.wantError("DeleteFlows of no flow", errs[0], datapath.ErrNoFlow)
	if err := errors.Join(errs[1:]...); err != nil {
		r.Fatalf("DeleteFlows: %v", err)
	}
	if s := last[1]; s.ID != 1 || s.Packets != frames || s.Bytes != uint64(frames*len(frame)) || s.Used == 0 {
		r.Errorf("last counters %+v, want %d frames of %d bytes", s, frames, len(frame))
	}
	if s := last[2]; s.ID != 2 || s.Packets != 0 || s.Bytes != 0 || s.Used != 0 {
		r.Errorf("last counters of an unused flow %+v, want none", s)
	}
	r.miss(1, frame)
	r.nothing(2)
	_, err := r.remove(1)
	r.wantError("DeleteFlows again", err, datapath.ErrNoFlow)
	if got := r.stats(); len(got) != 0 {
		r.Errorf("deleted flows are still there: %v", got)
	}
}

func caseFlush(r *rig) {
	frame := UDP(2, 1, 80, 18)
	for id := range datapath.FlowID(20) {
		r.put(r.flow(id+1, 1, UDP(byte(id), 1, 80, 18), []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	}
	if err := r.dp.FlushFlows(); err != nil {
		r.Fatalf("FlushFlows: %v", err)
	}
	r.miss(1, frame)
	if got := r.stats(); len(got) != 0 {
		r.Errorf("after FlushFlows: %v", got)
	}
	_, err := r.remove(1)
	r.wantError("DeleteFlows after FlushFlows", err, datapath.ErrNoFlow)
	r.put(r.flow(1, 1, frame, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
	r.send(1, frame)
	r.receive(2, frame)
}

func caseCounters(r *rig) {
	small, large := UDP(2, 1, 80, 18), UDP(2, 1, 80, 1000)
	r.put(r.flow(1, 1, small, []datapath.Act{out(2)}, flowtable.EthType))
	if s := r.stats()[1]; s.Packets != 0 || s.Bytes != 0 || s.Used != 0 {
		r.Errorf("counters of a new flow: %+v", s)
	}
	const frames = 200
	before := monotonic()
	for range frames {
		r.send(1, small)
		r.receive(2, small)
		r.send(1, large)
		r.receive(2, large)
	}
	wantBytes := uint64(frames * (len(small) + len(large)))
	r.eventually("all frames counted", func() bool { return r.stats()[1].Packets >= 2*frames })
	s := r.stats()[1]
	if s.Packets != 2*frames || s.Bytes != wantBytes {
		r.Errorf("%d frames of %d bytes counted, want %d of %d", s.Packets, s.Bytes, 2*frames, wantBytes)
	}
	// The kernel keeps this time in jiffies, of up to 10 ms.
	slack := int64(20 * time.Millisecond)
	if after := monotonic(); s.Used < before-slack || s.Used > after+slack {
		r.Errorf("last used at %d, want between %d and %d of CLOCK_MONOTONIC", s.Used, before, after)
	}
}

func caseDump(r *rig) {
	const flows = 300
	var batch []datapath.Flow
	for i := range flows {
		frame := UDP(byte(i), byte(i>>8), 80, 18)
		batch = append(batch, r.flow(datapath.FlowID(i+1), 1, frame, []datapath.Act{out(2)},
			flowtable.EthType, flowtable.EthDst, flowtable.EthSrc))
	}
	r.put(batch...)
	if got := r.stats(); len(got) != flows {
		r.Errorf("DumpFlows gave %d flows, want %d", len(got), flows)
	}
	stop := errors.New("enough")
	calls := 0
	err := r.dp.DumpFlows(func([]datapath.FlowStats) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		r.Errorf("DumpFlows ended with %v after %d calls, want fn's error after one", err, calls)
	}
	if got := r.stats(); len(got) != flows {
		r.Errorf("the next DumpFlows gave %d flows, want %d", len(got), flows)
	}
}

func caseRefused(r *rig) {
	frame, other := UDP(2, 1, 80, 18), UDP(3, 1, 80, 18)
	fields := []flowtable.Field{flowtable.EthType, flowtable.EthDst}
	good := r.flow(1, 1, frame, []datapath.Act{out(2)}, fields...)
	metadata := r.flow(2, 1, frame, []datapath.Act{out(2)}, append(fields, flowtable.Metadata)...)
	action := r.flow(3, 1, frame, []datapath.Act{{Kind: datapath.Set, Field: flowtable.Metadata, Value: 1}}, fields...)
	kind := r.flow(4, 1, frame, []datapath.Act{{Kind: 63}}, fields...)
	last := r.flow(5, 1, other, []datapath.Act{out(2)}, fields...)

	batch := []datapath.Flow{metadata, good, action, kind, last}
	errs := []error{nil, errors.New("left over"), nil, nil, errors.New("left over")}
	r.dp.PutFlows(batch, errs)
	for i, refused := range []bool{true, false, true, true, false} {
		if (errs[i] != nil) != refused {
			r.Errorf("PutFlows: flow %d: error %v, refused should be %v", batch[i].ID, errs[i], refused)
		}
	}
	if got := r.stats(); len(got) != 2 {
		r.Errorf("the cache holds %v, want flows 1 and 5", got)
	}
	for _, f := range [][]byte{frame, other} {
		r.send(1, f)
		r.receive(2, f)
	}
	r.noUpcall()
}

// caseConcurrency changes and dumps the cache while frames go through it. Its
// worth is under the race detector.
func caseConcurrency(r *rig) {
	answer := []datapath.Act{out(2)}
	r.answer.Store(&answer)
	frames := make([][]byte, 8)
	for i := range frames {
		frames[i] = UDP(byte(i), 1, 80, 18)
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-r.upcalls: // so that the receivers go on
			default:
				r.h.Send(r.T, r.ports[0], frames[i%len(frames)])
			}
		}
	})
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := r.dp.DumpFlows(func([]datapath.FlowStats) error { return nil }); err != nil {
					r.Errorf("DumpFlows: %v", err)
					return
				}
			}
		}
	})
	for deadline := time.Now().Add(300 * time.Millisecond); time.Now().Before(deadline); {
		for i, frame := range frames {
			r.put(r.flow(datapath.FlowID(i+1), 1, frame, []datapath.Act{out(2)}, flowtable.EthType, flowtable.EthDst))
		}
		for i := range frames {
			if _, err := r.remove(datapath.FlowID(i + 1)); err != nil {
				r.Errorf("DeleteFlows: %v", err)
			}
		}
	}
	close(stop)
	others.Wait()
	// Some frame got through, and the datapath still works.
	if r.h.Receive(r.T, r.ports[1], patience) == nil {
		r.Error("no frame got through")
	}
}
