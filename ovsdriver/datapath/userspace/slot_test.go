package userspace

import (
	"bytes"
	"errors"
	"net"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// TestFramesOutliveClose reads frames of the last batch after Close: they are the
// caller's until it calls Receive again, which gives their memory back.
func TestFramesOutliveClose(t *testing.T) {
	l := newLab(t, 1)
	d, w := l.byHand(1)
	f := udp(1, nobody, 64, 7)
	l.wire(1).mustSend(f)
	batch := make([]datapath.Upcall, 1)
	if n, err := w.Receive(batch); n != 1 || err != nil {
		t.Fatalf("%d upcalls, %v", n, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(batch[0].Frame.Bytes(), f) {
		t.Error("the frame is another after Close")
	}
	for range 2 {
		if n, err := w.Receive(batch); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %d upcalls, %v", n, err)
		}
	}
	if len(w.slots.mapped) != 0 {
		t.Error("the memory of frames is still mapped")
	}
}

// TestCloseUnmapsSlots closes a datapath none of whose frames is in use.
func TestCloseUnmapsSlots(t *testing.T) {
	l := newLab(t, 1)
	d, w := l.byHand(1)
	d.send.slots.get()
	if len(w.slots.mapped) == 0 || len(d.send.slots.mapped) == 0 {
		t.Fatal("nothing is mapped")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if len(w.slots.mapped) != 0 || len(d.send.slots.mapped) != 0 {
		t.Error("the memory of frames is still mapped")
	}
	if _, ok := w.slots.get(); ok {
		t.Error("a closed pool gives a slot")
	}
}
