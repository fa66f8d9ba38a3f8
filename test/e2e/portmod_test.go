package e2e

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// configure changes the configuration of a port.
func (c *controller) configure(t *testing.T, port, config, mask uint32) {
	t.Helper()
	p, ok := c.portDesc(t, port)
	if !ok {
		t.Fatalf("no port %d", port)
	}
	c.send(t, &ofp13.PortMod{PortNo: port, HWAddr: p.HWAddr, Config: config, Mask: mask})
	c.barrier(t)
	if p, _ = c.portDesc(t, port); p.Config&mask != config {
		t.Fatalf("port %d has configuration %#x, want %#x of %#x", port, p.Config, config, mask)
	}
}

// Each bit of a port's configuration does what it says, at once and also to
// cached flows, and is undone. NO_PACKET_IN is about table misses (§7.2.1).
func TestPortMod(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "udp,tp_dst=2,actions=output:2", "priority=0,actions=controller:65535")
	w := l.wires(t)
	c := d.connect(t)
	forward, up := udpFrame(1, 2, nil), udpFrame(1, 1, nil)
	works := func(what string) {
		t.Helper()
		for range 4 {
			w[0].send(t, forward)
			w[1].expect(t, what, forward)
			w[0].send(t, up)
			expect(t, c.packetIns, what+": packet-in")
		}
	}
	tests := []struct {
		name              string
		port, config      uint32
		forwards, tellsUp bool
	}{
		{"NO_RECV", 1, ofp13.PortConfigNoRecv, false, false},
		{"NO_FWD", 2, ofp13.PortConfigNoFwd, false, true},
		{"NO_PACKET_IN", 1, ofp13.PortConfigNoPacketIn, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			works("before")
			c.configure(t, tt.port, tt.config, tt.config)
			w[0].send(t, forward)
			w[0].send(t, up)
			if tt.config == ofp13.PortConfigNoRecv {
				w[0].send(t, lldpFrame()) // OpenFlow 1.0 spared IEEE 802.1D's frames; 1.3 spares none
			}
			if tt.forwards {
				w[1].expect(t, tt.name, forward)
			}
			if tt.tellsUp {
				expect(t, c.packetIns, tt.name+": packet-in")
			}
			w[1].expectNothing(t, tt.name)
			c.noPacketIn(t, tt.name)
			c.configure(t, tt.port, 0, tt.config)
			works("after")
		})
	}
}

// PORT_DOWN takes the interface down, and up again.
func TestPortDown(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "in_port=1,actions=output:2", "in_port=2,actions=output:1")
	c := d.connect(t)
	l.pingAll(t)
	c.configure(t, 2, ofp13.PortConfigDown, ofp13.PortConfigDown)
	await(t, "the interface is down", func() bool { return !l.Running("p2") })
	c.configure(t, 2, 0, ofp13.PortConfigDown)
	await(t, "the port is live", func() bool {
		p, _ := c.portDesc(t, 2)
		return l.Running("p2") && p.State&ofp13.PortStateLinkDown == 0
	})
	l.pingAll(t)
}
