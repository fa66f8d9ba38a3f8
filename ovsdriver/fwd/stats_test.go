package fwd

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// threeFlows has two entries in table 0 and one in table 5, each hit once or
// twice.
func threeFlows(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Cookie: 1, Priority: 10, Match: match(inPort(1)), Instructions: do(
		apply(output(2)), ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 5})})
	r.flowMod(ofp13.FlowMod{Cookie: 2, Priority: 10, Flags: ofp13.FlagNoPktCounts | ofp13.FlagNoBytCounts,
		Match: match(inPort(2)), Instructions: do(apply(output(3)))})
	r.flowMod(ofp13.FlowMod{Cookie: 3, TableID: 5, Match: match(ethDst(mac1)), Instructions: do(apply(output(3)))})
	r.settle()
	r.send(1, frameTo(1)) // table 0, table 5
	r.send(1, frameTo(2)) // table 0, a miss in table 5
	r.send(2, frameTo(1)) // not counted
	r.send(3, frameTo(1)) // a miss
	return r
}

func TestCounters(t *testing.T) {
	r := threeFlows(t)
	got := map[uint64][2]uint64{}
	for _, f := range r.flows(ofp13.TableAll) {
		got[f.Cookie] = [2]uint64{f.PacketCount, f.ByteCount}
	}
	want := map[uint64][2]uint64{1: {2, 120}, 2: {unavailable, unavailable}, 3: {1, 60}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packets and bytes by cookie (-want +got):\n%s", diff)
	}
}

func TestFlowStatsSelect(t *testing.T) {
	r := threeFlows(t)
	for _, c := range []struct {
		name string
		req  func(*ofp13.FlowStatsRequest)
		want int
	}{
		{"all", func(*ofp13.FlowStatsRequest) {}, 3},
		{"table", func(q *ofp13.FlowStatsRequest) { q.TableID = 5 }, 1},
		{"empty table", func(q *ofp13.FlowStatsRequest) { q.TableID = 6 }, 0},
		{"out_port", func(q *ofp13.FlowStatsRequest) { q.OutPort = 3 }, 2},
		{"out_group", func(q *ofp13.FlowStatsRequest) { q.OutGroup = 3 }, 0},
		{"out_group ALL is like ANY", func(q *ofp13.FlowStatsRequest) { q.OutGroup = ofp13.GroupAll }, 3},
		{"cookie", func(q *ofp13.FlowStatsRequest) { q.Cookie, q.CookieMask = 3, 3 }, 1},
		{"match", func(q *ofp13.FlowStatsRequest) { q.Match = match(inPort(1)) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := request(ofp13.TableAll)
			c.req(q)
			stream, err := r.tables.FlowStats(q)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(readFlows(t, stream)); got != c.want {
				t.Errorf("%d entries, want %d", got, c.want)
			}
			if sum := r.aggregate(q); int(sum.FlowCount) != c.want {
				t.Errorf("aggregate %+v, want %d flows", sum, c.want)
			}
		})
	}
}

func TestAggregateSumsWhatIsCounted(t *testing.T) {
	r := threeFlows(t)
	want := ofp13.AggregateStats{PacketCount: 3, ByteCount: 180, FlowCount: 3}
	if sum := r.aggregate(request(ofp13.TableAll)); sum != want {
		t.Errorf("aggregate %+v, want %+v", sum, want)
	}
}

// aggregate reads an aggregate, off the wire.
func (r *rig) aggregate(q *ofp13.FlowStatsRequest) (sum ofp13.AggregateStats) {
	r.t.Helper()
	stream, err := r.tables.AggregateStats(q)
	if err != nil {
		r.t.Fatal(err)
	}
	b, ok := stream.Next(nil)
	if err := sum.Decode(b); !ok || err != nil {
		r.t.Fatalf("aggregate %x, %t: %v", b, ok, err)
	}
	if more, ok := stream.Next(nil); ok {
		r.t.Fatalf("an aggregate has a second element %x", more)
	}
	return sum
}

// The sum is of the entries of the moment of the request, and costs main next to
// nothing, however many there are.
func TestAggregateIsPinned(t *testing.T) {
	tables := benchTables()
	for i := range uint64(1000) {
		if err := tables.FlowMod(benchFlowMod(i)); err != nil {
			t.Fatal(err)
		}
	}
	var stream ofp13.Stream
	ask := func() { stream, _ = tables.AggregateStats(request(ofp13.TableAll)) }
	ask()
	if n := testing.AllocsPerRun(10, ask); n > 10 {
		t.Errorf("AggregateStats allocates %v times for 1000 entries", n)
	}
	if err := tables.FlowMod(complete(ofp13.FlowMod{Command: ofp13.FlowDelete})); err != nil {
		t.Fatal(err)
	}
	var sum ofp13.AggregateStats
	b, _ := stream.Next(nil)
	if err := sum.Decode(b); err != nil || sum.FlowCount != 1000 {
		t.Errorf("aggregate %+v, %v; want the 1000 flows that were there", sum, err)
	}
}

func TestStatsRefuseBadTables(t *testing.T) {
	r := newRig(t)
	_, err := r.tables.FlowStats(request(254))
	wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID)
	_, err = r.tables.AggregateStats(request(254))
	wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID)
}

// tableStats reads the statistics of all tables.
func (r *rig) tableStats() (all []ofp13.TableStats) {
	r.t.Helper()
	stream := r.tables.TableStats()
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var s ofp13.TableStats
		if _, err := s.DecodeNext(b); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestTableStats(t *testing.T) {
	got := map[uint8]ofp13.TableStats{}
	all := threeFlows(t).tableStats()
	for id, s := range all {
		if int(s.TableID) != id {
			t.Fatalf("table %d at place %d", s.TableID, id)
		}
		if s != (ofp13.TableStats{TableID: s.TableID}) {
			got[s.TableID] = s
		}
	}
	want := map[uint8]ofp13.TableStats{
		0: {TableID: 0, ActiveCount: 2, LookupCount: 4, MatchedCount: 3},
		5: {TableID: 5, ActiveCount: 1, LookupCount: 2, MatchedCount: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(all) != 254 {
		t.Errorf("%d tables, those in use (-want +got):\n%s", len(all), diff)
	}
}

// A stream tells what was there when it was asked for, while main goes on.
func TestFlowStreamIsPinned(t *testing.T) {
	r := newRig(t)
	for mac := range uint64(100) {
		r.flowMod(ofp13.FlowMod{Cookie: mac, Match: match(ethDst(mac)), Instructions: do(apply(output(2)))})
	}
	stream, err := r.tables.FlowStats(request(ofp13.TableAll))
	if err != nil {
		t.Fatal(err)
	}
	var flows []ofp13.FlowStats
	var wg sync.WaitGroup
	wg.Go(func() { flows = readFlows(t, stream) })
	for i := range uint64(3000) {
		r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDeleteStrict, Match: match(ethDst(i % 100))})
		r.flowMod(ofp13.FlowMod{Cookie: 1000, Match: match(ethDst(i % 100))})
	}
	wg.Wait()
	if len(flows) != 100 {
		t.Fatalf("%d entries, want 100", len(flows))
	}
	for _, f := range flows {
		if f.Cookie >= 100 || f.Match.Fields[0] != ethDst(f.Cookie) || len(f.Instructions) != 1 {
			t.Errorf("entry %+v is not as it was when the stream began", f)
		}
	}
}
