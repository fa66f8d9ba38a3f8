package e2e

import (
	"net"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// acceptSwitch waits for the switch to connect and talks OpenFlow with it. It
// returns the auxiliary id of the connection too.
func acceptSwitch(t *testing.T, l net.Listener) (*controller, uint8) {
	t.Helper()
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := converse(t, conn)
	var features ofp13.FeaturesReply
	c.request(t, &ofp13.FeaturesRequest{}, &features)
	if features.DatapathID != 0xaa {
		t.Errorf("datapath id %#x", features.DatapathID)
	}
	return c, features.AuxiliaryID
}

// With --aux-connections packet-ins come by the auxiliary connections, which obey
// like the main one and end with it.
func TestAuxiliaryConnections(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	listener := l.listenForSwitch(t)
	d := l.start(t, "-c", controllerAddress, "--aux-connections", "2")
	conns := make([]*controller, 3)
	for range conns {
		c, id := acceptSwitch(t, listener)
		conns[id] = c
	}
	w := l.wires(t)
	conns[1].send(t, flow(ofp13.FlowMod{Instructions: apply(outputTo(ofp13.PortController))}))
	conns[1].barrier(t)
	for id, c := range conns {
		if n := len(d.stat(t).Controllers); n != 3 {
			t.Errorf("%d connections in the status", n)
		}
		frame := udpFrame(uint16(id), 1, nil)
		c.send(t, &ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: ofp13.PortController, Actions: []ofp13.Action{outputTo(2)}, Data: frame})
		w[1].expect(t, "packet-out", frame)
	}
	frame := udpFrame(7, 1, nil)
	var by [3]int
	for range 6 {
		w[0].send(t, frame)
		select {
		case <-conns[0].packetIns:
			by[0]++
		case <-conns[1].packetIns:
			by[1]++
		case <-conns[2].packetIns:
			by[2]++
		case <-time.After(patience):
			t.Fatal("no packet-in")
		}
	}
	if by != [3]int{0, 6, 0} && by != [3]int{0, 0, 6} {
		t.Errorf("packet-ins of one flow by connection: %v", by)
	}
	conns[0].conn.Close()
	again := map[uint8]bool{}
	for range conns {
		_, id := acceptSwitch(t, listener)
		again[id] = true
	}
	if len(again) != 3 {
		t.Errorf("connections that came back: %v", again)
	}
}
