package kflow

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// cached installs flows for the destinations 0 to n-1 at each of the 4 ports,
// hitting one entry each.
func cached(r *rig, n uint64) {
	r.t.Helper()
	for mac := range n {
		r.add(0, 10, match(ethDst(mac)), apply(output(2)))
	}
	r.commit()
	for port := range uint64(4) {
		for mac := range n {
			var key flowtable.Key
			key.Set(flowtable.InPort, port+1)
			key.Set(flowtable.EthDst, mac)
			r.install(&key)
		}
	}
}

func TestOnlyTouchedFlowsAreTranslatedAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*rig)
		want   uint64
	}{
		{"delete", func(r *rig) { r.remove(0, match(ethDst(3))) }, 4},
		{"modify", func(r *rig) { r.modify(0, false, match(ethDst(3)), apply(output(3))) }, 4},
		{"replace", func(r *rig) { r.add(0, 10, match(ethDst(3)), apply(output(3))) }, 4},
		{"add above one port's", func(r *rig) { r.add(0, 20, match(inPort(1)), apply(output(3))) }, 50},
		{"add above one", func(r *rig) { r.add(0, 20, match(inPort(1), ethDst(3)), apply(output(3))) }, 1},
		{"add beside all", func(r *rig) { r.add(0, 20, match(ethDst(100)), apply(output(3))) }, 0},
		{"add below", func(r *rig) { r.add(0, 5, match(ethDst(3), inPort(1)), apply(output(3))) }, 0},
		{"add to a table that none visits", func(r *rig) { r.add(7, 20, match(), apply(output(3))) }, 0},
		{"add what looks at unknown bits", func(r *rig) { r.add(0, 20, match(ethType(0x0800)), apply(output(3))) }, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{})
			cached(r, 50)
			before := r.cache.Counters()
			c.change(r)
			r.commit()
			if got := r.cache.Counters().Checked - before.Checked; got != c.want {
				t.Errorf("%d flows translated again, want %d", got, c.want)
			}
			r.verify(rand.New(rand.NewPCG(1, 2)))
		})
	}
}

func TestModifyReplacesInPlace(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	id := r.dp.Flows()[0].ID
	r.modify(0, false, match(), apply(output(3)))
	r.commit()
	flows := r.dp.Flows()
	if len(flows) != 1 || flows[0].ID != id || flows[0].Actions[0].Port != 3 {
		t.Fatalf("flows %v, want flow %d to output to port 3", flows, id)
	}
	r.send(1, udpFrame(1, ip1, 80), true)
	r.read()
	if got := packets(e); got != 2 {
		t.Errorf("entry counts %d packets, want 2: versions share their counters", got)
	}
}

func TestOtherAccountsGetTheirOwnPackets(t *testing.T) {
	r := newRig(t, Config{})
	low := r.add(0, 10, match(), apply(output(2)))
	r.commit()
	for range 4 {
		r.send(1, udpFrame(1, ip1, 80), true)
	}
	high := r.add(0, 20, match(inPort(1)), apply(output(2))) // same actions, another entry
	r.commit()
	for range 3 {
		r.send(1, udpFrame(1, ip1, 80), true)
	}
	r.read()
	if packets(low) != 4 || packets(high) != 3 {
		t.Errorf("entries count %d and %d packets, want 4 and 3", packets(low), packets(high))
	}
}

func TestInstallBetweenChangeAndRevalidate(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	// The entry changes twice before the view does, and a flow is installed by
	// the old view in between.
	r.modify(0, false, match(), apply(output(3)))
	r.send(1, udpFrame(1, ip1, 80), true)
	r.modify(0, false, match(), apply(output(4)))
	r.commit()
	flows := r.dp.Flows()
	if len(flows) != 1 || flows[0].Actions[0].Port != 4 {
		t.Errorf("flows %v, want one that outputs to port 4", flows)
	}
}

