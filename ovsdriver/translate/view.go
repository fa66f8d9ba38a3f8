package translate

import (
	"sync/atomic"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// NumTables is the number of flow tables, 0 to 253. OFPTT_MAX would allow one
// more; the original had this many in its pipelines.
const NumTables = 254

// Entry is a flow entry.
type Entry = flowtable.Entry[*Program]

// Snapshot is a flow table at one moment.
type Snapshot = flowtable.Snapshot[*Program]

// View is all that decides a frame's way: tables, ports and configuration at
// one moment. Main builds it with Next and the Set methods and publishes it;
// from then on it is immutable and anyone may read it, without locks.
type View struct {
	// Epoch numbers the views, from 1.
	Epoch uint64

	tables   [tablePages]*tablePage
	own      [tablePages]bool // pages that were copied for this view
	ports    *PortSet
	groups   *GroupSet
	meters   *Meters
	slow     *Meter // of what takes the slow path; may be nil
	features datapath.Features
	fragDrop bool
}

// table is a flow table and whom its lookups are counted for. A table that was
// never set is empty, and its lookups are not counted.
type table struct {
	entries *Snapshot
	lookups *flowtable.Lookups
}

// Views share the tables that have not changed, in pages, so that the next view
// is a small thing to make after each flow-mod.
const (
	tablesPerPage = 16
	tablePages    = (NumTables + tablesPerPage - 1) / tablesPerPage
)

// tablePage is tables of successive ids.
type tablePage [tablesPerPage]table

// NewView returns a view without entries and ports, for a datapath of these
// features. Its epoch is 1.
func NewView(features datapath.Features) *View {
	v := &View{Epoch: 1, features: features, ports: NewPortSet(nil), groups: NewGroupSet(0)}
	empty := new(tablePage)
	for i := range v.tables {
		v.tables[i] = empty
	}
	return v
}

// Next returns a copy of v, of the next epoch, that may be changed until it is
// published. It copies pointers only, some hundred bytes.
func (v *View) Next() *View {
	next := *v
	next.Epoch++
	next.own = [tablePages]bool{}
	return &next
}

// SetTable puts a table's entries and the counters of its lookups into a view
// that is not published yet.
func (v *View) SetTable(id uint8, entries *Snapshot, lookups *flowtable.Lookups) {
	page := id / tablesPerPage
	if !v.own[page] {
		tables := *v.tables[page]
		v.tables[page], v.own[page] = &tables, true
	}
	v.tables[page][id%tablesPerPage] = table{entries, lookups}
}

// SetPorts puts the ports into a view that is not published yet.
func (v *View) SetPorts(ports *PortSet) { v.ports = ports }

// SetGroups puts the groups into a view that is not published yet.
func (v *View) SetGroups(groups *GroupSet) { v.groups = groups }

// SetFragDrop says whether IP fragments are dropped (OFPC_FRAG_DROP, §7.3.2) in
// a view that is not published yet.
func (v *View) SetFragDrop(drop bool) { v.fragDrop = drop }

// Table returns the entries of a table; nil if it was never set.
func (v *View) Table(id uint8) *Snapshot { return v.table(id).entries }

// table returns a table, which must not be changed.
func (v *View) table(id uint8) *table { return &v.tables[id/tablesPerPage][id%tablesPerPage] }

// Ports returns the ports.
func (v *View) Ports() *PortSet { return v.ports }

// Groups returns the groups.
func (v *View) Groups() *GroupSet { return v.groups }

// FragDrop reports whether IP fragments are dropped.
func (v *View) FragDrop() bool { return v.fragDrop }

// Features returns what the datapath's cached flows can do.
func (v *View) Features() *datapath.Features { return &v.features }

// Publication is where main leaves the present view for the workers. The zero
// value holds none; main publishes one before it starts them.
type Publication struct{ view atomic.Pointer[View] }

// Publish makes v the present view. Main only; v must not be changed again.
func (p *Publication) Publish(v *View) { p.view.Store(v) }

// Load returns the present view.
func (p *Publication) Load() *View { return p.view.Load() }
