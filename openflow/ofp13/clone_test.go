package ofp13

import (
	"math/rand/v2"
	"testing"
)

// scribble decodes m, clones it, and then overwrites the bytes that m came from
// and decodes another message into m. The clone must stay what it was.
func scribble[T Message](t *testing.T, m, other T, clone func(T) T) {
	t.Helper()
	wire := m.AppendTo(nil, 1)
	decoded := fresh(m)
	if err := decoded.Decode(wire); err != nil {
		t.Fatal(err)
	}
	c := clone(decoded)
	for i := range wire[HeaderLen:] {
		wire[HeaderLen+i] ^= 0xff
	}
	if err := decoded.Decode(other.AppendTo(nil, 2)); err != nil {
		t.Fatal(err)
	}
	if d := diff(m, c); d != "" {
		t.Errorf("the clone changed (-want +got):\n%s", d)
	}
}

func TestClonesStandAlone(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(13, 14))}
	packetOut := func() *PacketOut { return &PacketOut{Actions: g.actions(), Data: g.bytes(20)} }
	groupMod := func() *GroupMod { return &GroupMod{Buckets: g.buckets()} }
	meterMod := func() *MeterMod { return &MeterMod{Bands: g.bands()} }
	for range 40 {
		scribble(t, g.flowMod(), g.flowMod(), (*FlowMod).Clone)
		scribble(t, packetOut(), packetOut(), (*PacketOut).Clone)
		scribble(t, groupMod(), groupMod(), (*GroupMod).Clone)
		scribble(t, meterMod(), meterMod(), (*MeterMod).Clone)
	}
}

// TestLongDataIsCut writes more than a message holds.
func TestLongDataIsCut(t *testing.T) {
	long := make([]byte, 70000)
	for _, m := range []Message{
		&PacketIn{Data: long}, &PacketOut{Data: long, Actions: goldenActions}, &ErrorMessage{Data: long},
		&ErrorMessage{Type: ErrTypeExperimenter, Data: long}, &EchoReply{Data: long}, &Experimenter{Data: long},
		&MultipartReply{Body: long},
	} {
		wire := m.AppendTo([]byte("before"), 1)[6:]
		if len(wire) != 0xffff {
			t.Errorf("%T has %d bytes, want 65535", m, len(wire))
		}
		if err := fresh(m).Decode(wire); err != nil {
			t.Errorf("%T: %v", m, err)
		}
	}
}
