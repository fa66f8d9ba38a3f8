package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Result is what a translation says. Translate reuses its slices; one goroutine
// at a time uses it.
type Result struct {
	// Actions are what the datapath shall do; none means drop. The Value of a
	// Controller action is an index into PacketIns, until whoever caches the
	// actions puts a record of its own there.
	Actions []datapath.Act

	// Mask selects exactly those bits of the key that decided anything: a frame
	// that equals the key in them gets the same Actions. Pipeline words are
	// never in it.
	Mask flowtable.Mask

	// Credits are the counters that packets of this translation go to, those first
	// that stand behind fewer meters.
	Credits []Credit

	// Visits are the tables on the way, in order, and Tokens what else the
	// translation depended on, without duplicates. A change of the view's
	// fragment handling changes every translation.
	Visits []Visit
	Tokens []Token

	// PacketIns are what the controller is told with the copies that
	// Controller actions hand up.
	PacketIns []PacketIn

	// Slow says why this translation must not be cached; 0 if it may be.
	Slow Slow

	// Resume reports that the walk stopped because Actions uncover headers that
	// the key does not hold. Execute them on the frame, parse it, and go on
	// with Continue.
	Resume bool

	walk walk
}

// Slow is a set of reasons against caching a translation.
type Slow uint8

// The reasons.
const (
	SlowMask    Slow = 1 << iota // Mask has bits that the datapath's flows cannot match
	SlowAction                   // there are actions that they cannot do
	SlowLength                   // there are too many actions
	SlowReparse                  // the walk had to stop and Resume
)

// Credit is one place that counts packets.
type Credit struct {
	Stats   *flowtable.Stats   // of the entry; nil for a miss
	Flags   uint16             // of the entry: FlagNoPktCounts, FlagNoBytCounts
	Lookups *flowtable.Lookups // of the table; may be nil

	// Behind is how many meters a packet has passed before it counts here: of
	// later tables than the first meter's, only what the meter lets pass.
	Behind uint8
}

// Add counts packets, used last at now (CLOCK_MONOTONIC, nanoseconds). Any
// goroutine may call it.
func (c *Credit) Add(packets, bytes uint64, now int64) {
	if c.Lookups != nil {
		matched := packets
		if c.Stats == nil {
			matched = 0
		}
		c.Lookups.Credit(packets, matched)
	}
	if c.Stats == nil {
		return
	}
	if c.Flags&flowtable.FlagNoPktCounts != 0 {
		packets = 0
	}
	if c.Flags&flowtable.FlagNoBytCounts != 0 {
		bytes = 0
	}
	c.Stats.Credit(packets, bytes, now)
}

// creditBehind counts packets for those of r.Credits that stand behind first to
// last meters.
func (r *Result) creditBehind(first, last uint8, packets, bytes uint64, now int64) {
	for i := range r.Credits {
		if c := &r.Credits[i]; c.Behind >= first && c.Behind <= last {
			c.Add(packets, bytes, now)
		}
	}
}

// Visit is one table lookup of a translation.
type Visit struct {
	Table uint8
	Entry *Entry        // the winner; nil for a miss
	Key   flowtable.Key // as it was at the lookup

	// Known selects the bits of Key that every frame of the translation has
	// there: those of Result.Mask, wherever pushes and pops had moved them, and
	// those that actions had written (of a label's TTL, which no entry matches, it
	// may say more). An added entry of a table can change the
	// translation only if entry.Touches(&visit.Key, &visit.Known), and
	// only if no winner of higher priority was there.
	Known flowtable.Mask

	written flowtable.Mask
	tags    tagStack
	labels  labelStack
	stale   region
}

// known makes Known, of the translation's mask.
func (v *Visit) known(mask *flowtable.Mask) {
	v.Known = v.written
	if v.labels.moved {
		frame := *mask
		v.labels.presents(&frame)
		mask = &frame
	}
	v.tags.presents(mask, &v.Known)
	v.Known.Add(flowtable.InPhyPort, v.Known.Get(flowtable.InPort))
	if v.stale != 0 {
		v.stale.remove(&v.Known)
	}
}

// PacketIn is what the controller is told with a packet (§7.4.1).
type PacketIn struct {
	Table    uint8
	Reason   uint8  // OFPR_*
	MaxLen   uint16 // of the output action
	Cookie   uint64
	Metadata uint64
	TunnelID uint64 // if an action has set it; else it is the frame's
}
