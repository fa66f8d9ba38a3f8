package e2e

import (
	"testing"

	"github.com/gopacket/gopacket/layers"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// withTTL is a UDP datagram to a port over IPv4, withHops one over IPv6.
func withTTL(dst layers.UDPPort, ttl uint8) []byte {
	p := udpParts()
	p.udp.DstPort, p.ip4.TTL = dst, ttl
	return p.frame()
}

func withHops(hops uint8) []byte {
	p := udp6Parts()
	p.ip6.HopLimit = hops
	return p.frame()
}

// setTTLFlows are flows that decrement and set TTLs.
func (d *daemon) setTTLFlows(t *testing.T) {
	t.Helper()
	d.setFlows(t,
		"cookie=0x61,udp,tp_dst=1,actions=dec_ttl,output:2",
		"cookie=0x62,udp,tp_dst=2,actions=mod_nw_ttl:9,output:2",
		"cookie=0x63,udp6,actions=dec_ttl,output:2")
}

// TTLs are set and decremented, and checksums kept.
func TestTTL(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setTTLFlows(t)
	w := l.wires(t)
	for _, tt := range []struct {
		name     string
		in, want []byte
	}{
		{"dec 64", withTTL(1, 64), withTTL(1, 63)},
		{"dec 2", withTTL(1, 2), withTTL(1, 1)},
		{"set 9", withTTL(2, 64), withTTL(2, 9)},
		{"set 9 from 0", withTTL(2, 0), withTTL(2, 9)},
		{"dec IPv6 255", withHops(255), withHops(254)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range repeats {
				w[0].send(t, tt.in)
				w[1].expect(t, tt.name, tt.want)
			}
		})
	}
}

// A packet whose TTL would fall to 0 goes to the controllers that want it, as it
// came, and nowhere else.
func TestInvalidTTL(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setTTLFlows(t)
	w := l.wires(t)
	c := d.connect(t)
	// Equal controllers hear of these only if they ask.
	c.send(t, &ofp13.SetAsync{AsyncConfig: ofp13.AsyncConfig{
		PacketInMask: [2]uint32{1 << ofp13.ReasonInvalidTTL, 0}}})
	c.barrier(t)
	for _, tt := range []struct {
		name   string
		cookie uint64
		in     []byte
	}{
		{"dec 1", 0x61, withTTL(1, 1)},
		{"dec 0", 0x61, withTTL(1, 0)},
		{"dec IPv6 1", 0x63, withHops(1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range repeats {
				w[0].send(t, tt.in)
				c.checkPacketIn(t, tt.name, wantPacketIn{ofp13.ReasonInvalidTTL, 0, tt.cookie, 1, 0, tt.in})
			}
			w[1].expectNothing(t, tt.name)
		})
	}
}
