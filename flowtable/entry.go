package flowtable

// Entry is one flow entry: a pattern, a priority and a value. Its owner fills
// it and inserts it; from then on it is immutable, and a change makes a new
// version. Any goroutine may read it. A [Classifier] needs only Match,
// Priority and Value; the rest is for a [Table].
type Entry[V any] struct {
	// What a lookup reads of most entries stands first, in one cache line.

	hash uint64 // of the masked key, by the sub-table that holds it
	seq  uint64 // age: smaller is older; versions of one entry share it
	head headWords

	Priority uint16
	Flags    uint16 // the Flag* bits

	IdleTimeout uint16 // seconds without use; 0 means none
	HardTimeout uint16 // seconds since Created; 0 means none

	Match  Match
	Cookie uint64
	// Created is when the entry was added, CLOCK_MONOTONIC in nanoseconds; a
	// Table sets it. Versions made by modification share it.
	Created int64
	// Stats counts. A Table sets it; versions of one entry share it.
	Stats *Stats
	// Value is what the entry does.
	Value V
	// Origin is whatever the owner wants to find again with the entry, such as
	// the match in the words of who asked for it. Nothing here looks at it, and
	// versions made by modification share it.
	Origin string

	// Main only; versions share them.
	timer *timer[V] // nil without timeouts
	use   *timer[V] // nil unless the table evicts the unused
}

// Flags of an entry, the values of enum ofp_flow_mod_flags (OpenFlow 1.3.5
// §7.3.4.1).
const (
	FlagSendFlowRem  = 1 << 0 // OFPFF_SEND_FLOW_REM
	FlagCheckOverlap = 1 << 1 // OFPFF_CHECK_OVERLAP
	FlagResetCounts  = 1 << 2 // OFPFF_RESET_COUNTS
	FlagNoPktCounts  = 1 << 3 // OFPFF_NO_PKT_COUNTS
	FlagNoBytCounts  = 1 << 4 // OFPFF_NO_BYT_COUNTS
)

// Filter selects entries, as a modify, a delete or a statistics request does
// (OpenFlow 1.3.5 §6.4, §7.3.5.2). The zero Filter selects all.
type Filter[V any] struct {
	// Match: a loose filter selects the entries whose match is as narrow as
	// this or narrower, a strict one the entry of exactly this match.
	Match Match
	// Priority counts in a strict filter only.
	Priority uint16
	Strict   bool
	// Cookie counts in the bits of CookieMask.
	Cookie, CookieMask uint64
	// Keep, if not nil, must also say true: the place of out_port and
	// out_group.
	Keep func(*Entry[V]) bool
}

// Selects reports whether the filter selects e.
func (f *Filter[V]) Selects(e *Entry[V]) bool {
	if f.Strict {
		if e.Priority != f.Priority || e.Match != f.Match {
			return false
		}
	} else if !e.Match.Within(&f.Match) {
		return false
	}
	return f.selectsRest(e)
}

// selectsRest is Selects without Match and Priority.
func (f *Filter[V]) selectsRest(e *Entry[V]) bool {
	return (e.Cookie^f.Cookie)&f.CookieMask == 0 && (f.Keep == nil || f.Keep(e))
}
