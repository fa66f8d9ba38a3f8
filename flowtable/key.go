package flowtable

import (
	"fmt"
	"strings"
)

// Key holds the fields of one frame, and of its way through the tables, in
// fixed 64-bit words: host-order integers, see Field for the views. Fields
// that a frame does not have are zero. A Key is a value; nobody owns it.
type Key [Words]uint64

// Mask selects bits of a Key: one means significant. Words that a mask leaves
// out are never read.
type Mask [Words]uint64

// Get returns field f, right-aligned.
func (k *Key) Get(f Field) uint64 {
	v := views[f]
	return k[v.Word] >> v.Shift & (^uint64(0) >> (64 - v.Bits))
}

// Set writes field f; bits of value beyond the field's width are dropped.
func (k *Key) Set(f Field, value uint64) {
	v := views[f]
	ones := ^uint64(0) >> (64 - v.Bits)
	k[v.Word] = k[v.Word]&^(ones<<v.Shift) | value&ones<<v.Shift
}

// Get returns the bits of field f that are significant, right-aligned.
func (m *Mask) Get(f Field) uint64 { return (*Key)(m).Get(f) }

// Set makes exactly these bits of field f significant.
func (m *Mask) Set(f Field, bits uint64) { (*Key)(m).Set(f, bits) }

// Add makes these bits of field f significant as well.
func (m *Mask) Add(f Field, bits uint64) {
	v := views[f]
	m[v.Word] |= bits & (^uint64(0) >> (64 - v.Bits)) << v.Shift
}

// Exact makes the whole of field f significant.
func (m *Mask) Exact(f Field) { m.Add(f, ^uint64(0)) }

// Merge makes significant what other makes significant.
func (m *Mask) Merge(other *Mask) {
	for i, w := range other {
		m[i] |= w
	}
}

// Covers reports whether every bit of other is significant in m too.
func (m *Mask) Covers(other *Mask) bool {
	for i, w := range other {
		if w&^m[i] != 0 {
			return false
		}
	}
	return true
}

// Apply sets dst to the bits of k that m selects.
func (m *Mask) Apply(k, dst *Key) {
	for i, w := range m {
		dst[i] = k[i] & w
	}
}

// Match is a pattern: the frames whose key equals Key in every bit of Mask.
// Bits of Key outside Mask are zero.
type Match struct {
	Key  Key
	Mask Mask
}

// Exact adds "field f equals value" to the pattern.
func (m *Match) Exact(f Field, value uint64) {
	m.Mask.Exact(f)
	m.Key.Set(f, value)
}

// Masked adds "field f equals value in these bits" to the pattern.
func (m *Match) Masked(f Field, value, bits uint64) {
	m.Mask.Add(f, bits)
	m.Key.Set(f, m.Key.Get(f)&^bits|value&bits)
}

// Matches reports whether k fits the pattern.
func (m *Match) Matches(k *Key) bool {
	for i, w := range m.Mask {
		if (k[i]^m.Key[i])&w != 0 {
			return false
		}
	}
	return true
}

// Overlaps reports whether one key can fit both patterns.
func (m *Match) Overlaps(other *Match) bool {
	for i := range m.Mask {
		if (m.Key[i]^other.Key[i])&m.Mask[i]&other.Mask[i] != 0 {
			return false
		}
	}
	return true
}

// String shows the non-zero words in hexadecimal; for test failures and logs.
func (k Key) String() string { return hexWords(k[:]) }

// String shows the non-zero words in hexadecimal; for test failures and logs.
func (m Mask) String() string { return hexWords(m[:]) }

func hexWords(words []uint64) string {
	var b strings.Builder
	for i, w := range words {
		if w != 0 {
			fmt.Fprintf(&b, "%d:%016x ", i, w)
		}
	}
	return "[" + strings.TrimSuffix(b.String(), " ") + "]"
}
