package openflow

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// validRequests are one acceptable message of each type that a controller may
// send, without the HELLO.
func validRequests() map[uint8]ofp13.Message {
	flow := &ofp13.FlowMod{
		BufferID: ofp13.NoBuffer, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny,
		Instructions: []ofp13.Instruction{{Type: ofp13.InstructionGotoTable, TableID: 1}},
	}
	out := &ofp13.PacketOut{
		BufferID: ofp13.NoBuffer, InPort: ofp13.PortController,
		Actions: []ofp13.Action{{Type: ofp13.ActionOutput, ID: 1}}, Data: make([]byte, 64),
	}
	return map[uint8]ofp13.Message{
		ofp13.TypeEchoRequest:           &ofp13.EchoRequest{Data: []byte("data")},
		ofp13.TypeFeaturesRequest:       &ofp13.FeaturesRequest{},
		ofp13.TypeGetConfigRequest:      &ofp13.GetConfigRequest{},
		ofp13.TypeSetConfig:             &ofp13.SetConfig{MissSendLen: 1},
		ofp13.TypePacketOut:             out,
		ofp13.TypeFlowMod:               flow,
		ofp13.TypeGroupMod:              &ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: ofp13.GroupAll},
		ofp13.TypePortMod:               &ofp13.PortMod{PortNo: 1},
		ofp13.TypeTableMod:              &ofp13.TableMod{},
		ofp13.TypeMultipartRequest:      &ofp13.MultipartRequest{Type: ofp13.MultipartDesc},
		ofp13.TypeBarrierRequest:        &ofp13.BarrierRequest{},
		ofp13.TypeQueueGetConfigRequest: &ofp13.QueueGetConfigRequest{Port: 1},
		ofp13.TypeRoleRequest:           &ofp13.RoleRequest{},
		ofp13.TypeGetAsyncRequest:       &ofp13.GetAsyncRequest{},
		ofp13.TypeSetAsync:              &ofp13.SetAsync{},
		ofp13.TypeMeterMod:              &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: ofp13.MeterAll},
	}
}

// tolerant are types whose body is free-form, so that no length is wrong.
func tolerant(typ uint8) bool { return typ == ofp13.TypeEchoRequest }

// TestBadInput sends, for each type, messages that are cut off, too long, of the
// longest length there is, and of another version. Each gets its error with the right xid and
// data, the switch sees none of them, and the connection lives on.
func TestBadInput(t *testing.T) {
	sw := &fakeSwitch{}
	h := start(t, sw, nil)
	c := h.connect()
	badRequest := ofp.ErrTypeBadRequest
	for typ, m := range validRequests() {
		good := m.AppendTo(nil, 9)
		bad := map[string][]byte{"wrong version": relength(slices.Clone(good))}
		bad["wrong version"][0] = 5
		if !tolerant(typ) {
			bad["absurd length"] = relength(append(slices.Clone(good[:8]), make([]byte, maxMessageLen-8)...))
		}
		if len(good) > openflowtest.HeaderLen && !tolerant(typ) {
			bad["truncated"] = relength(slices.Clone(good[:len(good)-1]))
			bad["header only"] = relength(slices.Clone(good[:8]))
		}
		if typ != ofp13.TypePacketOut && !tolerant(typ) { // whose data may have any length
			bad["over-long"] = relength(append(slices.Clone(good), 0))
		}
		if typ == ofp13.TypePacketOut {
			delete(bad, "truncated")
			delete(bad, "absurd length")
		}
		for name, b := range bad {
			t.Run(fmt.Sprintf("%v %s", of.Type(typ), name), func(t *testing.T) {
				must(t, c.SendBytes(b))
				reply, err := c.ExpectReply(9, of.TypeError)
				must(t, err)
				if errType, code, _ := reply.Error(); name == "wrong version" &&
					(errType != badRequest || code != ofp.ErrCodeBadRequestBadVersion) {
					t.Errorf("answer is %v, want BAD_VERSION", reply)
				}
				if want := b[:min(len(b), maxErrorData)]; !bytes.Equal(reply.ErrorData(), want) {
					t.Errorf("%d bytes of data, want %d of the request", len(reply.ErrorData()), len(want))
				}
				if reply.Version != 4 {
					t.Errorf("answer has version %d", reply.Version)
				}
			})
		}
	}
	must(t, c.Barrier())
	h.run(func() {
		if !slices.Equal(sw.calls, []string{"commit"}) {
			t.Errorf("the switch was asked for %v", sw.calls)
		}
	})
}

// relength makes a message's length field true.
func relength(b []byte) []byte {
	b[2], b[3] = byte(len(b)>>8), byte(len(b))
	return b
}

// TestGoodInput is the counterpart of TestBadInput: the same messages unspoilt
// cause no error.
func TestGoodInput(t *testing.T) {
	for typ, m := range validRequests() {
		t.Run(of.Type(typ).String(), func(t *testing.T) {
			c := start(t, &fakeSwitch{}, nil).connect()
			must(t, c.SendBytes(m.AppendTo(nil, 9)))
			_, err := c.Send(of.TypeEchoRequest, bytes.NewReader([]byte("end")))
			must(t, err)
			for {
				reply, err := c.Next()
				must(t, err)
				if reply.Type == of.TypeError {
					t.Fatalf("answer is %v", reply)
				}
				if string(reply.Body) == "end" {
					return
				}
			}
		})
	}
}

