package e2e

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// A packet-out to each kind of port.
func TestPacketOut(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.setFlows(t, "cookie=0x21,in_port=2,actions=output:3,controller")
	w := l.wires(t)
	c := d.connect(t)
	frame := udpFrame(1, 2, nil)
	edited := udpFrame(1, 7, nil)
	tests := []struct {
		name    string
		inPort  uint32
		actions []ofp13.Action
		want    [3][]byte // at hosts 1, 2, 3
	}{
		{"to a port", ofp13.PortController, []ofp13.Action{outputTo(2)}, [3][]byte{nil, frame, nil}},
		{"to two ports, edited between", ofp13.PortController,
			[]ofp13.Action{outputTo(2), setField(ofp13.OXMUDPDst, 7), outputTo(3)}, [3][]byte{nil, frame, edited}},
		{"to ALL", ofp13.PortController, []ofp13.Action{outputTo(ofp13.PortAll)}, [3][]byte{frame, frame, frame}},
		{"to ALL but its own", 1, []ofp13.Action{outputTo(ofp13.PortAll)}, [3][]byte{nil, frame, frame}},
		{"to FLOOD but its own", 2, []ofp13.Action{outputTo(ofp13.PortFlood)}, [3][]byte{frame, nil, frame}},
		{"back to IN_PORT", 3, []ofp13.Action{outputTo(ofp13.PortInPort)}, [3][]byte{nil, nil, frame}},
		{"to its own port, not as IN_PORT", 3, []ofp13.Action{outputTo(3)}, [3][]byte{}},
		{"through the tables", 2, []ofp13.Action{outputTo(ofp13.PortTable)}, [3][]byte{nil, nil, frame}},
		{"to no port", ofp13.PortController, nil, [3][]byte{}},
		{"with in_port 0", 0, []ofp13.Action{outputTo(1)}, [3][]byte{frame, nil, nil}},
		{"with in_port ANY", ofp13.PortAny, []ofp13.Action{outputTo(1)}, [3][]byte{frame, nil, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.send(t, packetOut(tt.inPort, frame, tt.actions...))
			c.barrier(t)
			for i, want := range tt.want {
				if want != nil {
					w[i].expect(t, tt.name, want)
				}
			}
		})
	}
	expectSilence(t, "after all packet-outs", w...)
	c.checkPacketIn(t, "through the tables", wantPacketIn{ofp13.ReasonAction, 0, 0x21, 2, 0, frame})
}

// What is wrong with a packet-out is told.
func TestBadPacketOut(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	c := l.start(t).connect(t)
	frame := udpFrame(1, 2, nil)
	unknownBuffer := packetOut(1, nil, outputTo(1))
	unknownBuffer.BufferID = 5
	tests := []struct {
		name      string
		m         *ofp13.PacketOut
		typ, code uint16
	}{
		{"unknown buffer", unknownBuffer, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown},
		{"port that can't be", packetOut(1, frame, outputTo(ofp13.PortAny)), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"NORMAL", packetOut(1, frame, outputTo(ofp13.PortNormal)), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"no whole Ethernet header", packetOut(1, frame[:13], outputTo(1)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPacket},
	}
	for _, tt := range tests {
		c.refused(t, tt.name, tt.m, tt.typ, tt.code)
	}
}

// packetOut makes a packet-out of a whole frame.
func packetOut(inPort uint32, frame []byte, actions ...ofp13.Action) *ofp13.PacketOut {
	return &ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: inPort, Actions: actions, Data: frame}
}

// setField is an action that sets a field of at most 8 bytes.
func setField(field uint8, value uint64) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(field, value)}
}
