package kflow

import (
	"errors"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
)

// stubborn refuses to put or to delete flows while told to.
type stubborn struct {
	*datapathtest.Fake
	put, delete error
}

func (s *stubborn) PutFlows(batch []datapath.Flow, errs []error) {
	if s.put == nil {
		s.Fake.PutFlows(batch, errs)
		return
	}
	for i := range errs {
		errs[i] = s.put
	}
}

func (s *stubborn) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	if s.delete == nil {
		s.Fake.DeleteFlows(batch, last, errs)
		return
	}
	for i := range errs {
		errs[i] = s.delete
	}
}

func TestDatapathRefusesAFlow(t *testing.T) {
	r := newRig(t, Config{})
	dp := &stubborn{Fake: r.dp}
	r.cache.dp = dp
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	dp.put = datapath.ErrUnsupported
	r.send(1, udpFrame(1, ip1, 80), true)
	if c := r.cache.Counters(); c.Flows != 0 || c.Failed != 0 || c.Uncached != 1 {
		t.Errorf("%d flows, %d failed, %d not cacheable; want 0, 0, 1", c.Flows, c.Failed, c.Uncached)
	}
	dp.put = datapath.ErrTooMany
	r.now += int64(refusalHolds)
	r.send(1, udpFrame(1, ip1, 80), true)
	if c := r.cache.Counters(); c.Flows != 0 || c.Failed != 1 {
		t.Errorf("%d flows, %d failed; want 0, 1", c.Flows, c.Failed)
	}
	// It may be asked for again, after a while.
	dp.put = nil
	r.now += int64(refusalHolds)
	r.send(1, udpFrame(1, ip1, 80), true)
	if c := r.cache.Counters(); c.Flows != 1 {
		t.Errorf("%d flows, want 1", c.Flows)
	}
	// A replacement that is refused must not leave the stale flow behind.
	dp.put = errors.New("no buffer space")
	r.modify(0, false, match(), apply(output(3)))
	r.commit()
	if got := r.dp.Flows(); len(got) != 0 {
		t.Errorf("datapath still holds %v", got)
	}
}

// A flow that the datapath refuses costs it one call in three seconds, however
// many packets ask for it, unless the tables change.
func TestRefusalsAreRemembered(t *testing.T) {
	r := newRig(t, Config{})
	dp := &stubborn{Fake: r.dp, put: datapath.ErrUnsupported}
	r.cache.dp = dp
	r.add(0, 10, match(ethDst(mac1)), apply(output(2)))
	r.commit()
	ask := func(times int) (calls uint64) {
		before := r.cache.Counters().Uncached
		for range times {
			r.send(1, udpFrame(1, ip1, 80), true)
		}
		return r.cache.Counters().Uncached - before
	}
	if got := ask(100); got != 1 {
		t.Errorf("100 packets: %d calls of the datapath, want 1", got)
	}
	if r.now += int64(refusalHolds) - 1; ask(10) != 0 {
		t.Error("the refusal was forgotten early")
	}
	if r.now++; ask(10) != 1 {
		t.Error("the refusal was not forgotten in time")
	}
	r.add(0, 1, match(), apply(output(3))) // may change what is asked for
	r.commit()
	if got := ask(10); got != 1 {
		t.Errorf("after a change: %d calls, want 1", got)
	}
	if c := r.cache.Counters(); c.Refused != 99+10+9+9 {
		t.Errorf("%d requests answered by memory, want %d", c.Refused, 99+10+9+9)
	}
	for mac := range uint64(3 * maxRefusals) {
		m := flowtable.Match{}
		m.Exact(flowtable.EthDst, mac)
		r.cache.refusals.add(&m, r.now)
	}
	if n := len(r.cache.refusals); n > maxRefusals {
		t.Errorf("%d refusals remembered, want at most %d", n, maxRefusals)
	}
}

// A flow that the datapath does not give up at once is deleted by and by, and no
// change is obeyed until then; but nobody waits for ever. What is counted
// meanwhile counts once, behind meters too.
func TestDatapathKeepsADeletedFlow(t *testing.T) {
	for _, c := range []struct {
		name   string
		kept   time.Duration
		obeyed bool
	}{{"for a moment", insist - 1, false}, {"for long", insist, true}} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{})
			dp := &stubborn{Fake: r.dp}
			r.cache.dp = dp
			r.putMeter(1, 1000)
			first := r.add(0, 10, match(), metering(1), goTo(1))
			then := r.add(1, 10, match(), apply(output(2)))
			r.commit()
			r.send(1, udpFrame(1, ip1, 80), true)
			r.send(1, udpFrame(1, ip1, 80), true)
			r.read()
			dp.delete = errors.New("interrupted")
			r.remove(0, match())
			due := r.publish()
			if r.cache.Work(time.Hour) == due {
				t.Error("the change is said to be obeyed while the flow is there")
			}
			r.send(1, udpFrame(1, ip1, 80), true)
			r.now += int64(c.kept)
			if obeyed := r.cache.Work(time.Hour) == due; obeyed != c.obeyed {
				t.Errorf("the change is said to be obeyed: %t, want %t", obeyed, c.obeyed)
			}
			if c := r.cache.Counters(); c.Failed != 1 {
				t.Errorf("%d failures counted, want 1", c.Failed)
			}
			if dp.delete = nil; c.obeyed {
				r.cache.Tick(time.Second)
			}
			if r.cache.Work(time.Hour) != due {
				t.Error("the change is not obeyed")
			}
			if got := r.dp.Flows(); len(got) != 1 || len(got[0].Actions) != 0 {
				t.Errorf("datapath holds %v in the end, want only the flow that drops", got)
			}
			if a, b := packets(first), packets(then); a != 3 || b != 3 {
				t.Errorf("entries count %d and %d packets, want 3", a, b)
			}
		})
	}
}
