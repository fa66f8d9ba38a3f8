package fwd

import (
	"errors"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// TableFeatures answers with the features of every table of the pipeline
// (§7.3.5.5). A request that is not empty configures the whole pipeline first:
// its tables can do what it says, from then on flow-mods that ask for more are
// refused, and tables that it leaves out are gone. Entries of tables that are
// gone or whose capabilities have changed are removed without a flow-removed
// message. Errors are *ofp13.Error of OFPET_TABLE_FEATURES_FAILED, and then
// nothing has changed.
func (t *Tables) TableFeatures(req []ofp13.TableFeatures) (ofp13.Stream, error) {
	t.complete()
	if len(req) > 0 {
		if t.cfg.FixedPipeline {
			return nil, badFeatures(ofp13.TableFeaturesFailedEPerm,
				"this switch's tables are not to be configured; send an empty request to read their features")
		}
		next, err := t.whole.configured(req)
		if err != nil {
			return nil, err
		}
		t.setPipeline(next, req)
	}
	return &featureStream{pipeline: t.pipeline, config: t.config}, nil
}

// setPipeline makes next the pipeline and takes over the table configurations
// of the request that it is made of.
func (t *Tables) setPipeline(next *pipeline, req []ofp13.TableFeatures) {
	for id, table := range t.tables {
		was, is := t.pipeline[id], next[id]
		if was != nil && is != nil && was.features == is.features {
			continue
		}
		t.follow(uint8(id), table.Delete(&filter{}, t.changes[:0]))
		if is != nil {
			table.SetMax(int(is.maxEntries))
		}
	}
	t.pipeline = next
	for i := range req {
		t.config[req[i].TableID] = req[i].Config
	}
}

// featureStream generates the features of one table after the other.
type featureStream struct {
	pipeline *pipeline
	config   [translate.NumTables]uint32
	next     int
}

// Next implements ofp13.Stream.
func (s *featureStream) Next(b []byte) ([]byte, bool) {
	for s.next < len(s.pipeline) {
		id := s.next
		s.next++
		if c := s.pipeline[id]; c != nil {
			f := c.told(s.config[id])
			return f.Append(b), true
		}
	}
	return b, false
}

// supportedInstructions returns what entries of a table can do; those of the
// last have nowhere to go to.
func supportedInstructions(table uint8) []ofp13.FeatureID {
	ids := []ofp13.FeatureID{
		{Type: ofp13.InstructionWriteMetadata},
		{Type: ofp13.InstructionWriteActions},
		{Type: ofp13.InstructionApplyActions},
		{Type: ofp13.InstructionClearActions},
		{Type: ofp13.InstructionMeter},
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
		{Type: ofp13.ActionSetQueue},
		{Type: ofp13.ActionGroup},
		{Type: ofp13.ActionCopyTTLOut},
		{Type: ofp13.ActionCopyTTLIn},
		{Type: ofp13.ActionSetMPLSTTL},
		{Type: ofp13.ActionDecMPLSTTL},
		{Type: ofp13.ActionPushVLAN},
		{Type: ofp13.ActionPopVLAN},
		{Type: ofp13.ActionPushMPLS},
		{Type: ofp13.ActionPopMPLS},
		{Type: ofp13.ActionSetNwTTL},
		{Type: ofp13.ActionDecNwTTL},
		{Type: ofp13.ActionSetField},
		{Type: ofp13.ActionPushPBB},
		{Type: ofp13.ActionPopPBB},
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
