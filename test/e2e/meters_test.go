package e2e

import (
	"fmt"
	"testing"
	"time"
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
			var passed [2]uint64
			await(t, "all packets are metered", func() bool {
				one, two := c.meterStats(t, a), c.meterStats(t, b)
				passed[0], passed[1] = sent-one.Bands[0].PacketBandCount, two.PacketInCount-two.Bands[0].PacketBandCount
				return one.PacketInCount == sent && two.PacketInCount == passed[0]
			})
			more := uint64(time.Since(begin).Seconds()) + 2 // what the rates may let pass
			for i, burst := range []uint64{first, second} {
				if passed[i] < burst || passed[i] > burst+more {
					t.Errorf("meter %d has let %d packets pass, want its burst, %d, or a little more", i+1, passed[i], burst)
				}
			}
			for heard := range passed[1] {
				if last == "controller" {
					expect(t, c.packetIns, fmt.Sprintf("packet-in %d", heard))
				}
			}
			c.noPacketIn(t, last)
			if last != "controller" {
				await(t, "what has passed arrives", func() bool { return uint64(arrived.n.Load()) == passed[1] })
			}
			want := map[uint64]uint64{1: sent}
			if dataPath != "kernel" {
				want[2], want[3] = passed[0], passed[1]
			}
			await(t, "entries count what comes to them", func() bool {
				flows := c.flowStats(t)
				for cookie, packets := range want {
					if flows[cookie].PacketCount != packets {
						return false
					}
				}
				return true
			})
		})
	}
}
