package main

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// codes is an OpenFlow error's type and code.
type codes struct{ typ, code uint16 }

// badLen is what most messages of a wrong length deserve.
var badLen = codes{ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen}

// upTo says which error a message deserves whose length is below a limit.
type upTo struct {
	limit int
	codes
}

// lengths is a good message of a kind and what becomes of it under other
// lengths. A length below the last limit has the error of the first limit above
// it; where a message of that length would be good, it stands in good.
type lengths struct {
	name  string
	m     ofp13.Message
	short []upTo
	good  []int // shorter lengths that are good as well
	long  codes // of a longer message; zero if any length is good
}

// multipart is a request for statistics.
func multipart(typ uint16, body []byte) ofp13.Message {
	return &ofp13.MultipartRequest{Type: typ, Body: body}
}

// exact is a message of one length only.
func exact(name string, m ofp13.Message) lengths {
	return lengths{name, m, []upTo{{len(m.AppendTo(nil, 0)), badLen}}, nil, badLen}
}

// kinds are one good message of every type that a switch receives, and of every
// multipart.
func kinds() []lengths {
	badMatch := codes{ofp13.ErrTypeBadMatch, ofp13.BadMatchBadLen}
	badInstruction := codes{ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadLen}
	badPacket := codes{ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPacket}
	badBucket := codes{ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedBadBucket}
	badConfig := codes{ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadLen}
	badFeatures := codes{ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedBadLen}
	badExperimenter := codes{ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExperimenter}
	all := &ofp13.FlowStatsRequest{TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny}
	out := &ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: ofp13.PortController, Actions: []ofp13.Action{outputTo(2)}, Data: make([]byte, 64)}
	group := &ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 1, Type: ofp13.GroupTypeAll,
		Buckets: []ofp13.Bucket{{WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: []ofp13.Action{outputTo(3)}}}}
	meter := &ofp13.MeterMod{Command: ofp13.MeterModify, MeterID: 1, Flags: ofp13.MeterFlagKBPS,
		Bands: []ofp13.MeterBand{{Type: ofp13.MeterBandDrop, Rate: 2000}}}
	features := ofp13.TableFeatures{MaxEntries: 10, Properties: []ofp13.TableFeatureProperty{{Type: ofp13.TablePropNextTables}}}
	unknown := &ofp13.ExperimenterMultipart{Experimenter: 0x1234, ExpType: 1}
	port := &ofp13.PortMod{PortNo: 1, HWAddr: [6]byte{2, 0, 0, 0, 1, 1}}

	list := []lengths{
		exact("features request", &ofp13.FeaturesRequest{}),
		exact("get-config request", &ofp13.GetConfigRequest{}),
		exact("barrier request", &ofp13.BarrierRequest{}),
		exact("get-async request", &ofp13.GetAsyncRequest{}),
		exact("set-async", &ofp13.SetAsync{}),
		exact("role request", &ofp13.RoleRequest{}),
		exact("port-mod", port),
		exact("table-mod", &ofp13.TableMod{}),
		exact("queue-get-config request", &ofp13.QueueGetConfigRequest{Port: 1}),
		{"echo request", &ofp13.EchoRequest{Data: []byte("data")}, nil, []int{8, 9, 10, 11}, codes{}},
		{"set-config", &ofp13.SetConfig{MissSendLen: 1}, []upTo{{12, badConfig}}, nil, badConfig},
		{"packet-out", out, []upTo{{40, badLen}, {54, badPacket}}, span(54, 104), codes{}},
		{"flow-mod", newFlow(), []upTo{{56, badLen}, {64, badMatch}, {88, badInstruction}}, []int{64}, badInstruction},
		{"group-mod", group, []upTo{{16, badLen}, {48, badBucket}}, []int{16}, badBucket},
		{"meter-mod", meter, []upTo{{32, badLen}}, []int{16}, badLen},
		{"experimenter", &ofp13.Experimenter{Experimenter: 0x1234, Data: []byte{1, 2}},
			[]upTo{{16, badLen}, {18, badExperimenter}}, nil, badExperimenter},
		{"flow statistics", multipart(ofp13.MultipartFlow, all.Append(nil)), []upTo{{56, badLen}}, nil, badLen},
		{"aggregate statistics", multipart(ofp13.MultipartAggregate, all.Append(nil)), []upTo{{56, badLen}}, nil, badLen},
		{"table features", multipart(ofp13.MultipartTableFeatures, features.Append(nil)),
			[]upTo{{16, badLen}, {88, badFeatures}}, []int{16}, badFeatures},
		{"experimenter multipart", multipart(ofp13.MultipartExperimenter, unknown.Append(nil)),
			[]upTo{{24, badLen}}, nil, badExperimenter},
		exact("port statistics", multipart(ofp13.MultipartPortStats, (&ofp13.PortStatsRequest{PortNo: ofp13.PortAny}).Append(nil))),
		exact("queue statistics", multipart(ofp13.MultipartQueue, (&ofp13.QueueStatsRequest{PortNo: ofp13.PortAny, QueueID: ofp13.QueueAll}).Append(nil))),
		exact("group statistics", multipart(ofp13.MultipartGroup, (&ofp13.GroupStatsRequest{GroupID: ofp13.GroupAll}).Append(nil))),
		exact("meter statistics", multipart(ofp13.MultipartMeter, (&ofp13.MeterStatsRequest{MeterID: ofp13.MeterAll}).Append(nil))),
		exact("meter configuration", multipart(ofp13.MultipartMeterConfig, (&ofp13.MeterStatsRequest{MeterID: ofp13.MeterAll}).Append(nil))),
	}
	for name, typ := range map[string]uint16{
		"description": ofp13.MultipartDesc, "table statistics": ofp13.MultipartTable, "group description": ofp13.MultipartGroupDesc,
		"group features": ofp13.MultipartGroupFeatures, "meter features": ofp13.MultipartMeterFeatures, "port description": ofp13.MultipartPortDesc,
	} {
		list = append(list, exact(name, multipart(typ, nil)))
	}
	return list
}