// TestUnknownTypes sends what only switches send, and types that do not exist.
func TestUnknownTypes(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	for _, typ := range []uint8{
		ofp13.TypeFeaturesReply, ofp13.TypeGetConfigReply, ofp13.TypePacketIn, ofp13.TypeFlowRemoved,
		ofp13.TypePortStatus, ofp13.TypeMultipartReply, ofp13.TypeBarrierReply, ofp13.TypeQueueGetConfigReply,
		ofp13.TypeRoleReply, ofp13.TypeGetAsyncReply, 30, 99, 255,
	} {
		must(t, c.SendBytes(rawMessage(4, typ, 8, uint32(typ))))
		_, err := c.ExpectError(uint32(typ), ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestBadType)
		must(t, err)
	}
	must(t, c.Barrier())
}

// TestAbsurdLengths: below 8 nothing can be said about where the next message
// begins, so the connection ends, after an error that says why.
func TestAbsurdLengths(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	for length := range 8 {
		c := h.connect()
		must(t, c.SendBytes(rawMessage(4, byte(of.TypeEchoRequest), length, 3, make([]byte, 5000)...)))
		_, err := c.ExpectError(3, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestLen)
		must(t, err)
		_, err = c.ExpectClose()
		must(t, err)
	}
	must(t, h.connect().Barrier())
}

// The longest message there is arrives whole, and its echo goes back whole.
func TestLongestMessage(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	data := bytes.Repeat([]byte("x"), maxMessageLen-8)
	m, err := c.Request(of.TypeEchoRequest, bytes.NewReader(data), of.TypeEchoReply)
	must(t, err)
	if !bytes.Equal(m.Body, data) {
		t.Errorf("echo of %d bytes has %d", len(data), len(m.Body))
	}
}

// Trap 7: errors carry the request's xid and as much of it as fits. A controller
// that gave a batch one xid knows the failed one by its bytes.
func TestErrorsCarryTheRequest(t *testing.T) {
	h := start(t, &fakeSwitch{fail: &ofp13.Error{
		Type: ofp13.ErrTypeFlowModFailed, Code: ofp13.FlowModFailedOverlap,
	}}, nil)
	c := h.connect()
	var batch []byte
	for cookie := range uint64(3) {
		m := &ofp13.FlowMod{
			Cookie: cookie, BufferID: ofp13.NoBuffer, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny,
			Instructions: []ofp13.Instruction{{
				Type:    ofp13.InstructionApplyActions,
				Actions: slices.Repeat([]ofp13.Action{{Type: ofp13.ActionOutput, ID: 1}}, 4000),
			}},
		}
		batch = m.AppendTo(batch, 42)
	}
	must(t, c.SendBytes(batch))
	for i := range 3 {
		m, err := c.ExpectError(42, ofp.ErrTypeFlowModFailed, ofp.ErrCodeFlowModFailedOverlap)
		must(t, err)
		want := batch[i*len(batch)/3 : (i+1)*len(batch)/3]
		if !bytes.Equal(m.ErrorData(), want) {
			t.Errorf("error %d carries %d bytes, want %d of the request", i, len(m.ErrorData()), len(want))
		}
	}
	m, err := errorOfLongest(c)
	must(t, err)
	if len(m.ErrorData()) != maxErrorData {
		t.Errorf("error of the longest request carries %d bytes, want %d", len(m.ErrorData()), maxErrorData)
	}
}

func errorOfLongest(c *openflowtest.Controller) (openflowtest.Message, error) {
	b := rawMessage(4, 200, maxMessageLen, 8, make([]byte, maxMessageLen-8)...)
	if err := c.SendBytes(b); err != nil {
		return openflowtest.Message{}, err
	}
	return c.ExpectError(8, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestBadType)
}

// An error without a type is the switch's own fault, which has a code too.
func TestInternalErrors(t *testing.T) {
	c := start(t, &fakeSwitch{fail: errors.New("out of luck")}, nil).connect()
	xid, err := c.Send(of.TypeFlowMod, &ofp.FlowMod{
		Buffer: ofp.NoBuffer, OutPort: ofp.PortAny, OutGroup: ofp.GroupAny, Match: ofp.Match{Type: ofp.MatchTypeXM},
	})
	must(t, err)
	_, err = c.ExpectError(xid, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestPerm)
	must(t, err)
}

// Trap 12: messages are handled in the order in which they came, however they
// are cut into segments.
func TestOrder(t *testing.T) {
	sw := &fakeSwitch{}
	h := start(t, sw, nil)
	c := h.connect()
	messages := validRequests()
	var stream []byte
	var want []string
	for range 100 {
		for _, call := range []struct {
			typ  uint8
			name string
		}{
			{ofp13.TypeFlowMod, "flow-mod"}, {ofp13.TypePacketOut, "packet-out"},
			{ofp13.TypeBarrierRequest, "commit"}, {ofp13.TypePortMod, "port-mod"},
		} {
			stream = messages[call.typ].AppendTo(stream, uint32(len(want)))
			want = append(want, call.name)
		}
	}
	for n := 1; len(stream) > 0; n = n*7%1000 + 1 {
		n = min(n, len(stream))
		must(t, c.SendBytes(stream[:n]))
		stream = stream[n:]
	}
	for i := range 100 {
		_, err := c.ExpectReply(uint32(4*i+2), of.TypeBarrierReply)
		must(t, err)
	}
	h.await("the last port-mod", func() bool { return len(sw.calls) == len(want) })
	if !slices.Equal(sw.calls, want) {
		t.Error("calls are out of order")
	}
}

// An error is never answered with an error, however malformed it is.
func TestErrorsAreNotAnswered(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	must(t, c.SendBytes(rawMessage(4, ofp13.TypeError, 8, 1)))
	must(t, c.SendBytes(rawMessage(1, ofp13.TypeError, 12, 1, 0, 0, 0, 0)))
	must(t, c.SendBytes(rawMessage(4, ofp13.TypeError, 12, 1, 0, 1, 0, 0)))
	must(t, c.Barrier())
}
