package openflow

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestAssembler(t *testing.T) {
	type step struct {
		part
		want string // the whole body, if this is the last part
		done bool
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"one part", []step{{part{1, 12, false, []byte("ab")}, "ab", true}}},
		{"three parts", []step{
			{part{1, 12, true, []byte("a")}, "", false},
			{part{1, 12, true, []byte("b")}, "", false},
			{part{1, 12, false, []byte("c")}, "abc", true},
		}},
		{"two requests interleaved", []step{
			{part{1, 12, true, []byte("a")}, "", false},
			{part{2, 12, true, []byte("x")}, "", false},
			{part{1, 12, false, []byte("b")}, "ab", true},
			{part{2, 12, false, []byte("y")}, "xy", true},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a assembler
			for i, s := range tt.steps {
				body, whole, err := a.add(s.part)
				if err != nil || whole != s.done || string(body) != s.want {
					t.Fatalf("step %d: %q, %t, %v; want %q, %t", i, body, whole, err, s.want, s.done)
				}
			}
			if len(a.open) != 0 || a.bytes != 0 {
				t.Errorf("%d requests of %d bytes are left open", len(a.open), a.bytes)
			}
		})
	}
}

// A part of another type than its xid's unfinished request is refused; that
// request waits on.
func TestAssemblerOtherType(t *testing.T) {
	var a assembler
	other := &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestBadMultipart}
	if _, whole, err := a.add(part{1, 12, true, []byte("a")}); whole || err != nil {
		t.Fatalf("first part: %t, %v", whole, err)
	}
	for _, more := range []bool{false, true} {
		if body, whole, err := a.add(part{1, 3, more, []byte("x")}); body != nil || whole || !errors.Is(err, other) {
			t.Errorf("another type, more %t: %q, %t, %v", more, body, whole, err)
		}
	}
	if body, whole, err := a.add(part{1, 12, false, []byte("b")}); string(body) != "ab" || !whole || err != nil {
		t.Errorf("last part: %q, %t, %v", body, whole, err)
	}
}

// A request that is too long is refused once, its last parts do not pass for a
// request of their own, and its memory is free again.
func TestAssemblerOverflow(t *testing.T) {
	var a assembler
	overflow := &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestMultipartBufferOverflow}
	chunk := make([]byte, 60000)
	refusals := 0
	for range 2 * maxAssembled / len(chunk) {
		_, whole, err := a.add(part{1, 12, true, chunk})
		if whole {
			t.Fatal("whole before the last part")
		}
		if errors.Is(err, overflow) {
			refusals++
		}
	}
	if refusals != 1 {
		t.Errorf("refused %d times, want once", refusals)
	}
	if body, whole, err := a.add(part{1, 12, false, chunk}); whole || err != nil || body != nil {
		t.Errorf("the last part gives %d bytes, %t, %v", len(body), whole, err)
	}
	if body, whole, err := a.add(part{1, 12, false, []byte("new")}); !whole || err != nil || !bytes.Equal(body, []byte("new")) {
		t.Errorf("the next request gives %q, %t, %v", body, whole, err)
	}
	if a.bytes != 0 {
		t.Errorf("%d bytes are still counted", a.bytes)
	}
}

// A request of endless parts is refused once too, even if they are empty.
func TestAssemblerParts(t *testing.T) {
	var a assembler
	overflow := &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestMultipartBufferOverflow}
	for n := range 3 * maxParts {
		if _, _, err := a.add(part{1, 12, true, nil}); errors.Is(err, overflow) != (n == maxParts) {
			t.Fatalf("part %d: %v", n, err)
		}
	}
	if _, whole, err := a.add(part{1, 12, false, nil}); whole || err != nil {
		t.Errorf("the last part: %t, %v", whole, err)
	}
}

// TestAssemblerModel compares with what is obvious: for each xid the type that
// began and the bodies that came since the last whole one.
func TestAssemblerModel(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var a assembler
	model := map[uint32]string{}
	types := map[uint32]uint16{}
	for range 50_000 {
		p := part{xid: random.Uint32N(6), typ: uint16(random.IntN(3)), more: random.IntN(3) > 0, body: make([]byte, random.IntN(40))}
		for i := range p.body {
			p.body[i] = byte(random.Uint32())
		}
		body, whole, err := a.add(p)
		if typ, ok := types[p.xid]; ok && typ != p.typ {
			if err == nil || whole {
				t.Fatalf("type %d amid one of type %d: whole %t, %v", p.typ, typ, whole, err)
			}
			continue
		}
		types[p.xid] = p.typ
		model[p.xid] += string(p.body)
		if err != nil || whole == p.more {
			t.Fatalf("more %t: whole %t, %v", p.more, whole, err)
		}
		if whole {
			if string(body) != model[p.xid] {
				t.Fatalf("body %x, want %x", body, model[p.xid])
			}
			delete(model, p.xid)
			delete(types, p.xid)
		}
	}
	bytes := 0
	for _, body := range model {
		bytes += len(body)
	}
	if len(a.open) != len(model) || a.bytes != bytes {
		t.Errorf("%d requests of %d bytes are open, want %d of %d", len(a.open), a.bytes, len(model), bytes)
	}
}

func TestAssemblerUnfinished(t *testing.T) {
	var a assembler
	for xid := range uint32(maxUnfinished) {
		if _, _, err := a.add(part{xid, 12, true, nil}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := a.add(part{maxUnfinished, 12, true, nil}); !errors.Is(err, errUnfinished) {
		t.Errorf("request %d: %v", maxUnfinished, err)
	}
}
