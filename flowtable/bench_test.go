package flowtable

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
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
		m.Add(InPhyPort, uint64(i)) // all different
		masks = append(masks, m)
	}
	return masks
}

// oddMasks returns n masks of random bits in three to six words, so that no two
// have anything to share.
func oddMasks(n int) []Mask {
	rng := rand.New(rand.NewPCG(5, 5))
	masks := make([]Mask, n)
	for i := range masks {
		for _, w := range rng.Perm(PipelineWord)[:3+rng.IntN(4)] {
			masks[i][w] = rng.Uint64()
		}
	}
	return masks
}

// benchEntries returns n entries, dealt out to the masks by chance, of random
// priorities, and for each a key that it matches.
func benchEntries(rng *rand.Rand, n int, masks []Mask) ([]*Entry[int], []Key) {
	entries, keys := make([]*Entry[int], n), make([]Key, n)
	for i := range entries {
		for w := range keys[i] {
			keys[i][w] = rng.Uint64()
		}
		priority := uint16(rng.Uint32())
		m := Match{Mask: masks[rng.IntN(len(masks))]}
		m.Mask.Apply(&keys[i], &m.Key)
		entries[i] = NewEntry(&m, priority, i)
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

// BenchmarkLookup measures a hit among n entries over 30 masks, and in turns
// with it a hit in one Go map of the same entries' keys. "map5/lookup" is how
// long five such hits take against one lookup: above 1 the lookup is quicker.
func BenchmarkLookup(b *testing.B) {
	for _, shape := range []struct {
		name  string
		masks []Mask
	}{{"programs", benchMasks(30)}, {"odd", oddMasks(30)}} {
		for _, n := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("masks=%s/entries=%d", shape.name, n), func(b *testing.B) {
				benchLookup(b, n, shape.masks)
			})
		}
	}
}

func benchLookup(b *testing.B, n int, masks []Mask) {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	entries, keys := benchEntries(rng, n, masks)
	order := rng.Perm(n)
	s := benchClassifier(entries).Publish()
	m := make(map[Key]*Entry[int], n)
	for i, e := range entries {
		m[keys[i]] = e
	}
	var wild Mask
	var lookups, hits []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	const turn = 200
	for i := 0; i < b.N; i += turn {
		lookups = append(lookups, timed(func() {
			for j := i; j < i+turn; j++ {
				if s.Lookup(&keys[order[j%n]], &wild) == nil {
					b.Fatal("miss")
				}
			}
		}))
		hits = append(hits, timed(func() {
			for j := i; j < i+turn; j++ {
				if m[keys[order[(j+n/2)%n]]] == nil {
					b.Fatal("miss")
				}
			}
		}))
	}
	lookup, hit := median(lookups)/turn, median(hits)/turn
	b.ReportMetric(lookup, "ns/lookup")
	b.ReportMetric(hit, "ns/map-hit")
	b.ReportMetric(5*hit/lookup, "map5/lookup")
	b.ReportMetric(0, "ns/op")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// median returns the middle of ds in nanoseconds: turns in which something else
// had the processor do not count.
func median(ds []time.Duration) float64 {
	slices.Sort(ds)
	return float64(ds[len(ds)/2].Nanoseconds())
}

// BenchmarkPublish changes one entry of 100,000 and publishes.
func BenchmarkPublish(b *testing.B) {
	for _, masks := range []int{1, 30} {
		b.Run(fmt.Sprintf("masks=%d", masks), func(b *testing.B) {
			entries, _ := benchEntries(rand.New(rand.NewPCG(3, 3)), 100_000, benchMasks(masks))
			c := benchClassifier(entries)
			c.Publish()
			var turns []time.Duration
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				e := *entries[i%len(entries)]
				turns = append(turns, timed(func() {
					c.Insert(&e)
					c.Publish()
				}))
			}
			b.ReportMetric(median(turns), "ns/change")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkInsert fills a classifier with 100,000 entries over 30 masks,
// published every 64, as a drained batch of flow-mods is.
func BenchmarkInsert(b *testing.B) {
	entries, _ := benchEntries(rand.New(rand.NewPCG(4, 4)), 100_000, benchMasks(30))
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
