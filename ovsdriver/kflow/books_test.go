package kflow

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// hurried makes Work return after each part of its work, however short.
func (r *rig) hurried() { r.cache.cfg.Now = func() int64 { r.now++; return r.now } }

// verifyBooks holds the cache's books to each other.
func (r *rig) verifyBooks() {
	r.t.Helper()
	flows := r.verifySlots()
	r.verifyIndex(flows)
	waiting := map[*flow]int{}
	for _, task := range r.cache.tasks {
		if task.flow != nil {
			waiting[task.flow]++
		}
	}
	for f := range flows {
		if waiting[f] > 1 || f.waits != (waiting[f] == 1) {
			r.t.Fatalf("flow %d waits %d times among the tasks, its mark says %t", f.id, waiting[f], f.waits)
		}
	}
}

// verifySlots counts flows by slot, and compares what else counts them.
func (r *rig) verifySlots() (flows map[*flow]bool) {
	r.t.Helper()
	c := r.cache
	flows = map[*flow]bool{}
	perPort, refs := map[uint64]int{}, map[uint64]int{}
	for n, s := range c.slots {
		f := s.flow
		if f == nil {
			continue
		}
		if f.id != datapath.FlowID(s.generation)<<32|datapath.FlowID(n) || f.gone || flows[f] {
			r.t.Fatalf("slot %d of generation %d holds flow %d, gone %t, met before %t", n, s.generation, f.id, f.gone, flows[f])
		}
		if c.masks[f.match.Mask][f.match.Key] != f {
			r.t.Fatalf("flow %d is not found by its match", f.id)
		}
		flows[f] = true
		perPort[uint64(f.match.Key[0]>>32)]++
		for _, name := range f.records {
			refs[name&0xffffffff]++
		}
	}
	free := map[uint32]bool{}
	for _, n := range c.free {
		if free[n] || c.slots[n].flow != nil {
			r.t.Fatalf("slot %d is free, twice %t, with the flow %v", n, free[n], c.slots[n].flow)
		}
		free[n] = true
	}
	byMatch := 0
	for _, flows := range c.masks {
		byMatch += len(flows)
	}
	if len(flows)+len(free) != len(c.slots) || byMatch != len(flows) || !maps.Equal(perPort, c.perPort) {
		r.t.Fatalf("%d flows and %d free of %d slots; %d by their match; by port %v, want %v",
			len(flows), len(free), len(c.slots), byMatch, c.perPort, perPort)
	}
	for n, record := range c.records.slots {
		if record.refs != refs[uint64(n)] {
			r.t.Fatalf("record %d has %d users, want %d", n, record.refs, refs[uint64(n)])
		}
	}
	return flows
}

// verifyIndex finds each of the flows, and no other, under all that it depends on.
func (r *rig) verifyIndex(flows map[*flow]bool) {
	r.t.Helper()
	visits, tokens := 0, 0
	for f := range flows {
		for i := range f.visits {
			v := &f.visits[i]
			if i > 0 && v.outcome.table <= f.visits[i-1].outcome.table {
				r.t.Fatalf("flow %d visits table %d after table %d", f.id, v.outcome.table, f.visits[i-1].outcome.table)
			}
			if v.flow != f || r.cache.index.won[v.outcome].visits[v.inOutcome] != v || v.known.visits.visits[v.inKnown] != v {
				r.t.Fatalf("visit %d of flow %d is not in its place", i, f.id)
			}
		}
		for _, token := range f.tokens {
			if _, ok := r.cache.index.tokens[token][f]; !ok {
				r.t.Fatalf("flow %d is not found by its token %v", f.id, token)
			}
		}
		visits += len(f.visits)
		tokens += len(f.tokens)
	}
	byOutcome, byKnown, byToken := 0, 0, 0
	for _, set := range r.cache.index.won {
		byOutcome += len(set.visits)
	}
	for _, sets := range r.cache.index.known {
		for _, set := range sets {
			byKnown += len(set.visits.visits)
		}
	}
	for _, flows := range r.cache.index.tokens {
		byToken += len(flows)
	}
	if byOutcome != visits || byKnown != visits || byToken != tokens {
		r.t.Fatalf("%d visits: %d by outcome, %d by known bits; %d tokens, %d in the index", visits, byOutcome, byKnown, tokens, byToken)
	}
}

// A search finds a flow that waits among the tasks too, and then the flow changes
// once more: it is dealt with once.
func TestFlowFoundWhileItWaits(t *testing.T) {
	r := newRig(t, Config{})
	r.add(0, 10, match(), apply(output(2)))
	r.commit()
	r.send(1, udpFrame(1, ip1, 80), true)
	r.hurried()

	r.add(0, 10, match(inPort(1)), apply(output(4))) // either may win
	r.publish()
	r.modify(0, false, match(), apply(output(3)))
	r.publish()
	r.cache.Work(0) // the search
	if flows := r.dp.Flows(); len(flows) != 1 || flows[0].Actions[0].Port != 3 {
		t.Fatalf("flows %v, want one, found by the search, that outputs to port 3", flows)
	}
	r.verifyBooks()
	r.remove(0, match())
	r.add(0, 20, match(), apply(output(2)))
	r.publish()
	r.verifyBooks()
	for len(r.cache.tasks) > 0 {
		r.cache.Work(0)
		r.verifyBooks()
	}
	r.verify(rand.New(rand.NewPCG(1, 2)))
	r.clear()
	r.verifyEmpty()
}

