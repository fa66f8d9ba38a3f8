package meter

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

const second = int64(time.Second)

// rates are those for which a meter must be exact: 10 to 100,000 packets/s, and
// 64 kbit/s to 1 Gbit/s.
func rates() (all []Config) {
	for _, rate := range []uint32{10, 33, 100, 1000, 7777, 10_000, 100_000} {
		for _, burst := range []uint32{0, 1, rate / 10, rate} {
			all = append(all, Config{PerPacket: true, Bands: []Band{{Rate: rate, Burst: burst, Then: Drop}}})
		}
	}
	for _, rate := range []uint32{64, 100, 1000, 12_345, 100_000, 1_000_000} {
		for _, burst := range []uint32{0, 12, rate / 10, rate} {
			all = append(all, Config{Bands: []Band{{Rate: rate, Burst: burst, Then: Drop}}})
		}
	}
	return all
}

// units is what n packets of a size are in units of the meter's rate.
func (c *Config) units(n, size int) float64 {
	if c.PerPacket {
		return float64(n)
	}
	return float64(n) * float64(size) * 8 / 1000
}

// check fails if what passed within some seconds is too far from what should
// have.
func (c *Config) check(t *testing.T, passed, size int, seconds float64) {
	t.Helper()
	b := c.Bands[0]
	want := float64(b.Rate)*seconds + float64(b.burst())
	got := c.units(passed, size)
	if off, may := math.Abs(got-want), max(0.03*want, c.units(2, size)); off > may {
		t.Errorf("%+v passed %.0f in %.1f s, want %.0f within %.0f", *c, got, seconds, want, may)
	}
}

// arrivals are ways for traffic to come; each calls take with the time of each
// frame, n of them spread over the time given.
var arrivals = map[string]func(n int, over int64, take func(now int64)){
	"even": func(n int, over int64, take func(int64)) {
		for i := range n {
			take(over * int64(i) / int64(n))
		}
	},
	"random": func(n int, over int64, take func(int64)) {
		r := rand.New(rand.NewPCG(1, 2))
		at := make([]int64, n)
		for i := range at {
			at[i] = r.Int64N(over)
		}
		slices.Sort(at)
		for _, now := range at {
			take(now)
		}
	},
	"in batches": func(n int, over int64, take func(int64)) { // of what comes in 20 ms, told one time
		for i := range n {
			now := over * int64(i) / int64(n)
			take(now - now%int64(20*time.Millisecond))
		}
	},
}

// A meter passes rate*T + burst, whatever the rate, the burst, the size of the
// frames, by how much there is too much, and how it comes.
func TestPassesRateAndBurst(t *testing.T) {
	for _, c := range rates() {
		for _, size := range []int{64, 1500} {
			for name, arrive := range arrivals {
				for _, excess := range []float64{1.5, 2, 10} {
					if name == "random" && excess < 2 {
						continue // then chance may leave the bucket full for a while
					}
					c.run(t, size, excess, arrive)
				}
			}
		}
	}
}

func (c *Config) run(t *testing.T, size int, excess float64, arrive func(int, int64, func(int64))) {
	const seconds = 1
	b := c.Bands[0]
	unit := c.units(1, size)
	n := int(excess * (float64(b.Rate)*seconds + float64(b.burst())) / unit)
	if n > 250_000 || n > 20_000 && excess != 1.5 {
		return // one way will do for the fast ones
	}
	const start = 1234 * second // the meter was made some time ago
	m, passed := New(*c, start-second/2), 0
	arrive(max(n, 1), seconds*second, func(now int64) {
		if m.Take(1, size, start+now) == Pass {
			passed++
		}
	})
	c.check(t, passed, size, seconds)
}

// Traffic below the rate is never touched.
func TestPassesWhatIsBelow(t *testing.T) {
	for _, c := range rates() {
		const size = 100 // less than any burst here
		m, gap := New(c, 0), float64(second)*c.units(1, size)/float64(c.Bands[0].Rate)
		for i := range 2000 {
			if v := m.Take(1, size, int64(float64(i)*gap)+int64(i)); v != Pass {
				t.Fatalf("%+v: verdict %d for frame %d at the rate itself", c, v, i)
			}
		}
	}
}

