package kflow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/packet"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// rig is a cache over a datapath in memory with ports 1 to 4, and the tables
// that its views are made of. Its clock stands still unless a test moves it.
type rig struct {
	t      *testing.T
	now    int64
	dp     *datapathtest.Fake
	cache  *Cache
	view   *translate.View
	tables map[uint8]*flowtable.Table[*translate.Program]
	ports  *translate.PortSet // of the next view
	meters *translate.Meters  // of the next view
	groups *translate.GroupSet
	result translate.Result
}

func newRig(t *testing.T, cfg Config) *rig {
	return newRigOver(t, datapathtest.NewFake(), cfg)
}

func newRigOver(t *testing.T, dp *datapathtest.Fake, cfg Config) *rig {
	t.Helper()
	r := &rig{t: t, now: int64(time.Hour), dp: dp, tables: map[uint8]*flowtable.Table[*translate.Program]{}, groups: translate.NewGroupSet(1)}
	dp.SetClock(func() int64 { return r.now })
	var ports []translate.Port
	for no := datapath.PortNo(1); no <= 4; no++ {
		name := fmt.Sprintf("p%d", no)
		dp.AddInterface(name)
		if err := dp.AddPort(datapath.PortSpec{No: no, Name: name}); err != nil {
			t.Fatal(err)
		}
		ports = append(ports, translate.Port{No: no, Name: name})
	}
	r.view = translate.NewView(dp.Features())
	r.ports = translate.NewPortSet(ports)
	r.view.SetPorts(r.ports)
	cfg.Now = func() int64 { return r.now }
	r.cache = New(dp, r.view, cfg)
	return r
}

// table returns a table, made if need be.
func (r *rig) table(id uint8) *flowtable.Table[*translate.Program] {
	if r.tables[id] == nil {
		r.tables[id] = flowtable.NewTable[*translate.Program](1 << 20)
	}
	return r.tables[id]
}

// change tells the cache what an operation on a table has done.
func (r *rig) change(id uint8, changes []flowtable.Change[*translate.Program]) {
	r.cache.Change(id, changes)
}

// setPorts makes these the ports of the next view.
func (r *rig) setPorts(ports []translate.Port) {
	next := translate.NewPortSet(ports)
	r.cache.ChangeTokens(next.Changed(r.ports, nil))
	r.ports = next
}

// compile makes the match and the program of an entry.
func (r *rig) compile(id uint8, match ofp13.Match, ins []ofp13.Instruction) (flowtable.Match, *translate.Program) {
	r.t.Helper()
	m, err := translate.CompileMatch(&match)
	if err != nil {
		r.t.Fatal(err)
	}
	p, err := translate.Compile(id, &m, ins)
	if err != nil {
		r.t.Fatal(err)
	}
	return m, p
}