// shaky refuses now and then to put or to delete a flow.
type shaky struct {
	*datapathtest.Fake
	random *rand.Rand
	calm   bool
}

func (s *shaky) refuses() error {
	if s.calm || s.random.IntN(8) > 0 {
		return nil
	}
	return errors.New("interrupted")
}

func (s *shaky) PutFlows(batch []datapath.Flow, errs []error) {
	for i := range batch {
		if errs[i] = s.refuses(); errs[i] == nil {
			s.Fake.PutFlows(batch[i:i+1], errs[i:i+1])
		}
	}
}

func (s *shaky) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	for i := range batch {
		if errs[i] = s.refuses(); errs[i] == nil {
			s.Fake.DeleteFlows(batch[i:i+1], last[i:i+1], errs[i:i+1])
		}
	}
}

// Whatever comes while work waits to be done, and whatever the datapath refuses,
// each of the books tells the same; when all is done, flows are what they should be,
// and every packet has been credited once, to whom the flow that it met belonged.
func TestBooksAgreeInTheMiddleOfWork(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, Config{}, rand.New(rand.NewPCG(seed, 3)))
			dp := &shaky{Fake: s.dp, random: s.random}
			s.cache.dp = dp
			s.hurried()
			for range 800 {
				s.disturb()
				s.verifyBooks()
			}
			if c := s.cache.Counters(); c.Replaced == 0 || c.Removed == 0 || c.Failed == 0 {
				t.Errorf("the storm was too calm: %+v", c)
			}
			dp.calm = true
			s.commit()
			s.cache.Tick(time.Hour)
			s.verify(s.random)
			s.clear()
			s.verifyBooks()
			s.verifyEmpty()
			s.settled()
		})
	}
}

// Work tells how far it has come: flows then obey all changes up to there, and
// perhaps some that came later.
func TestWorkKeepsItsWord(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := newStorm(t, Config{}, rand.New(rand.NewPCG(seed, 4)))
			s.hurried()
			type publication struct {
				view *translate.View
				due  uint64
			}
			follow := []publication{{s.view, 0}} // the last that is obeyed, and all later ones
			behind := 0
			for range 600 {
				s.disturb()
				if s.view != follow[len(follow)-1].view {
					follow = append(follow, publication{s.view, s.cache.queued})
				}
				for len(follow) > 1 && follow[1].due <= s.cache.obeyed {
					follow = follow[1:]
				}
				behind += len(follow) - 1
				for _, has := range s.dp.Flows() {
					f, differs := s.cache.flowOf(has.ID), ""
					if !slices.ContainsFunc(follow, func(p publication) bool {
						differs = s.differs(p.view, f, &has, s.random)
						return differs == ""
					}) {
						t.Fatal("after a change: ", differs)
					}
				}
			}
			if behind < 100 {
				t.Errorf("work was behind %d times, want many", behind)
			}
		})
	}
}

// disturb does one thing of those that main does.
func (s *storm) disturb() {
	switch s.pick(15) {
	case 14:
		if s.read(); len(s.cache.doomed) == 0 { // else what these have counted would be lost
			s.cache.withdrawAll()
		}
	case 12, 13:
		_, _, key := s.randomFrame()
		s.cache.Install(&key)
	case 0, 1, 2:
		s.mutate()
	case 3, 4:
		s.publish()
	case 5:
		s.cache.Work(0)
	case 6:
		s.read()
	case 7:
		s.now += int64(s.pick(5000)) * int64(time.Millisecond)
		s.cache.Tick(0)
	case 8:
		s.settleIdle(uint8(s.pick(3)))
	default:
		s.packet(s.byFlow)
	}
}

// byFlow returns whom the flow credits that the datapath has for a key, be it still
// right or not; without one, whom the present view does.
func (s *storm) byFlow(key *flowtable.Key) []translate.Credit {
	for _, flow := range s.dp.Flows() {
		if !flow.Match.Matches(key) {
			continue
		}
		if f := s.cache.flowOf(flow.ID); f != nil {
			return f.credits
		}
		for _, f := range s.cache.doomed {
			if f.id == flow.ID {
				return f.credits
			}
		}
		s.t.Fatalf("nobody knows flow %d of the datapath", flow.ID)
	}
	return s.byView(key)
}

// settleIdle brings up to date what a table's entries count.
func (s *storm) settleIdle(table uint8) {
	var idle []*translate.Entry
	for e := range s.table(table).Select(&flowtable.Filter[*translate.Program]{}) {
		copied := *e
		copied.IdleTimeout = 1
		idle = append(idle, &copied)
	}
	s.cache.SettleIdle(table, idle, s.now)
}
