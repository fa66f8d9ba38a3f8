package e2e

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// lateness is by how much a flow may outlive its timeout: counters come up about
// once a second.
const lateness = 3 * time.Second

// mortal is a flow with timeouts and what becomes of it.
type mortal struct {
	name       string
	idle, hard uint16
	busy       time.Duration // how long frames are sent
	least      time.Duration // to live
	reason     uint8

	arrived uint64 // frames forwarded
	lived   time.Duration
	end     *ofp13.FlowRemoved
}

// Flows end by their timeouts, not before and not much later, with exact
// counters: an idle one lives as long as traffic uses it, cached or not.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	flows := []*mortal{
		{name: "idle, unused", idle: 1, least: time.Second, reason: ofp13.RemovedIdleTimeout},
		{name: "idle, used", idle: 2, busy: 4 * time.Second, least: 6 * time.Second, reason: ofp13.RemovedIdleTimeout},
		{name: "hard, used", hard: 2, busy: 4 * time.Second, least: 2 * time.Second, reason: ofp13.RemovedHardTimeout},
		{name: "both, used", idle: 1, hard: 3, busy: 4 * time.Second, least: 3 * time.Second, reason: ofp13.RemovedHardTimeout},
	}
	for i, f := range flows {
		c.send(t, flow(ofp13.FlowMod{
			Cookie: uint64(i), Priority: 9, IdleTimeout: f.idle, HardTimeout: f.hard, Flags: ofp13.FlagSendFlowRem,
			Match: udpTo(uint16(i)), Instructions: apply(outputTo(2)),
		}))
	}
	c.barrier(t)
	c.outlive(t, flows, w[0], w[1])
	for _, f := range flows {
		f.check(t)
	}
}

// outlive uses the flows, as each wants it, until all have ended.
func (c *controller) outlive(t *testing.T, flows []*mortal, from, to *wire) {
	t.Helper()
	begin := time.Now()
	for ended := 0; ended < len(flows); {
		since := time.Since(begin)
		if since > 5*lateness {
			t.Fatalf("after %v only %d of %d flows have ended", since, ended, len(flows))
		}
		for i, f := range flows {
			frame := udpFrame(1, uint16(i), nil)
			if since >= f.busy || f.end != nil {
				continue
			}
			from.send(t, frame)
			if to.awaitFrame(frame, quiet) {
				f.arrived++
			}
		}
		select {
		case m := <-c.removed:
			flows[m.Cookie].end, flows[m.Cookie].lived = m, time.Since(begin)
			ended++
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// check looks at how a flow has ended.
func (f *mortal) check(t *testing.T) {
	t.Helper()
	m := f.end
	if m.Reason != f.reason || f.lived < f.least-100*time.Millisecond || f.lived > f.least+lateness {
		t.Errorf("%s: ended for reason %d after %v, want reason %d after %v", f.name, m.Reason, f.lived, f.reason, f.least)
	}
	if m.PacketCount != f.arrived || m.ByteCount != f.arrived*uint64(len(udpFrame(1, 1, nil))) {
		t.Errorf("%s: counted %d packets, %d bytes; %d arrived", f.name, m.PacketCount, m.ByteCount, f.arrived)
	}
	if m.IdleTimeout != f.idle || m.HardTimeout != f.hard || m.Priority != 9 || m.Match.Field(ofp13.OXMUDPDst) == nil {
		t.Errorf("%s: flow-removed says %+v", f.name, m)
	}
}

// udpTo matches UDP datagrams to a port.
func udpTo(port uint16) ofp13.Match {
	return ofp13.Match{Fields: []ofp13.OXM{
		ofp13.NewOXM64(ofp13.OXMEthType, 0x0800),
		ofp13.NewOXM64(ofp13.OXMIPProto, 17),
		ofp13.NewOXM64(ofp13.OXMUDPDst, uint64(port)),
	}}
}

// A deletion is told to who asked for it, with its counters; without
// SEND_FLOW_REM it is not.
func TestFlowRemovedByDelete(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.ofctl(t, "add-flow", "cookie=0x31,send_flow_rem,udp,tp_dst=1,actions=output:2")
	d.ofctl(t, "add-flow", "cookie=0x32,udp,tp_dst=2,actions=output:2")
	w := l.wires(t)
	c := d.connect(t)
	const n = 50
	frame := udpFrame(1, 1, nil)
	for range n {
		w[0].send(t, frame)
		w[1].expect(t, "forwarded", frame)
	}
	d.ofctl(t, "del-flows")
	m := expect(t, c.removed, "flow-removed")
	if m.Cookie != 0x31 || m.Reason != ofp13.RemovedDelete || m.PacketCount != n || m.ByteCount != n*uint64(len(frame)) {
		t.Errorf("flow-removed says %+v, want %d packets", m, n)
	}
	c.barrier(t)
	if len(c.removed) != 0 {
		t.Errorf("also removed: %+v", <-c.removed)
	}
}
