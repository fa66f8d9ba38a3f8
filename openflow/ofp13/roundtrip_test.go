package ofp13

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestRandomMessagesRoundTrip encodes and decodes random messages, into a
// fresh value and into one that an earlier message of its type has used.
func TestRandomMessagesRoundTrip(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(5, 6))}
	reused := map[reflect.Type]Message{}
	for range 500 {
		m := g.message()
		wire := m.AppendTo(nil, 7)
		if len(wire)&7 != 0 && !endsInData(m) {
			t.Errorf("%T has %d bytes, not a multiple of 8", m, len(wire))
		}
		typ := reflect.TypeOf(m)
		if reused[typ] == nil {
			reused[typ] = fresh(m)
		}
		for _, back := range []Message{fresh(m), reused[typ]} {
			if err := back.Decode(wire); err != nil {
				t.Fatalf("%+v: %v", m, err)
			}
			if d := diff(m, back); d != "" {
				t.Fatalf("(-want +got):\n%s", d)
			}
			if again := back.AppendTo(nil, 7); !bytes.Equal(again, wire) {
				t.Fatalf("%T encodes to other bytes the second time", m)
			}
		}
	}
}

// endsInData tells the messages whose end is free, or that have 12 bytes.
func endsInData(m Message) bool {
	switch m.(type) {
	case *ErrorMessage, *EchoRequest, *EchoReply, *Experimenter, *PacketIn, *PacketOut,
		*MultipartRequest, *MultipartReply, *GetConfigReply, *SetConfig:
		return true
	}
	return false
}

func TestRandomBodiesRoundTrip(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(7, 8))}
	reused := map[reflect.Type]body{}
	for range 500 {
		v := g.body()
		wire := v.Append(nil)
		typ := reflect.TypeOf(v)
		if reused[typ] == nil {
			reused[typ] = fresh(v)
		}
		for _, back := range []body{fresh(v), reused[typ]} {
			if err := decodeBody(back, wire); err != nil {
				t.Fatalf("%+v: %v", v, err)
			}
			if d := diff(v, back); d != "" {
				t.Fatalf("(-want +got):\n%s", d)
			}
		}
	}
}

// TestElementsDecodeOneByOne reads a run of elements as a session streams it.
func TestElementsDecodeOneByOne(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(9, 10))}
	var want []FlowStats
	var b []byte
	for range 20 {
		m := FlowStats{Cookie: g.u64(), Match: g.match(), Instructions: g.instructions()}
		want = append(want, m)
		b = m.Append(b)
	}
	var got []FlowStats
	for len(b) > 0 {
		var m FlowStats
		var err error
		if b, err = m.DecodeNext(b); err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
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

func TestCloneActions(t *testing.T) {
	list := []Action{{Type: ActionOutput, ID: 1}, {Type: ActionExperimenter, ID: 0x2320, Experimenter: []byte{1, 2, 3, 4}}}
	c := CloneActions(list)
	if d := diff(list, c); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	list[0].ID, list[1].Experimenter[0] = 9, 9
	if c[0].ID != 1 || c[1].Experimenter[0] != 1 {
		t.Errorf("the clone changed to %+v", c)
	}
	if CloneActions([]Action{}) != nil {
		t.Error("something is left of an empty list")
	}
}
