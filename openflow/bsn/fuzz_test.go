package bsn

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// FuzzDecode decodes anything as anything, the first byte choosing. What
// decodes must encode to the same value, and what does not is a named error.
func FuzzDecode(f *testing.F) {
	kinds := goldens(f)
	for i, g := range kinds {
		f.Add(append([]byte{byte(i)}, unhex(f, g.wire)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		v := fresh(kinds[int(b[0])%len(kinds)].value)
		if err := decode(v, b[1:]); err != nil {
			var e *ofp13.Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is no *ofp13.Error", err)
			}
			return
		}
		again := fresh(v)
		wire := v.Append(nil)
		if err := decode(again, wire); err != nil {
			t.Fatalf("%+v encodes to what is refused: %v", v, err)
		}
		if d := diff(v, again); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
		if !bytes.Equal(again.Append(nil), wire) {
			t.Fatal("encoding is not stable")
		}
	})
}
