package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
)

// stack runs pushes (+) and pops (-) on a frame with two tags and returns the
// walk's key, what is written of it, and the stack.
func stack(moves string) (k flowtable.Key, written flowtable.Mask, s tagStack) {
	k = *key(flowtable.VLANTCI, 0x3005, flowtable.VLANTPID, 0x88a8, flowtable.VLAN2TCI, 0x1006, flowtable.VLAN2TPID, 0x8100)
	s.init(&k)
	for _, move := range moves {
		s.load(&k, &written)
		if move == '+' {
			s.push(0x8100)
		} else {
			s.pop()
		}
		s.store(&k, &written)
	}
	return k, written, s
}

func TestTagStack(t *testing.T) {
	tests := []struct {
		moves        string
		outer, tpid  uint64
		second       uint64
		outerWritten uint64
	}{
		{"", 0x3005, 0x88a8, 0x1006, 0},
		{"+", 0x3005, 0x8100, 0x3005, 0x1000}, // a copy, whose presence is certain
		{"-", 0x1006, 0x8100, 0, 0},
		{"--", 0, 0, 0, 0xffff},
		{"+-", 0x3005, 0x88a8, 0x1006, 0},
		{"-+", 0x1006, 0x8100, 0x1006, 0x1000},
		{"--+", 0x1000, 0x8100, 0, 0xffff},
		{"++++----", 0x3005, 0x88a8, 0x1006, 0},
	}
	for _, test := range tests {
		k, written, _ := stack(test.moves)
		if k.Get(flowtable.VLANTCI) != test.outer || k.Get(flowtable.VLANTPID) != test.tpid || k.Get(flowtable.VLAN2TCI) != test.second {
			t.Errorf("%q: outer %#x of type %#x, second %#x", test.moves,
				k.Get(flowtable.VLANTCI), k.Get(flowtable.VLANTPID), k.Get(flowtable.VLAN2TCI))
		}
		if got := written.Get(flowtable.VLANTCI); got != test.outerWritten {
			t.Errorf("%q: %#x of the outer tag is written", test.moves, got)
		}
	}
	if _, _, s := stack("++++"); !s.full() {
		t.Error("six places are in use and there is a seventh")
	}
	if _, _, s := stack("++++-"); s.full() {
		t.Error("full after a pop")
	}
}

// Where bits of the key come from, and where bits of the frame are now.
func TestTagStackOrigins(t *testing.T) {
	outer, second := mask(flowtable.VLANTCI, 0x1003), mask(flowtable.VLAN2TCI, 0x1003)
	both, none := mask(flowtable.VLANTCI, 0x1003, flowtable.VLAN2TCI, 0x1003), mask()
	tests := []struct {
		moves           string
		look            flowtable.Mask // at the key
		from            flowtable.Mask // of the frame
		known, presents flowtable.Mask // of the frame, in the key
	}{
		{"", outer, outer, second, second},
		{"-", outer, second, second, outer},
		{"-", second, none, outer, none},
		{"+", outer, outer, outer, both}, // the pushed tag is a copy
		{"+", second, outer, second, none},
		{"+-", second, second, second, second},
		{"--", outer, none, both, none},
	}
	for _, test := range tests {
		_, _, s := stack(test.moves)
		look := test.look
		var got flowtable.Mask
		if s.origins(&look, &got); got != test.from {
			t.Errorf("%q: a look at %v is one at %v, want %v", test.moves, test.look, got, test.from)
		}
		got = flowtable.Mask{}
		if s.presents(&test.known, &got); got != test.presents {
			t.Errorf("%q: %v of the frame is %v of the key, want %v", test.moves, test.known, got, test.presents)
		}
	}
}
