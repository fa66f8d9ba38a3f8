package kflow

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

var ip1 = [4]byte{10, 0, 0, 2}

func TestInstallForwardsAndCounts(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(ethDst(mac1)), apply(output(2)))
	r.commit()
	frame := udpFrame(1, ip1, 80)
	r.send(1, frame, true)
	for range 9 {
		r.send(1, frame, true)
	}
	if got := len(r.dp.Sent(2)); got != 9 {
		t.Errorf("cached flow sent %d frames to port 2, want 9", got)
	}
	r.now += int64(time.Second)
	r.read()
	r.read() // nothing is counted twice
	n, bytes, used := e.Stats.Read()
	if n != 10 || bytes != uint64(10*len(frame)) {
		t.Errorf("entry counts %d packets, %d bytes; want 10, %d", n, bytes, 10*len(frame))
	}
	if used != int64(time.Hour) {
		t.Errorf("entry was used last at %d, want when the last packet came, %d", used, int64(time.Hour))
	}
	if lookups, matched := r.table(0).Lookups().Read(); lookups != 10 || matched != 10 {
		t.Errorf("table counts %d lookups, %d matched; want 10, 10", lookups, matched)
	}
	if c := r.cache.Counters(); c.Flows != 1 || c.Masks != 1 || c.Installed != 1 {
		t.Errorf("counters %+v, want one flow of one mask", c)
	}
}

func TestMissCountsAsLookupOnly(t *testing.T) {
	r := newRig(t, Config{})
	r.table(0)
	r.commit()
	for range 5 {
		r.send(1, udpFrame(1, ip1, 80), true)
	}
	r.read()
	if lookups, matched := r.table(0).Lookups().Read(); lookups != 5 || matched != 0 {
		t.Errorf("table counts %d lookups, %d matched; want 5, 0", lookups, matched)
	}
	if got := len(r.dp.Flows()); got != 1 {
		t.Errorf("%d flows cached for a drop, want 1", got)
	}
}

func TestInstallOncePerMaskedKey(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	var keys [3]flowtable.Key
	for i := range keys {
		keys[i].Set(flowtable.InPort, 1)
		keys[i].Set(flowtable.EthSrc, uint64(i))
		r.install(&keys[i])
	}
	if c := r.cache.Counters(); c.Installed != 1 || c.Known != 2 {
		t.Errorf("%d installed, %d known; want 1, 2", c.Installed, c.Known)
	}
}

func TestDisableMegaflows(t *testing.T) {
	r := newRig(t, Config{DisableMegaflows: true})
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.send(1, udpFrame(1, ip1, 81), true)
	flows := r.dp.Flows()
	if len(flows) != 2 {
		t.Fatalf("%d flows cached, want one for each port", len(flows))
	}
	want := datapathtest.AllFeatures().KeyMask
	if flows[0].Match.Mask != want {
		t.Errorf("mask %v, want all that the datapath matches", flows[0].Match.Mask)
	}
	// An entry that covers only one of them must still be obeyed.
	r.add(0, 20, match(ethType(0x0800), ofp13.NewOXM64(ofp13.OXMIPProto, 17), ofp13.NewOXM64(ofp13.OXMUDPDst, 81)), apply(output(3)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), false)
	r.send(1, udpFrame(1, ip1, 81), false)
	if got := len(r.dp.Sent(2)); got != 1 {
		t.Errorf("%d frames left port 2, want 1", got)
	}
}

func TestDisableKflows(t *testing.T) {
	r := newRig(t, Config{DisableKflows: true})
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	if got := len(r.dp.Flows()); got != 0 {
		t.Errorf("%d flows cached, want none", got)
	}
}

