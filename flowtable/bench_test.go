package flowtable

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchMasks returns n masks as a controller's programs would have them: from
// two words to nine.
func benchMasks(n int) []Mask {
	masks := make([]Mask, 0, n)
	for i := range n {
		var m Mask
		m.Exact(EthType)
		switch i % 6 {
		case 0: // a learning switch
			m.Exact(EthDst)
			m.Exact(VLANVID)
		case 1:
			m.Exact(InPort)
			m.Exact(EthDst)
			m.Exact(EthSrc)
		case 2: // routes
			m.Add(IPv4Dst, ^uint64(0)<<(8+i%16))
		case 3: // an access list
			m.Exact(IPProto)
			m.Add(IPv4Src, ^uint64(0)<<(i%16))
			m.Add(IPv4Dst, ^uint64(0)<<(i%12))
			m.Exact(L4Dst)
		case 4: // a connection
			m.Exact(InPort)
			m.Exact(IPProto)
			m.Exact(IPv4Src)
			m.Exact(IPv4Dst)
			m.Exact(L4Src)
			m.Exact(L4Dst)
		case 5:
			m.Exact(Metadata)
			m.Exact(IPv6DstHi)
			m.Add(IPv6DstLo, ^uint64(0)<<i)
		}
		m.Add(Registers, uint64(i)) // all different
		masks = append(masks, m)
	}
	return masks
}

// benchEntries returns n entries, dealt out to the masks by chance, of random
// priorities, and for each a key that it matches.
func benchEntries(rng *rand.Rand, n, masks int) ([]*Entry[int], []Key) {
	all := benchMasks(masks)
	entries, keys := make([]*Entry[int], n), make([]Key, n)
	for i := range entries {
		for w := range keys[i] {
			keys[i][w] = rng.Uint64()
		}
		e := &Entry[int]{Priority: uint16(rng.Uint32()), Value: i}
		e.Match.Mask = all[rng.IntN(masks)]
		e.Match.Mask.Apply(&keys[i], &e.Match.Key)
		entries[i] = e
	}
	return entries, keys
}

func benchClassifier(entries []*Entry[int]) *Classifier[int] {
	c := NewClassifier[int]()
	for _, e := range entries {
		c.Insert(e)
	}
	return c
}

// BenchmarkLookup measures a hit among n entries over 30 masks, and in the
// same run five hits in one Go map of the same entries' keys; "map5/lookup"
// above 1 means that the classifier is the quicker.
func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		entries, keys := benchEntries(rand.New(rand.NewPCG(1, uint64(n))), n, 30)
		order := rand.New(rand.NewPCG(2, 2)).Perm(n)
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			s := benchClassifier(entries).Publish()
			m := make(map[Key]*Entry[int], n)
			for i, e := range entries {
				m[keys[i]] = e
			}
			b.ReportAllocs()
			b.ResetTimer()
			var wild Mask
			for i := range b.N {
				if s.Lookup(&keys[order[i%n]], &wild) == nil {
					b.Fatal("miss")
				}
			}
			lookup := b.Elapsed()
			for i := range b.N {
				if m[keys[order[i%n]]] == nil {
					b.Fatal("miss")
				}
			}
			hit := b.Elapsed() - lookup
			b.ReportMetric(float64(lookup.Nanoseconds())/float64(b.N), "ns/lookup")
			b.ReportMetric(float64(hit.Nanoseconds())/float64(b.N), "ns/map-hit")
			b.ReportMetric(5*float64(hit)/float64(lookup), "map5/lookup")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPublish changes one entry of 100,000 and publishes.
func BenchmarkPublish(b *testing.B) {
	for _, masks := range []int{1, 30} {
		b.Run(fmt.Sprintf("masks=%d", masks), func(b *testing.B) {
			entries, _ := benchEntries(rand.New(rand.NewPCG(3, 3)), 100_000, masks)
			c := benchClassifier(entries)
			c.Publish()
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				e := *entries[i%len(entries)]
				if c.Insert(&e) == nil {
					b.Fatal("not there")
				}
				c.Publish()
			}
		})
	}
}

// BenchmarkInsert fills a classifier with 100,000 entries over 30 masks,
// published every 64, as a drained batch of flow-mods is.
func BenchmarkInsert(b *testing.B) {
	entries, _ := benchEntries(rand.New(rand.NewPCG(4, 4)), 100_000, 30)
	b.ReportAllocs()
	for b.Loop() {
		c := NewClassifier[int]()
		for i, e := range entries {
			if c.Insert(e); i%64 == 0 {
				c.Publish()
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(entries)), "ns/entry")
}
