package flowtable

// Entry is one flow entry: a match, a priority and a value. NewEntry makes it, its
// owner fills and inserts it; from then on it is immutable, and a change makes a
// new version. Any goroutine may read it. A [Classifier] needs only the match,
// Priority and Value; the rest is for a [Table].
//
// There may be very many, so the match is stored in its significant words only.
type Entry[V any] struct {
	// What a lookup reads of most entries stands first, in one cache line.

	hash uint64    // of the masked key, by the sub-table that holds it
	seq  uint64    // age: smaller is older; versions of one entry share it
	head headWords // the first significant words of the masked key

	Priority uint16
	Flags    uint16 // the Flag* bits

	IdleTimeout uint16 // seconds without use; 0 means none
	HardTimeout uint16 // seconds since Created; 0 means none

	mask *Mask // main only, until the entry is in a classifier: then all of it share one
	wide *Key  // the whole masked key, if head has not all its words

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

// NewEntry returns an entry of this match. Bits of the match's key outside its
// mask must be zero.
func NewEntry[V any](match *Match, priority uint16, value V) *Entry[V] {
	mask := match.Mask
	e := &Entry[V]{mask: &mask, Priority: priority, Value: value}
	n := 0
	for i, w := range mask {
		if w == 0 {
			continue
		}
		if n == len(e.head) {
			wide := match.Key
			e.wide = &wide
			break
		}
		e.head[n] = match.Key[i]
		n++
	}
	return e
}

// Mask returns the mask of the entry's match. It must not be changed.
func (e *Entry[V]) Mask() *Mask { return e.mask }

// Key returns the masked key of the entry's match.
func (e *Entry[V]) Key() (k Key) {
	if e.wide != nil {
		return *e.wide
	}
	n := 0
	for i, w := range e.mask {
		if w != 0 {
			k[i] = e.head[n]
			n++
		}
	}
	return k
}

// Match returns the entry's match.
func (e *Entry[V]) Match() Match { return Match{Key: e.Key(), Mask: *e.mask} }

// Touches reports whether the entry, added to a table, can match a frame of a
// cached flow that passed that table: key is the flow's key as it was when it
// looked the table up, cached the mask under which the flow is cached. Bits
// outside cached differ from frame to frame of the flow, so there the entry can
// match some frame; inside, every frame of the flow is like key. False is
// certain; true may be too cautious where actions had set bits of key outside
// cached, which a caller avoids by adding those bits to cached.
func (e *Entry[V]) Touches(key *Key, cached *Mask) bool {
	n := 0
	for i, w := range e.mask {
		if w == 0 {
			continue
		}
		if (e.word(n, i)^key[i])&w&cached[i] != 0 {
			return false
		}
		n++
	}
	return true
}

// word returns the masked key's word i, which is the n-th that is significant.
func (e *Entry[V]) word(n, i int) uint64 {
	if e.wide != nil {
		return e.wide[i]
	}
	return e.head[n]
}

// isTableMiss reports whether e is a table-miss entry (OpenFlow 1.3.5 §5.4).
func (e *Entry[V]) isTableMiss() bool { return e.Priority == 0 && *e.mask == Mask{} }

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

// selectsRest reports whether the filter selects e, Match and Priority left aside.
func (f *Filter[V]) selectsRest(e *Entry[V]) bool {
	return (e.Cookie^f.Cookie)&f.CookieMask == 0 && (f.Keep == nil || f.Keep(e))
}