func TestPortsAndFragmentsTouchFlows(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 10, match(inPort(1)), apply(output(2)))
	r.add(0, 10, match(inPort(3)), apply(output(4)))
	r.add(0, 10, match(inPort(4)), apply(output(ofp13.PortFlood)))
	r.commit()
	for _, port := range []datapath.PortNo{1, 3, 4} {
		r.send(port, udpFrame(1, ip1, 80), true)
	}
	ports := slices.Clone(r.ports.All())
	ports[1].Config = ofp13.PortConfigNoFwd
	before := r.cache.Counters()
	r.setPorts(ports)
	r.commit()
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if got := r.cache.Counters().Checked - before.Checked; got != 2 {
		t.Errorf("%d flows translated again, want the one to port 2 and the flood", got)
	}

	before = r.cache.Counters()
	r.cache.ChangeAll()
	r.view = r.view.Next()
	r.view.SetFragDrop(true)
	r.cache.Revalidate(r.view)
	r.cache.Work(time.Second)
	r.verify(rand.New(rand.NewPCG(1, 2)))
	if got := r.cache.Counters().Checked - before.Checked; got != 3 {
		t.Errorf("%d flows translated again, want all 3", got)
	}
}

func TestWorkEndsWithItsTime(t *testing.T) {
	r := newRig(t, Config{})
	cached(r, 400)
	r.modify(0, false, match(), apply(output(3)))
	due := r.publish()
	r.cache.cfg.Now = func() int64 { r.now += int64(time.Millisecond); return r.now }
	parts := 0
	for r.cache.Work(0) < due {
		parts++
	}
	if parts != 6 {
		t.Errorf("1600 flows took %d slices of 256 after the first, want 6", parts)
	}
	r.verify(rand.New(rand.NewPCG(1, 2)))
}

// A search for what an added entry touches goes on in parts; flows that come, go
// and change places meanwhile neither escape it nor stop it.
func TestSearchGoesOnWhileFlowsComeAndGo(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	r := newRig(t, Config{})
	const macs = 3 * searchLooks / 4 / 2 // six parts for one probe of a key
	cached(r, macs)
	r.add(0, 20, match(inPort(1)), apply(output(3)))
	for mac := range uint64(macs / 10) {
		r.add(0, 30, match(inPort(2), ethDst(mac*10)), apply(output(4)))
	}
	due := r.publish()
	r.hurried()
	parts := 1
	for ; r.cache.Work(0) < due; parts++ {
		var gone []*flow
		for range 20 {
			if f := r.cache.slots[random.IntN(len(r.cache.slots))].flow; f != nil && !slices.Contains(gone, f) {
				gone = append(gone, f)
			}
			var key flowtable.Key
			key.Set(flowtable.InPort, uint64(1+random.IntN(4)))
			key.Set(flowtable.EthDst, uint64(random.IntN(2*macs)))
			r.install(&key)
		}
		r.cache.remove(gone, &r.cache.counters.Removed)
	}
	if parts < 6 {
		t.Errorf("the search took %d parts, want some", parts)
	}
	r.verify(random)
}

// A search ends when the flows that it has not looked at have gone.
func TestSearchEndsWithItsFlows(t *testing.T) {
	r := newRig(t, Config{})
	r.cache.dp = instant{r.dp}
	cached(r, searchLooks/2) // at 4 ports: two parts
	r.add(0, 20, match(ethType(0x88b5)), apply(output(3)))
	due := r.publish()
	r.hurried()
	if r.cache.Work(0) == due {
		t.Fatal("the search took one part, want more")
	}
	r.clear()
	for n := 0; r.cache.Work(0) < due; n++ {
		if n > 2 {
			t.Fatal("the search goes on without flows")
		}
	}
	r.verifyEmpty()
}

