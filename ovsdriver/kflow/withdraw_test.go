package kflow

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// failover makes a group that goes to port 2, or, if that has failed, to 3.
func (r *rig) failover() *translate.Group {
	r.t.Helper()
	watch := func(port uint32) ofp13.Bucket {
		return ofp13.Bucket{WatchPort: port, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{output(port)}}
	}
	g, err := translate.CompileGroup(&ofp13.GroupMod{GroupID: 1, Type: ofp13.GroupTypeFastFailover, Buckets: []ofp13.Bucket{watch(2), watch(3)}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.groups = r.groups.With(g)
	return g
}

// numbered is a frame of a flow of crowd's.
func numbered(i int) []byte {
	b := make([]byte, 60)
	b[4], b[5], b[12], b[13] = byte(i>>8), byte(i), 0x88, 0xb5
	return b
}

// crowd sends a frame of each of so many flows to a failover group, and one of a
// last flow that does something else; all are cached then. It returns the group
// and the last flow's entry.
func (r *rig) crowd(flows int, last ofp13.Action) (*translate.Group, *translate.Entry) {
	r.t.Helper()
	g := r.failover()
	to := func(i int, a ofp13.Action) *translate.Entry {
		return r.add(0, 10, match(ofp13.NewOXM64(ofp13.OXMEthDst, uint64(i))), apply(a))
	}
	for i := range flows {
		to(i, ofp13.Action{Type: ofp13.ActionGroup, ID: g.ID})
	}
	other := to(flows, last)
	r.commit()
	for i := range flows + 1 {
		r.send(1, numbered(i), true)
	}
	return g, other
}

// link says whether port 2 has one.
func (r *rig) link(up bool) {
	r.setPorts([]translate.Port{{No: 1}, {No: 2, LinkDown: !up}, {No: 3}, {No: 4}})
}

// The flows to a port that fails leave the datapath before any is translated
// again, those in use first; then they come back with the other port. Others
// stay, no packet is lost to the counters, and a port that comes back takes no
// flow out.
func TestWithdraw(t *testing.T) {
	r := newRig(t, Config{})
	const flows = 3 * batchLen
	g, _ := r.crowd(flows, output(2))
	r.now += int64(2 * recently)
	r.send(1, numbered(77), true)
	r.read()
	r.send(1, numbered(78), true)

	r.link(false)
	due := r.publish()
	r.now += int64(12 * time.Millisecond) // main's affair, not the datapath's
	r.cache.cfg.Now = func() int64 { r.now += int64(time.Millisecond); return r.now }
	r.cache.Work(0) // no time: one batch
	left := map[uint64]bool{}
	for _, f := range r.dp.Flows() {
		left[f.Match.Key.Get(flowtable.EthDst)] = true
	}
	if len(left) != flows+1-withdrawFirst || left[77] || !left[flows] {
		t.Errorf("%d flows are left, the one in use among them: %t", len(left), left[77])
	}
	checked := r.cache.Counters().Checked
	for n := 2; len(r.dp.Flows()) > 1; n++ {
		if n > 4 {
			t.Fatalf("after %d batches, %d flows are left", n, len(r.dp.Flows()))
		}
		r.cache.Work(0)
	}
	if now := r.cache.Counters().Checked; now != checked {
		t.Errorf("%d flows were translated again before all had left", now-checked)
	}
	r.send(1, numbered(5), true) // by the slow path
	if r.cache.Work(time.Hour) != due {
		t.Fatal("Work left something behind")
	}
	r.verify(rand.New(rand.NewPCG(1, 2)))
	for i := range flows {
		r.send(1, numbered(i), false)
	}
	if n := len(r.dp.Sent(3)); n != flows {
		t.Errorf("%d frames came by port 3, want %d", n, flows)
	}
	r.dp.Sent(2)

	before := r.cache.Counters().Removed
	r.link(true)
	r.cache.cfg.Now = func() int64 { return r.now }
	r.commit()
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if n := r.cache.Counters().Removed - before; n != flows {
		t.Errorf("%d flows were replaced, want %d", n, flows)
	}
	count := func(s *flowtable.Stats) uint64 { n, _, _ := s.Read(); return n }
	// Each was sent once before and once after, and 77, 78 and 5 once more.
	if a, b := count(g.Buckets[0].Stats), count(g.Buckets[1].Stats); a != flows+2 || b != flows+1 || count(g.Stats) != a+b {
		t.Errorf("the buckets counted %d and %d, want %d and %d; the group %d", a, b, flows+2, flows+1, count(g.Stats))
	}
}

// A flow that waits out of the datapath can expire, and is not put back by a
// second change that finds it there.
func TestWithdrawTwice(t *testing.T) {
	r := newRig(t, Config{})
	r.failover()
	r.add(0, 1, match(), apply(ofp13.Action{Type: ofp13.ActionGroup, ID: 1}))
	r.commit()
	r.send(1, make([]byte, 60), true)
	r.link(false)
	r.publish()
	r.cache.withdraw(r.now)
	if n := len(r.dp.Flows()); n != 0 {
		t.Fatalf("%d flows are left", n)
	}
	r.setPorts([]translate.Port{{No: 1}, {No: 2, LinkDown: true}, {No: 3, LinkDown: true}, {No: 4}})
	r.commit()
	flows := r.dp.Flows()
	if len(flows) != 1 || len(flows[0].Actions) != 0 {
		t.Errorf("flows %+v, want one that drops", flows)
	}
	r.link(true)
	r.commit()
	r.link(false)
	r.publish()
	r.cache.withdraw(r.now)
	r.link(true)
	r.publish()
	r.cache.withdraw(r.now)
	if n := len(r.dp.Flows()); n != 0 {
		t.Errorf("%d flows were put back", n)
	}
	r.now += int64(time.Hour)
	r.cache.lastSweep = 0
	r.cache.Tick(time.Hour)
	r.cache.Work(time.Hour)
	r.verifyEmpty()
	if r.cache.Counters().Flows != 0 {
		t.Error("the flow has not expired")
	}
}

// Where flows leave slowly one by one, all leave at once; those that had nothing
// to do with it come back as well, and go on counting.
func TestWithdrawAll(t *testing.T) {
	r := newRig(t, Config{})
	const flows = 3 * batchLen
	_, other := r.crowd(flows, output(4))
	r.send(1, numbered(flows), true)
	r.read()
	r.link(false)
	r.publish()
	r.cache.cfg.Now = func() int64 { r.now += int64(6 * time.Millisecond); return r.now }
	if r.cache.Work(0); len(r.dp.Flows()) > 0 {
		t.Fatalf("after one batch, %d flows are left", len(r.dp.Flows()))
	}
	r.cache.Work(time.Hour)
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if n := len(r.dp.Flows()); n != flows+1 {
		t.Errorf("%d flows came back, want %d", n, flows+1)
	}
	r.send(1, numbered(flows), false)
	r.send(1, numbered(9), false)
	r.read()
	if n := packets(other); n != 3 {
		t.Errorf("the flow that had nothing to do with it counted %d packets, want 3", n)
	}
	if n := len(r.dp.Sent(3)); n != 1 {
		t.Errorf("%d frames came by port 3, want 1", n)
	}
}

// A flow that is taken out before it was put is not put until it is translated
// again, or it would be there twice.
func TestWithdrawAllAfterInstall(t *testing.T) {
	r := newRig(t, Config{})
	r.failover()
	r.add(0, 10, match(ofp13.NewOXM64(ofp13.OXMEthDst, 1)), apply(ofp13.Action{Type: ofp13.ActionGroup, ID: 1}))
	r.add(0, 1, match(), apply(output(4)))
	r.commit()
	other := flowtable.Key{}
	other.Set(flowtable.InPort, 1)
	other.Set(flowtable.EthDst, 2)
	r.cache.Install(&other)
	r.cache.urgent.flows = make([]*flow, 1)
	r.cache.withdrawAll()
	r.cache.Flush()
	r.commit()
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if n := len(r.dp.Flows()); n != 1 {
		t.Errorf("%d flows are in the datapath, want 1", n)
	}
}

// A flow that is taken out while its actions change comes back with the new ones.
func TestWithdrawAllAfterAChange(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 1, match(), apply(output(4)))
	r.commit()
	r.send(1, numbered(1), true)
	r.modify(0, false, match(), apply(output(3)))
	due := r.publish()
	r.cache.withdrawAll()
	if r.cache.Work(time.Hour) < due {
		t.Error("Work left something behind")
	}
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if n := len(r.dp.Flows()); n != 1 {
		t.Errorf("%d flows are in the datapath, want 1", n)
	}
}

// A flow that the datapath does not give up at once is not taken for gone.
func TestWithdrawRefused(t *testing.T) {
	r := newRig(t, Config{})
	dp := &stubborn{Fake: r.dp}
	r.cache.dp = dp
	r.crowd(3, output(4))
	r.link(false)
	r.publish()
	dp.delete = errors.New("interrupted")
	r.cache.withdraw(r.now)
	dp.delete = nil
	r.cache.Work(time.Hour)
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if n := len(r.dp.Flows()); n != 4 {
		t.Errorf("%d flows are in the datapath, want 4", n)
	}
}

// Flows to a port that fails leave first also if all are translated again.
func TestWithdrawAmongAll(t *testing.T) {
	r := newRig(t, Config{})
	r.crowd(3, output(4))
	r.cache.ChangeAll()
	r.link(false)
	due := r.publish()
	r.cache.withdraw(r.now)
	if n := len(r.dp.Flows()); n != 1 {
		t.Errorf("%d flows are left, want the one that has another port", n)
	}
	if r.cache.Work(time.Hour) != due {
		t.Error("Work left something behind")
	}
	r.verify(rand.New(rand.NewPCG(1, 2)))
}
