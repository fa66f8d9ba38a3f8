package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Of two meters in a row, the second measures what the first lets pass, be the
// frames forwarded or told; and entries behind a meter count what it lets pass,
// but for the kernel's, which do not say whose packets they drop.
func TestMetersInARow(t *testing.T) {
	t.Parallel()
	const first, second, sent = 60, 25, 100
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	for i, last := range []string{"output:2", "controller"} {
		t.Run(last, func(t *testing.T) {
			a, b := uint32(2*i+1), uint32(2*i+2)
			d.ofctl(t, "add-meter", fmt.Sprintf("meter=%d,pktps,burst,bands=type=drop,rate=1,burst_size=%d", a, first))
			d.ofctl(t, "add-meter", fmt.Sprintf("meter=%d,pktps,burst,bands=type=drop,rate=1,burst_size=%d", b, second))
			d.ofctl(t, "del-flows") // or new ones would go on counting for the old
			d.setFlows(t, fmt.Sprintf("cookie=1,udp,actions=meter:%d,goto_table:1", a),
				fmt.Sprintf("table=1,cookie=2,udp,actions=meter:%d,goto_table:2", b), "table=2,cookie=3,udp,actions="+last)
			arrived := w[1].count(t)
			begin := time.Now()
			for range sent {
				w[0].send(t, withTTL(1, 64))
				time.Sleep(5 * time.Millisecond) // below the limit of packet-ins
			}
			passed := c.passed(t, sent, a, b)
			more := uint64(time.Since(begin).Seconds()) + 2 // what the rates may let pass
			for i, burst := range []uint64{first, second} {
				if passed[i] < burst || passed[i] > burst+more {
					t.Errorf("meter %d has let %d packets pass, want its burst, %d, or a little more", i+1, passed[i], burst)
				}
			}
			if last == "controller" {
				for n := range passed[1] {
					expect(t, c.packetIns, fmt.Sprintf("packet-in %d", n))
				}
			} else {
				await(t, "what has passed arrives", func() bool { return uint64(arrived.n.Load()) == passed[1] })
			}
			c.noPacketIn(t, last)
			counts := map[uint64]uint64{1: sent}
			if dataPath != "kernel" {
				counts[2], counts[3] = passed[0], passed[1]
			}
			c.awaitCounts(t, counts)
		})
	}
}

// A frame that meets its meter behind a bucket that had to see below a label is done
// once, whoever asks the meter.
func TestMeterBehindABucket(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	d.ofctl(t, "add-meter", "meter=1,pktps,burst,bands=type=drop,rate=1000,burst_size=1000")
	d.groups(t, "group_id=5,type=all,bucket=pop_mpls:0x0800,dec_ttl,output:2")
	d.setFlows(t, "mpls,actions=group:5,goto_table:1", "table=1,cookie=0x31,actions=meter:1,controller")
	in := labelled(64, label{16, 64})
	for range repeats {
		w[0].send(t, in)
		w[1].expect(t, "the bucket's copy", labelled(63))
		c.checkPacketIn(t, "behind the meter", wantPacketIn{ofp13.ReasonAction, 1, 0x31, 1, 0, in})
	}
	expectSilence(t, "after the last frame", w...)
	c.noPacketIn(t, "after the last frame")
	await(t, "each frame is metered once", func() bool { return c.meterStats(t, 1).PacketInCount == repeats })
}

// passed waits until both of two meters in a row have measured what has come to
// them, and returns how many packets each has let pass.
func (c *controller) passed(t *testing.T, sent uint64, first, second uint32) (n [2]uint64) {
	t.Helper()
	await(t, "all packets are metered", func() bool {
		a, b := c.meterStats(t, first), c.meterStats(t, second)
		n = [2]uint64{sent - a.Bands[0].PacketBandCount, b.PacketInCount - b.Bands[0].PacketBandCount}
		return a.PacketInCount == sent && b.PacketInCount == n[0]
	})
	return n
}

// awaitCounts waits until flows, by cookie, have counted so many packets.
func (c *controller) awaitCounts(t *testing.T, want map[uint64]uint64) {
	t.Helper()
	await(t, fmt.Sprintf("flows of these cookies have counted so many packets: %v", want), func() bool {
		flows := c.flowStats(t)
		for cookie, packets := range want {
			if flows[cookie].PacketCount != packets {
				return false
			}
		}
		return true
	})
}
