package bsn

import (
	"encoding/binary"
	"math/bits"
)

// Checksum is a number of 128 bits (of_checksum_128_t), which wraps around.
type Checksum struct{ Hi, Lo uint64 }

// Append appends the 16 bytes of c.
func (c Checksum) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, c.Hi)
	return binary.BigEndian.AppendUint64(b, c.Lo)
}

// DecodeNext reads a checksum.
func (c *Checksum) DecodeNext(b []byte) (rest []byte, err error) {
	if err := checkAtLeast(b, "checksum", 16); err != nil {
		return nil, err
	}
	c.Hi, c.Lo = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	return b[16:], nil
}

// Add adds d to c.
func (c *Checksum) Add(d Checksum) {
	var carry uint64
	c.Lo, carry = bits.Add64(c.Lo, d.Lo, 0)
	c.Hi, _ = bits.Add64(c.Hi, d.Hi, carry)
}

// Sub subtracts d from c.
func (c *Checksum) Sub(d Checksum) {
	var borrow uint64
	c.Lo, borrow = bits.Sub64(c.Lo, d.Lo, 0)
	c.Hi, _ = bits.Sub64(c.Hi, d.Hi, borrow)
}

// And returns the bits that c and d share.
func (c Checksum) And(d Checksum) Checksum { return Checksum{c.Hi & d.Hi, c.Lo & d.Lo} }

// IsPrefix reports whether c is a mask of leading bits.
func (c Checksum) IsPrefix() bool {
	// The inverse of a prefix is one less than a power of two.
	next := Checksum{Hi: ^c.Hi, Lo: ^c.Lo}
	next.Add(Checksum{Lo: 1})
	return next.And(Checksum{Hi: ^c.Hi, Lo: ^c.Lo}) == Checksum{}
}
