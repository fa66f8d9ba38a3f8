package meter

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"
)

// Patience is how long frames may wait for the switch, in traffic that exceeds a
// band.
const Patience = 200 * time.Millisecond

// Verdict is what becomes of a frame: it passes, it is dropped, or it passes
// and its drop precedence is raised.
type Verdict uint8

// The verdicts that are no remark. Another value is the number of drop
// precedences to add (§5.7.1).
const (
	Pass Verdict = 0
	Drop Verdict = 0xff
)

// Band is one band of a meter.
type Band struct {
	Rate  uint32 // packets or kilobits per second; not 0
	Burst uint32 // packets or kilobits; 0 means half a second's worth, at most 4,000,000

	// Then is what becomes of frames that exceed the band; not Pass.
	Then Verdict
}

// maxDefault bounds the default burst, so that a kernel can hold it.
const maxDefault = 4_000_000

// burst returns the band's burst, the default if it gives none.
func (b *Band) burst() uint32 {
	if b.Burst == 0 {
		return min(b.Rate/2+b.Rate%2, maxDefault)
	}
	return b.Burst
}

// Config says what a meter does.
type Config struct {
	PerPacket bool // rates and bursts are of packets, not of kilobits
	Bands     []Band
}

// Single returns the rate and the burst of the only band, if it drops: such
// meters even plain datapaths have.
func (c *Config) Single() (rate, burst uint32, ok bool) {
	if len(c.Bands) != 1 || c.Bands[0].Then != Drop {
		return 0, 0, false
	}
	return c.Bands[0].Rate, c.Bands[0].burst(), true
}

// Remarks reports whether any band remarks.
func (c *Config) Remarks() bool {
	return slices.ContainsFunc(c.Bands, func(b Band) bool { return b.Then != Drop })
}

// Count counts packets and bytes.
type Count struct{ Packets, Bytes uint64 }

// Plus returns the sum of both.
func (c Count) Plus(d Count) Count { return Count{c.Packets + d.Packets, c.Bytes + d.Bytes} }

// Stats are a meter's counters.
type Stats struct {
	In    Count   // that came to the meter
	Bands []Count // that each band applied to, in the order of the configuration
}

// Meter is one meter. Any goroutine may use it; it allocates nothing.
type Meter struct {
	cfg Config

	mu    sync.Mutex
	last  int64 // the latest time that was told
	in    Count
	bands []band // by rate, the highest first
}

// band is a band and its bucket. The bucket is measured in billionths of the
// unit of Rate and Burst, so that nothing is ever rounded: a nanosecond's worth
// of Rate is just Rate.
type band struct {
	Band
	place int   // in the configuration
	level int64 // in the bucket
	full  int64 // what the bucket holds, beside one frame
	dry   int64 // when a frame last exceeded the band
	count Count
}

const (
	perUnit = 1_000_000_000      // billionths
	perByte = perUnit / 1000 * 8 // billionths of a kilobit
)

// New returns a meter whose buckets are full at now. It keeps cfg's bands, which
// must not be changed.
func New(cfg Config, now int64) *Meter {
	m := &Meter{cfg: cfg, last: now, bands: make([]band, len(cfg.Bands))}
	for i, b := range cfg.Bands {
		full := int64(b.burst()) * perUnit // at most 2^62: there is room for more
		m.bands[i] = band{Band: b, place: i, level: full, full: full, dry: math.MinInt64 / 2}
	}
	slices.SortStableFunc(m.bands, func(a, b band) int { return cmp.Compare(b.Rate, a.Rate) })
	return m
}

// Config returns what the meter does. Its bands must not be changed.
func (m *Meter) Config() *Config { return &m.cfg }

// Take measures one frame, which on the wire is so many packets of so many bytes
// in all, and says what is to become of it.
func (m *Meter) Take(packets, bytes int, now int64) Verdict {
	cost := int64(packets) * perUnit
	if !m.cfg.PerPacket {
		cost = int64(bytes) * perByte
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now = max(now, m.last) // readings of several goroutines may cross
	passed := now - m.last
	m.last = now
	m.in.add(packets, bytes)
	for i := range m.bands {
		m.bands[i].fill(passed, now, cost)
	}
	for i := range m.bands {
		b := &m.bands[i]
		if b.level < cost {
			b.dry = now
			b.count.add(packets, bytes)
			return b.Then
		}
		b.level -= cost
	}
	return Pass
}

// fill adds what has flowed in within some nanoseconds until now, as far as there
// is room for it and the frame that is at hand.
func (b *band) fill(passed, now, cost int64) {
	high, low := bits.Mul64(uint64(passed), uint64(b.Rate))
	if high != 0 || low > math.MaxInt64/4 {
		low = math.MaxInt64 / 4 // fills any bucket
	}
	b.level += int64(low)
	if now-b.dry >= int64(Patience) {
		b.level = min(b.level, b.full+cost)
	}
}

func (c *Count) add(packets, bytes int) {
	c.Packets += uint64(packets)
	c.Bytes += uint64(bytes)
}

// Stats reads the counters, those of the bands into s.Bands if it is long
// enough.
func (m *Meter) Stats(s *Stats) {
	s.Bands = slices.Grow(s.Bands[:0], len(m.bands))[:len(m.bands)]
	m.mu.Lock()
	defer m.mu.Unlock()
	s.In = m.in
	for i := range m.bands {
		s.Bands[m.bands[i].place] = m.bands[i].count
	}
}
