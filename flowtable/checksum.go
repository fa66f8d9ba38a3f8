package flowtable

import (
	"math/bits"
	"slices"
)

// DefaultChecksumBuckets is how many checksum buckets a new table has.
const DefaultChecksumBuckets = 128

// MaxChecksumBuckets is how many it has at most.
const MaxChecksumBuckets = 1 << 16

// checksum sums the cookies of a table's entries, in all and by the leading bits
// of the cookie, modulo 2^64. By it a controller finds out, without a list of the
// entries, whether the table is what it should be, and where not.
type checksum struct {
	total   uint64
	buckets []uint64 // a power of two of them
	shift   uint     // of a cookie, to the number of its bucket
}

func newChecksum(size int) checksum {
	return checksum{buckets: make([]uint64, size), shift: uint(64 - bits.TrailingZeros(uint(size)))}
}

func (c *checksum) add(cookie uint64) {
	c.total += cookie
	c.buckets[cookie>>c.shift] += cookie
}

func (c *checksum) subtract(cookie uint64) {
	c.total -= cookie
	c.buckets[cookie>>c.shift] -= cookie
}

// Checksum returns the sum of the cookies of all entries, modulo 2^64.
func (t *Table[V]) Checksum() uint64 { return t.checksum.total }

// ChecksumBuckets returns the sums of the cookies of each bucket. With 2^n
// buckets a cookie counts in the bucket that its n leading bits number.
func (t *Table[V]) ChecksumBuckets() []uint64 { return slices.Clone(t.checksum.buckets) }

// SetChecksumBuckets sorts the cookies into so many buckets, a power of two up
// to MaxChecksumBuckets.
func (t *Table[V]) SetChecksumBuckets(size int) {
	if size == len(t.checksum.buckets) {
		return
	}
	t.checksum = newChecksum(size)
	for e := range t.entries.Select(new(Filter[V])) {
		t.checksum.add(e.Cookie)
	}
}
