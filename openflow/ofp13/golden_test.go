package ofp13

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// golden is a message or body and its bytes, in hexadecimal; a # starts a
// comment that ends with the line.
type golden[T any] struct {
	name  string
	value T
	wire  string
}

// unhex reads the bytes of a golden.
func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			digits.WriteString(word)
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		tb.Fatalf("golden bytes: %v", err)
	}
	return b
}

// body is a multipart body or element.
type body interface{ Append(b []byte) []byte }

// exactBody is a body that stands alone.
type exactBody interface {
	body
	Decode(b []byte) error
}

// element is one of many in a body.
type element interface {
	body
	DecodeNext(b []byte) (rest []byte, err error)
}

// decodeBody decodes b as the only thing of its kind.
func decodeBody(v body, b []byte) error {
	if e, ok := v.(element); ok {
		rest, err := e.DecodeNext(b)
		if err == nil && len(rest) > 0 {
			err = badLen("%d bytes behind the element", len(rest))
		}
		return err
	}
	return v.(exactBody).Decode(b)
}

// fresh returns a zero value of v's type.
func fresh[T any](v T) T {
	return reflect.New(reflect.TypeOf(v).Elem()).Interface().(T)
}

// diff compares decoded values: an empty slice is as good as none.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// goldenXID is the transaction id of the golden messages.
const goldenXID = 0x01020304

func allGoldenMessages() []golden[Message] {
	var all []golden[Message]
	all = append(all, goldenSymmetric...)
	all = append(all, goldenSwitch...)
	all = append(all, goldenFlow...)
	return append(all, goldenGroup...)
}

func allGoldenBodies() []golden[body] {
	return append(append([]golden[body]{}, goldenFlowBodies...), goldenOtherBodies...)
}

func TestGoldenMessages(t *testing.T) {
	seen := map[uint8]bool{}
	for _, g := range allGoldenMessages() {
		t.Run(g.name, func(t *testing.T) {
			wire := unhex(t, g.wire)
			seen[wire[1]] = true
			prefix := []byte("kept")
			got := g.value.AppendTo(prefix, goldenXID)
			if !bytes.Equal(got[:4], prefix) {
				t.Error("AppendTo touched what was in the buffer")
			}
			if !bytes.Equal(got[4:], wire) {
				t.Errorf("encoded\n%sinstead of\n%s", hex.Dump(got[4:]), hex.Dump(wire))
			}
			back := fresh(g.value)
			if err := back.Decode(wire); err != nil {
				t.Fatalf("decode: %v", err)
			}
			if d := diff(g.value, back); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
		})
	}
	for typ := TypeHello; typ <= TypeMeterMod; typ++ {
		if !seen[typ] {
			t.Errorf("no golden bytes for message type %d", typ)
		}
	}
}

func TestGoldenBodies(t *testing.T) {
	for _, g := range allGoldenBodies() {
		t.Run(g.name, func(t *testing.T) {
			wire := unhex(t, g.wire)
			if got := g.value.Append(nil); !bytes.Equal(got, wire) {
				t.Errorf("encoded\n%sinstead of\n%s", hex.Dump(got), hex.Dump(wire))
			}
			back := fresh(g.value)
			if err := decodeBody(back, wire); err != nil {
				t.Fatalf("decode: %v", err)
			}
			if d := diff(g.value, back); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
		})
	}
}

// TestTruncation cuts every golden message short, with its header made to
// agree, and looks for a decoder that accepts what does not parse, or panics.
// Messages that end in free data may be shorter, and a hello may lack padding.
func TestTruncation(t *testing.T) {
	for _, g := range allGoldenMessages() {
		wire := unhex(t, g.wire)
		for n := range wire {
			cut := bytes.Clone(wire[:n])
			if n >= 4 {
				cut[2], cut[3] = byte(n>>8), byte(n)
			}
			m := fresh(g.value)
			if err := m.Decode(cut); err != nil {
				continue
			}
			if _, ok := m.(*Hello); ok && len(wire)-n < 8 {
				continue
			}
			if got := m.AppendTo(nil, goldenXID); !bytes.Equal(got, cut) {
				t.Errorf("%s cut to %d bytes decodes, but to something else", g.name, n)
			}
		}
	}
	for _, g := range allGoldenBodies() {
		wire := unhex(t, g.wire)
		for n := range wire {
			v := fresh(g.value)
			if decodeBody(v, wire[:n]) == nil && !bytes.Equal(v.Append(nil), wire[:n]) {
				t.Errorf("%s cut to %d bytes decodes, but to something else", g.name, n)
			}
		}
	}
}

// zeros is n zero bytes of a golden.
func zeros(n int) string { return strings.Repeat("00", n) }
