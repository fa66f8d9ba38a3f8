package fwd

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// pathModel is the tables, groups and meters as a list of what controllers have
// said, by the words of §6.4, §6.5, §6.6 and §7.3.5.5. It shares no code with
// what it is compared with but the codec.
type pathModel struct {
	entries []*modelEntry
	groups  map[uint32]bool
	meters  map[uint32]bool
	tables  map[uint8]ofp13.TableFeatures // those of the pipeline, as they were told last
}

// modelEntry is an entry as it was added, and as it was modified since.
type modelEntry struct {
	ofp13.FlowMod
	bits bitPattern
}

// bitPattern is a match, bit by bit.
type bitPattern map[fieldBit]bool

type fieldBit struct {
	field ofp13.OXMID
	bit   int // from the left of the field's bytes
}

func patternOf(m *ofp13.Match) bitPattern {
	p := bitPattern{}
	for _, o := range m.Fields {
		field := ofp13.OXMID{Class: o.Class, Field: o.Field, Experimenter: o.Experimenter}
		if field == (ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: ofp13.OXMVLANVID}) && o.Uint64() == 0 && !o.HasMask {
			o = ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0, 0x1000) // OFPVID_NONE: no tag, and so nothing of it
		}
		width := fieldOf(o.Class, o.Field, o.Experimenter).info().Bits
		for bit := int(o.Len)*8 - int(width); bit < int(o.Len)*8; bit++ {
			byteMask := byte(0x80) >> (bit % 8)
			if !o.HasMask || o.Mask[bit/8]&byteMask != 0 {
				p[fieldBit{field, bit}] = o.Value[bit/8]&byteMask != 0
			}
		}
	}
	return p
}

// within reports whether p says all that other says.
func (p bitPattern) within(other bitPattern) bool {
	for b, v := range other {
		if mine, ok := p[b]; !ok || mine != v {
			return false
		}
	}
	return true
}

func (p bitPattern) equals(other bitPattern) bool { return len(p) == len(other) && p.within(other) }

// overlaps reports whether a packet can fit both.
func (p bitPattern) overlaps(other bitPattern) bool {
	for b, v := range p {
		if theirs, ok := other[b]; ok && theirs != v {
			return false
		}
	}
	return true
}

// has reports whether an entry has an action of which yes is true.
func (e *modelEntry) has(yes func(*ofp13.Action) bool) bool {
	return slices.ContainsFunc(e.Instructions, func(in ofp13.Instruction) bool {
		return slices.ContainsFunc(in.Actions, func(a ofp13.Action) bool { return yes(&a) })
	})
}

func (e *modelEntry) usesGroup(id uint32) bool {
	return e.has(func(a *ofp13.Action) bool { return a.Type == ofp13.ActionGroup && (a.ID == id || id == ofp13.GroupAll) })
}

func (e *modelEntry) usesMeter(id uint32) bool {
	return slices.ContainsFunc(e.Instructions, func(in ofp13.Instruction) bool {
		return in.Type == ofp13.InstructionMeter && (in.ID == id || id == ofp13.MeterAll)
	})
}

// isSelected reports whether a modification or deletion is about an entry.
func (e *modelEntry) isSelected(m *ofp13.FlowMod) bool {
	bits := patternOf(&m.Match)
	switch {
	case m.TableID != ofp13.TableAll && m.TableID != e.TableID,
		(e.Cookie^m.Cookie)&m.CookieMask != 0,
		!e.bits.within(bits):
		return false
	}
	if m.Command == ofp13.FlowModifyStrict || m.Command == ofp13.FlowDeleteStrict {
		if e.Priority != m.Priority || !e.bits.equals(bits) {
			return false
		}
	}
	if m.Command == ofp13.FlowModify || m.Command == ofp13.FlowModifyStrict {
		return true
	}
	output := func(a *ofp13.Action) bool { return a.Type == ofp13.ActionOutput && a.ID == m.OutPort }
	return (m.OutPort == ofp13.PortAny || e.has(output)) &&
		(m.OutGroup == ofp13.GroupAny || m.OutGroup == ofp13.GroupAll || e.usesGroup(m.OutGroup))
}

// drop takes out the entries of which gone is true.
func (p *pathModel) drop(gone func(*modelEntry) bool) { p.entries = slices.DeleteFunc(p.entries, gone) }

