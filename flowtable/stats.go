package flowtable

import "sync/atomic"

// Stats are the counters of an entry. All versions of an entry share them, so
// that a modified flow goes on counting. Any goroutine may credit and read.
type Stats struct {
	packets atomic.Uint64
	bytes   atomic.Uint64
	used    atomic.Int64
}

// Credit adds packets and bytes, and moves the time of last use to now
// (CLOCK_MONOTONIC, in nanoseconds) unless it is later already.
func (s *Stats) Credit(packets, bytes uint64, now int64) {
	s.packets.Add(packets)
	s.bytes.Add(bytes)
	s.Touch(now)
}

// Touch moves the time of last use to now unless it is later already. It
// serves entries that are not counted (OFPFF_NO_PKT_COUNTS and
// OFPFF_NO_BYT_COUNTS) but still have an idle timeout.
func (s *Stats) Touch(now int64) {
	for {
		used := s.used.Load()
		if used >= now || s.used.CompareAndSwap(used, now) {
			return
		}
	}
}

// Read returns the counters and the time of last use (CLOCK_MONOTONIC, in
// nanoseconds; of an entry never used, when it was added). The three are each
// exact but are not read as one.
func (s *Stats) Read() (packets, bytes uint64, used int64) {
	return s.packets.Load(), s.bytes.Load(), s.used.Load()
}

// Lookups are the counters of a table: packets that were looked up and packets
// that an entry matched (struct ofp_table_stats, §7.3.5.4). Any goroutine may
// credit and read.
type Lookups struct {
	lookups atomic.Uint64
	matched atomic.Uint64
}

// Credit adds packets that were looked up, and those among them that matched.
func (l *Lookups) Credit(lookups, matched uint64) {
	l.lookups.Add(lookups)
	if matched != 0 {
		l.matched.Add(matched)
	}
}

// Read returns both counters. Each is exact but they are not read as one.
func (l *Lookups) Read() (lookups, matched uint64) {
	// Matched first: so it is never read greater than lookups.
	matched = l.matched.Load()
	return l.lookups.Load(), matched
}
