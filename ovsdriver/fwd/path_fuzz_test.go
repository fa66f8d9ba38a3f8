package fwd

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// path is everything from the bytes of messages to the tables, with a model
// beside it.
type path struct {
	*rig
	groups *Groups
	meters *Meters
	model  pathModel
	last   string // what became of the last message
}

func newPath(t *testing.T) *path {
	r := newRig(t)
	p := &path{rig: r, groups: NewGroups(r.tables), meters: NewMeters(r.tables, r.dp)}
	p.model = pathModel{groups: map[uint32]bool{}, meters: map[uint32]bool{}}
	p.model.configure(r.configure(p.fewTables()...))
	return p
}

// fewTables describes a pipeline of the first tables, with all that they can do:
// 254 of them take long to compare.
func (p *path) fewTables() (few []ofp13.TableFeatures) {
	for _, c := range p.tables.whole[:5] {
		f := c.told(0)
		for _, typ := range []uint16{ofp13.TablePropNextTables, ofp13.TablePropNextTablesMiss} {
			next := property(&f, typ)
			next.NextTables = slices.DeleteFunc(next.NextTables, func(id uint8) bool { return id >= 5 })
		}
		few = append(few, f)
	}
	return few
}

// feed takes messages one after the other, and looks at the tables after each.
func (p *path) feed(b []byte) {
	p.t.Helper()
	for range 64 {
		h, err := ofp13.DecodeHeader(b)
		if err != nil || int(h.Length) < ofp13.HeaderLen || int(h.Length) > len(b) {
			return
		}
		err = p.message(h.Type, b[:h.Length])
		var e *ofp13.Error
		if err != nil && !errors.As(err, &e) {
			p.t.Fatalf("error %v is not OpenFlow's", err)
		}
		p.last = outcome(h.Type, e)
		p.check()
		b = b[h.Length:]
	}
	p.settle()
	p.check()
}

// outcome says what became of a message.
func outcome(typ uint8, e *ofp13.Error) string {
	name := map[uint8]string{
		ofp13.TypeFlowMod: "flow-mod", ofp13.TypeGroupMod: "group-mod", ofp13.TypeMeterMod: "meter-mod",
		ofp13.TypeMultipartRequest: "table features",
	}[typ]
	if e == nil {
		return name + ": done"
	}
	_, code, _ := strings.Cut(strings.Fields(e.Error())[0], "/")
	return name + ": " + code
}

// message decodes a message and carries it out, here and in the model.
func (p *path) message(typ uint8, b []byte) error {
	switch typ {
	case ofp13.TypeFlowMod:
		var m, kept ofp13.FlowMod // the model keeps its own
		if err := errors.Join(m.Decode(b), kept.Decode(b)); err != nil {
			return err
		}
		err := p.tables.FlowMod(&m)
		p.model.flowMod(p.t, &kept, err)
		return err
	case ofp13.TypeGroupMod:
		var m ofp13.GroupMod
		err := m.Decode(b)
		if err == nil {
			if err = p.groups.GroupMod(&m); err == nil {
				p.model.groupMod(&m)
			}
		}
		return err
	case ofp13.TypeMeterMod:
		var m ofp13.MeterMod
		err := m.Decode(b)
		if err == nil {
			if err = p.meters.MeterMod(&m); err == nil {
				p.model.meterMod(&m)
			}
		}
		return err
	case ofp13.TypeTableMod:
		var m ofp13.TableMod
		err := m.Decode(b)
		if err == nil {
			err = p.tables.TableMod(&m)
		}
		return err
	case ofp13.TypeMultipartRequest:
		return p.multipart(b)
	}
	return nil
}

// multipart carries out a request for table features, which must leave all as it
// was if it is refused.
func (p *path) multipart(b []byte) error {
	var m ofp13.MultipartRequest
	if err := m.Decode(b); err != nil || m.Type != ofp13.MultipartTableFeatures {
		return err
	}
	var req []ofp13.TableFeatures
	for rest := m.Body; len(rest) > 0; {
		var f ofp13.TableFeatures
		var err error
		if rest, err = f.DecodeNext(rest); err != nil {
			return err
		}
		req = append(req, f)
	}
	before := onTheWire(p.configure())
	_, err := p.tables.TableFeatures(req)
	told := p.configure()
	if err != nil && string(onTheWire(told)) != string(before) {
		p.t.Fatalf("refused with %v, but the table features have changed", err)
	}
	p.model.configure(told)
	return err
}

// check compares the statistics of all entries with the model.
func (p *path) check() {
	p.t.Helper()
	var got []string
	for _, s := range p.flows(ofp13.TableAll) {
		s.DurationSec, s.DurationNsec, s.PacketCount, s.ByteCount = 0, 0, 0, 0
		got = append(got, fmt.Sprintf("%x", s.Append(nil)))
	}
	slices.Sort(got)
	if want := p.model.told(); !slices.Equal(got, want) {
		p.t.Fatalf("%d entries, want %d:\n%v\nwant\n%v", len(got), len(want), got, want)
	}
	for _, e := range p.model.entries {
		lost := e.has(func(a *ofp13.Action) bool { return a.Type == ofp13.ActionGroup && !p.model.groups[a.ID] })
		if lost {
			p.t.Fatalf("an entry uses a group that is not there: %+v", e.FlowMod)
		}
	}
}

