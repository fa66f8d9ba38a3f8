package fwd

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

func TestCommitWaitsForWorkers(t *testing.T) {
	r := newRig(t)
	r.busy = r.views.Load().Epoch // a worker runs a batch on the present view
	r.flowMod(ofp13.FlowMod{Instructions: do(apply(output(2)))})
	var order []string
	r.tables.Commit(func() { order = append(order, "first") })
	r.tables.Poll(time.Second)
	if len(order) != 0 || !r.tables.Pending() {
		t.Fatal("commit is over while a worker runs on an older view")
	}
	r.tables.Commit(func() { order = append(order, "second") }) // nothing has changed, still it waits
	r.busy = r.views.Load().Epoch
	if again := r.tables.Poll(time.Second); again || r.tables.Pending() {
		t.Error("commit is not over though the worker has gone on")
	}
	if diff := cmp.Diff([]string{"first", "second"}, order); diff != "" {
		t.Errorf("order of commits (-want +got):\n%s", diff)
	}
	r.tables.Commit(func() { order = append(order, "third") })
	if len(order) != 3 {
		t.Error("a commit of nothing is not over at once")
	}
}

// outputAndGo is an entry of table 0 whose packets go out by a port and through
// table 1.
func outputAndGo(port uint32) ofp13.FlowMod {
	goTo := ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 1}
	return ofp13.FlowMod{Instructions: do(apply(output(port)), goTo)}
}

// crowded is 270 frames, by the port that they enter, more than the cache looks at
// at once.
func crowded(yield func(datapath.PortNo, []byte) bool) {
	for i := range 270 {
		if !yield(datapath.PortNo(1+i/90), frameTo(byte(1+i%90))) {
			return
		}
	}
}

// crowd caches a flow of outputAndGo for each frame of crowded.
func (r *rig) crowd() {
	r.t.Helper()
	r.flowMod(outputAndGo(2))
	for mac := range uint64(90) {
		r.flowMod(ofp13.FlowMod{TableID: 1, Match: match(ethDst(mac1 + mac))})
	}
	r.settle()
	for port, frame := range crowded {
		r.send(port, frame)
	}
	if flows := r.cache.Counters().Flows; flows != 270 {
		r.t.Fatalf("%d flows cached, want 270", flows)
	}
	r.dp.Sent(2)
}

// When a commit is over, all cached flows obey, however many they are.
func TestCommitWaitsForCachedFlows(t *testing.T) {
	r := newRig(t)
	r.crowd()
	r.flowMod(outputAndGo(3)) // of the same match: in the other's place
	over := false
	r.tables.Commit(func() {
		over = true
		for port, frame := range crowded {
			r.dp.Inject(port, frame)
		}
	})
	polls := 0
	r.step = int64(time.Millisecond) // so that Poll does a little and returns
	for ; !over && polls < 100; polls++ {
		r.tables.Poll(0)
	}
	if !over || polls < 2 {
		t.Errorf("after %d polls the commit is over: %t; want it to take a few", polls, over)
	}
	if old, now := len(r.dp.Sent(2)), len(r.dp.Sent(3)); old != 0 || now != 180 {
		t.Errorf("after the commit %d frames left by port 2 and %d by port 3, want 0, and 180 of the other ports'", old, now)
	}
}

// What waits for a commit may change tables and commit again, as a connection
// does that goes on after its barrier.
func TestCommitFromACommit(t *testing.T) {
	r := newRig(t)
	var order []int
	r.flowMod(ofp13.FlowMod{Priority: 1})
	r.tables.Commit(func() {
		order = append(order, 1)
		r.flowMod(ofp13.FlowMod{Priority: 2})
		r.tables.Commit(func() { order = append(order, 2) })
	})
	r.tables.Poll(time.Second)
	r.tables.Poll(time.Second)
	if len(order) != 2 || r.tables.Pending() {
		t.Errorf("commits done: %v, pending %t", order, r.tables.Pending())
	}
}

// Another connection changes, without end, an entry that every cached flow hits:
// there is always a flow left to be looked at. A barrier waits only for those of
// the changes before it.
func TestBarrierUnderEndlessFlowMods(t *testing.T) {
	r := newRig(t)
	change := func(i int) { r.flowMod(outputAndGo(uint32(2 + i%2))) }
	r.crowd()
	r.step = int64(time.Millisecond) // so that Poll does a little and returns
	over := false
	change(1)
	r.tables.Commit(func() { over = true })
	polls := 0
	for ; !over && polls < 100; polls++ {
		change(polls)
		r.tables.Publish()
		r.tables.Poll(0)
	}
	if polls > 10 {
		t.Errorf("the barrier took %d polls, want the few that 270 flows take", polls)
	}
}

