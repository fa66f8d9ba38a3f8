package e2e

import (
	"bytes"
	"testing"
	"time"
)

// Packet-ins of one port are limited to a few hundred a second after a burst,
// and those of another port come through meanwhile; LLDP is exempt.
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
	noisy := c.askUntilHeard(t, w[1], udpFrame(1, 9, nil))
	lldp := lldpFrame()
	for range 100 {
		noisy += c.askUntilHeard(t, w[0], lldp)
	}
	if noisy > flood/4 {
		t.Errorf("%d packet-ins of %d frames of one port in a moment", noisy, flood)
	}
}

// askUntilHeard sends a frame, again after some time as hosts do since any frame
// may be lost, until its packet-in comes. It counts those of other frames.
func (c *controller) askUntilHeard(t *testing.T, w *wire, frame []byte) (others int) {
	t.Helper()
	again := time.NewTicker(quiet)
	defer again.Stop()
	w.send(t, frame)
	for deadline := time.Now().Add(patience); ; {
		select {
		case m := <-c.packetIns:
			if bytes.Equal(m.Data, frame) {
				return others
			}
			others++
		case <-again.C:
			if time.Now().After(deadline) {
				t.Fatalf("no packet-in of\n%s", describe(frame))
			}
			w.send(t, frame)
		}
	}
}
