package fwd

import (
	"errors"
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// TableFeatures answers an empty request with the features of every table
// (§7.3.5.5). Tables cannot be configured: any other request is refused with
// OFPET_TABLE_FEATURES_FAILED/OFPTFFC_EPERM.
func (t *Tables) TableFeatures(req []ofp13.TableFeatures) (ofp13.Stream, error) {
	if len(req) > 0 {
		return nil, ofp13.Errorf(ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedEPerm,
			"tables cannot be configured; send an empty request to read their features")
	}
	return &featureStream{
		maxEntries: uint32(t.cfg.MaxEntries),
		match:      matchFields(true),
		wildcards:  matchFields(false),
		setFields:  setFields(),
	}, nil
}

// featureStream generates the features of one table after the other. All are
// alike, but for the tables that come after.
type featureStream struct {
	table      uint8
	maxEntries uint32
	match      []ofp13.OXMID
	wildcards  []ofp13.OXMID
	setFields  []ofp13.OXMID
}

// Next implements ofp13.Stream.
func (s *featureStream) Next(b []byte) ([]byte, bool) {
	if s.table >= translate.NumTables {
		return b, false
	}
	f := ofp13.TableFeatures{
		TableID:       s.table,
		Name:          fmt.Sprintf("table%d", s.table),
		MetadataMatch: ^uint64(0),
		MetadataWrite: ^uint64(0),
		MaxEntries:    s.maxEntries,
		Properties:    s.properties(),
	}
	s.table++
	return f.Append(b), true
}

// properties returns a table's properties. The *_MISS ones say the same as the
// others, but say so: some controllers install a table-miss entry only if they
// find there what it needs.
func (s *featureStream) properties() []ofp13.TableFeatureProperty {
	instructions := supportedInstructions(s.table)
	next := nextTables(s.table)
	return []ofp13.TableFeatureProperty{
		{Type: ofp13.TablePropInstructions, Instructions: instructions},
		{Type: ofp13.TablePropInstructionsMiss, Instructions: instructions},
		{Type: ofp13.TablePropNextTables, NextTables: next},
		{Type: ofp13.TablePropNextTablesMiss, NextTables: next},
		{Type: ofp13.TablePropWriteActions, Actions: supportedActions()},
		{Type: ofp13.TablePropWriteActionsMiss, Actions: supportedActions()},
		{Type: ofp13.TablePropApplyActions, Actions: supportedActions()},
		{Type: ofp13.TablePropApplyActionsMiss, Actions: supportedActions()},
		{Type: ofp13.TablePropMatch, Fields: s.match},
		{Type: ofp13.TablePropWildcards, Fields: s.wildcards},
		{Type: ofp13.TablePropWriteSetField, Fields: s.setFields},
		{Type: ofp13.TablePropWriteSetFieldMiss, Fields: s.setFields},
		{Type: ofp13.TablePropApplySetField, Fields: s.setFields},
		{Type: ofp13.TablePropApplySetFieldMiss, Fields: s.setFields},
	}
}

// supportedInstructions returns what entries of a table can do; those of the
// last have nowhere to go to.
func supportedInstructions(table uint8) []ofp13.FeatureID {
	ids := []ofp13.FeatureID{
		{Type: ofp13.InstructionWriteMetadata},
		{Type: ofp13.InstructionWriteActions},
		{Type: ofp13.InstructionApplyActions},
		{Type: ofp13.InstructionClearActions},
	}
	if table < translate.NumTables-1 {
		ids = append(ids, ofp13.FeatureID{Type: ofp13.InstructionGotoTable})
	}
	return ids
}

// nextTables returns the tables that a table's entries can go to: all later.
func nextTables(table uint8) []uint8 {
	next := make([]uint8, 0, translate.NumTables)
	for id := int(table) + 1; id < translate.NumTables; id++ {
		next = append(next, uint8(id))
	}
	return next
}

func supportedActions() []ofp13.FeatureID {
	return []ofp13.FeatureID{
		{Type: ofp13.ActionOutput},
		{Type: ofp13.ActionPushVLAN},
		{Type: ofp13.ActionPopVLAN},
		{Type: ofp13.ActionSetNwTTL},
		{Type: ofp13.ActionDecNwTTL},
		{Type: ofp13.ActionSetField},
	}
}

// matchFields returns the fields that entries can match, as the translator
// itself answers. With masks, those that can be masked say so.
func matchFields(masks bool) []ofp13.OXMID {
	return fieldsWhere(func(o ofp13.OXM, f ofp13.Field) (masked, ok bool) {
		_, err := translate.CompileMatch(&ofp13.Match{Fields: []ofp13.OXM{o}})
		return masks && f.Maskable, err == nil
	})
}

// setFields returns the fields that actions can set, as the translator itself
// answers.
func setFields() []ofp13.OXMID {
	refusal := &ofp13.Error{Type: ofp13.ErrTypeBadAction, Code: ofp13.BadActionBadSetType}
	return fieldsWhere(func(o ofp13.OXM, f ofp13.Field) (masked, ok bool) {
		_, err := translate.CompileActions([]ofp13.Action{{Type: ofp13.ActionSetField, Field: o}})
		return false, f.Settable && !errors.Is(err, refusal)
	})
}

// fieldsWhere lists the fields of the basic class that ok says, whose ids have
// a mask if masked says so. Both look at a value of zero.
func fieldsWhere(which func(ofp13.OXM, ofp13.Field) (masked, ok bool)) []ofp13.OXMID {
	var ids []ofp13.OXMID
	for field := uint8(0); ; field++ {
		f, known := ofp13.FieldInfo(field)
		if !known {
			return ids
		}
		masked, ok := which(ofp13.NewOXM(field, make([]byte, f.Len)), f)
		if !ok {
			continue
		}
		id := ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: field, HasMask: masked, Len: f.Len}
		if masked {
			id.Len *= 2 // as the length would be with a payload
		}
		ids = append(ids, id)
	}
}
