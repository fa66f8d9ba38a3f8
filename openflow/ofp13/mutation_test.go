package ofp13

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestDamagedMessages flips bits of random good messages. Nothing may panic,
// every refusal must be an *Error, and what is accepted must survive a round
// trip. The fuzz targets do the same for longer.
func TestDamagedMessages(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(17, 18))}
	accepted, refused := 0, 0
	for range 10000 {
		m := g.message()
		wire := m.AppendTo(nil, 1)
		for range 1 + g.below(3) {
			at := HeaderLen + g.below(max(len(wire)-HeaderLen, 1))
			if at < len(wire) {
				wire[at] ^= 1 << g.below(8)
			}
		}
		back := fresh(m)
		if err := back.Decode(wire); err != nil {
			refused++
			checkRefusal(t, err)
			continue
		}
		accepted++
		first := back.AppendTo(nil, 1)
		again := fresh(m)
		if err := again.Decode(first); err != nil {
			t.Fatalf("%T encodes to what is refused: %v", m, err)
		}
		if !bytes.Equal(again.AppendTo(nil, 1), first) {
			t.Fatalf("%T does not survive a round trip", m)
		}
	}
	if accepted < 500 || refused < 500 {
		t.Errorf("%d accepted, %d refused: the test says little", accepted, refused)
	}
}

// TestDamagedBodies does the same with multipart bodies.
func TestDamagedBodies(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(19, 20))}
	for range 5000 {
		v := g.body()
		wire := v.Append(nil)
		wire[g.below(len(wire))] ^= 1 << g.below(8)
		back := fresh(v)
		if err := decodeBody(back, wire); err != nil {
			checkRefusal(t, err)
			continue
		}
		first := back.Append(nil)
		again := fresh(v)
		if err := decodeBody(again, first); err != nil {
			t.Fatalf("%T encodes to what is refused: %v", v, err)
		}
		if !bytes.Equal(again.Append(nil), first) {
			t.Fatalf("%T does not survive a round trip", v)
		}
	}
}