// Any bytes, taken as OpenFlow messages, leave the tables as a slow and obvious
// model has them: after an error as they were, and else as was sent.
func FuzzPath(f *testing.F) {
	for seed := range uint64(16) {
		rng := rand.New(rand.NewPCG(seed, 41))
		var b []byte
		for range 6 {
			b = appendRandomMessage(rng, b)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { newPath(t).feed(b) })
}

// The same with messages that mostly mean something.
func TestPathIsTheModel(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 42))
			p := newPath(t)
			for range 100 {
				p.feed(appendRandomMessage(rng, nil))
				seen[p.last]++
			}
		})
	}
	for _, want := range []string{
		"flow-mod: done", "group-mod: done", "meter-mod: done", "table features: done",
		"flow-mod: OFPFMFC_OVERLAP", "flow-mod: OFPFMFC_TABLE_FULL", "flow-mod: OFPFMFC_BAD_TABLE_ID",
	} {
		if seen[want] == 0 {
			t.Errorf("%q has never come up; only %v", want, seen)
		}
	}
}

// appendRandomMessage appends a message that changes tables, groups or meters,
// now and then one with a flipped bit.
func appendRandomMessage(rng *rand.Rand, b []byte) []byte {
	start := len(b)
	id := 1 + rng.Uint32N(3)
	switch rng.IntN(24) {
	case 0:
		m := ofp13.GroupMod{Command: uint16(rng.IntN(3)), GroupID: id}
		if m.Command != ofp13.GroupDelete {
			m.Buckets = []ofp13.Bucket{{WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{output(id)}}}
		} else if rng.IntN(4) == 0 {
			m.GroupID = ofp13.GroupAll
		}
		b = m.AppendTo(b, 1)
	case 1:
		m := ofp13.MeterMod{Command: uint16(rng.IntN(3)), MeterID: id, Flags: ofp13.MeterFlagPKTPS}
		if m.Command != ofp13.MeterDelete {
			m.Bands = []ofp13.MeterBand{{Type: ofp13.MeterBandDrop, Rate: 1000}}
		}
		b = m.AppendTo(b, 1)
	case 2:
		var body []byte
		for id := range uint8(1 + rng.IntN(4)) {
			f := smallTable(id)
			f.MaxEntries = 1 + rng.Uint32N(3)
			body = f.Append(body)
		}
		b = (&ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Body: body}).AppendTo(b, 1)
	default:
		b = randomFlowMod(rng).AppendTo(b, 1)
	}
	if rng.IntN(8) == 0 {
		b[start+8+rng.IntN(len(b)-start-8)] ^= 1 << rng.IntN(8)
	}
	return b
}

// randomFlowMod makes one of few fields and values, so that they meet often.
func randomFlowMod(rng *rand.Rand) *ofp13.FlowMod {
	m := complete(ofp13.FlowMod{
		Command: []uint8{0, 0, 0, 0, 0, 1, 2, 3, 4}[rng.IntN(9)], TableID: uint8(rng.IntN(3)), Priority: uint16(rng.IntN(3)),
		Cookie: rng.Uint64N(3), CookieMask: rng.Uint64N(2) * 3, IdleTimeout: uint16(rng.IntN(2)),
		Flags: uint16(rng.IntN(2))*ofp13.FlagSendFlowRem | uint16(rng.IntN(2))*ofp13.FlagCheckOverlap,
	})
	if rng.IntN(3) == 0 && m.Command >= ofp13.FlowDelete {
		m.OutPort, m.OutGroup, m.TableID = 1+rng.Uint32N(3), ofp13.GroupAny, ofp13.TableAll
	}
	v := rng.Uint64N(3)
	m.Match.Fields = randomFields(rng, v)
	actions := []ofp13.Action{output(1 + rng.Uint32N(3))}
	if rng.IntN(3) == 0 {
		actions = append(actions, ofp13.Action{Type: ofp13.ActionGroup, ID: 1 + rng.Uint32N(3)})
	}
	for _, in := range []ofp13.Instruction{
		apply(actions...), {Type: ofp13.InstructionWriteActions, Actions: actions}, {Type: ofp13.InstructionMeter, ID: 1 + rng.Uint32N(3)},
		{Type: ofp13.InstructionGotoTable, TableID: uint8(1 + rng.IntN(3))}, {Type: ofp13.InstructionWriteMetadata, Metadata: v << 4, MetadataMask: 0xf0},
	} {
		if rng.IntN(4) == 0 {
			m.Instructions = append(m.Instructions, in)
		}
	}
	return m
}

// randomFields makes a match, mostly with the prerequisites of its fields.
func randomFields(rng *rand.Rand, v uint64) (fields []ofp13.OXM) {
	tagged := ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0x1000, 0x1000)
	ipv4, tcp := ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewOXM64(ofp13.OXMIPProto, 6)
	ipv4Dst := ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, 0x0a000000|v, 0xff000003)
	for _, group := range [][][]ofp13.OXM{
		{{inPort(1 + v)}, {ofp13.NewMaskedOXM64(ofp13.OXMMetadata, v, 3)}},
		{{ethDst(v)}, {ofp13.NewMaskedOXM64(ofp13.OXMEthDst, v<<8, 0xff00)}},
		{{ofp13.NewOXM64(ofp13.OXMVLANVID, 0)}, {ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1001)}, {tagged}, {tagged, ofp13.NewOXM64(ofp13.OXMVLANPCP, v)}},
		{{ipv4}, {ipv4, ipv4Dst}, {ipv4, tcp}, {ipv4, tcp, ofp13.NewOXM64(ofp13.OXMTCPDst, 80)}, {tcp}, {ipv4, ipv4Dst, ofp13.NewTCPFlags(2, 2)}},
	} {
		if rng.IntN(3) == 0 {
			fields = append(fields, group[rng.IntN(len(group))]...)
		}
	}
	return fields
}
