package e2e

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// meterStats asks for the statistics of one meter.
func (c *controller) meterStats(t *testing.T, id uint32) (s ofp13.MeterStats) {
	t.Helper()
	body := c.multipart(t, ofp13.MultipartMeter, (&ofp13.MeterStatsRequest{MeterID: id}).Append(nil))
	rest, err := s.DecodeNext(body)
	if err != nil || len(rest) != 0 {
		t.Fatalf("statistics of meter %d: %v, %d bytes left", id, err, len(rest))
	}
	return s
}

// padded is a UDP datagram of some bytes in all, to a port.
func padded(dst uint16, size int) []byte {
	const headers = 14 + 20 + 8
	return udpFrame(7, dst, make([]byte, size-headers))
}

// counter counts the frames of ghost A that arrive at a wire.
type counter struct {
	n    atomic.Int64
	stop atomic.Bool
	done chan struct{}
}

func (w *wire) count(t *testing.T) *counter {
	c := &counter{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for !c.stop.Load() {
			if f := w.receive(50 * time.Millisecond); len(f) > 12 && string(f[6:12]) == string(ghostA) {
				c.n.Add(1)
			}
		}
	}()
	t.Cleanup(c.end)
	return c
}

func (c *counter) end() {
	c.stop.Store(true)
	<-c.done
}

// offer sends a frame at a rate of packets per second for some time, and returns
// how many it was, how long it took, and how long the machine paused at most.
func (w *wire) offer(t *testing.T, frame []byte, rate float64, during time.Duration) (sent int, took, pause time.Duration) {
	t.Helper()
	begin := time.Now()
	for last := time.Duration(0); ; {
		elapsed := time.Since(begin)
		last, pause = elapsed, max(pause, elapsed-last)
		if elapsed >= during {
			return sent, elapsed, pause
		}
		for due := int(elapsed.Seconds()*rate) + 1; sent < due; sent++ {
			w.send(t, frame)
		}
		time.Sleep(min(time.Millisecond, time.Duration(float64(time.Second)/rate)))
	}
}

// metered is a meter with one band that drops, and the frames that come to it.
type metered struct {
	flags string // of ovs-ofctl: kbps or pktps
	rate  float64
	burst float64 // 0 is the default, half a second's worth
	size  int     // of a frame
}

// unit is what a frame is in units of the rate.
func (m *metered) unit() float64 {
	if m.flags == "kbps" {
		return float64(m.size) * 8 / 1000
	}
	return 1
}

func (m *metered) String() string {
	text := fmt.Sprintf("%s,bands=type=drop,rate=%.0f", m.flags, m.rate)
	if m.burst > 0 {
		text = fmt.Sprintf("%s,burst,stats,bands=type=drop,rate=%.0f,burst_size=%.0f", m.flags, m.rate, m.burst)
	}
	return text
}

var meteredTests = []metered{
	{"pktps", 10, 0, 100}, {"pktps", 10, 5, 100}, {"pktps", 100, 1, 100}, {"pktps", 1000, 100, 64}, {"pktps", 5000, 0, 64},
	{"kbps", 64, 0, 100}, {"kbps", 64, 16, 500}, {"kbps", 1000, 200, 1000}, {"kbps", 20_000, 0, 1500},
	{"pktps", 20_000, 2000, 64}, {"pktps", 100_000, 5000, 64}, {"kbps", 100_000, 1000, 1500}, {"kbps", 1_000_000, 10_000, 1500},
}

// Within T seconds of too much traffic a meter passes rate*T + burst, within 3%
// or two packets, whatever its rate; and all is counted.
func TestMeterRate(t *testing.T) {
	for _, m := range meteredTests {
		t.Run(m.String(), func(t *testing.T) {
			if dataPath == "kernel" && m.rate/m.unit() > 5000 {
				t.Skip("too fast for an emulated machine")
			}
			l := newLab(t, 2)
			d := l.start(t)
			w := l.wires(t)
			c := d.connect(t)
			arrived := w[1].count(t)
			d.ofctl(t, "add-meter", "meter=1,"+m.String())
			d.setFlows(t, "udp,actions=meter:1,output:2")
			m.check(t, w[0], arrived, c)
		})
	}
}

