package flowtable

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// recount is the checksum of a table's entries, the slow and obvious way: a bit
// of the cookie at a time chooses the half of the buckets.
func recount(tb *Table[int], size int) (total uint64, buckets []uint64) {
	buckets = make([]uint64, size)
	for e := range tb.Select(new(Filter[int])) {
		total += e.Cookie
		low, high := 0, size
		for bit := 63; high-low > 1; bit-- {
			if middle := (low + high) / 2; e.Cookie>>bit&1 == 0 {
				high = middle
			} else {
				low = middle
			}
		}
		buckets[low] += e.Cookie
	}
	return total, buckets
}

// checkChecksum compares what is kept with what is counted again.
func checkChecksum(t *testing.T, tb *Table[int], size int) {
	t.Helper()
	total, buckets := recount(tb, size)
	if got := tb.Checksum(); got != total {
		t.Fatalf("checksum %#x, want %#x of %d entries", got, total, tb.Len())
	}
	if got := tb.ChecksumBuckets(); !slices.Equal(got, buckets) {
		t.Fatalf("%d buckets\n%#x\nwant\n%#x", size, got, buckets)
	}
}

// Whatever happens to a table, its checksums are those of its entries.
func TestChecksumIsThatOfTheEntries(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	tb := NewTable[int](60)
	size := DefaultChecksumBuckets
	now := int64(0)
	for range 4000 {
		now += second / 4
		f := Filter[int]{Match: randomMatch(rng), Priority: uint16(rng.IntN(5)), Strict: rng.IntN(4) > 0}
		switch rng.IntN(14) {
		default:
			e := randomEntry(rng)
			e.Cookie = rng.Uint64() >> (rng.IntN(5) * 16)
			e.IdleTimeout, e.HardTimeout = uint16(rng.IntN(60)), uint16(rng.IntN(60))
			e.Flags = uint16(rng.IntN(8))
			if _, err := tb.Add(e, now, nil); err != nil && !errors.Is(err, ErrOverlap) && !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
		case 0, 1:
			tb.Modify(&f, int(rng.Int32()), rng.IntN(2) == 0, nil)
		case 2, 3:
			tb.Delete(&f, nil)
		case 4, 5:
			expire(tb, now)
		case 6:
			size = 1 << rng.IntN(9)
			tb.SetChecksumBuckets(size)
		case 7:
			tb.SetEviction([]Eviction{EvictNothing, EvictUnused}[rng.IntN(2)])
			tb.SetMax(40 + rng.IntN(20))
		}
		checkChecksum(t, tb, size)
	}
	tb.Delete(new(Filter[int]), nil)
	if tb.Checksum() != 0 || slices.Max(tb.ChecksumBuckets()) != 0 {
		t.Errorf("an empty table has the checksum %#x and the buckets %#x", tb.Checksum(), tb.ChecksumBuckets())
	}
}

// The leading bits of a cookie are the number of its bucket.
func TestChecksumBuckets(t *testing.T) {
	tb := NewTable[int](10)
	for i, cookie := range []uint64{0, 1, 1 << 63, ^uint64(0), 1<<63 + 1} {
		e := NewEntry(&Match{}, uint16(i), 0)
		e.Cookie = cookie
		mustAdd(t, tb, e, 0)
	}
	const sum = 1 // 1 + 2^63 + (2^64 - 1) + (2^63 + 1), without the multiples of 2^64
	for _, tt := range []struct {
		size    int
		buckets map[int]uint64
	}{
		{1, map[int]uint64{0: sum}},
		{2, map[int]uint64{0: 1, 1: 0}},
		{4, map[int]uint64{0: 1, 2: 1, 3: ^uint64(0)}},
		{MaxChecksumBuckets, map[int]uint64{0: 1, 1 << 15: 1, MaxChecksumBuckets - 1: ^uint64(0)}},
	} {
		tb.SetChecksumBuckets(tt.size)
		got := tb.ChecksumBuckets()
		if len(got) != tt.size {
			t.Errorf("%d buckets, want %d", len(got), tt.size)
		}
		for i, sum := range got {
			if sum != tt.buckets[i] {
				t.Errorf("bucket %d of %d is %#x, want %#x", i, tt.size, sum, tt.buckets[i])
			}
		}
	}
	if got := tb.Checksum(); got != sum {
		t.Errorf("checksum %#x, want %#x", got, sum)
	}
}

// What is returned is the caller's.
func TestChecksumBucketsAreACopy(t *testing.T) {
	tb := NewTable[int](10)
	tb.ChecksumBuckets()[0] = 7
	checkChecksum(t, tb, DefaultChecksumBuckets)
}