// However many wait for a commit, Poll keeps to its time.
func TestPollEndsWithItsTime(t *testing.T) {
	r := newRig(t)
	for i := range uint16(100) {
		r.flowMod(ofp13.FlowMod{Priority: i, Flags: ofp13.FlagSendFlowRem})
	}
	r.settle()
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete})
	barriers := 0
	for range 100 {
		r.tables.Commit(func() {
			if barriers++; len(r.removed) != 100 {
				t.Fatalf("a barrier reply before the last flow-removed: %d of 100", len(r.removed))
			}
		})
	}
	r.step = int64(time.Millisecond)
	polls := 1
	for r.tables.Poll(10 * time.Millisecond) {
		if polls++; polls > 1000 {
			t.Fatal("Poll wants more for ever")
		}
	}
	if barriers != 100 || polls < 5 || r.tables.Pending() {
		t.Errorf("%d barriers replied to in %d polls of 10 ms, 1 ms each; pending %t", barriers, polls, r.tables.Pending())
	}
}

func TestOnePublicationForManyChanges(t *testing.T) {
	r := newRig(t)
	epoch := r.views.Load().Epoch
	for i := range uint16(20) {
		r.flowMod(ofp13.FlowMod{Priority: i})
	}
	r.tables.Publish()
	r.tables.Publish()
	if got := r.views.Load().Epoch; got != epoch+1 {
		t.Errorf("epoch %d after 20 flow-mods, want %d", got, epoch+1)
	}
	if got := r.views.Load().Table(0).Len(); got != 20 {
		t.Errorf("the view's table has %d entries, want 20", got)
	}
}

func TestFlowRemovedHasTheLastCounters(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{
		TableID: 0, Priority: 7, Cookie: 0xc0, IdleTimeout: 100, HardTimeout: 200,
		Flags: ofp13.FlagSendFlowRem, Match: match(inPort(1)), Instructions: do(apply(output(2))),
	})
	r.flowMod(ofp13.FlowMod{Priority: 6, Instructions: do(apply(output(3)))}) // does not ask
	r.settle()
	for range 5 {
		r.send(1, frameTo(1)) // four of them by a cached flow that no dump has read
	}
	r.now += int64(90*time.Second + 5)
	r.busy = r.views.Load().Epoch
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, TableID: ofp13.TableAll})
	r.tables.Publish()
	r.tables.Poll(time.Second)
	if len(r.removed) != 0 {
		t.Fatal("flow-removed was sent while a worker could still credit the entry")
	}
	r.now += int64(time.Second) // the duration ended with the entry
	r.busy = 0
	r.tables.Poll(time.Second)
	want := []ofp13.FlowRemoved{{
		Cookie: 0xc0, Priority: 7, Reason: ofp13.RemovedDelete, TableID: 0,
		DurationSec: 90, DurationNsec: 5, IdleTimeout: 100, HardTimeout: 200,
		PacketCount: 5, ByteCount: 300, Match: match(inPort(1)),
	}}
	if diff := cmp.Diff(want, r.removed); diff != "" {
		t.Errorf("flow-removed (-want +got):\n%s", diff)
	}
}

// Thousands of entries that time out together go in parts that leave main
// time for other things, and all go.
func TestManyTimeoutsGoInParts(t *testing.T) {
	tables := benchTables()
	now := int64(time.Hour)
	tables.cfg.Now = func() int64 { return now }
	for i := range uint64(3 * expireAtOnce) {
		m := benchFlowMod(i)
		m.HardTimeout = 5
		if err := tables.FlowMod(m); err != nil {
			t.Fatal(err)
		}
	}
	now += int64(6 * time.Second)
	for part := 1; part <= 3; part++ {
		tables.Tick()
		if got, want := tables.tables[0].Len(), (3-part)*expireAtOnce; got != want {
			t.Fatalf("%d entries left after %d ticks, want %d", got, part, want)
		}
	}
}

// A table-miss entry expires as others do (§5.4).
func TestMissEntryExpires(t *testing.T) {
	for _, c := range []struct {
		idle, hard uint16
		reason     uint8
	}{{2, 0, ofp13.RemovedIdleTimeout}, {0, 2, ofp13.RemovedHardTimeout}} {
		r := newRig(t)
		r.flowMod(ofp13.FlowMod{IdleTimeout: c.idle, HardTimeout: c.hard, Flags: ofp13.FlagSendFlowRem,
			Instructions: do(apply(output(ofp13.PortController)))})
		r.settle()
		if acts := r.translated(1, frameTo(1)); len(acts) != 1 {
			t.Fatalf("a miss does %v, want a packet-in", acts)
		}
		r.now += int64(2*time.Second + 1)
		r.tables.Tick()
		r.settle()
		if len(r.flows(0)) != 0 || len(r.removed) != 1 || r.removed[0].Reason != c.reason {
			t.Errorf("entries %v, removed %+v, want reason %d", r.flows(0), r.removed, c.reason)
		}
		if acts := r.translated(1, frameTo(1)); len(acts) != 0 {
			t.Errorf("then a miss does %v, want nothing", acts)
		}
	}
}

