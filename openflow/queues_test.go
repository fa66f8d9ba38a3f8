package openflow

import (
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

func queueStatsRequest(port uint32) *ofp13.MultipartRequest {
	body := (&ofp13.QueueStatsRequest{PortNo: port, QueueID: ofp13.QueueAll}).Append(nil)
	return &ofp13.MultipartRequest{Type: ofp13.MultipartQueue, Body: body}
}

// What is found out only while queues are read is an error like any other, with
// the request's xid and data.
func TestQueueErrors(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	for i, port := range []uint32{99, 98} {
		for j, m := range []message{&ofp13.QueueGetConfigRequest{Port: port}, queueStatsRequest(port)} {
			xid := uint32(10*i + j)
			sent := m.AppendTo(nil, xid)
			must(t, c.SendBytes(sent))
			e, err := c.ExpectError(xid, ofp.ErrTypeQueueOpFailed, ofp.ErrCodeQueueOpFailedBadPort)
			must(t, err)
			if got := string(e.Body[4:]); got != string(sent) {
				t.Errorf("error brings back %x of %x", got, sent)
			}
		}
	}
}

// Queues are read while main goes on: other connections are served, the one that
// asked gets its answers in order, and one that hangs up meanwhile ends.
func TestQueuesAreReadOffMain(t *testing.T) {
	sw := &fakeSwitch{gate: make(chan struct{})}
	h := start(t, sw, nil)
	c, other, leaving := h.connect(), h.connect(), h.connect()
	must(t, c.SendBytes(queueStatsRequest(1).AppendTo(nil, 5)))
	must(t, c.SendBytes((&ofp13.EchoRequest{}).AppendTo(nil, 6)))
	must(t, leaving.SendBytes((&ofp13.QueueGetConfigRequest{Port: 1}).AppendTo(nil, 7)))
	leaving.Close()
	must(t, other.SendBytes((&ofp13.EchoRequest{}).AppendTo(nil, 8)))
	_, err := other.ExpectReply(8, of.TypeEchoReply)
	must(t, err)
	sw.gate <- struct{}{}
	sw.gate <- struct{}{}
	_, err = c.ExpectReply(5, of.TypeMultipartReply)
	must(t, err)
	_, err = c.ExpectReply(6, of.TypeEchoReply)
	must(t, err)
}
