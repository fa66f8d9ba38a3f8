package e2e

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Flows end by their timeouts, not before and not much later, with exact
// counters: an idle one lives as long as traffic uses it, cached or not.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	const late = 3 * time.Second // counters come up about once a second
	tests := []struct {
		name       string
		idle, hard uint16
		busy       time.Duration // how long frames are sent
		least      time.Duration // to live
		reason     uint8
	}{
		{"idle, unused", 1, 0, 0, time.Second, ofp13.RemovedIdleTimeout},
		{"idle, used", 2, 0, 4 * time.Second, 6 * time.Second, ofp13.RemovedIdleTimeout},
		{"hard, used", 0, 2, 4 * time.Second, 2 * time.Second, ofp13.RemovedHardTimeout},
		{"both, used", 1, 3, 4 * time.Second, 3 * time.Second, ofp13.RemovedHardTimeout},
	}
	for i, tt := range tests {
		m := flow(ofp13.FlowMod{
			Cookie: uint64(i), Priority: 9, IdleTimeout: tt.idle, HardTimeout: tt.hard, Flags: ofp13.FlagSendFlowRem,
			Match: udpTo(uint16(i)), Instructions: apply(outputTo(2)),
		})
		c.send(t, m)
	}
	c.barrier(t)
	begin := time.Now()
	var sent, arrived [4]uint64
	ended := map[uint64]*ofp13.FlowRemoved{}
	lived := map[uint64]time.Duration{}
	for len(ended) < len(tests) {
		since := time.Since(begin)
		if since > 4*time.Second+4*late {
			t.Fatalf("after %v only %d of %d flows have ended", since, len(ended), len(tests))
		}
		for i, tt := range tests {
			if since < tt.busy && ended[uint64(i)] == nil {
				frame := udpFrame(1, uint16(i), nil)
				w[0].send(t, frame)
				sent[i]++
				if w[1].awaitFrame(frame, quiet) {
					arrived[i]++
				}
			}
		}
		select {
		case m := <-c.removed:
			ended[m.Cookie], lived[m.Cookie] = m, time.Since(begin)
		case <-time.After(20 * time.Millisecond):
		}
	}
	for i, tt := range tests {
		m, age := ended[uint64(i)], lived[uint64(i)]
		if m.Reason != tt.reason || age < tt.least-100*time.Millisecond || age > tt.least+late {
			t.Errorf("%s: ended for reason %d after %v, want reason %d after %v", tt.name, m.Reason, age, tt.reason, tt.least)
		}
		if m.PacketCount != arrived[i] || m.ByteCount != arrived[i]*uint64(len(udpFrame(1, 1, nil))) {
			t.Errorf("%s: counted %d packets, %d bytes; %d of %d arrived", tt.name, m.PacketCount, m.ByteCount, arrived[i], sent[i])
		}
		if m.IdleTimeout != tt.idle || m.HardTimeout != tt.hard || m.Priority != 9 || m.Match.Field(ofp13.OXMUDPDst) == nil {
			t.Errorf("%s: flow-removed says %+v", tt.name, m)
		}
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
