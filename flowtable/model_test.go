package flowtable

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// model is the slow and obvious classifier: entries in the order in which they
// were added.
type model struct{ entries []*Entry[int] }

func (m *model) index(match *Match, priority uint16) int {
	return slices.IndexFunc(m.entries, func(e *Entry[int]) bool {
		return e.Match() == *match && e.Priority == priority
	})
}

func (m *model) find(match *Match, priority uint16) *Entry[int] {
	if i := m.index(match, priority); i >= 0 {
		return m.entries[i]
	}
	return nil
}

func (m *model) insert(e *Entry[int]) (replaced *Entry[int]) {
	match := e.Match()
	if i := m.index(&match, e.Priority); i >= 0 {
		replaced, m.entries[i] = m.entries[i], e
		return replaced
	}
	m.entries = append(m.entries, e)
	return nil
}

// matches reports whether k fits an entry.
func matches(e *Entry[int], k *Key) bool {
	m := e.Match()
	return m.Matches(k)
}

// exact makes an entry that matches one field.
func exact(f Field, value uint64, priority uint16) *Entry[int] {
	var m Match
	m.Exact(f, value)
	return NewEntry(&m, priority, 0)
}

func (m *model) remove(e *Entry[int]) bool {
	i := slices.Index(m.entries, e)
	if i < 0 {
		return false
	}
	m.entries = slices.Delete(m.entries, i, i+1)
	return true
}

func (m *model) lookup(k *Key) *Entry[int] {
	var best *Entry[int]
	for _, e := range m.entries {
		if matches(e, k) && (best == nil || e.Priority > best.Priority) {
			best = e
		}
	}
	return best
}

// selects reports whether a filter selects an entry, by the words of Filter.
func selects(f *Filter[int], e *Entry[int]) bool {
	match := e.Match()
	if f.Strict && (e.Priority != f.Priority || match != f.Match) || !f.Strict && !isWithin(&match, &f.Match) {
		return false
	}
	return e.Cookie&f.CookieMask == f.Cookie&f.CookieMask && (f.Keep == nil || f.Keep(e))
}

func (m *model) selected(f *Filter[int]) []*Entry[int] {
	var all []*Entry[int]
	for _, e := range m.entries {
		if selects(f, e) {
			all = append(all, e)
		}
	}
	return all
}

// masks of which random matches are made: nested, crossing, empty, of stand-
// alone words and others, even and odd numbers of words.
var testMasks = func() []Mask {
	build := func(fields ...Field) (m Mask) {
		for _, f := range fields {
			m.Exact(f)
		}
		return m
	}
	prefix := func(bits uint64, fields ...Field) Mask {
		m := build(fields...)
		m.Add(IPv4Dst, bits)
		return m
	}
	return []Mask{
		{},
		build(InPort), build(EthType), build(EthDst), build(InPort, EthDst, VLANVID),
		build(EthType, IPProto), build(EthType, IPProto, L4Dst), build(L4Dst), build(ARPOp),
		prefix(0xff000000), prefix(0xffff0000, EthType), prefix(0xffffffff, EthType), prefix(1),
		build(InPort, EthSrc, EthDst, EthType, VLANTCI, IPv4Src, IPv4Dst, IPProto, L4Src, L4Dst),
		build(Metadata), build(Metadata, EthDst), build(EthType, IPv6DstHi, IPv6DstLo),
	}
}()

// testValues are those whose values differ among random keys, each with few
// values, so that matches collide, nest and overlap often.
var testValues = map[Field][]uint64{
	InPort: {1, 2, 0xfffffffe}, EthDst: {1, 2}, EthSrc: {1, 2},
	EthType: {0x0800, 0x0806, 0x86dd}, VLANTCI: {0, 0x1000, 0x1005},
	IPProto: {0, 6, 17}, IPv4Src: {0x0a000001, 0x0a000002},
	IPv4Dst: {0x0a000001, 0x0a000002, 0x0a010001, 0x0b000001},
	L4Src:   {1, 2}, L4Dst: {53, 80}, ARPOp: {1, 2},
	IPv6DstHi: {0, 1 << 63}, IPv6DstLo: {1, 2}, Metadata: {0, 7},
}

var testFields = []Field{
	InPort, EthDst, EthSrc, EthType, VLANTCI, IPProto, IPv4Src, IPv4Dst,
	L4Src, L4Dst, ARPOp, IPv6DstHi, IPv6DstLo, Metadata,
}

func randomKey(rng *rand.Rand) (k Key) {
	for _, f := range testFields {
		values := testValues[f]
		k.Set(f, values[rng.IntN(len(values))])
	}
	return k
}

func randomMatch(rng *rand.Rand) (m Match) {
	k := randomKey(rng)
	m.Mask = testMasks[rng.IntN(len(testMasks))]
	m.Mask.Apply(&k, &m.Key)
	return m
}

func randomEntry(rng *rand.Rand) *Entry[int] {
	m := randomMatch(rng)
	e := NewEntry(&m, uint16(rng.IntN(5)), int(rng.Int32()))
	e.Cookie = rng.Uint64N(4)
	return e
}

// scramble returns k with random bits where wild leaves it open.
func scramble(rng *rand.Rand, k Key, wild *Mask) Key {
	other := randomKey(rng)
	for i := range k {
		noise := other[i]
		if rng.IntN(2) == 0 {
			noise = rng.Uint64()
		}
		k[i] = k[i]&wild[i] | noise&^wild[i]
	}
	return k
}

// sameEntries reports whether a and b hold the same entries, in any order.
func sameEntries(t *testing.T, what string, got, want []*Entry[int]) {
	t.Helper()
	seen := make(map[*Entry[int]]int)
	for _, e := range want {
		seen[e]++
	}
	for _, e := range got {
		seen[e]--
	}
	for e, n := range seen {
		if n != 0 {
			t.Fatalf("%s: %d entries, want %d; first difference %v priority %d", what, len(got), len(want), e.Match(), e.Priority)
		}
	}
}
