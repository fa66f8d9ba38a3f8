package e2e

import (
	"bytes"
	"testing"
)

// Packet-ins of one port are limited to a few hundred a second after a
// burst, and those of another port come through meanwhile; LLDP is exempt.
func TestPacketInLimit(t *testing.T) {
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "priority=0,actions=controller")
	w := l.wires(t)
	c := d.connect(t)
	const flood = 2000
	for i := range flood {
		w[0].send(t, udpFrame(uint16(i), 1, nil))
	}
	other := udpFrame(1, 9, nil)
	w[1].send(t, other)
	first := false
	await(t, "the packet-in of the quiet port", func() bool {
		m := expect(t, c.packetIns, "packet-in")
		first = bytes.Equal(m.Data, other)
		return first
	})
	lldp := lldpFrame()
	for range 100 {
		w[0].send(t, lldp)
	}
	var links, rest int
	for len(c.packetIns) > 0 || links < 100 {
		if m := expect(t, c.packetIns, "packet-in"); bytes.Equal(m.Data, lldp) {
			links++
		} else {
			rest++
		}
	}
	if rest > flood/4 {
		t.Errorf("%d packet-ins of %d frames of one port in a moment", rest, flood)
	}
}
