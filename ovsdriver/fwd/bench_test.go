package fwd

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// noCache is a Cache of nothing.
type noCache struct{}

func (noCache) Change(uint8, []flowtable.Change[*translate.Program]) {}
func (noCache) ChangeTokens([]translate.Token)                       {}
func (noCache) ChangeAll()                                           {}
func (noCache) Revalidate(*translate.View) uint64                    { return 0 }
func (noCache) Work(time.Duration) uint64                            { return 0 }
func (noCache) SettleIdle(uint8, []*translate.Entry, int64)          {}

func benchTables() *Tables {
	start := time.Now()
	return NewTables(translate.NewView(datapath.Features{}), TablesConfig{
		Cache:       noCache{},
		Publication: new(translate.Publication),
		Quiesced:    func(uint64) bool { return true },
		FlowRemoved: func(*ofp13.FlowRemoved) {},
		Now:         func() int64 { return int64(time.Since(start)) },
	})
}

// benchFlowMod adds the i-th of many entries.
func benchFlowMod(i uint64) *ofp13.FlowMod {
	return complete(ofp13.FlowMod{
		Priority: 10,
		Match:    match(inPort(1+i%4), ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewOXM64(ofp13.OXMIPv4Dst, i)),
		Instructions: do(apply(
			ofp13.Action{Type: ofp13.ActionSetField, Field: ethDst(i)}, output(uint32(1+i%4)))),
	})
}

// An added entry; the table grows by the number of iterations.
func BenchmarkFlowModAdd(b *testing.B) {
	t := benchTables()
	b.ReportAllocs()
	for i := range b.N {
		if i%64 == 0 {
			t.Publish()
			t.Poll(time.Second)
		}
		if err := t.FlowMod(benchFlowMod(uint64(i))); err != nil {
			b.Fatal(err)
		}
	}
}

// An added entry with a barrier, beside 100,000 others.
func BenchmarkFlowModBarrier(b *testing.B) {
	t := benchTables()
	for i := range uint64(100_000) {
		if err := t.FlowMod(benchFlowMod(i)); err != nil {
			b.Fatal(err)
		}
	}
	t.Publish()
	t.Poll(time.Second)
	b.ResetTimer()
	for i := range b.N {
		if err := t.FlowMod(benchFlowMod(uint64(100_000 + i))); err != nil {
			b.Fatal(err)
		}
		over := false
		t.Commit(func() { over = true })
		if t.Poll(time.Second); !over {
			b.Fatal("commit is not over")
		}
	}
}

// What main does for the statistics of 100,000 entries, and what the writer.
func BenchmarkFlowStats(b *testing.B) {
	t := benchTables()
	for i := range uint64(100_000) {
		if err := t.FlowMod(benchFlowMod(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("main", func(b *testing.B) {
		for range b.N {
			if _, err := t.FlowStats(request(ofp13.TableAll)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("writer", func(b *testing.B) {
		var buf []byte
		for range b.N {
			s, err := t.FlowStats(request(ofp13.TableAll))
			if err != nil {
				b.Fatal(err)
			}
			for ok := true; ok; {
				buf, ok = s.Next(buf[:0])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/entry")
	})
	b.Run("aggregate", func(b *testing.B) {
		for range b.N {
			s, err := t.AggregateStats(request(ofp13.TableAll))
			if err != nil {
				b.Fatal(err)
			}
			s.Next(nil)
		}
	})
}

// What one flow-mod costs that deletes, or modifies, all of 100,000 entries.
func BenchmarkFlowModAll(b *testing.B) {
	for name, command := range map[string]uint8{"delete": ofp13.FlowDelete, "modify": ofp13.FlowModify} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				t := benchTables()
				for i := range uint64(100_000) {
					if err := t.FlowMod(benchFlowMod(i)); err != nil {
						b.Fatal(err)
					}
				}
				t.Publish()
				t.Poll(time.Second)
				b.StartTimer()
				m := complete(ofp13.FlowMod{Command: command, Instructions: do(apply(output(7)))})
				if err := t.FlowMod(m); err != nil {
					b.Fatal(err)
				}
				t.Publish()
			}
		})
	}
}

// How long main is held at once when a group is deleted that 100,000 entries use,
// and how long it takes in all.
func BenchmarkDeleteUsedGroup(b *testing.B) {
	var longest, sum time.Duration
	held := func(what func()) {
		begin := time.Now()
		what()
		took := time.Since(begin)
		longest, sum = max(longest, took), sum+took
	}
	for range b.N {
		t := benchTables()
		g := NewGroups(t)
		if err := g.GroupMod(&ofp13.GroupMod{Command: ofp13.GroupAdd, GroupID: 1}); err != nil {
			b.Fatal(err)
		}
		for i := range uint64(100_000) {
			m := benchFlowMod(i)
			m.Instructions = do(apply(ofp13.Action{Type: ofp13.ActionGroup, ID: 1}))
			if err := t.FlowMod(m); err != nil {
				b.Fatal(err)
			}
		}
		t.Publish()
		t.Poll(time.Second)
		held(func() {
			if err := g.GroupMod(&ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: 1}); err != nil {
				b.Fatal(err)
			}
		})
		for t.Pending() {
			held(func() {
				t.Publish()
				t.Poll(10 * time.Millisecond)
			})
		}
	}
	b.ReportMetric(float64(sum.Milliseconds())/float64(b.N), "ms/deletion")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest")
}
