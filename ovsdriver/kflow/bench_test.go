package kflow

import (
	"fmt"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// instant is a datapath that takes every flow at no cost.
type instant struct{ *datapathtest.Fake }

func (instant) PutFlows(_ []datapath.Flow, errs []error) { clear(errs) }

func (instant) DeleteFlows(ids []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	for i, id := range ids {
		last[i] = datapath.FlowStats{ID: id}
	}
	clear(errs)
}

// benchRig caches n flows that hit n entries.
func benchRig(b *testing.B, n int) (*Cache, *flowtable.Table[*translate.Program], *translate.View) {
	fake := datapathtest.NewFake()
	view := translate.NewView(fake.Features())
	view.SetPorts(translate.NewPortSet([]translate.Port{{No: 1}, {No: 2}}))
	start := time.Now()
	c := New(instant{fake}, view, Config{Now: func() int64 { return int64(time.Since(start)) }, Unlimited: true})
	table := flowtable.NewTable[*translate.Program](1 << 20)
	program, err := translate.CompileActions(nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		add(b, c, table, program, uint64(i))
	}
	view = view.Next()
	view.SetTable(0, table.Publish(), table.Lookups())
	c.Revalidate(view)
	for i := range n {
		var key flowtable.Key
		key.Set(flowtable.InPort, 1)
		key.Set(flowtable.EthDst, uint64(i))
		c.Install(&key)
	}
	c.Flush()
	return c, table, view
}

func add(b *testing.B, c *Cache, table *flowtable.Table[*translate.Program], p *translate.Program, mac uint64) {
	var m flowtable.Match
	m.Exact(flowtable.EthDst, mac)
	changes, err := table.Add(flowtable.NewEntry(&m, 10, p), 1, nil)
	if err != nil {
		b.Fatal(err)
	}
	c.Change(0, changes)
}

// follow publishes the table and lets the cache obey.
func follow(c *Cache, table *flowtable.Table[*translate.Program], view *translate.View) *translate.View {
	view = view.Next()
	view.SetTable(0, table.Publish(), table.Lookups())
	c.Revalidate(view)
	c.Work(time.Second)
	return view
}

// One added entry that touches nothing, by the number of flows beside it.
func BenchmarkRevalidateOneAdd(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c, table, view := benchRig(b, n)
			program := &translate.Program{}
			mac := uint64(1 << 32)
			b.ResetTimer()
			for range b.N {
				mac++
				add(b, c, table, program, mac)
				view = follow(c, table, view)
			}
		})
	}
}

// A storm of a thousand added entries in one publication.
func BenchmarkRevalidateStorm(b *testing.B) {
	c, table, view := benchRig(b, 10000)
	program := &translate.Program{}
	mac := uint64(1 << 32)
	b.ResetTimer()
	for range b.N {
		for range 1000 {
			mac++
			add(b, c, table, program, mac)
		}
		view = follow(c, table, view)
	}
}

// Translating every cached flow again, as a change of ports may ask for.
func BenchmarkRevalidateAll(b *testing.B) {
	c, _, view := benchRig(b, 10000)
	b.ResetTimer()
	for range b.N {
		view = view.Next()
		c.ChangeAll()
		c.Revalidate(view)
		c.Work(time.Second)
	}
}

// A port whose link comes and goes, watched by a group that 10,000 flows use.
func BenchmarkFailover(b *testing.B) {
	c, table, view := benchRig(b, 0)
	watch := func(port uint32) ofp13.Bucket {
		return ofp13.Bucket{WatchPort: port, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{{Type: ofp13.ActionOutput, ID: port}}}
	}
	group, err := translate.CompileGroup(&ofp13.GroupMod{GroupID: 1, Type: ofp13.GroupTypeFastFailover, Buckets: []ofp13.Bucket{watch(2), watch(3)}})
	if err != nil {
		b.Fatal(err)
	}
	program, err := translate.CompileActions([]ofp13.Action{{Type: ofp13.ActionGroup, ID: 1}})
	if err != nil {
		b.Fatal(err)
	}
	view = view.Next()
	view.SetGroups(translate.NewGroupSet(1).With(group))
	for i := range 10000 {
		add(b, c, table, program, uint64(i))
	}
	view = follow(c, table, view)
	for i := range 10000 {
		var key flowtable.Key
		key.Set(flowtable.InPort, 1)
		key.Set(flowtable.EthDst, uint64(i))
		c.Install(&key)
	}
	c.Flush()
	down := false
	b.ResetTimer()
	for range b.N {
		down = !down
		ports := translate.NewPortSet([]translate.Port{{No: 1}, {No: 2, LinkDown: down}, {No: 3}})
		c.ChangeTokens(ports.Changed(view.Ports(), nil))
		view = view.Next()
		view.SetPorts(ports)
		c.Revalidate(view)
		c.Work(time.Second)
	}
	if c.Counters().Replaced < uint64(10000*b.N) {
		b.Fatalf("%+v", c.Counters())
	}
}