func TestUncacheableTakesTheSlowPath(t *testing.T) {
	features := datapathtest.AllFeatures()
	features.Sets &^= 1 << flowtable.EthDst
	r := newRigOver(t, datapathtest.NewFakeWith(features), Config{})
	r.add(0, 10, match(), apply(setField(ethDst(5)), output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	if c := r.cache.Counters(); c.Flows != 0 || c.Uncached != 1 {
		t.Errorf("%d flows, %d requests uncached; want 0, 1", c.Flows, c.Uncached)
	}
}

func TestLimitsPerPortAndMasks(t *testing.T) {
	var warned []error
	r := newRig(t, Config{PerPort: 3, Masks: 2, Warn: func(err error) { warned = append(warned, err) }})
	for mac := range uint64(8) {
		r.add(0, 10, match(ethDst(mac)), apply(output(2)))
	}
	r.commit()
	install := func(port, mac uint64) {
		var key flowtable.Key
		key.Set(flowtable.InPort, port)
		key.Set(flowtable.EthDst, mac)
		r.install(&key)
	}
	for mac := range uint64(5) {
		install(1, mac)
	}
	install(2, 0) // another port has its own room
	if c := r.cache.Counters(); c.Flows != 4 || c.Limited != 2 {
		t.Errorf("%d flows, %d limited; want 4, 2", c.Flows, c.Limited)
	}
	if len(warned) != 1 {
		t.Errorf("%d warnings within ten seconds, want 1", len(warned))
	}
}

func TestLimitOfMasks(t *testing.T) {
	r := newRig(t, Config{Masks: 2})
	r.add(0, 10, match(inPort(1)), apply(output(4)))
	r.add(0, 10, match(inPort(2)), goTo(1))
	r.add(0, 10, match(inPort(3)), goTo(2))
	r.add(1, 10, match(ethDst(1)), apply(output(4)))
	r.add(2, 10, match(ofp13.NewOXM64(ofp13.OXMEthSrc, 1)), apply(output(4)))
	r.commit()
	for port := datapath.PortNo(1); port <= 3; port++ {
		r.send(port, udpFrame(1, ip1, 80), true)
	}
	if c := r.cache.Counters(); c.Flows != 2 || c.Masks != 2 || c.Limited != 1 {
		t.Errorf("%d flows of %d masks, %d limited; want 2, 2, 1", c.Flows, c.Masks, c.Limited)
	}
	r.clear() // makes room
	r.send(3, udpFrame(1, ip1, 80), true)
	if c := r.cache.Counters(); c.Flows != 1 || c.Masks != 1 || c.Limited != 1 {
		t.Errorf("%d flows of %d masks, %d limited; want 1, 1, 1", c.Flows, c.Masks, c.Limited)
	}
}

func TestUnlimited(t *testing.T) {
	r := newRig(t, Config{PerPort: 1, Masks: 1, Unlimited: true})
	r.add(0, 10, match(ethDst(1)), apply(output(2)))
	r.commit()
	for mac := range uint64(5) {
		var key flowtable.Key
		key.Set(flowtable.InPort, 1)
		key.Set(flowtable.EthDst, mac)
		r.install(&key)
	}
	if c := r.cache.Counters(); c.Flows != 5 || c.Limited != 0 {
		t.Errorf("%d flows, %d limited; want 5, 0", c.Flows, c.Limited)
	}
}

func TestIdleFlowsExpire(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(ethDst(mac1)), apply(output(2)))
	r.add(0, 5, match(), apply(output(3)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.send(1, udpFrame(2, ip1, 80), true)
	r.now += int64(9 * time.Second)
	r.send(1, udpFrame(1, ip1, 80), true)
	r.read()
	r.cache.Tick(time.Second)
	if got := len(r.dp.Flows()); got != 2 {
		t.Fatalf("%d flows after 9 s, want 2", got)
	}
	r.now += int64(3 * time.Second)
	r.cache.Tick(time.Second)
	flows := r.dp.Flows()
	if len(flows) != 1 || flows[0].Match.Key.Get(flowtable.EthDst) != mac1 {
		t.Errorf("flows after 12 s: %v, want the one used 3 s ago", flows)
	}
	if got := packets(e); got != 2 {
		t.Errorf("entry counts %d packets, want 2", got)
	}
	if c := r.cache.Counters(); c.Expired != 1 {
		t.Errorf("%d expired, want 1", c.Expired)
	}
}

// A sweep that runs out of time goes on where it has stopped.
func TestSweepGoesOnNextTime(t *testing.T) {
	r := newRig(t, Config{})
	cached(r, sweepPart/2) // at 4 ports: two parts
	r.now += int64(time.Minute)
	r.cache.cfg.Now = func() int64 { r.now++; return r.now }
	r.cache.Tick(0)
	if got := r.cache.Counters().Flows; got != sweepPart {
		t.Errorf("%d flows after the first part of a sweep, want %d", got, sweepPart)
	}
	r.cache.Tick(0)
	if got := r.cache.Counters().Flows; got != 0 {
		t.Errorf("%d flows after the second part, want 0", got)
	}
	r.verifyEmpty()
}

func TestSettleIdleCreditsBeforeATimeout(t *testing.T) {
	r := newRig(t, Config{})
	m, p := r.compile(0, match(), []ofp13.Instruction{apply(output(2))})
	e := flowtable.NewEntry(&m, 1, p)
	e.IdleTimeout = 5
	changes, err := r.table(0).Add(e, r.now, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.change(0, changes)
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.now += int64(4 * time.Second)
	r.send(1, udpFrame(1, ip1, 80), true) // no dump sees this one in time
	r.now += int64(2 * time.Second)
	due := r.table(0).Due(r.now, 10, nil)
	r.cache.SettleIdle(0, due, r.now)
	if changes := r.table(0).Expire(due, r.now, nil); len(changes) != 0 {
		t.Errorf("the entry timed out though it was used 2 s ago")
	}
	if got := packets(e); got != 2 {
		t.Errorf("entry counts %d packets, want 2", got)
	}
	r.now += int64(5 * time.Second)
	due = r.table(0).Due(r.now, 10, nil)
	r.cache.SettleIdle(0, due, r.now)
	if changes := r.table(0).Expire(due, r.now, nil); len(changes) != 1 || changes[0].Reason != flowtable.IdleExpired {
		t.Errorf("changes %v, want the entry to have timed out", changes)
	}
}

// An entry is modified and looks idle before its cached flow was looked at again:
// the flow still counts for it.
func TestSettleIdleFindsFlowsOfOlderVersions(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.send(1, udpFrame(1, ip1, 80), true)
	r.modify(0, false, match(), apply(output(3)))
	all := e.Match()
	now := r.table(0).Find(&all, 10)
	if now == e {
		t.Fatal("the entry was not modified")
	}
	idle := *now
	idle.IdleTimeout = 1
	r.cache.SettleIdle(0, []*translate.Entry{&idle}, r.now+int64(time.Minute))
	if got := packets(e); got != 2 {
		t.Errorf("entry counts %d packets, want 2", got)
	}
}

func TestLateReadingsAreNoNews(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.send(1, udpFrame(1, ip1, 80), true)
	id := r.dp.Flows()[0].ID
	late := Readings{{ID: id, Packets: 1, Bytes: 60, Used: r.now}}
	r.remove(0, match(ethType(0x0800))) // removes nothing
	r.read()
	r.cache.Merge(late)
	if got := packets(e); got != 2 {
		t.Errorf("entry counts %d packets after a late reading, want 2", got)
	}
	// The flow goes, its slot is taken by another: the old id is nobody's.
	r.clear()
	r.send(2, udpFrame(1, ip1, 80), true)
	r.cache.Merge(Readings{{ID: id, Packets: 50, Bytes: 5000, Used: r.now}})
	if got := packets(e); got != 3 {
		t.Errorf("entry counts %d packets after a reading of a flow that is gone, want 3", got)
	}
}

func TestRemovalLeavesNothing(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(), apply(output(2), output(ofp13.PortController)))
	r.commit()
	for port := datapath.PortNo(1); port <= 4; port++ {
		r.send(port, udpFrame(1, ip1, 80), true)
		r.send(port, udpFrame(1, ip1, 80), true)
	}
	r.clear()
	if got := len(r.dp.Flows()); got != 0 {
		t.Errorf("datapath holds %d flows, want none", got)
	}
	if got := packets(e); got != 8 {
		t.Errorf("entry counts %d packets, want 8", got)
	}
	r.verifyEmpty()
}

func TestReadingsComeBackByThemselves(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := newRig(t, Config{ReadEvery: time.Millisecond})
	if r.cache.Readings() != nil {
		t.Error("there are readings before Start")
	}
	e := r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.send(1, udpFrame(1, ip1, 80), true)
	r.cache.Start()
	for packets(e) < 2 {
		r.cache.Merge(<-r.cache.Readings())
	}
	r.cache.Close()
	r.cache.Close() // again does nothing
}

// A datapath whose counters can't be read is told of by Tick, not too often.
func TestFailedReadingsAreTold(t *testing.T) {
	defer goleak.VerifyNone(t)
	var warned []error
	r := newRig(t, Config{ReadEvery: time.Millisecond, Warn: func(err error) { warned = append(warned, err) }})
	gone := errors.New("the datapath is gone")
	r.cache.dp = dumpOnly{err: gone}
	r.cache.Start()
	for len(warned) == 0 {
		r.cache.Tick(time.Second)
		time.Sleep(time.Millisecond)
	}
	r.cache.Close()
	if !errors.Is(warned[0], gone) {
		t.Errorf("warned of %v, want %v", warned[0], gone)
	}
}

func TestMergeAllocs(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 10, match(ethDst(mac1)), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	batch := Readings{{ID: r.dp.Flows()[0].ID, Used: r.now}}
	n := testing.AllocsPerRun(1000, func() {
		batch[0].Packets++
		batch[0].Bytes += 60
		r.cache.Merge(batch)
	})
	if n != 0 {
		t.Errorf("Merge allocates %v times, want 0", n)
	}
}