// add adds an entry.
func (r *rig) add(id uint8, priority uint16, match ofp13.Match, ins ...ofp13.Instruction) *translate.Entry {
	r.t.Helper()
	m, p := r.compile(id, match, ins)
	e := flowtable.NewEntry(&m, priority, p)
	changes, err := r.table(id).Add(e, r.now, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.change(id, changes)
	return e
}

// remove deletes the entries within a match.
func (r *rig) remove(id uint8, match ofp13.Match) {
	r.t.Helper()
	m, _ := r.compile(id, match, nil)
	r.change(id, r.table(id).Delete(&flowtable.Filter[*translate.Program]{Match: m}, nil))
}

// modify changes what the entries within a match do.
func (r *rig) modify(id uint8, reset bool, match ofp13.Match, ins ...ofp13.Instruction) {
	r.t.Helper()
	m, p := r.compile(id, match, ins)
	r.change(id, r.table(id).Modify(&flowtable.Filter[*translate.Program]{Match: m}, p, reset, nil))
}

// commit publishes the tables and lets the cache obey.
func (r *rig) commit() {
	r.t.Helper()
	due := r.publish()
	if r.cache.Work(time.Hour) != due {
		r.t.Fatal("Work left flows behind though its time was not over")
	}
}

// publish makes the tables the view that the cache is to follow.
func (r *rig) publish() (due uint64) {
	r.view = r.view.Next()
	r.view.SetPorts(r.ports)
	r.view.SetMeters(r.meters, nil)
	r.view.SetGroups(r.groups)
	for id, table := range r.tables {
		r.view.SetTable(id, table.Publish(), table.Lookups())
	}
	return r.cache.Revalidate(r.view)
}

// install asks for a cached flow and puts it.
func (r *rig) install(key *flowtable.Key) {
	r.cache.Install(key)
	r.cache.Flush()
}

// send lets a frame come in. A miss is treated as a worker treats it: credited,
// and, if cache says so, cached.
func (r *rig) send(port datapath.PortNo, frame []byte, cache bool) {
	r.t.Helper()
	f := datapathtest.NewFrame(frame)
	var key flowtable.Key
	packet.Parse(&f, port, &key)
	for _, flow := range r.dp.Flows() {
		if flow.Match.Matches(&key) {
			r.dp.Inject(port, frame)
			return
		}
	}
	translate.Translate(r.view, &key, &r.result)
	for i := range r.result.Credits {
		r.result.Credits[i].Add(1, uint64(len(frame)), r.now)
	}
	if cache {
		r.install(&key)
	}
}

// read merges one dump of the datapath's counters.
func (r *rig) read() {
	r.t.Helper()
	err := r.dp.DumpFlows(func(batch []datapath.FlowStats) error {
		r.cache.Merge(append(Readings(nil), batch...))
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// packets returns an entry's packet counter.
func packets(e *translate.Entry) uint64 {
	n, _, _ := e.Stats.Read()
	return n
}

// verify holds every cached flow to what the present view says, and the cache's
// books to what the datapath holds.
func (r *rig) verify(random *rand.Rand) {
	r.t.Helper()
	flows := r.dp.Flows()
	if counters := r.cache.Counters(); counters.Flows != len(flows) {
		r.t.Fatalf("cache counts %d flows, datapath holds %d", counters.Flows, len(flows))
	}
	for _, flow := range flows {
		f := r.cache.flowOf(flow.ID)
		if f == nil {
			r.t.Fatalf("datapath holds flow %d %v, which the cache does not know", flow.ID, flow.Match)
		}
		for range 3 {
			if differs := r.differs(r.view, f, &flow, random); differs != "" {
				r.t.Fatal(differs)
			}
		}
	}
}

// clear removes every cached flow.
func (r *rig) clear() {
	c := r.cache
	c.Flush()
	var all []*flow
	for i := range c.slots {
		if f := c.slots[i].flow; f != nil {
			all = append(all, f)
		}
	}
	c.remove(all, &c.counters.Removed)
}

// verifyEmpty holds the books of a cache without flows to that.
func (r *rig) verifyEmpty() {
	r.t.Helper()
	c, known := r.cache, 0
	for _, sets := range c.index.known {
		known += len(sets)
	}
	if len(c.masks)+len(c.perPort)+len(c.index.won)+len(c.index.tokens)+known+len(c.records.names)+len(c.doomed) != 0 {
		r.t.Errorf("books are not empty: %d masks, %d ports, %d outcomes, %d tokens, %d sets by known bits, %d records, %d doomed",
			len(c.masks), len(c.perPort), len(c.index.won), len(c.index.tokens), known, len(c.records.names), len(c.doomed))
	}
	if len(c.free) != len(c.slots) || len(c.records.free) != len(c.records.slots) {
		r.t.Errorf("%d of %d slots and %d of %d records are free", len(c.free), len(c.slots), len(c.records.free), len(c.records.slots))
	}
}

// differs says what a view does otherwise with a frame of a cached flow, the frame
// random where the flow's mask leaves it open; nothing if it is as cached.
func (r *rig) differs(view *translate.View, f *flow, has *datapath.Flow, random *rand.Rand) string {
	key := has.Match.Key
	for i := range flowtable.PipelineWord {
		key[i] |= random.Uint64() & random.Uint64() &^ has.Match.Mask[i]
	}
	res := &r.result
	translate.Translate(view, &key, res)
	same := func(got, want datapath.Act) bool {
		if got.Kind == datapath.Controller && want.Kind == datapath.Controller {
			content, ok := r.cache.Record(got.Value)
			return ok && content == res.PacketIns[want.Value]
		}
		return got == want
	}
	switch {
	case res.Slow != 0:
		return fmt.Sprintf("flow %v is cached, translation says slow (%b)", has.Match, res.Slow)
	case !slices.EqualFunc(has.Actions, res.Actions, same):
		return fmt.Sprintf("flow %v does %v, translation says %v of %v", has.Match, has.Actions, res.Actions, res.PacketIns)
	case !slices.Equal(f.credits, res.Credits):
		return fmt.Sprintf("flow %v credits %v, translation says %v", has.Match, f.credits, res.Credits)
	}
	return ""
}

// Instructions and matches, short.

func apply(actions ...ofp13.Action) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionApplyActions, Actions: actions}
}

func write(actions ...ofp13.Action) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: actions}
}

func goTo(table uint8) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: table}
}

func metadata(value, mask uint64) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: value, MetadataMask: mask}
}

func output(port uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionOutput, ID: port, MaxLen: ofp13.ControllerMaxNoBuffer}
}

func setField(o ofp13.OXM) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetField, Field: o}
}

func match(fields ...ofp13.OXM) ofp13.Match { return ofp13.Match{Fields: fields} }

func inPort(no uint64) ofp13.OXM  { return ofp13.NewOXM64(ofp13.OXMInPort, no) }
func ethDst(mac uint64) ofp13.OXM { return ofp13.NewOXM64(ofp13.OXMEthDst, mac) }
func ethType(t uint64) ofp13.OXM  { return ofp13.NewOXM64(ofp13.OXMEthType, t) }

// udpFrame makes a frame over IPv4.
func udpFrame(dst byte, ip [4]byte, port uint16) []byte {
	frame := []byte{
		2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, 99, 8, 0, // Ethernet
		0x45, 0, 0, 28 + 18, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, ip[0], ip[1], ip[2], ip[3], // IPv4
		0x30, 0x39, byte(port >> 8), byte(port), 0, 8 + 18, 0, 0, // UDP
	}
	return append(frame, make([]byte, 18)...)
}

const mac1 = 0x020000000001 // destination of udpFrame(1, ...)
