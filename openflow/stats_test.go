package openflow

import (
	"io"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Traps 13 and others: what controllers ask of a switch that has no groups,
// meters or queues has an answer.
func TestMultipartTypes(t *testing.T) {
	c := start(t, &fakeSwitch{ports: 2}, nil).connect()
	tests := []struct {
		typ  ofp.MultipartType
		body io.WriterTo
		len  int // of the answer's body
	}{
		{ofp.MultipartTypeDescription, nil, 1056},
		{ofp.MultipartTypeFlow, allFlows(), 0},
		{ofp.MultipartTypeAggregate, allFlows(), 24},
		{ofp.MultipartTypeTable, nil, 24},
		{ofp.MultipartTypePortStats, &ofp.PortStatsRequest{PortNo: ofp.PortAny}, 0},
		{ofp.MultipartTypeQueue, &ofp.QueueStatsRequest{Port: ofp.PortAny, Queue: ofp.QueueAll}, 0},
		{ofp.MultipartTypeGroup, &ofp.GroupStatsRequest{Group: ofp.GroupAll}, 0},
		{ofp.MultipartTypeGroupDescription, nil, 0},
		{ofp.MultipartTypeGroupFeatures, nil, 40},
		{ofp.MultipartTypeMeter, &ofp.MeterStatsRequest{Meter: ofp.MeterAll}, 0},
		{ofp.MultipartTypeMeterConfig, &ofp.MeterConfigRequest{Meter: ofp.MeterAll}, 0},
		{ofp.MultipartTypeMeterFeatures, nil, 16},
		{ofp.MultipartTypePortDescription, nil, 128},
	}
	for _, tt := range tests {
		t.Run(tt.typ.String(), func(t *testing.T) {
			parts, err := c.Multipart(tt.typ, tt.body)
			must(t, err)
			if len(parts) != 1 || len(parts[0]) != tt.len {
				t.Errorf("answer has %d parts, the first of %d bytes, want 1 of %d", len(parts), len(parts[0]), tt.len)
			}
		})
	}
}

func allFlows() *ofp.FlowStatsRequest {
	return &ofp.FlowStatsRequest{
		Table: ofp.TableAll, OutPort: ofp.PortAny, OutGroup: ofp.GroupAny, Match: ofp.Match{Type: ofp.MatchTypeXM},
	}
}

func TestMultipartErrors(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	tests := []struct {
		name  string
		bytes []byte
		code  ofp.ErrCode
	}{
		{"unknown type", (&ofp13.MultipartRequest{Type: 77}).AppendTo(nil, 5), ofp.ErrCodeBadRequestBadMultipart},
		{"experimenter", (&ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter, Body: make([]byte, 8)}).AppendTo(nil, 5),
			ofp.ErrCodeBadRequestBadExperimenter},
		{"experimenter without an id", (&ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter}).AppendTo(nil, 5),
			ofp.ErrCodeBadRequestLen},
		{"body where none belongs", (&ofp13.MultipartRequest{Type: ofp13.MultipartDesc, Body: make([]byte, 8)}).AppendTo(nil, 5),
			ofp.ErrCodeBadRequestLen},
		{"no body where one belongs", (&ofp13.MultipartRequest{Type: ofp13.MultipartFlow}).AppendTo(nil, 5),
			ofp.ErrCodeBadRequestLen},
		{"header cut off", rawMessage(4, ofp13.TypeMultipartRequest, 12, 5, 0, 0, 0, 0), ofp.ErrCodeBadRequestLen},
		{"experimenter message", (&ofp13.Experimenter{Experimenter: 0x2320}).AppendTo(nil, 5), ofp.ErrCodeBadRequestBadExperimenter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			must(t, c.SendBytes(tt.bytes))
			_, err := c.ExpectError(5, ofp.ErrTypeBadRequest, tt.code)
			must(t, err)
		})
	}
}

// A request in parts is one request; the switch sees it when it is whole.
func TestMultipartRequestInParts(t *testing.T) {
	sw := &fakeSwitch{}
	h := start(t, sw, nil)
	c := h.connect()
	for id := range uint8(3) {
		table := ofp13.TableFeatures{TableID: id}
		m := &ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Body: table.Append(nil)}
		if id < 2 {
			m.Flags = ofp13.MultipartMore
		}
		must(t, c.SendBytes(m.AppendTo(nil, 6)))
		must(t, c.SendBytes((&ofp13.EchoRequest{}).AppendTo(nil, uint32(100+id)))) // other messages may stand between
	}
	for i := range uint32(3) {
		if i == 2 {
			_, err := c.ExpectReply(6, of.TypeMultipartReply)
			must(t, err)
		}
		_, err := c.ExpectReply(100+i, of.TypeEchoReply)
		must(t, err)
	}
	h.run(func() {
		if len(sw.tables) != 3 || sw.tables[2].TableID != 2 {
			t.Errorf("the switch got %d tables, want 3", len(sw.tables))
		}
	})
}

func TestQueueGetConfig(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	must(t, c.SendBytes((&ofp13.QueueGetConfigRequest{Port: 3}).AppendTo(nil, 7)))
	m, err := c.ExpectReply(7, of.TypeQueueGetConfigReply)
	must(t, err)
	if m.Uint32(0) != 3 || len(m.Body) != 8 {
		t.Errorf("reply is for port %d with %d bytes, want 3 with 8", m.Uint32(0), len(m.Body))
	}
	must(t, c.SendBytes((&ofp13.QueueGetConfigRequest{Port: 99}).AppendTo(nil, 8)))
	_, err = c.ExpectError(8, ofp.ErrTypeQueueOpFailed, ofp.ErrCodeQueueOpFailedBadPort)
	must(t, err)
}
