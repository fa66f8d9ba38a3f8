package main

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// parts asks for statistics and returns the bodies of the answer's parts.
func (a *agent) parts(typ uint16, body []byte) (bodies [][]byte) {
	a.t.Helper()
	answers := a.answers(multipart(typ, body).AppendTo(nil, 5))
	for i, b := range answers {
		var m ofp13.MultipartReply
		if err := m.Decode(b); err != nil {
			a.t.Fatalf("part %d: %s", i, nameOf(b))
		}
		if more := m.Flags&ofp13.MultipartMore != 0; more != (i+1 < len(answers)) || m.Type != typ {
			a.t.Fatalf("part %d of %d: type %d, more %t", i, len(answers), m.Type, more)
		}
		bodies = append(bodies, m.Body)
	}
	return bodies
}

// The features of all tables do not fit into one message: they come in parts,
// and a controller that sends them back, in parts that are cut anywhere and with
// other requests between them, is understood.
func TestPartsBothWays(t *testing.T) {
	a := newAgent(t)
	before := a.state()
	told := a.parts(ofp13.MultipartTableFeatures, nil)
	if len(told) < 2 {
		t.Fatalf("all tables fit into %d message", len(told))
	}
	features := bytes.Join(told, nil)
	const xid, size = 77, 50_001
	var desc, again []byte
	for rest := features; len(rest) > 0; {
		part := &ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Body: rest[:min(size, len(rest))]}
		if rest = rest[len(part.Body):]; len(rest) > 0 {
			part.Flags = ofp13.MultipartMore
		}
		answers := a.answers(part.AppendTo(nil, xid))
		if len(rest) > 0 && len(answers) != 0 {
			t.Fatalf("an unfinished request is answered by %s", nameOf(answers[0]))
		}
		for _, b := range answers {
			var m ofp13.MultipartReply
			if err := m.Decode(b); err != nil || binary.BigEndian.Uint32(b[4:]) != xid {
				t.Fatalf("answered by %s", nameOf(b))
			}
			again = append(again, m.Body...)
		}
		between := a.answers(multipart(ofp13.MultipartDesc, nil).AppendTo(nil, xid+1))
		if len(between) != 1 || between[0][1] != ofp13.TypeMultipartReply {
			t.Fatalf("a request between the parts has %d answers", len(between))
		}
		desc = between[0]
	}
	if !bytes.Equal(again, features) || len(desc) == 0 {
		t.Errorf("%d bytes of features came back, want the %d that were told", len(again), len(features))
	}
	if after := a.state(); after != before {
		t.Error("the switch has changed")
	}
}

// Statistics of many flows come in parts of whole elements.
func TestManyFlowsComeInParts(t *testing.T) {
	a := newAgent(t)
	const flows = 3000
	for i := range uint32(flows) {
		m := newFlow()
		m.Match.Fields = []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, uint64(i+1))}
		a.send(m)
	}
	all := &ofp13.FlowStatsRequest{TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny}
	bodies := a.parts(ofp13.MultipartFlow, all.Append(nil))
	n := 0
	for _, rest := range bodies {
		for len(rest) > 0 {
			var f ofp13.FlowStats
			var err error
			if rest, err = f.DecodeNext(rest); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	if n != flows || len(bodies) < 2 {
		t.Errorf("%d flows in %d parts, want %d in several", n, len(bodies), flows)
	}
}
