package e2e

import (
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// bsnBody is the body of a BSN message or multipart.
type bsnBody interface{ Append([]byte) []byte }

// bsnMessage is a BSN message; a nil body is none.
func bsnMessage(typ uint32, body bsnBody) *ofp13.Experimenter {
	m := &ofp13.Experimenter{Experimenter: bsn.ID, ExpType: typ}
	if body != nil {
		m.Data = body.Append(nil)
	}
	return m
}

// bsnRequest asks for the body of the answer to a BSN message.
func (c *controller) bsnRequest(t *testing.T, typ uint32, body bsnBody, answerType uint32) []byte {
	t.Helper()
	var answer ofp13.Experimenter
	c.request(t, bsnMessage(typ, body), &answer)
	if answer.Experimenter != bsn.ID || answer.ExpType != answerType {
		t.Fatalf("answer to BSN message %d is %#x, %d", typ, answer.Experimenter, answer.ExpType)
	}
	return answer.Data
}

// bsnMultipart is a BSN multipart request; a nil body is none.
func bsnMultipart(typ uint32, body bsnBody) *ofp13.MultipartRequest {
	m := ofp13.ExperimenterMultipart{Experimenter: bsn.ID, ExpType: typ}
	if body != nil {
		m.Data = body.Append(nil)
	}
	return &ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter, Body: m.Append(nil)}
}

// bsnStats asks for BSN statistics and returns the elements of all parts, and
// how many parts there were.
func (c *controller) bsnStats(t *testing.T, typ uint32, body bsnBody) (elements []byte, parts int) {
	t.Helper()
	var part ofp13.MultipartReply
	c.request(t, bsnMultipart(typ, body), &part)
	for {
		parts++
		var answer ofp13.ExperimenterMultipart
		if err := answer.Decode(part.Body); err != nil || answer.Experimenter != bsn.ID || answer.ExpType != typ {
			t.Fatalf("answer to BSN multipart %d: %+v, %v", typ, answer, err)
		}
		elements = append(elements, answer.Data...)
		if part.Flags&ofp13.MultipartMore == 0 {
			return elements, parts
		}
		if err := part.Decode(expect(t, c.replies, "part of an answer")); err != nil {
			t.Fatal(err)
		}
	}
}

// decodeAll decodes a list of elements.
func decodeAll[T any, P interface {
	*T
	DecodeNext([]byte) ([]byte, error)
}](t *testing.T, b []byte) (list []T) {
	t.Helper()
	for len(b) > 0 {
		var e T
		rest, err := P(&e).DecodeNext(b)
		if err != nil {
			t.Fatal(err)
		}
		list, b = append(list, e), rest
	}
	return list
}

// A controller finds out which controllers the switch is configured with, and
// which of them it has. Who came to a listener is not among them.
func TestBSNControllerConnections(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	listener := l.listenForSwitch(t)
	d := l.start(t, "-c", controllerAddress, "-c", "127.0.0.1:7777")
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	dialed, visitor := converse(t, conn), d.connect(t)
	check := func(role uint32) {
		t.Helper()
		want := bsn.ControllerConnections{
			{Connected: true, Role: role, URI: "tcp://" + controllerAddress},
			{Role: ofp13.RoleEqual, URI: "tcp://127.0.0.1:7777"},
		}
		for _, c := range []*controller{dialed, visitor} {
			var got bsn.ControllerConnections
			body := c.bsnRequest(t, bsn.TypeControllerConnectionsRequest, nil, bsn.TypeControllerConnectionsReply)
			if err := got.Decode(body); err != nil || !slices.Equal(got, want) {
				t.Errorf("connections %+v, %v; want %+v", got, err, want)
			}
		}
	}
	check(ofp13.RoleEqual)
	for _, role := range []uint32{ofp13.RoleMaster, ofp13.RoleSlave} {
		dialed.request(t, &ofp13.RoleRequest{Role: role}, &ofp13.RoleReply{})
		check(role)
		for _, c := range []*controller{dialed, visitor} { // who has asked once is told
			c.checkToldOf(t, bsn.Connection{Connected: true, Role: role, URI: "tcp://" + controllerAddress})
		}
	}
	dialed.conn.Close()
	visitor.checkToldOf(t, bsn.Connection{Role: ofp13.RoleEqual, URI: "tcp://" + controllerAddress})
}

// checkToldOf expects to be told unasked of all connections, the first of them
// as given.
func (c *controller) checkToldOf(t *testing.T, first bsn.Connection) {
	t.Helper()
	m := expect(t, c.unasked, "list of connections")
	var list bsn.ControllerConnections
	if err := list.Decode(m.Data); err != nil || len(list) != 2 || list[0] != first {
		t.Errorf("told of %+v, %v; want %+v first", list, err, first)
	}
}

// What is left out of the extensions, and those of others, are refused by the
// name of each, and leave no trace.
func TestExperimentersRefused(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t).connect(t)
	const takeover, lacp = 69, 1 // BSN types of message and multipart
	c.refused(t, "BSN message", bsnMessage(takeover, nil), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExpType)
	c.refused(t, "BSN multipart", bsnMultipart(lacp, nil), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExpType)
	for _, id := range []uint32{0x2320, ofp13.ExperimenterONF, 0} {
		c.refused(t, "message", &ofp13.Experimenter{Experimenter: id, ExpType: bsn.TypeControllerConnectionsRequest},
			ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExperimenter)
		body := ofp13.ExperimenterMultipart{Experimenter: id, ExpType: bsn.MultipartTableChecksums}
		c.refused(t, "multipart", &ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter, Body: body.Append(nil)},
			ofp13.ErrTypeBadRequest, ofp13.BadRequestBadExperimenter)
	}
	c.refused(t, "mirror action", flow(ofp13.FlowMod{Instructions: []ofp13.Instruction{{Type: ofp13.InstructionApplyActions, Actions: []ofp13.Action{
		{Type: ofp13.ActionExperimenter, ID: bsn.ID, Experimenter: make([]byte, 16)},
	}}}}), ofp13.ErrTypeBadAction, ofp13.BadActionBadExperimenter)
	c.refused(t, "instruction", flow(ofp13.FlowMod{Instructions: []ofp13.Instruction{
		{Type: ofp13.InstructionExperimenter, ID: bsn.ID, Experimenter: make([]byte, 8)},
	}}), ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadExperimenter)
	lagID := rawMessage(flow(ofp13.FlowMod{}).AppendTo(nil, 0))
	lagID = slices.Concat(lagID[:48], []byte{0, 1, 0, 12, 0, 3, 4, 4, 0, 0, 0, 1, 0, 0, 0, 0}) // bsn_lag_id
	lagID[3] = byte(len(lagID))
	c.refused(t, "BSN field", lagID, ofp13.ErrTypeBadMatch, ofp13.BadMatchBadField)
	if flows := c.flowStats(t); len(flows) != 0 {
		t.Errorf("flows: %v", flows)
	}
}

// rawMessage is a message as bytes. Its xid is filled in.
type rawMessage []byte

func (m rawMessage) AppendTo(b []byte, xid uint32) []byte {
	b = append(b, m...)
	b[len(b)-len(m)+4], b[len(b)-len(m)+5] = byte(xid>>24), byte(xid>>16)
	b[len(b)-len(m)+6], b[len(b)-len(m)+7] = byte(xid>>8), byte(xid)
	return b
}

func (m rawMessage) Decode([]byte) error { panic("only to send") }
