package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// anything is a datapath that can cache everything.
var anything = func() datapath.Features {
	f := datapath.Features{Name: "test", Acts: ^uint64(0), Sets: ^uint64(0), MaxActs: 64}
	for i := range flowtable.PipelineWord {
		f.KeyMask[i] = ^uint64(0)
	}
	return f
}()

// tables builds views.
type tables struct {
	t     testing.TB
	view  *View
	list  [NumTables]*flowtable.Classifier[*Program]
	count [NumTables]*flowtable.Lookups

	groups *GroupSet
}

// newTables has ports 1 to 4 and LOCAL, on a datapath that can cache everything.
func newTables(t testing.TB) *tables { return newTablesOn(t, anything) }

// newTablesOn is newTables on another datapath.
func newTablesOn(t testing.TB, features datapath.Features) *tables {
	x := &tables{t: t, view: NewView(features), groups: NewGroupSet(1)}
	x.view.SetPorts(NewPortSet(testPorts()))
	return x
}

func testPorts() []Port {
	return []Port{{No: datapath.Local}, {No: 3, HTB: 0x8001}, {No: 1, HTB: 1}, {No: 2}, {No: 4, HTB: 1, LinkDown: true}}
}

// add compiles and adds an entry.
func (x *tables) add(table uint8, priority uint16, match []ofp13.OXM, instructions ...ofp13.Instruction) *Entry {
	x.t.Helper()
	e, err := x.try(table, priority, match, instructions...)
	if err != nil {
		x.t.Fatal(err)
	}
	return e
}

func (x *tables) try(table uint8, priority uint16, match []ofp13.OXM, instructions ...ofp13.Instruction) (*Entry, error) {
	m, err := CompileMatch(&ofp13.Match{Fields: match})
	if err != nil {
		return nil, err
	}
	p, err := Compile(table, &m, instructions)
	if err != nil {
		return nil, err
	}
	e := flowtable.NewEntry(&m, priority, p)
	e.Stats, e.Cookie = &flowtable.Stats{}, uint64(table)<<32|uint64(priority)
	if x.list[table] == nil {
		x.list[table] = flowtable.NewClassifier[*Program]()
		x.count[table] = &flowtable.Lookups{}
	}
	x.list[table].Insert(e)
	return e, nil
}

// group compiles and adds a group, or puts it in the place of another.
func (x *tables) group(typ uint8, id uint32, buckets ...ofp13.Bucket) *Group {
	x.t.Helper()
	g, err := CompileGroup(&ofp13.GroupMod{Type: typ, GroupID: id, Buckets: buckets})
	if err != nil {
		x.t.Fatal(err)
	}
	x.groups = x.groups.With(g)
	return g
}

// publish returns the view as it is now.
func (x *tables) publish() *View {
	v := x.view.Next()
	v.SetGroups(x.groups)
	for id, c := range x.list {
		if c != nil {
			v.SetTable(uint8(id), c.Publish(), x.count[id])
		}
	}
	return v
}

// check translates a key and holds the result to its actions, in words, to its
// mask, and to whether it has to be resumed when the frame is parsed again.
func (x *tables) check(key *flowtable.Key, acts string, mask flowtable.Mask, resume bool) {
	x.t.Helper()
	var r Result
	Translate(x.publish(), key, &r)
	if got := words(r.Actions); got != acts {
		x.t.Errorf("actions %q, want %q", got, acts)
	}
	if r.Mask != mask {
		x.t.Errorf("mask %v, want %v", r.Mask, mask)
	}
	slow := Slow(0)
	if resume {
		slow = SlowReparse
	}
	if r.Slow != slow || r.Resume != resume {
		x.t.Errorf("slow %v, resume %v; want %v, %v", r.Slow, r.Resume, slow, resume)
	}
}

// Short names for what tables are written with.

func oxms(o ...ofp13.OXM) []ofp13.OXM { return o }

func is(field uint8, value uint64) ofp13.OXM { return ofp13.NewOXM64(field, value) }

func like(field uint8, value, mask uint64) ofp13.OXM {
	return ofp13.NewMaskedOXM64(field, value, mask)
}

func applying(a ...ofp13.Action) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionApplyActions, Actions: a}
}

func writing(a ...ofp13.Action) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: a}
}

func clearing() ofp13.Instruction { return ofp13.Instruction{Type: ofp13.InstructionClearActions} }

func going(table uint8) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: table}
}

func metadata(value, mask uint64) ofp13.Instruction {
	return ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: value, MetadataMask: mask}
}

func output(port uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionOutput, ID: port, MaxLen: 128}
}

func setting(field uint8, value uint64) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(field, value)}
}

func pushing(etherType uint16) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionPushVLAN, EtherType: etherType}
}

var (
	popping        = ofp13.Action{Type: ofp13.ActionPopVLAN}
	poppingPBB     = ofp13.Action{Type: ofp13.ActionPopPBB}
	pushingPBB     = ofp13.Action{Type: ofp13.ActionPushPBB, EtherType: 0x88e7}
	decreasing     = ofp13.Action{Type: ofp13.ActionDecNwTTL}
	decreasingMPLS = ofp13.Action{Type: ofp13.ActionDecMPLSTTL}
	copyingOut     = ofp13.Action{Type: ofp13.ActionCopyTTLOut}
	copyingIn      = ofp13.Action{Type: ofp13.ActionCopyTTLIn}
	ip4            = is(ofp13.OXMEthType, 0x0800)
	tcp            = is(ofp13.OXMIPProto, 6)
)

func grouping(id uint32) ofp13.Action { return ofp13.Action{Type: ofp13.ActionGroup, ID: id} }

// weighing is a bucket that watches nothing.
func weighing(weight uint16, a ...ofp13.Action) ofp13.Bucket {
	return ofp13.Bucket{Weight: weight, WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: a}
}

// watching is a bucket that watches a port or a group.
func watching(port, group uint32, a ...ofp13.Action) ofp13.Bucket {
	return ofp13.Bucket{WatchPort: port, WatchGroup: group, Actions: a}
}

func queueing(id uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetQueue, ID: id}
}

func pushingMPLS(etherType uint16) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionPushMPLS, EtherType: etherType}
}

func poppingMPLS(etherType uint16) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionPopMPLS, EtherType: etherType}
}

func settingMPLSTTL(ttl uint8) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetMPLSTTL, TTL: ttl}
}

func settingTTL(ttl uint8) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetNwTTL, TTL: ttl}
}

// key makes a key of fields and values in turn.
func key(values ...any) *flowtable.Key {
	var k flowtable.Key
	for i := 0; i < len(values); i += 2 {
		switch v := values[i+1].(type) {
		case int:
			k.Set(values[i].(flowtable.Field), uint64(v))
		case uint64:
			k.Set(values[i].(flowtable.Field), v)
		}
	}
	return &k
}

// tcpKey is a TCP segment over IPv4 at port 1.
func tcpKey(more ...any) *flowtable.Key {
	return key(append([]any{
		flowtable.InPort, 1, flowtable.EthDst, 0x020000000002, flowtable.EthSrc, 0x020000000001,
		flowtable.EthType, 0x0800, flowtable.IPProto, 6, flowtable.IPTTL, 64,
		flowtable.IPv4Src, 0x0a000001, flowtable.IPv4Dst, 0x0a000002,
		flowtable.L4Src, 1000, flowtable.L4Dst, 80,
	}, more...)...)
}
