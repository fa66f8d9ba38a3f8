package openflow

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// sized is a stream of elements of given sizes, filled with their index.
type sized struct{ sizes []int }

func (s *sized) Next(b []byte) ([]byte, bool) {
	if len(s.sizes) == 0 {
		return b, false
	}
	size := s.sizes[0]
	s.sizes = s.sizes[1:]
	return append(b, bytes.Repeat([]byte{byte(len(s.sizes))}, size)...), true
}

// TestPartsFill checks what makes up a multipart reply for random element
// sizes: nothing lost, no element split, each part as full as it can be, and
// REPLY_MORE on all but the last.
func TestPartsFill(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		sizes := make([]int, rng.IntN(200))
		var want []byte
		for i := range sizes {
			sizes[i] = 8 * (1 + rng.IntN(800))
			want = append(want, bytes.Repeat([]byte{byte(len(sizes) - 1 - i)}, sizes[i])...)
		}
		m := &multipart{typ: ofp13.MultipartFlow, xid: 7, stream: &sized{sizes: sizes}}
		var got []byte
		rest := sizes
		for more := true; more; {
			var part []byte
			part, more = m.nextPart(nil)
			checkPart(t, part, more)
			body := len(part) - ofp13.MultipartHeaderLen
			got = append(got, part[ofp13.MultipartHeaderLen:]...)
			for body > 0 {
				body -= rest[0]
				rest = rest[1:]
			}
			if body != 0 {
				t.Fatal("an element is split")
			}
			if more && len(part)+rest[0] <= maxMessageLen {
				t.Fatalf("part of %d bytes has room for %d more", len(part), rest[0])
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of elements, want %d", len(got), len(want))
		}
	}
}

func checkPart(t *testing.T, part []byte, more bool) {
	t.Helper()
	header := peekHeader(part)
	want := ofp13.Header{Version: 4, Type: ofp13.TypeMultipartReply, Length: uint16(len(part)), XID: 7}
	if header != want || len(part) > maxMessageLen {
		t.Fatalf("header %+v of a part of %d bytes", header, len(part))
	}
	if flag := binary.BigEndian.Uint16(part[10:]) == ofp13.MultipartMore; flag != more {
		t.Fatalf("REPLY_MORE is %t, parts follow: %t", flag, more)
	}
}

func TestEmptyListIsOnePart(t *testing.T) {
	m := &multipart{typ: ofp13.MultipartGroup, xid: 7, stream: noElements()}
	part, more := m.nextPart(nil)
	checkPart(t, part, more)
	if more || len(part) != ofp13.MultipartHeaderLen {
		t.Errorf("part of %d bytes, more: %t", len(part), more)
	}
}

// An element that no message can carry breaks the contract of Stream; it must
// not break the stream of bytes.
func TestOversizeElementIsLeftOut(t *testing.T) {
	m := &multipart{xid: 7, stream: &sized{sizes: []int{16, maxMessageLen, 24}}}
	part, more := m.nextPart(nil)
	checkPart(t, part, more)
	if len(part) != ofp13.MultipartHeaderLen+16+24 {
		t.Errorf("part has %d bytes", len(part))
	}
}

func TestNextPartReusesItsBuffer(t *testing.T) {
	buf := make([]byte, 0, 2*chunkSize)
	stream := &numbered{size: 96}
	m := &multipart{stream: stream}
	allocs := testing.AllocsPerRun(20, func() {
		stream.n += 1000
		for more := true; more; {
			_, more = m.nextPart(buf)
		}
	})
	// bytes.Repeat in the test's own stream makes one for each element.
	if allocs > 1010 {
		t.Errorf("%.0f allocations for 1000 elements", allocs)
	}
}

// Trap 4: Floodlight drops a switch whose port description has a second part, so
// the first is filled as far as it goes.
func TestPortDescFitsOnePart(t *testing.T) {
	for _, tt := range []struct{ ports, parts int }{{0, 1}, {1000, 1}, {1023, 1}, {1024, 2}} {
		c := start(t, &fakeSwitch{ports: tt.ports}, nil).connect()
		parts, err := c.Multipart(ofp.MultipartTypePortDescription, nil)
		must(t, err)
		if len(parts) != tt.parts {
			t.Errorf("%d ports come in %d parts, want %d", tt.ports, len(parts), tt.parts)
		}
	}
}
