package gentable

import (
	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// EntryDesc returns the entries of a range, as they are now, in no particular
// order.
func (r *Registry) EntryDesc(m *bsn.GentableRange) (ofp13.Stream, error) {
	return r.stream(m, (*entry).appendDesc)
}

// EntryStats returns the statistics of the entries of a range.
func (r *Registry) EntryStats(m *bsn.GentableRange) (ofp13.Stream, error) {
	return r.stream(m, (*entry).appendStats)
}

func (r *Registry) stream(m *bsn.GentableRange, encode func(*entry, []byte) []byte) (ofp13.Stream, error) {
	t, err := r.ranged(m)
	if err != nil {
		return nil, err
	}
	return &stream{entries: t.selected(m), encode: encode}, nil
}

// stream tells of entries, on whatever goroutine reads it.
type stream struct {
	entries []*entry // still to come
	encode  func(*entry, []byte) []byte
}

// Next implements ofp13.Stream.
func (s *stream) Next(b []byte) ([]byte, bool) {
	if len(s.entries) == 0 {
		return b, false
	}
	e := s.entries[0]
	s.entries = s.entries[1:]
	return s.encode(e, b), true
}

func (e *entry) appendDesc(b []byte) []byte {
	m := bsn.GentableEntryDesc{Checksum: e.checksum, Key: e.key, Value: e.value}
	return m.Append(b)
}

func (e *entry) appendStats(b []byte) []byte {
	m := bsn.GentableEntryStats{Key: e.key, Stats: e.item.AppendStats(nil)}
	return m.Append(b)
}
