package fwd

import (
	"errors"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// FlowMod adds, modifies or deletes flow entries (§6.4, §7.3.4.1). Errors are
// *ofp13.Error, and then no table has changed, with one exception: a flow-mod
// that names a buffer is carried out, and then the packet-out to OFPP_TABLE that
// it implies, which may fail with OFPET_BAD_REQUEST, OFPBRC_BUFFER_UNKNOWN or
// OFPBRC_BUFFER_EMPTY.
func (t *Tables) FlowMod(m *ofp13.FlowMod) error {
	t.complete()
	match, err := translate.CompileMatch(&m.Match)
	if err != nil {
		return err
	}
	if m.Command == ofp13.FlowDelete || m.Command == ofp13.FlowDeleteStrict {
		return t.deleteFlows(m, &match)
	}
	if err := t.setFlows(m, &match); err != nil {
		return err
	}
	if m.BufferID != ofp13.NoBuffer {
		return t.cfg.SubmitBuffer(m.BufferID)
	}
	return nil
}

// setFlows adds an entry or modifies entries.
func (t *Tables) setFlows(m *ofp13.FlowMod, match *flowtable.Match) error {
	c := t.pipeline.table(m.TableID)
	if c == nil {
		return errBadTable(m.TableID)
	}
	if err := checkLength(m.Instructions); err != nil {
		return err
	}
	program, err := translate.Compile(m.TableID, match, m.Instructions)
	if err != nil {
		return err
	}
	if err := t.groups.known(program.Groups()); err != nil {
		return err
	}
	if err := t.meters.known(program.Meter()); err != nil {
		return err
	}
	f := filterOf(m, match)
	if err := t.checkFeatures(c, m, &f); err != nil {
		return err
	}
	program = t.programs.share(program)
	if m.Command == ofp13.FlowAdd {
		return t.addFlow(m, match, program)
	}
	reset := m.Flags&ofp13.FlagResetCounts != 0
	t.changed(m.TableID, t.tables[m.TableID].Modify(&f, program, reset, t.changes[:0]), t.cfg.Now())
	return nil
}

// filterOf selects the entries that a modification or deletion is about (§6.4).
func filterOf(m *ofp13.FlowMod, match *flowtable.Match) filter {
	f := filter{
		Match:      *match,
		Priority:   m.Priority,
		Strict:     m.Command == ofp13.FlowModifyStrict || m.Command == ofp13.FlowDeleteStrict,
		Cookie:     m.Cookie,
		CookieMask: m.CookieMask,
	}
	if !f.Strict {
		f.Match = translate.Loose(match)
	}
	return f
}

// maxActions bounds the actions of one entry, so that its statistics fit into
// one element of a multipart reply.
const maxActions = 1024

// checkLength refuses what could not be told back.
func checkLength(instructions []ofp13.Instruction) error {
	n := 0
	for i := range instructions {
		n += len(instructions[i].Actions)
	}
	if n > maxActions {
		return ofp13.Errorf(ofp13.ErrTypeBadAction, ofp13.BadActionTooMany,
			"%d actions in one entry; at most %d can be told back", n, maxActions)
	}
	return nil
}

// addFlow adds an entry; one of the same match and priority is replaced.
func (t *Tables) addFlow(m *ofp13.FlowMod, match *flowtable.Match, program *translate.Program) error {
	var wire [256]byte // on the stack, for most entries
	e := flowtable.NewEntry(match, m.Priority, program)
	e.Flags = m.Flags
	e.IdleTimeout, e.HardTimeout = m.IdleTimeout, m.HardTimeout
	e.Cookie = m.Cookie
	e.Origin = string(m.Match.Append(wire[:0]))
	now := t.cfg.Now()
	changes, err := t.tables[m.TableID].Add(e, now, t.changes[:0])
	if err != nil {
		code := ofp13.FlowModFailedTableFull // flowtable.ErrFull
		if errors.Is(err, flowtable.ErrOverlap) {
			code = ofp13.FlowModFailedOverlap
		}
		return &ofp13.Error{Type: ofp13.ErrTypeFlowModFailed, Code: code, Cause: err}
	}
	t.changed(m.TableID, changes, now)
	return nil
}

// sentMatch returns the match of an entry as it was sent, which is told back to
// the letter. It is valid until the next call.
func (t *Tables) sentMatch(e *entry) ofp13.Match {
	if err := t.match.Decode([]byte(e.Origin)); err != nil {
		return ofp13.Match{} // of no message that has come over a connection
	}
	return t.match
}

// deleteFlows deletes entries of one table or of all. Commands other than
// deletion ignore out_port and out_group; this one ignores buffer_id.
func (t *Tables) deleteFlows(m *ofp13.FlowMod, match *flowtable.Match) error {
	first, last, ok := t.tableRange(m.TableID)
	if !ok {
		return errBadTable(m.TableID)
	}
	f := filterOf(m, match)
	f.Keep = keep(m.OutPort, m.OutGroup)
	now := t.cfg.Now()
	for id := first; id <= last; id++ {
		t.changed(id, t.tables[id].Delete(&f, t.changes[:0]), now)
	}
	return nil
}

// tableRange returns the tables that a table id means where OFPTT_ALL is
// allowed.
func (t *Tables) tableRange(id uint8) (first, last uint8, ok bool) {
	if id == ofp13.TableAll {
		return 0, translate.NumTables - 1, true
	}
	return id, id, t.pipeline.table(id) != nil
}

// table returns a table of the pipeline; nil if it has none of this id.
func (p *pipeline) table(id uint8) *tableConfig {
	if int(id) >= len(p) {
		return nil
	}
	return p[id]
}

func errBadTable(id uint8) error {
	return ofp13.Errorf(ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID,
		"table %d is not in the pipeline; its table features list the tables", id)
}

// keep returns the filter of out_port and out_group, or nil if they restrict
// nothing. OFPG_ALL is taken for OFPG_ANY, since controllers send it so.
func keep(outPort, outGroup uint32) func(*entry) bool {
	anyPort := outPort == ofp13.PortAny
	anyGroup := outGroup == ofp13.GroupAny || outGroup == ofp13.GroupAll
	if anyPort && anyGroup {
		return nil
	}
	return func(e *entry) bool {
		return (anyPort || e.Value.OutputsTo(outPort)) && (anyGroup || e.Value.UsesGroup(outGroup))
	}
}

// TableMod configures tables (§7.3.3). Its bits are all deprecated: they are
// kept, told with the table's features, and without effect.
func (t *Tables) TableMod(m *ofp13.TableMod) error {
	first, last, ok := t.tableRange(m.TableID)
	if !ok {
		return ofp13.Errorf(ofp13.ErrTypeTableModFailed, ofp13.TableModFailedBadTable,
			"table %d is not in the pipeline; its table features list the tables", m.TableID)
	}
	for id := first; id <= last; id++ {
		t.config[id] = m.Config
	}
	return nil
}
