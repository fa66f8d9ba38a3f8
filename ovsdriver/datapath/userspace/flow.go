package userspace

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

// flow is one version of a cached flow. It is immutable but for its mark of
// death and its counters, which all versions of a flow share.
type flow struct {
	id     datapath.FlowID
	terms  []term // what its match asks, word by word
	acts   []datapath.Act
	counts []counter // one per worker
	dead   atomic.Bool
	entry  *flowtable.Entry[*flow]
}

// term asks that a key's word, under bits, be value.
type term struct {
	bits, value uint64
	word        uint8
}

// counter is what one worker counted for a flow. That worker alone writes it,
// so that a store is enough; it fills a cache line.
type counter struct {
	packets atomic.Uint64
	bytes   atomic.Uint64
	used    atomic.Int64
	dropped [2]struct{ packets, bytes atomic.Uint64 } // as datapath.FlowStats has it
	_       [8]byte
}

// newFlow makes a version of a flow. It keeps counts and copies the rest.
func newFlow(id datapath.FlowID, match *flowtable.Match, acts []datapath.Act, counts []counter) *flow {
	f := &flow{id: id, acts: append([]datapath.Act(nil), acts...), counts: counts}
	for i, bits := range match.Mask {
		if bits != 0 {
			f.terms = append(f.terms, term{bits: bits, value: match.Key[i], word: uint8(i)})
		}
	}
	f.entry = flowtable.NewEntry(match, 0, f)
	return f
}

// matches reports whether k fits the flow's match.
func (f *flow) matches(k *flowtable.Key) bool {
	for i := range f.terms {
		t := &f.terms[i]
		if k[t.word]&t.bits != t.value {
			return false
		}
	}
	return true
}

// stats sums what the workers counted; the dropped ones are read last.
func (f *flow) stats() datapath.FlowStats {
	s := datapath.FlowStats{ID: f.id}
	for i := range f.counts {
		c := &f.counts[i]
		s.Packets += c.packets.Load()
		s.Bytes += c.bytes.Load()
		s.Used = max(s.Used, c.used.Load())
		for j := range c.dropped {
			d := &s.Dropped[j]
			d.Packets += c.dropped[j].packets.Load()
			d.Bytes += c.dropped[j].bytes.Load()
		}
	}
	return s
}

// tally gathers a worker's credits to one flow while frames of that flow
// follow one another, and settles them in one go.
type tally struct {
	flow    *flow
	packets uint64
	bytes   uint64
	dropped [2]meter.Count
}

// credit counts one frame of size bytes for f, by worker number worker, at
// now (CLOCK_MONOTONIC, nanoseconds).
func (t *tally) credit(f *flow, size, worker int, now int64) {
	if t.flow != f {
		t.settle(worker, now)
		t.flow = f
	}
	t.packets++
	t.bytes += uint64(size)
}

// drop counts that the frame of size bytes which was credited last was dropped by
// the flow's n-th meter, from 1 on.
func (t *tally) drop(n, size int) {
	d := &t.dropped[min(n, len(t.dropped))-1]
	d.Packets++
	d.Bytes += uint64(size)
}

// settle writes what was gathered to the flow's counters.
func (t *tally) settle(worker int, now int64) {
	if t.flow == nil {
		return
	}
	c := &t.flow.counts[worker]
	for i := range t.dropped { // first, so that nobody takes them for passed
		if d := &t.dropped[i]; d.Packets > 0 {
			c.dropped[i].packets.Store(c.dropped[i].packets.Load() + d.Packets)
			c.dropped[i].bytes.Store(c.dropped[i].bytes.Load() + d.Bytes)
		}
	}
	c.packets.Store(c.packets.Load() + t.packets)
	c.bytes.Store(c.bytes.Load() + t.bytes)
	c.used.Store(now)
	*t = tally{}
}