// check offers more than may pass: twice as much, or what a small machine can
// still carry.
func (m *metered) check(t *testing.T, w *wire, arrived *counter, c *controller) {
	t.Helper()
	const during = 2 * time.Second
	burst := m.burst
	if burst == 0 {
		burst = m.rate / 2
	}
	offer := (m.rate + burst/during.Seconds()) / m.unit()
	offer = max(min(2*offer, 100_000), 1.3*offer)
	sent, took, pause := w.offer(t, padded(9, m.size), offer, during)
	want := (m.rate*took.Seconds() + burst) / m.unit()
	var s ofp13.MeterStats
	awaitFor(t, patience, "what has passed has arrived", func() bool {
		s = c.meterStats(t, 1)
		return s.PacketInCount-s.Bands[0].PacketBandCount == uint64(arrived.n.Load())
	})
	passed, may := float64(arrived.n.Load()), max(0.03*want, 2)
	t.Logf("%.0f of %d passed, want %.0f", passed, sent, want)
	switch lost := sent - int(s.PacketInCount); {
	case passed > want+may:
		t.Errorf("%.0f of %d frames passed in %v, want %.0f, at most %.0f more", passed, sent, took, want, may)
	case passed < want-may && lost > sent/50:
		t.Logf("this machine has lost %d of %d frames before the meter, so that it had less to pass", lost, sent)
	case passed < want-may && pause > 100*time.Millisecond:
		t.Logf("this machine has stood still for %v, in which nothing came", pause)
	case passed < want-may:
		t.Errorf("%.0f of %d frames passed in %v, want %.0f, at most %.0f less", passed, sent, took, want, may)
	}
	if s.ByteInCount != s.PacketInCount*uint64(m.size) || s.FlowCount != 1 {
		t.Errorf("the meter counts %d bytes in %d packets of %d, and %d flows", s.ByteInCount, s.PacketInCount, m.size, s.FlowCount)
	}
}

// withDSCP is a UDP datagram over IPv4 or IPv6 with a DSCP.
func withDSCP(dscp uint8, v6 bool) []byte {
	if v6 {
		p := udp6Parts()
		p.ip6.TrafficClass = dscp << 2
		return p.frame()
	}
	p := udpParts()
	p.ip4.TOS = dscp << 2
	return p.frame()
}

// either returns the next frame of two wires, and whether it came by the second.
func either(t *testing.T, a, b *wire) (frame string, second bool) {
	t.Helper()
	await(t, "a frame arrives", func() bool {
		f := a.receive(0)
		second = false
		if f == nil {
			f, second = b.receive(0), true
		}
		frame = string(f)
		return f != nil
	})
	return frame, second
}

// What exceeds a band that remarks goes on with its drop precedence raised, and
// later tables see it so; what has none passes as it is.
func TestMeterRemarks(t *testing.T) {
	t.Parallel()
	const n = 20
	l := newLab(t, 3)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	arp := build(ether(layers.EthernetTypeARP), gopacket.Payload(make([]byte, 46)))
	for id, tt := range []struct {
		name         string
		levels       int
		in, raised   []byte
		toSecondPort bool
	}{
		{"IPv4 AF21", 1, withDSCP(18, false), withDSCP(20, false), true},
		{"IPv6 AF21", 2, withDSCP(18, true), withDSCP(22, true), false},
		{"best effort", 1, withDSCP(0, false), withDSCP(0, false), false},
		{"ARP", 1, arp, arp, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d.ofctl(t, "add-meter", fmt.Sprintf("meter=%d,pktps,burst,bands=type=dscp_remark,rate=1,burst_size=%d,prec_level=%d", id+1, n, tt.levels))
			d.setFlows(t, fmt.Sprintf("actions=meter:%d,goto_table:1", id+1),
				"table=1,priority=2,ip,ip_dscp=20,actions=output:3", "table=1,priority=1,actions=output:2")
			raised := 0
			for i := range 2 * n {
				w[0].send(t, tt.in)
				got, second := either(t, w[1], w[2])
				switch isRaised := got == string(tt.raised) && got != string(tt.in); {
				case !isRaised && got != string(tt.in):
					t.Fatalf("frame %d arrived as\n%s", i, describe([]byte(got)))
				case second != (isRaised && tt.toSecondPort):
					t.Fatalf("frame %d arrived at the second port: %t, as\n%s", i, second, describe([]byte(got)))
				case isRaised:
					raised++
				}
			}
			s := c.meterStats(t, uint32(id+1))
			if s.PacketInCount != 2*n || s.Bands[0].PacketBandCount < n-5 {
				t.Errorf("statistics %+v, want %d packets and nearly half of them remarked", s, 2*n)
			}
			if string(tt.raised) != string(tt.in) && raised != int(s.Bands[0].PacketBandCount) {
				t.Errorf("%d frames arrived remarked, the band counts %d", raised, s.Bands[0].PacketBandCount)
			}
		})
	}
}