// Ports that come and go change no entry and no group (§4.6); what is sent to one
// that is not there is dropped, until it is back.
func TestPortsLeaveEntries(t *testing.T) {
	r := newRig(t)
	r.addGroup(indirect, 1, bucketOf(0, output(2)))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(output(2), group(1)))})
	r.flowMod(ofp13.FlowMod{Match: match(inPort(2)), Instructions: do(apply(output(1)))})
	r.settle()
	entries, groups := r.flows(ofp13.TableAll), r.groupDescs()
	for _, ports := range [][]translate.Port{{{No: 1}, {No: 3}}, {{No: 1}, {No: 2}, {No: 3}}} {
		r.tables.SetPorts(translate.NewPortSet(ports))
		r.settle()
		if diff := cmp.Diff(entries, r.flows(ofp13.TableAll)); diff != "" {
			t.Errorf("entries with ports %v (-want +got):\n%s", ports, diff)
		}
		if got := r.groupDescs(); !reflect.DeepEqual(got, groups) {
			t.Errorf("groups with ports %v: %+v, want %+v", ports, got, groups)
		}
		there := len(ports) == 3
		if acts := r.translated(1, frameTo(1)); (len(acts) == 2) != there || (len(acts) == 0) == there {
			t.Errorf("with ports %v a frame for port 2 meets %v", ports, acts)
		}
	}
}

// What a barrier waits for has sent its flow-removed messages (§6.2).
func TestFlowRemovedBeforeBarrier(t *testing.T) {
	r := newRig(t)
	const entries = 3 * removedAtOnce
	for mac := range uint64(entries) {
		r.flowMod(ofp13.FlowMod{TableID: uint8(mac % 2), Flags: ofp13.FlagSendFlowRem, Match: match(ethDst(mac))})
	}
	r.settle()
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, TableID: ofp13.TableAll})
	told := -1
	r.tables.Commit(func() { told = len(r.removed) })
	for r.tables.Pending() {
		r.tables.Poll(0)
	}
	if told != entries {
		t.Errorf("%d flow-removed messages before the barrier, want %d", told, entries)
	}
}

func TestTimeouts(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Cookie: 1, IdleTimeout: 5, Flags: ofp13.FlagSendFlowRem, Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	r.flowMod(ofp13.FlowMod{Cookie: 2, HardTimeout: 8, Flags: ofp13.FlagSendFlowRem, Match: match(inPort(2)), Instructions: do(apply(output(3)))})
	r.flowMod(ofp13.FlowMod{Cookie: 3, TableID: 1, Match: match(inPort(2))})
	r.settle()
	tick := func(after time.Duration) {
		r.now += int64(after)
		r.tables.Tick()
		r.settle()
	}
	r.send(1, frameTo(1))
	tick(4 * time.Second)
	r.send(1, frameTo(1)) // by the cached flow, and no dump is near
	r.send(2, frameTo(1))
	tick(3 * time.Second) // 7 s: idle for 3
	if len(r.removed) != 0 {
		t.Fatalf("an entry in use timed out: %+v", r.removed)
	}
	r.send(2, frameTo(1))
	tick(time.Second + time.Microsecond) // 8 s: the hard timeout, in use or not
	if len(r.removed) != 1 || r.removed[0].Cookie != 2 || r.removed[0].Reason != ofp13.RemovedHardTimeout ||
		r.removed[0].DurationSec != 8 || r.removed[0].PacketCount != 2 {
		t.Fatalf("flow-removed after 8 s: %+v", r.removed)
	}
	tick(time.Second) // 9 s: idle since 4 s
	if len(r.removed) != 2 || r.removed[1].Cookie != 1 || r.removed[1].Reason != ofp13.RemovedIdleTimeout ||
		r.removed[1].PacketCount != 2 {
		t.Fatalf("flow-removed after 9 s: %+v", r.removed)
	}
	if flows := r.flows(ofp13.TableAll); len(flows) != 1 || flows[0].Cookie != 3 {
		t.Errorf("entries left: %+v", flows)
	}
	r.send(1, frameTo(1))
	r.dp.Sent(2)
	r.send(1, frameTo(1))
	if got := len(r.dp.Sent(2)); got != 0 {
		t.Errorf("an entry that timed out still forwards")
	}
}
