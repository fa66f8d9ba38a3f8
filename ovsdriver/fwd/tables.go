package fwd

import (
	"io"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// DefaultMaxEntries is how many entries each table holds at most.
const DefaultMaxEntries = 1 << 20

type (
	table  = flowtable.Table[*translate.Program]
	entry  = translate.Entry
	change = flowtable.Change[*translate.Program]
	filter = flowtable.Filter[*translate.Program]
)

// Cache is what Tables asks of the datapath's cache of flows; kflow.Cache is
// it. Main goroutine only.
type Cache interface {
	// Change tells what happened to entries of a table, ChangeTokens and
	// ChangeAll what happened beside the tables, since the last Revalidate.
	Change(table uint8, changes []flowtable.Change[*translate.Program])
	ChangeTokens([]translate.Token)
	ChangeAll()

	// Revalidate makes cached flows follow a view, as far as Work has gone,
	// which works for about the time given: all obey when done reaches due.
	Revalidate(*translate.View) (due uint64)
	Work(time.Duration) (done uint64)

	// SettleIdle brings the counters of those among a table's entries up to
	// date that would else time out idle at now.
	SettleIdle(table uint8, entries []*translate.Entry, now int64)
}

// TablesConfig is what Tables works with. What is not optional is required.
type TablesConfig struct {
	Cache       Cache
	Publication *translate.Publication

	// Quiesced reports whether no worker still works with a view before that
	// of the epoch.
	Quiesced func(epoch uint64) bool

	// SubmitBuffer sends a buffered packet through the tables as they are now;
	// Packets.SubmitBuffer. Errors are *ofp13.Error, but for a failure of the
	// datapath. Optional: without it nothing is buffered.
	SubmitBuffer func(id uint32) error

	// FlowRemoved sends a message to the controllers that want it. The message
	// is valid only during the call.
	FlowRemoved func(*ofp13.FlowRemoved)

	// Now is the clock: CLOCK_MONOTONIC in nanoseconds. Streams ask it too, on
	// whatever goroutine reads them.
	Now func() int64

	MaxEntries int // of each table. Optional: 0 means DefaultMaxEntries

	// FixedPipeline refuses controllers who would configure tables, with
	// OFPTFFC_EPERM. Optional.
	FixedPipeline bool
}

// Tables is the flow tables of the switch. Changes take effect when they are
// published, by Publish or Commit; a commit is over when the datapath obeys
// them, which Poll finds out. Main goroutine only.
type Tables struct {
	cfg    TablesConfig
	tables [translate.NumTables]*table

	whole    *pipeline                   // all that the switch can do
	pipeline *pipeline                   // as controllers have configured it
	config   [translate.NumTables]uint32 // OFPTC_* that controllers have set

	programs programs

	view     *translate.View // published last
	touched  [translate.NumTables]bool
	unsent   bool // changes that are not published
	ports    *translate.PortSet
	groups   *groupTable
	meters   *meterTable
	tokens   []translate.Token
	fragDrop bool

	removed []removal // since the last publication
	after   []func()  // to be called when the datapath obeys the next one
	pending []commit

	departing []departure // the first is under way
	waiting   []func()    // to be among after when there is none left

	changes []change    // scratch
	due     []*entry    // scratch
	match   ofp13.Match // scratch
}

// NewTables returns empty tables, and publishes the first of their views, which
// grows out of first.
func NewTables(first *translate.View, cfg TablesConfig) *Tables {
	if cfg.MaxEntries == 0 {
		cfg.MaxEntries = DefaultMaxEntries
	}
	if cfg.SubmitBuffer == nil {
		cfg.SubmitBuffer = unbuffered
	}
	t := &Tables{cfg: cfg, view: first, ports: first.Ports(), fragDrop: first.FragDrop(), unsent: true}
	t.groups = newGroupTable(first.Groups())
	t.meters = newMeterTable()
	t.programs = programs{}
	t.whole = wholePipeline(cfg.MaxEntries)
	t.pipeline = t.whole
	for id := range t.tables {
		t.tables[id] = flowtable.NewTable[*translate.Program](cfg.MaxEntries)
		t.touched[id] = true
	}
	t.Publish()
	t.pending = nil // nobody can work with an older view
	return t
}

// SetEviction says what a full table does with a new entry; at first it refuses
// it with OFPFMFC_TABLE_FULL. Whoever asked for it hears of an evicted entry as
// of a deleted one. OpenFlow 1.3 has no message that sets it.
func (t *Tables) SetEviction(table uint8, policy flowtable.Eviction) {
	t.tables[table].SetEviction(policy)
}

// View returns the view that was published last.
func (t *Tables) View() *translate.View { return t.view }

// SetPorts makes these the switch's ports, from the next publication on.
func (t *Tables) SetPorts(ports *translate.PortSet) {
	tokens := ports.Changed(t.ports, t.tokens[:0])
	t.cfg.Cache.ChangeTokens(tokens)
	t.tokens = tokens
	t.ports = ports
	t.unsent = true
}

// Config returns the fragment handling flags (§7.3.2).
func (t *Tables) Config() (flags uint16) {
	if t.fragDrop {
		return ofp13.FragDrop
	}
	return ofp13.FragNormal
}

// SetConfig sets the fragment handling flags (§7.3.2): fragments are forwarded
// like other packets, or dropped. They are never put together, so
// OFPC_FRAG_REASM and unknown bits are refused with
// OFPET_SWITCH_CONFIG_FAILED/OFPSCFC_BAD_FLAGS.
func (t *Tables) SetConfig(flags uint16) error {
	switch flags {
	case ofp13.FragNormal, ofp13.FragDrop:
	default:
		return ofp13.Errorf(ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadFlags,
			"configuration flags %#x: fragments can be forwarded (0) or dropped (1)", flags)
	}
	if drop := flags == ofp13.FragDrop; drop != t.fragDrop {
		t.fragDrop = drop
		t.unsent = true
		t.cfg.Cache.ChangeAll()
	}
	return nil
}

// Trace takes a key through the tables as they were published last and writes,
// line by line, what happens to it.
func (t *Tables) Trace(key *flowtable.Key, w io.Writer) error {
	return translate.Trace(t.view, key, w)
}
