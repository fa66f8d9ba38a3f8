package datapathtest

import (
	"bytes"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Harness is a fresh datapath and the interfaces around it, made for one case
// of Run. Its methods are called by the test's goroutine, save Send, which any
// goroutine may call.
type Harness interface {
	// Datapath returns the datapath, which has no ports yet, and whose
	// Receivers was not called. The suite closes it.
	Datapath() datapath.Datapath

	// NewInterface makes an interface, up and with a far end, and returns its
	// name.
	NewInterface(t *testing.T) string

	// RemoveInterface removes one behind the datapath's back.
	RemoveInterface(t *testing.T, name string)

	// Send puts a frame on the wire at an interface's far end, so that it
	// comes in by the interface.
	Send(t testing.TB, name string, frame []byte)

	// Receive returns the next frame of the suite's own (see Ours) that came
	// out of an interface, tags in it, or nil if none does within the limit.
	Receive(t *testing.T, name string, limit time.Duration) []byte
}

// stationPrefix begins the source address of every frame that the suite sends;
// the second bit of the first byte says that it is locally administered.
var stationPrefix = []byte{0x02, 0x1e, 0x57}

// Ours reports whether a frame was sent by the suite. A harness over real
// interfaces passes over the others, which the host sends of its own accord.
func Ours(frame []byte) bool {
	return len(frame) >= 12 && bytes.HasPrefix(frame[6:], stationPrefix)
}

// FakeHarness is a Harness over a Fake.
type FakeHarness struct {
	Fake *Fake
	made int
}

// Datapath implements Harness.
func (h *FakeHarness) Datapath() datapath.Datapath { return h.Fake }

// NewInterface implements Harness.
func (h *FakeHarness) NewInterface(*testing.T) string {
	h.made++
	name := "test" + string(rune('a'+h.made))
	h.Fake.AddInterface(name)
	return name
}

// RemoveInterface implements Harness.
func (h *FakeHarness) RemoveInterface(_ *testing.T, name string) { h.Fake.RemoveInterface(name) }

// Send implements Harness.
func (h *FakeHarness) Send(_ testing.TB, name string, frame []byte) {
	if no, ok := h.portOf(name); ok {
		h.Fake.Inject(no, frame)
	}
}

// Receive implements Harness.
func (h *FakeHarness) Receive(_ *testing.T, name string, limit time.Duration) []byte {
	if no, ok := h.portOf(name); ok {
		return h.Fake.Next(no, limit)
	}
	return nil
}

func (h *FakeHarness) portOf(name string) (datapath.PortNo, bool) {
	ports, err := h.Fake.ListPorts(nil)
	if err != nil {
		return 0, false
	}
	for _, spec := range ports {
		if spec.Name == name {
			return spec.No, true
		}
	}
	return 0, false
}