// flowMod does what a flow-mod says that was answered by err. Codes that only
// depend on the tables must be right; the others are the translator's.
func (p *pathModel) flowMod(t *testing.T, m *ofp13.FlowMod, err error) {
	t.Helper()
	want := p.refusal(m)
	var e *ofp13.Error
	if errors.As(err, &e) && e.Type == ofp13.ErrTypeBadRequest && e.Code == ofp13.BadRequestBufferUnknown {
		err = nil // of the packet-out that goes with it
	}
	if err != nil {
		if failed := e != nil && e.Type == ofp13.ErrTypeFlowModFailed; failed && !errors.Is(err, want) {
			t.Fatalf("%+v: error %v, want %v", m, err, want)
		}
		return
	}
	if want != nil {
		t.Fatalf("%+v: no error, want %v", m, want)
	}
	switch m.Command {
	case ofp13.FlowAdd:
		p.drop(func(e *modelEntry) bool { return p.isSame(e, m) })
		p.entries = append(p.entries, &modelEntry{FlowMod: *m, bits: patternOf(&m.Match)})
	case ofp13.FlowModify, ofp13.FlowModifyStrict:
		for _, e := range p.entries {
			if e.isSelected(m) {
				e.Instructions = m.Instructions
			}
		}
	default:
		p.drop(func(e *modelEntry) bool { return e.isSelected(m) })
	}
}

// isSame reports whether an entry to be added replaces e.
func (p *pathModel) isSame(e *modelEntry, m *ofp13.FlowMod) bool {
	return e.TableID == m.TableID && e.Priority == m.Priority && e.bits.equals(patternOf(&m.Match))
}

// refusal returns the OFPFMFC_* error that the state of the tables asks for.
func (p *pathModel) refusal(m *ofp13.FlowMod) error {
	failed := func(code uint16) error { return &ofp13.Error{Type: ofp13.ErrTypeFlowModFailed, Code: code} }
	deletes := m.Command == ofp13.FlowDelete || m.Command == ofp13.FlowDeleteStrict
	features, ok := p.tables[m.TableID]
	if !ok && (m.TableID != ofp13.TableAll || !deletes) {
		return failed(ofp13.FlowModFailedBadTableID)
	}
	if m.Command != ofp13.FlowAdd {
		return nil
	}
	bits, n := patternOf(&m.Match), 0
	replaces := false
	for _, e := range p.entries {
		if e.TableID != m.TableID {
			continue
		}
		n++
		if same := p.isSame(e, m); same {
			replaces = true
		} else if m.Flags&ofp13.FlagCheckOverlap != 0 && e.Priority == m.Priority && e.bits.overlaps(bits) {
			return failed(ofp13.FlowModFailedOverlap)
		}
	}
	if !replaces && n >= int(features.MaxEntries) {
		return failed(ofp13.FlowModFailedTableFull)
	}
	return nil
}

// groupMod and meterMod do what a message says that was not refused.
func (p *pathModel) groupMod(m *ofp13.GroupMod) {
	if m.Command != ofp13.GroupDelete {
		p.groups[m.GroupID] = true
		return
	}
	p.drop(func(e *modelEntry) bool { return e.usesGroup(m.GroupID) })
	if delete(p.groups, m.GroupID); m.GroupID == ofp13.GroupAll {
		clear(p.groups)
	}
}

func (p *pathModel) meterMod(m *ofp13.MeterMod) {
	if m.Command != ofp13.MeterDelete {
		p.meters[m.MeterID] = true
		return
	}
	p.drop(func(e *modelEntry) bool { return e.usesMeter(m.MeterID) })
	if delete(p.meters, m.MeterID); m.MeterID == ofp13.MeterAll {
		clear(p.meters)
	}
}

// configure takes the tables as they are told after a request that was not
// refused.
func (p *pathModel) configure(told []ofp13.TableFeatures) {
	before := p.tables
	p.tables = map[uint8]ofp13.TableFeatures{}
	for _, f := range told {
		p.tables[f.TableID] = f
	}
	p.drop(func(e *modelEntry) bool {
		was, is := before[e.TableID], p.tables[e.TableID]
		was.Name, was.Config, is.Name, is.Config = "", 0, "", 0
		return string(was.Append(nil)) != string(is.Append(nil))
	})
}

// told returns the entries in the words of statistics, sorted, without what goes
// with time.
func (p *pathModel) told() (all []string) {
	for _, e := range p.entries {
		s := ofp13.FlowStats{
			TableID: e.TableID, Priority: e.Priority, IdleTimeout: e.IdleTimeout, HardTimeout: e.HardTimeout,
			Flags: e.Flags, Cookie: e.Cookie, Match: e.Match, Instructions: e.Instructions,
		}
		all = append(all, fmt.Sprintf("%x", s.Append(nil)))
	}
	slices.Sort(all)
	return all
}