// Packets through a meter to the controller are metered, be they the first ones
// or those of a cached flow; and the meter of all packet-ins measures them too.
func TestMetersOfPacketIns(t *testing.T) {
	t.Parallel()
	const burst, sent = 10, 25
	l := newLab(t, 1)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	d.ofctl(t, "add-meter", fmt.Sprintf("meter=1,pktps,burst,bands=type=drop,rate=1,burst_size=%d", burst))
	d.ofctl(t, "add-meter", "meter=controller,pktps,bands=type=drop,rate=1000")
	for _, tt := range []struct {
		flow string
		id   uint32
		all  string // of the meter of all packet-ins
		may  int
	}{
		{"cookie=0x71,udp,actions=meter:1,controller", 1, "rate=1000,burst_size=1000", burst},
		{"cookie=0x72,udp,actions=controller", ofp13.MeterController, "rate=1,burst_size=5", 5},
	} {
		d.setFlows(t, tt.flow)
		d.ofctl(t, "mod-meter", "meter=controller,pktps,burst,bands=type=drop,"+tt.all)
		before := c.meterStats(t, tt.id)
		begin := time.Now()
		for range sent {
			w[0].send(t, withTTL(1, 64))
			time.Sleep(5 * time.Millisecond) // below the limit of packet-ins
		}
		var s ofp13.MeterStats
		await(t, "all packets are metered", func() bool {
			s = c.meterStats(t, tt.id)
			return s.PacketInCount-before.PacketInCount == sent
		})
		heard := 0
		for int(s.PacketInCount-before.PacketInCount-s.Bands[0].PacketBandCount) > heard {
			expect(t, c.packetIns, "packet-in")
			heard++
		}
		c.noPacketIn(t, tt.flow)
		if more := int(time.Since(begin).Seconds()) + 2; heard < tt.may || heard > tt.may+more {
			t.Errorf("%s: %d packet-ins, want %d or a little more", tt.flow, heard, tt.may)
		}
	}
}

// A meter that goes takes the flows along that use it.
func TestDeletedMeter(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	d.ofctl(t, "add-meter", "meter=7,pktps,bands=type=drop,rate=100000")
	d.setFlows(t, "priority=2,udp,actions=meter:7,output:2", "priority=1,ip,actions=output:2")
	d.forwards(t, w[0], w[1], withTTL(1, 64), withTTL(1, 64), true)
	d.ofctl(t, "del-meter", "meter=7")
	d.checkFlows(t, "after its meter", "table=0, priority=1,ip actions=output:2")
	d.forwards(t, w[0], w[1], withTTL(1, 64), withTTL(1, 64), true)
	if out, err := d.tryOfctl("", "add-flow", "udp,actions=meter:7,output:2"); err == nil {
		t.Errorf("a flow with a meter that is not there was accepted: %s", out)
	}
}

// Two flows of one meter share it even where only one of them can be cached.
func TestMeterOfTwoPaths(t *testing.T) {
	t.Parallel()
	const burst, sent = 50, 100
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	d.ofctl(t, "add-meter", fmt.Sprintf("meter=1,pktps,burst,bands=type=drop,rate=1,burst_size=%d", burst))
	// No kernel writes an operation of ARP.
	d.setFlows(t, "arp,actions=meter:1,set_field:2->arp_op,output:2", "udp,actions=meter:1,output:2")
	arrived := w[1].count(t)
	arp := build(ether(layers.EthernetTypeARP), &layers.ARP{AddrType: 1, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6,
		ProtAddressSize: 4, Operation: 1, SourceHwAddress: ghostA, SourceProtAddress: ghostIPA,
		DstHwAddress: ghostB, DstProtAddress: ghostIPB}, gopacket.Payload(make([]byte, 18)))
	w[0].send(t, arp)
	time.Sleep(time.Second) // for the meter to move where both flows can ask it
	begin := time.Now()
	for range sent {
		w[0].send(t, arp)
		w[0].send(t, withTTL(1, 64))
		time.Sleep(time.Millisecond)
	}
	var s ofp13.MeterStats
	await(t, "all packets are metered", func() bool {
		s = c.meterStats(t, 1)
		return s.PacketInCount == 2*sent+1 && s.PacketInCount-s.Bands[0].PacketBandCount == uint64(arrived.n.Load())
	})
	if n, more := int(arrived.n.Load()), int(time.Since(begin).Seconds())+3; n < burst || n > burst+more {
		t.Errorf("%d of %d frames passed, want the burst, %d", n, 2*sent+1, burst)
	}
}