// Publications that come faster than searches make one search wait, not many,
// and no entry or flow escapes it.
func TestSearchesThatWaitAreOne(t *testing.T) {
	r := newRig(t, Config{})
	cached(r, 50)
	for mac := range uint64(50) {
		r.add(0, 20, match(inPort(1), ethDst(mac)), apply(output(3)))
		if mac == 25 { // later flows have a mask that none had when the search was asked for
			r.add(0, 40, match(ethType(0x0806)))
		}
		r.publish()
		var key flowtable.Key
		key.Set(flowtable.InPort, 1+mac%4)
		key.Set(flowtable.EthDst, 1000+mac)
		key.Set(flowtable.EthType, 0x0800)
		r.install(&key)
	}
	if masks := r.cache.Counters().Masks; masks < 2 {
		t.Errorf("%d masks, want two at least", masks)
	}
	if n := len(r.cache.tasks); n != 1 {
		t.Errorf("%d tasks wait, want one search", n)
	}
	r.add(0, 30, match(ethType(0x0800)), apply(output(4)))
	due := r.publish()
	if done := r.cache.Work(time.Hour); done != due || len(r.cache.tasks)+len(r.cache.searches) != 0 {
		t.Errorf("Work came to %d of %d, %d tasks and %d searches left", done, due, len(r.cache.tasks), len(r.cache.searches))
	}
	r.verify(rand.New(rand.NewPCG(5, 6)))
}

func TestRecordsOutliveReplacement(t *testing.T) {
	r := newRig(t, Config{})
	e := r.add(0, 10, match(), apply(output(ofp13.PortController)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	name := r.dp.Flows()[0].Actions[0].Value
	p, ok := r.cache.Record(name)
	if !ok || p.Cookie != e.Cookie || p.Table != 0 || p.MaxLen != ofp13.ControllerMaxNoBuffer {
		t.Fatalf("record %+v, %t", p, ok)
	}
	// The flow is replaced; the controller is still told the same.
	r.modify(0, false, match(), apply(output(2), output(ofp13.PortController)))
	r.commit()
	if flows := r.dp.Flows(); flows[0].Actions[1].Value != name {
		t.Errorf("the record's name became %d, want %d: packets on their way carry it", flows[0].Actions[1].Value, name)
	}
	// Without the flow nobody knows.
	r.clear()
	if _, ok := r.cache.Record(name); ok {
		t.Error("the record outlived its flow")
	}
	// The slot's next user has another name.
	r.send(3, udpFrame(1, ip1, 80), true)
	if flows := r.dp.Flows(); flows[0].Actions[1].Value == name {
		t.Error("two records have one name")
	}
	if _, ok := r.cache.Record(name); ok {
		t.Error("an old name means a new record")
	}
	if _, ok := r.cache.Record(12345); ok {
		t.Error("a name that was never given means a record")
	}
	if c := r.cache.Counters(); c.Orphans != 3 {
		t.Errorf("%d orphans, want 3", c.Orphans)
	}
}

// A flow that is still right stays, though the tables tell its frames from others
// by bits that they could have found elsewhere, too: by one part of an address or
// by another, by a hash or by what many entries have in common.
func TestFlowsThatAreStillRightStay(t *testing.T) {
	ipDst := func(addr uint64) ofp13.OXM { return ofp13.NewOXM64(ofp13.OXMIPv4Dst, addr) }
	for _, c := range []struct {
		name   string
		others func(*rig)
	}{
		{"parts of an address", func(r *rig) { r.add(0, 20, match(ethType(0x0800), ipDst(0x0a010005)), apply(output(2))) }},
		{"many entries", func(r *rig) {
			random := rand.New(rand.NewPCG(7, 8)) // their destinations have nothing in common
			for range 50 {
				r.add(0, 20, match(ethDst(random.Uint64()>>16), ethType(0x0800), ipDst(0x0a020005)), apply(output(2)))
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Config{})
			c.others(r)
			r.add(0, 10, match(), goTo(1))
			r.add(1, 10, match(ethDst(mac1)), apply(output(3)))
			r.commit()
			r.send(1, udpFrame(1, [4]byte{10, 2, 0, 5}, 80), true)
			id := r.dp.Flows()[0].ID
			for port := uint32(1); port <= 4; port++ {
				r.modify(1, false, match(), apply(output(port)))
				r.commit()
				if flows := r.dp.Flows(); len(flows) != 1 || flows[0].ID != id {
					t.Fatalf("flows %v, want flow %d in its place", flows, id)
				}
				r.verify(rand.New(rand.NewPCG(1, 2)))
			}
		})
	}
}