// A frame of many segments costs what they do.
func TestSegmentsCountEach(t *testing.T) {
	m := New(Config{PerPacket: true, Bands: []Band{{Rate: 100, Burst: 50, Then: Drop}}}, 0)
	for i, want := range []Verdict{Pass, Drop, Pass, Drop} {
		if got := m.Take(44, 64<<10, []int64{0, 0, second / 2, second / 2}[i]); got != want {
			t.Errorf("frame %d of 44 packets: verdict %d, want %d", i, got, want)
		}
	}
	var s Stats
	if m.Stats(&s); s.In.Packets != 4*44 || s.Bands[0].Packets != 2*44 || s.In.Bytes != 4*64<<10 {
		t.Errorf("counted %+v, want 176 packets, 88 dropped", s)
	}
}

// A band of 1 Mbit/s that remarks, below one of 2 Mbit/s that drops: of traffic
// beyond both, each gets its part.
func TestBandsShareTheTraffic(t *testing.T) {
	for name, arrive := range arrivals {
		m := New(Config{Bands: []Band{{Rate: 1000, Burst: 10, Then: 1}, {Rate: 2000, Burst: 10, Then: Drop}}}, 0)
		var got [256]float64
		arrive(25_000, 10*second, func(now int64) { got[m.Take(1, 125, now)]++ }) // a kbit each
		for v, want := range map[Verdict]float64{Pass: 10_010, 1: 10_000, Drop: 4990} {
			if math.Abs(got[v]-want) > 0.03*want {
				t.Errorf("%s: %.0f frames with verdict %d, want %.0f", name, got[v], v, want)
			}
		}
	}
}

// model is a meter as §5.7.1 and the comments of this package say, without a
// thought of speed or overflow.
type model struct {
	cfg    Config
	last   *big.Rat
	levels []*big.Rat
	dry    []*big.Rat
	counts []Count
}

func newModel(c Config, now int64) *model {
	m := &model{cfg: c, last: big.NewRat(now, second), counts: make([]Count, len(c.Bands))}
	for _, b := range c.Bands {
		m.levels = append(m.levels, new(big.Rat).SetInt64(int64(b.burst())))
		m.dry = append(m.dry, big.NewRat(-1000, 1))
	}
	return m
}

func (m *model) take(packets, bytes int, now int64) Verdict {
	cost := big.NewRat(int64(packets), 1)
	if !m.cfg.PerPacket {
		cost = big.NewRat(int64(bytes)*8, 1000)
	}
	at := big.NewRat(now, second)
	passed := new(big.Rat).Sub(at, m.last)
	if passed.Sign() < 0 {
		passed.SetInt64(0)
		at = m.last
	} else {
		m.last = at
	}
	order := make([]int, len(m.levels))
	for i, b := range m.cfg.Bands {
		order[i] = i
		rate := new(big.Rat).SetInt64(int64(b.Rate))
		most := new(big.Rat).SetInt64(int64(b.burst()))
		most.Add(most, cost)
		level := new(big.Rat).Mul(rate, passed)
		patient := new(big.Rat).Sub(at, m.dry[i]).Cmp(big.NewRat(int64(Patience), second)) < 0
		if level.Add(level, m.levels[i]); level.Cmp(most) > 0 && !patient {
			level = most
		}
		m.levels[i] = level
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(m.cfg.Bands[b].Rate) - int(m.cfg.Bands[a].Rate) })
	for _, i := range order {
		if m.levels[i].Cmp(cost) < 0 {
			m.dry[i] = at
			m.counts[i] = m.counts[i].Plus(Count{uint64(packets), uint64(bytes)})
			return m.cfg.Bands[i].Then
		}
		m.levels[i] = new(big.Rat).Sub(m.levels[i], cost)
	}
	return Pass
}

func randomConfig(r *rand.Rand) Config {
	c := Config{PerPacket: r.IntN(2) == 0}
	for range r.IntN(5) {
		b := Band{Rate: 1 + r.Uint32()>>r.IntN(32), Then: Drop}
		if r.IntN(3) > 0 {
			b.Burst = r.Uint32() >> r.IntN(32)
		}
		if r.IntN(2) == 0 {
			b.Then = Verdict(1 + r.IntN(3))
		}
		c.Bands = append(c.Bands, b)
	}
	return c
}

