package datapathtest

import (
	"bytes"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// TestNetwork sends frames through a veth pair both ways.
func TestNetwork(t *testing.T) {
	n := NewNetwork(t)
	name := n.NewInterface(t)
	near, err := OpenPacketSocket(name)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	for what, frame := range shapes() {
		n.Send(t, name, frame)
		got, err := near.Receive(patience)
		if err != nil || !bytes.Equal(got, frame) {
			t.Errorf("%s: came in as\n%x (%v), want\n%x", what, got, err, frame)
		}
		if err := near.Send(frame); err != nil {
			t.Fatal(err)
		}
		if got := n.Receive(t, name, patience); !bytes.Equal(got, frame) {
			t.Errorf("%s: went out as\n%x, want\n%x", what, got, frame)
		}
	}
	foreign := bytes.Clone(ARP(2, 1))
	foreign[6] = 0x06
	if err := near.Send(foreign); err != nil {
		t.Fatal(err)
	}
	if got := n.Receive(t, name, 20*time.Millisecond); got != nil {
		t.Errorf("received %x, which is not the suite's own", got)
	}
	n.RemoveInterface(t, name)
	n.Send(t, name, ARP(2, 1))
	if got := n.Receive(t, name, 20*time.Millisecond); got != nil {
		t.Errorf("received %x from a removed interface", got)
	}
}

// TestFrames holds the suite's frames to what they say of themselves.
func TestFrames(t *testing.T) {
	f := NewFrame(UDP(2, 1, 80, 7))
	b := f.Bytes()
	if got := onesSum(b[14:34]); got != 0xffff {
		t.Errorf("IPv4 header sums to %#x, want 0xffff", got)
	}
	// Pseudo header and datagram, padded to an even length.
	segment := append(append([]byte{}, b[26:34]...), 0, packet.ProtoUDP, 0, 15)
	segment = append(append(segment, b[34:]...), 0)
	if got := onesSum(segment); got != 0xffff {
		t.Errorf("UDP datagram sums to %#x, want 0xffff", got)
	}
	if !Ours(b) || Ours(b[:11]) || Ours(Tagged(0x8100, 1, make([]byte, 60))) {
		t.Error("Ours does not know the suite's frames")
	}
}
