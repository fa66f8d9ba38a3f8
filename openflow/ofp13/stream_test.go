package ofp13

import (
	"bytes"
	"testing"
)

func TestElementsStream(t *testing.T) {
	list := Elements[*TableStats]{{TableID: 1}, {TableID: 2}}
	want := append([]byte("kept"), list[0].Append(nil)...)
	var stream Stream = &list
	b, ok := stream.Next([]byte("kept"))
	if !ok || !bytes.Equal(b, want) {
		t.Errorf("first: %x, %v; want %x", b, ok, want)
	}
	want = list[0].Append(want)
	if b, ok = stream.Next(b); !ok || !bytes.Equal(b, want) {
		t.Errorf("second: %x, %v; want %x", b, ok, want)
	}
	if b, ok = stream.Next(b); ok || !bytes.Equal(b, want) {
		t.Errorf("after the last: %x, %v; want %x", b, ok, want)
	}
}