// Whatever the configuration and the traffic, every verdict is the exact one.
func TestEqualsTheExactModel(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := randomConfig(r)
		now := r.Int64N(1 << r.IntN(60))
		m, exact := New(c, now), newModel(c, now)
		for i := range 300 {
			now += r.Int64N(1<<r.IntN(35)) - int64(r.IntN(1000))
			packets, bytes := 1+r.IntN(1+r.IntN(50)), 14+r.IntN(70_000)
			if got, want := m.Take(packets, bytes, now), exact.take(packets, bytes, now); got != want {
				t.Fatalf("seed %d, %+v, frame %d: verdict %d, want %d", seed, c, i, got, want)
			}
		}
		var s Stats
		if m.Stats(&s); !slices.Equal(s.Bands, exact.counts) {
			t.Fatalf("seed %d: counters %v, want %v", seed, s.Bands, exact.counts)
		}
	}
}

// Many goroutines share one bucket, and lose no count.
func TestSharedByGoroutines(t *testing.T) {
	const each, workers = 20_000, 4
	m := New(Config{PerPacket: true, Bands: []Band{{Rate: 1000, Burst: 100, Then: Drop}}}, 0)
	var group sync.WaitGroup
	var passed [workers]int
	for w := range workers {
		group.Go(func() {
			for i := range each {
				if m.Take(1, 100, int64(i)*second/each) == Pass {
					passed[w]++
				}
			}
		})
	}
	group.Wait()
	var s Stats
	m.Stats(&s)
	total := passed[0] + passed[1] + passed[2] + passed[3]
	if s.In.Packets != each*workers || int(s.Bands[0].Packets) != each*workers-total {
		t.Errorf("counted %+v of %d frames, %d passed", s, each*workers, total)
	}
	if total < 1000 || total > 1105 { // the clock ends just before a second
		t.Errorf("%d frames passed in a second, want 1100", total)
	}
}

func TestTakeAllocatesNothing(t *testing.T) {
	m := New(Config{Bands: []Band{{Rate: 1000, Then: 1}, {Rate: 2000, Then: Drop}}}, 0)
	now, s := int64(0), Stats{Bands: make([]Count, 2)}
	if n := testing.AllocsPerRun(1000, func() { now += 1000; m.Take(1, 1500, now); m.Stats(&s) }); n != 0 {
		t.Errorf("%.1f allocations per frame", n)
	}
}

func TestSingle(t *testing.T) {
	for _, c := range []struct {
		bands []Band
		burst uint32
		ok    bool
	}{
		{[]Band{{Rate: 1, Then: Drop}}, 1, true},
		{[]Band{{Rate: 5, Then: Drop}}, 3, true},
		{[]Band{{Rate: math.MaxUint32, Then: Drop}}, 4_000_000, true},
		{[]Band{{Rate: 5, Burst: 7, Then: Drop}}, 7, true},
		{[]Band{{Rate: 5, Then: 1}}, 0, false},
		{[]Band{{Rate: 5, Then: Drop}, {Rate: 6, Then: Drop}}, 0, false},
		{nil, 0, false},
	} {
		cfg := Config{Bands: c.bands}
		if _, burst, ok := cfg.Single(); burst != c.burst || ok != c.ok {
			t.Errorf("%+v: burst %d, %t; want %d, %t", cfg, burst, ok, c.burst, c.ok)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	for bands := range 3 {
		b.Run(fmt.Sprint(bands), func(b *testing.B) {
			c := Config{Bands: slices.Repeat([]Band{{Rate: 1_000_000, Then: Drop}}, bands)}
			m := New(c, 0)
			for i := range b.N {
				m.Take(1, 64, int64(i)*500)
			}
		})
	}
}

// A switch that stands still for a while, with too much traffic before its
// ports, has lost no tokens when it goes on; where the traffic stood still, the
// bucket holds the burst and no more.
func TestPatience(t *testing.T) {
	c := Config{PerPacket: true, Bands: []Band{{Rate: 1000, Burst: 10, Then: Drop}}}
	for _, tt := range []struct {
		pause time.Duration
		want  int // of the 1000 frames after it
	}{{50 * time.Millisecond, 50}, {Patience - time.Millisecond, 199}, {Patience, 11}, {time.Hour, 11}} {
		m := New(c, 0)
		for range 100 {
			m.Take(1, 64, 0)
		}
		passed := 0
		for range 1000 {
			if m.Take(1, 64, int64(tt.pause)) == Pass {
				passed++
			}
		}
		if passed != tt.want {
			t.Errorf("after %v %d frames pass, want %d", tt.pause, passed, tt.want)
		}
	}
}
