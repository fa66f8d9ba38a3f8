package fwd

import (
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// unavailable is the value of a counter that is not kept (§5.8).
const unavailable = ^uint64(0)

// counts returns an entry's packets and bytes; one that the entry was told not
// to count is unavailable.
func counts(e *entry) (packets, bytes uint64) {
	packets, bytes, _ = e.Stats.Read()
	if e.Flags&flowtable.FlagNoPktCounts != 0 {
		packets = unavailable
	}
	if e.Flags&flowtable.FlagNoBytCounts != 0 {
		bytes = unavailable
	}
	return packets, bytes
}

// duration returns how long an entry has been there, in seconds and the
// nanoseconds beyond.
func duration(created, now int64) (sec, nsec uint32) {
	d := max(now-created, 0)
	return uint32(d / int64(time.Second)), uint32(d % int64(time.Second))
}

// selection is what a statistics request selects: a filter, and the tables in
// question as they were then.
type selection struct {
	filter filter
	tables []pinnedTable
}

type pinnedTable struct {
	id      uint8
	entries *translate.Snapshot
}

// selectFlows compiles a request and pins what it asks about.
func (t *Tables) selectFlows(r *ofp13.FlowStatsRequest) (*selection, error) {
	t.complete()
	first, last, ok := t.tableRange(r.TableID)
	if !ok {
		return nil, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID,
			"table %d is not in the pipeline; its table features list the tables", r.TableID)
	}
	match, err := translate.CompileMatch(&r.Match)
	if err != nil {
		return nil, err
	}
	s := &selection{filter: filter{
		Match: translate.Loose(&match), Cookie: r.Cookie, CookieMask: r.CookieMask, Keep: keep(r.OutPort, r.OutGroup),
	}}
	for id := first; id <= last; id++ {
		if t.tables[id].Len() > 0 {
			s.tables = append(s.tables, pinnedTable{id, t.tables[id].Publish()})
		}
	}
	return s, nil
}

// FlowStats returns the entries that the request selects, as they are now
// (§7.3.5.2), with their counters as they are when the stream is read. Errors
// are *ofp13.Error.
func (t *Tables) FlowStats(r *ofp13.FlowStatsRequest) (ofp13.Stream, error) {
	s, err := t.selectFlows(r)
	if err != nil {
		return nil, err
	}
	return &flowStream{selection: *s, now: t.cfg.Now}, nil
}

// flowStream generates flow statistics. It collects the entries of one table at
// a time, when it gets there: a stream that nobody reads on costs nothing more.
type flowStream struct {
	selection
	now func() int64

	table   uint8
	entries []*entry // of table, still to come
}

// Next implements ofp13.Stream.
func (s *flowStream) Next(b []byte) ([]byte, bool) {
	for len(s.entries) == 0 {
		if len(s.tables) == 0 {
			return b, false
		}
		s.open(s.tables[0])
		s.tables = s.tables[1:]
	}
	e := s.entries[0]
	s.entries = s.entries[1:]
	stats := s.numbers(e)
	return stats.AppendEncoded(b, e.Origin, e.Value.Encoded()), true
}

// open begins with the entries of a table.
func (s *flowStream) open(t pinnedTable) {
	s.table = t.id
	s.entries = make([]*entry, 0, t.entries.Len())
	for e := range t.entries.Select(&s.filter) {
		s.entries = append(s.entries, e)
	}
}

// numbers returns an entry's statistics but for its match and instructions.
func (s *flowStream) numbers(e *entry) ofp13.FlowStats {
	packets, bytes := counts(e)
	sec, nsec := duration(e.Created, s.now())
	return ofp13.FlowStats{
		TableID:      s.table,
		DurationSec:  sec,
		DurationNsec: nsec,
		Priority:     e.Priority,
		IdleTimeout:  e.IdleTimeout,
		HardTimeout:  e.HardTimeout,
		Flags:        e.Flags,
		Cookie:       e.Cookie,
		PacketCount:  packets,
		ByteCount:    bytes,
	}
}

// AggregateStats sums the entries that the request selects, as they are now
// (§7.3.5.3), with their counters as they are when the stream is read. Errors
// are *ofp13.Error.
func (t *Tables) AggregateStats(r *ofp13.FlowStatsRequest) (ofp13.Stream, error) {
	s, err := t.selectFlows(r)
	if err != nil {
		return nil, err
	}
	return &aggregateStream{selection: *s}, nil
}

// aggregateStream is one element, which sums what it selects when it is asked
// for.
type aggregateStream struct {
	selection
	told bool
}

// Next implements ofp13.Stream.
func (s *aggregateStream) Next(b []byte) ([]byte, bool) {
	if s.told {
		return b, false
	}
	s.told = true
	sum := s.sum()
	return sum.Append(b), true
}

// sum adds up the selected entries. Counters that an entry does not keep add
// nothing.
func (s *selection) sum() (sum ofp13.AggregateStats) {
	for _, table := range s.tables {
		for e := range table.entries.Select(&s.filter) {
			sum.FlowCount++
			packets, bytes, _ := e.Stats.Read()
			if e.Flags&flowtable.FlagNoPktCounts == 0 {
				sum.PacketCount += packets
			}
			if e.Flags&flowtable.FlagNoBytCounts == 0 {
				sum.ByteCount += bytes
			}
		}
	}
	return sum
}

// TableStats returns the counters of every table of the pipeline (§7.3.5.4).
func (t *Tables) TableStats() ofp13.Stream {
	t.complete()
	stats := make(ofp13.Elements[*ofp13.TableStats], 0, len(t.tables))
	for id, table := range t.tables {
		if t.pipeline[id] == nil {
			continue
		}
		lookups, matched := table.Lookups().Read()
		stats = append(stats, &ofp13.TableStats{
			TableID:      uint8(id),
			ActiveCount:  uint32(table.Len()),
			LookupCount:  lookups,
			MatchedCount: matched,
		})
	}
	return &stats
}
