package e2e

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// exchange sends each frame rounds times from one wire, and waits after every
// few for the same at another, so that queues on the way never overflow. Within
// a round they may come in another order: while a flow is being cached, a packet
// on the cached path overtakes one that is still in the workers' hands.
func exchange(t *testing.T, from, to *wire, rounds int, frames ...[]byte) {
	t.Helper()
	for round := range rounds {
		due := map[string]int{}
		for _, f := range frames {
			due[string(f)]++
			from.send(t, f)
		}
		for i := range frames {
			got := to.receive(patience)
			if due[string(got)] == 0 {
				t.Fatalf("round %d, arrival %d: received\n%s\nwhich was not sent, or came before", round, i, describe(got))
			}
			due[string(got)]--
		}
	}
}

// 10,000 packets of several kinds, nearly all forwarded by cached flows, are
// counted exactly: by each flow, by the tables, and by the ports.
func TestCountersExact(t *testing.T) {
	const kinds, rounds = 10, 1000
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t,
		"cookie=0x41,udp,tp_dst=1,actions=output:2",
		"cookie=0x42,udp,tp_dst=2,actions=goto_table:1",
		"cookie=0x43,priority=1,udp,actions=goto_table:1",
		"cookie=0x44,table=1,udp,tp_src=5,actions=output:2",
		"cookie=0x45,table=1,priority=1,ip,actions=mod_nw_ttl:64,output:2")
	w := l.wires(t)
	c := d.connect(t)
	// The ports' counters began with the interfaces; so the wire's do.
	before := d.stat(t)
	rx, tx := c.portStats(t, 1), c.portStats(t, 2)
	var frames [][]byte
	for i := range uint16(kinds) {
		frames = append(frames, udpFrame(i, i%4, nil)) // destinations 0 to 3
	}
	exchange(t, w[0], w[1], rounds, frames...)

	size := uint64(len(frames[0]))
	// Of ten sources 0-9 with destination source%4: 1, 5, 9 go to port 1 and
	// 2, 6 to port 2. The other five take the general flow. Of all that reach
	// table 1 none has source 5.
	want := map[uint64]uint64{0x41: 3 * rounds, 0x42: 2 * rounds, 0x43: 5 * rounds, 0x44: 0, 0x45: 7 * rounds}
	awaitFor(t, 5*time.Second, "the flows have counted all", func() bool {
		return c.flowStats(t)[0x43].PacketCount >= want[0x43]
	})
	for cookie, f := range c.flowStats(t) {
		if f.PacketCount != want[cookie] || f.ByteCount != want[cookie]*size {
			t.Errorf("flow %#x counts %d packets, %d bytes, want %d, %d",
				cookie, f.PacketCount, f.ByteCount, want[cookie], want[cookie]*size)
		}
	}
	for table, n := range []uint64{kinds * rounds, 7 * rounds} {
		if s := c.tableStats(t, uint8(table)); s.LookupCount != n || s.MatchedCount != n {
			t.Errorf("table %d: %d lookups, %d matched, want %d", table, s.LookupCount, s.MatchedCount, n)
		}
	}
	rx2, tx2 := c.portStats(t, 1), c.portStats(t, 2)
	if n := rx2.RxPackets - rx.RxPackets; n != kinds*rounds || rx2.RxBytes-rx.RxBytes != n*size {
		t.Errorf("port 1 received %d packets, %d bytes, want %d", n, rx2.RxBytes-rx.RxBytes, kinds*rounds)
	}
	if n := tx2.TxPackets - tx.TxPackets; n != kinds*rounds || tx2.TxBytes-tx.TxBytes != n*size {
		t.Errorf("port 2 sent %d packets, %d bytes, want %d", n, tx2.TxBytes-tx.TxBytes, kinds*rounds)
	}
	for port, was := range map[uint32]ofp13.PortStats{1: rx, 2: tx} {
		now := c.portStats(t, port)
		if now.RxDropped != was.RxDropped || now.TxDropped != was.TxDropped || now.RxErrors+now.TxErrors != 0 {
			t.Errorf("port %d counts drops or errors: %+v", port, now)
		}
		if now.DurationSec == 0 && now.DurationNsec == 0 || now.DurationSec > 600 {
			t.Errorf("port %d is %d.%09d s old", port, now.DurationSec, now.DurationNsec)
		}
	}
	if s := d.stat(t); s.Hit-before.Hit < kinds*rounds*9/10 {
		t.Errorf("only %d of %d packets were forwarded by cached flows", s.Hit-before.Hit, kinds*rounds)
	}
}

// What NO_PKT_COUNTS, NO_BYT_COUNTS and RESET_COUNTS say about counters.
func TestCounterFlags(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	for _, f := range []string{ // replace-flows leaves out flags
		"cookie=0x51,udp,tp_dst=1,no_packet_counts,actions=output:2",
		"cookie=0x52,udp,tp_dst=2,no_byte_counts,actions=output:2",
		"cookie=0x53,udp,tp_dst=3,actions=output:2",
	} {
		d.ofctl(t, "add-flow", f)
	}
	w := l.wires(t)
	c := d.connect(t)
	const n = 20
	size := uint64(len(udpFrame(1, 1, nil)))
	exchange(t, w[0], w[1], n, udpFrame(1, 1, nil), udpFrame(1, 2, nil), udpFrame(1, 3, nil))
	awaitFor(t, 5*time.Second, "the flows have counted all", func() bool {
		all := c.flowStats(t)
		return all[0x53].PacketCount == n && all[0x52].PacketCount == n && all[0x51].ByteCount == n*size
	})
	all := c.flowStats(t)
	if all[0x51].PacketCount != 0 && all[0x51].PacketCount != ^uint64(0) {
		t.Errorf("without packet counts: %d packets", all[0x51].PacketCount)
	}
	if all[0x52].ByteCount != 0 && all[0x52].ByteCount != ^uint64(0) {
		t.Errorf("without byte counts: %d bytes", all[0x52].ByteCount)
	}
	d.ofctl(t, "mod-flows", "udp,tp_dst=3,actions=output:2")
	if got := c.flowStats(t)[0x53]; got.PacketCount != n {
		t.Errorf("after a modification %d packets, want still %d", got.PacketCount, n)
	}
	reset := all[0x53]
	c.send(t, flow(ofp13.FlowMod{Command: ofp13.FlowModifyStrict, Priority: reset.Priority, Flags: ofp13.FlagResetCounts,
		Match: reset.Match, Instructions: reset.Instructions}))
	c.barrier(t)
	if got := c.flowStats(t)[0x53]; got.PacketCount != 0 || got.ByteCount != 0 {
		t.Errorf("after RESET_COUNTS %d packets, %d bytes", got.PacketCount, got.ByteCount)
	}
}
