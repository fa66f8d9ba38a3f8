package openflow

import (
	"slices"
	"testing"
	"time"

	of "github.com/netrack/openflow"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// A barrier that the datapath does not obey yet holds up its own connection, in
// order, and no other.
func TestBarrierParksOneConnection(t *testing.T) {
	sw := &fakeSwitch{}
	var done func()
	sw.park = func(d func()) { done = d }
	h := start(t, sw, nil)
	a, b := h.connect(), h.connect()
	messages := validRequests()
	stream := messages[ofp13.TypeFlowMod].AppendTo(nil, 1)
	stream = messages[ofp13.TypeBarrierRequest].AppendTo(stream, 2)
	for range 500 { // more than the connection's batches hold
		stream = messages[ofp13.TypePortMod].AppendTo(stream, 3)
	}
	stream = messages[ofp13.TypeEchoRequest].AppendTo(stream, 4)
	must(t, a.SendBytes(stream))
	h.await("the barrier", func() bool { return done != nil })

	_, err := b.Request(of.TypeEchoRequest, nil, of.TypeEchoReply)
	must(t, err)
	h.run(func() {
		if !slices.Equal(sw.calls, []string{"flow-mod", "commit"}) {
			t.Errorf("the switch was asked for %v behind the barrier", sw.calls)
		}
		done()
	})
	_, err = a.ExpectReply(2, of.TypeBarrierReply)
	must(t, err)
	_, err = a.ExpectReply(4, of.TypeEchoReply)
	must(t, err)
	h.run(func() {
		if len(sw.calls) != 502 {
			t.Errorf("%d calls, want 502", len(sw.calls))
		}
	})
}

// A peer that sends requests and hangs up has them carried out all the same,
// those behind a barrier too.
func TestRequestsOutliveTheirConnection(t *testing.T) {
	for _, n := range []int{10, 500} { // the end is noticed early, or late
		sw := &fakeSwitch{}
		var done func()
		sw.park = func(d func()) { done = d }
		h := start(t, sw, nil)
		c := h.connect()
		messages := validRequests()
		stream := messages[ofp13.TypeBarrierRequest].AppendTo(nil, 1)
		for range n {
			stream = messages[ofp13.TypeFlowMod].AppendTo(stream, 2)
		}
		must(t, c.SendBytes(stream))
		must(t, c.Close())
		h.await("the barrier", func() bool { return done != nil })
		time.Sleep(20 * time.Millisecond) // let the end of the connection be noticed
		h.run(done)
		h.await("the end of the session", func() bool { return len(h.server.sessions) == 0 })
		h.run(func() {
			if len(sw.calls) != n+1 {
				t.Errorf("%d calls, want %d", len(sw.calls), n+1)
			}
		})
	}
}

// Commit may be done long after its connection is gone, or the server is closed.
func TestCommitAfterClose(t *testing.T) {
	sw := &fakeSwitch{}
	var done []func()
	sw.park = func(d func()) { done = append(done, d) }
	h := start(t, sw, nil)
	c := h.connect()
	must(t, c.SendBytes(validRequests()[ofp13.TypeBarrierRequest].AppendTo(nil, 1)))
	h.await("the barrier", func() bool { return len(done) == 1 })
	h.close()
	done[0]()
}