// span is the numbers from first to last, without the last.
func span(first, last int) (list []int) {
	for n := first; n < last; n++ {
		list = append(list, n)
	}
	return list
}

// cut is a message shortened, or lengthened by zeros, to n bytes, which its
// header says too.
func cut(b []byte, n int) []byte {
	b = append(bytes.Clone(b), make([]byte, max(0, n-len(b)))...)[:n]
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	return b
}

// refused wants one answer to a bad message: this error, with the message's xid
// and the message itself.
func (a *agent) refused(b []byte, want codes) {
	a.t.Helper()
	all := a.answers(b)
	name := (&ofp13.Error{Type: want.typ, Code: want.code}).Name()
	if len(all) != 1 {
		a.t.Fatalf("%d answers to %d bytes, want %s", len(all), len(b), name)
	}
	var e ofp13.ErrorMessage
	if err := e.Decode(all[0]); err != nil {
		a.t.Fatalf("%d bytes: answered by %s, want %s", len(b), nameOf(all[0]), name)
	}
	if e.Type != want.typ || e.Code != want.code {
		a.t.Errorf("%d bytes: answered by %s, want %s", len(b), e.Name(), name)
	}
	if xid := binary.BigEndian.Uint32(all[0][4:]); xid != binary.BigEndian.Uint32(b[4:]) {
		a.t.Errorf("%s has xid %#x", name, xid)
	}
	if data := b[:min(len(b), 0xffff-12)]; !bytes.Equal(e.Data, data) {
		a.t.Errorf("%s has %d bytes of the request, want %d", name, len(e.Data), len(data))
	}
}

// Every message that a switch receives, cut off after each of its bytes, too
// long by each of the first bytes and as long as a message can be, and of every
// other version: each gets its error, the connection lives on, and what
// controllers have configured is as before.
func TestWrongLengthsAndVersions(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			a := newAgent(t)
			a.program()
			before := a.state()
			whole := k.m.AppendTo(nil, 0xabcd)
			for n := 8; n < len(whole); n++ {
				if slices.Contains(k.good, n) {
					continue
				}
				i := slices.IndexFunc(k.short, func(u upTo) bool { return n < u.limit })
				a.refused(cut(whole, n), k.short[i].codes)
			}
			if k.long != (codes{}) {
				for _, n := range append(span(len(whole)+1, len(whole)+17), 0xffff) {
					a.refused(cut(whole, n), k.long)
				}
			}
			for _, version := range []byte{0, 1, 2, 3, 5, 6, 0x84, 0xff} {
				b := bytes.Clone(whole)
				b[0] = version
				a.refused(b, codes{ofp13.ErrTypeBadRequest, ofp13.BadRequestBadVersion})
			}
			if after := a.state(); after != before {
				t.Errorf("the switch has changed:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// What is good in TestWrongLengthsAndVersions is so: it causes no error.
func TestGoodMessages(t *testing.T) {
	for _, k := range kinds() {
		if k.long.code == ofp13.BadRequestBadExperimenter && k.long.typ == ofp13.ErrTypeBadRequest {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			sizes := append(k.good, len(k.m.AppendTo(nil, 0)))
			if k.name == "table features" { // a pipeline needs more than is cut here
				sizes = k.good
			}
			for _, n := range sizes {
				a := newAgent(t)
				a.program()
				for _, m := range a.answers(cut(k.m.AppendTo(nil, 0xabcd), n)) {
					if m[1] == ofp13.TypeError {
						t.Errorf("%d bytes: %s", n, nameOf(m))
					}
				}
			}
		})
	}
}
