package kflow

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// flow is one cached flow: what the datapath holds, why, and who is to be
// credited for its packets. Main goroutine only.
type flow struct {
	id      datapath.FlowID
	match   flowtable.Match // immutable once the flow is in the index
	actions []datapath.Act  // immutable: the datapath may keep the slice
	records []uint64        // names that actions hold

	credits []translate.Credit
	visits  []visit
	tokens  []translate.Token

	packets, bytes uint64 // of the last reading
	used           int64  // CLOCK_MONOTONIC ns of the last packet, or of installation

	// behind is what was credited behind one meter, and behind two or more, which
	// a datapath does not tell apart.
	behind [len(datapath.FlowStats{}.Dropped)]meter.Count

	waits bool // among the tasks; a search may find it meanwhile
	gone  bool // out of the index
	out   bool // out of the datapath, but not yet translated again
}

// key returns the key of a frame of f. It is the one that f was translated by
// before, where a table was asked at all: which bits of a key a lookup goes by
// depends on the others too, so for another frame it may need more than the mask.
func (f *flow) key() *flowtable.Key {
	if len(f.visits) == 0 {
		return &f.match.Key
	}
	return &f.visits[0].key
}

// slot holds the flow of an id. The id's upper half counts the slot's flows, so
// a reading that comes late finds no other's account.
type slot struct {
	flow       *flow
	generation uint32
}

// adopt gives f, which never had one, an id and enters it into the cache's books,
// except the index.
func (c *Cache) adopt(f *flow) {
	var n uint32
	if last := len(c.free) - 1; last >= 0 {
		n = c.free[last]
		c.free = c.free[:last]
	} else {
		n = uint32(len(c.slots))
		c.slots = append(c.slots, slot{})
	}
	s := &c.slots[n]
	s.flow = f
	s.generation++
	f.id = datapath.FlowID(s.generation)<<32 | datapath.FlowID(n)

	flows := c.masks[f.match.Mask]
	if flows == nil {
		flows = make(map[flowtable.Key]*flow)
		c.masks[f.match.Mask] = flows
	}
	flows[f.match.Key] = f
	c.perPort[f.match.Key.Get(flowtable.InPort)]++
}

// forget is adopt's reverse, and takes f out of the index too.
func (c *Cache) forget(f *flow) {
	c.release(f)
	c.index.remove(f)
	for _, name := range f.records {
		c.records.release(name)
	}
	f.records, f.credits = nil, nil
	f.gone = true
}

// release gives back what adopt took.
func (c *Cache) release(f *flow) {
	n := uint32(f.id)
	c.slots[n].flow = nil
	c.free = append(c.free, n)

	flows := c.masks[f.match.Mask]
	if delete(flows, f.match.Key); len(flows) == 0 {
		delete(c.masks, f.match.Mask)
	}
	port := f.match.Key.Get(flowtable.InPort)
	if c.perPort[port]--; c.perPort[port] == 0 {
		delete(c.perPort, port)
	}
}

// flowOf returns the flow of an id, or nil if it is gone.
func (c *Cache) flowOf(id datapath.FlowID) *flow {
	n := uint64(id) & 0xffffffff
	if n >= uint64(len(c.slots)) || c.slots[n].generation != uint32(id>>32) {
		return nil
	}
	return c.slots[n].flow
}

// credit gives the accounts what the flow has counted since the last reading.
// Readings may come late and out of order: what is not news is no news.
func (f *flow) credit(s *datapath.FlowStats) {
	if s.Packets <= f.packets {
		return
	}
	packets, bytes := s.Packets-f.packets, s.Bytes-min(f.bytes, s.Bytes)
	f.packets, f.bytes = s.Packets, s.Bytes
	f.used = max(f.used, s.Used)
	passed := f.passed(s)
	for i := range f.credits {
		c := &f.credits[i]
		if c.Behind == 0 {
			c.Add(packets, bytes, s.Used)
		} else if p := &passed[min(int(c.Behind), len(passed))-1]; p.Packets > 0 {
			c.Add(p.Packets, p.Bytes, s.Used)
		}
	}
}

// passed returns what has passed one meter, and all of two or more, since the last
// reading.
func (f *flow) passed(s *datapath.FlowStats) (news [len(datapath.FlowStats{}.Dropped)]meter.Count) {
	left := meter.Count{Packets: s.Packets, Bytes: s.Bytes}
	for i := range news {
		d, had := &s.Dropped[i], &f.behind[i]
		left.Packets -= min(d.Packets, left.Packets)
		left.Bytes -= min(d.Bytes, left.Bytes)
		if left.Packets <= had.Packets {
			continue // frames may be counted a moment later than they are dropped
		}
		bytes := max(left.Bytes, had.Bytes)
		news[i] = meter.Count{Packets: left.Packets - had.Packets, Bytes: bytes - had.Bytes}
		had.Packets, had.Bytes = left.Packets, bytes
	}
	return news
}

// Flow describes a cached flow to people. What it points to does not change, and
// must not be changed.
type Flow struct {
	Match   *flowtable.Match
	Actions []datapath.Act
	Packets uint64 // as last read
	Bytes   uint64
	Used    int64 // CLOCK_MONOTONIC ns of the last packet, or of installation
}

// Flows returns the cached flows as they are now.
func (c *Cache) Flows() []Flow {
	flows := make([]Flow, 0, len(c.slots)-len(c.free))
	for i := range c.slots {
		if f := c.slots[i].flow; f != nil {
			flows = append(flows, Flow{&f.match, f.actions, f.packets, f.bytes, f.used})
		}
	}
	return flows
}
