package gentable

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/bsn"
)

// model is the table as a list, which counts everything again each time.
type model []bsn.GentableEntryDesc

func (m *model) add(d bsn.GentableEntryDesc) {
	m.delete(func(old bsn.GentableEntryDesc) bool { return slices.Equal(old.Key, d.Key) })
	*m = append(*m, d)
}

func (m *model) delete(which func(bsn.GentableEntryDesc) bool) (n int) {
	n = len(*m)
	*m = slices.DeleteFunc(*m, which)
	return n - len(*m)
}

func number(c bsn.Checksum) *big.Int { return new(big.Int).SetBytes(c.Append(nil)) }

var modulus = new(big.Int).Lsh(big.NewInt(1), 128)

// sums returns the checksum of the whole and of each of 2^order buckets.
func (m model) sums(order uint) (total *big.Int, buckets []*big.Int) {
	total = new(big.Int)
	for range 1 << order {
		buckets = append(buckets, new(big.Int))
	}
	for _, d := range m {
		n := number(d.Checksum)
		b := buckets[new(big.Int).Rsh(n, 128-order).Int64()]
		total.Mod(total.Add(total, n), modulus)
		b.Mod(b.Add(b, n), modulus)
	}
	return total, buckets
}

// within reports whether a checksum begins as another does, for so many bits.
func within(c, prefix bsn.Checksum, bits uint) bool {
	shift := func(c bsn.Checksum) *big.Int { return new(big.Int).Rsh(number(c), 128-bits) }
	return shift(c).Cmp(shift(prefix)) == 0
}

// prefixOf is the range of checksums that begin as c for so many bits.
func prefixOf(c bsn.Checksum, bits uint) *bsn.GentableRange {
	ones := ^uint64(0)
	mask := bsn.Checksum{Hi: ones << (64 - min(bits, 64)), Lo: ones << min(128-bits, 64)}
	return &bsn.GentableRange{Checksum: c.And(mask), Mask: mask}
}

// Whatever is done to a table, its entries and its checksums are those of a
// list on which the same is done.
func TestTableIsTheModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	r, m, order := NewRegistry(), model{}, uint(6)
	randomSum := func() bsn.Checksum {
		return bsn.Checksum{Hi: rng.Uint64N(16)<<60 | rng.Uint64()>>rng.IntN(64), Lo: rng.Uint64() >> rng.IntN(64)}
	}
	for range 5000 {
		key := testKeyOf(uint16(rng.IntN(8)), uint32(rng.IntN(8)))
		bits, prefix := uint(rng.IntN(7)*rng.IntN(22)), randomSum()
		switch rng.IntN(12) {
		default:
			d := bsn.GentableEntryDesc{Checksum: randomSum(), Key: key, Value: testValueOf(byte(rng.IntN(256)))}
			add(t, r, d.Key, d.Value, d.Checksum)
			m.add(d)
		case 0, 1, 2:
			if err := r.Delete(&bsn.GentableEntryDelete{Key: key}); err != nil {
				t.Fatal(err)
			}
			m.delete(func(d bsn.GentableEntryDesc) bool { return slices.Equal(d.Key, key) })
		case 3:
			cleared, err := r.Clear(prefixOf(prefix, bits))
			n := m.delete(func(d bsn.GentableEntryDesc) bool { return within(d.Checksum, prefix, bits) })
			if err != nil || int(cleared.Deleted) != n || cleared.Errors != 0 {
				t.Fatalf("cleared %+v, %v; want %d", cleared, err, n)
			}
		case 4:
			order = uint(rng.IntN(8))
			if err := r.SetBucketsSize(&bsn.GentableSetBucketsSize{BucketsSize: 1 << order}); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, r, m, order)
		compareRange(t, r, m, prefix, bits)
	}
}

func compare(t *testing.T, r *Registry, m model, order uint) {
	t.Helper()
	total, buckets := m.sums(order)
	if s := r.Stats()[0]; int(s.Entries) != len(m) || number(s.Checksum).Cmp(total) != 0 {
		t.Fatalf("statistics %+v, want %d entries and %x", *s, len(m), total)
	}
	sums, err := r.BucketStats(0)
	same := slices.EqualFunc(sums, buckets, func(a bsn.Checksum, b *big.Int) bool { return number(a).Cmp(b) == 0 })
	if err != nil || !same {
		t.Fatalf("buckets %x, %v; want %x", sums, err, buckets)
	}
}

func compareRange(t *testing.T, r *Registry, m model, prefix bsn.Checksum, bits uint) {
	t.Helper()
	got := descs(t, r, prefixOf(prefix, bits))
	var want []bsn.GentableEntryDesc
	for _, d := range m {
		if within(d.Checksum, prefix, bits) {
			want = append(want, d)
		}
	}
	byKey := func(a, b bsn.GentableEntryDesc) int { return slices.Compare(a.Key, b.Key) }
	slices.SortFunc(got, byKey)
	slices.SortFunc(want, byKey)
	same := func(a, b bsn.GentableEntryDesc) bool {
		return a.Checksum == b.Checksum && slices.Equal(a.Key, b.Key) && slices.Equal(a.Value, b.Value)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Fatalf("the first %d bits of %x:\n%x\nwant\n%x", bits, prefix, got, want)
	}
}
