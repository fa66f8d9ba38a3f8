package fwd

import (
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// features is what a table can do, as a controller can configure and read it
// (§7.3.5.5). Two values are equal if the capabilities are.
type features struct {
	metadataMatch uint64 // bits of metadata that entries can match
	metadataWrite uint64 // and write
	maxEntries    uint32

	match     fieldSet // fields that entries can match
	masks     fieldSet // those of them that can be masked
	wildcards fieldSet // fields that entries can leave out
	untold    fieldSet // fields of match that an answer leaves out

	hit, miss ability // of entries, and of the table-miss entry
}

// ability is what entries of a table can do.
type ability struct {
	instructions       typeSet
	next               tableSet // to go to
	write, apply       typeSet  // actions
	writeSet, applySet fieldSet // fields that these actions can set
}

// tableConfig is a table of the pipeline. It is immutable.
type tableConfig struct {
	id   uint8
	name string // for people
	features
}

// pipeline is the tables that there are, by id; nil where there is none. It is
// immutable.
type pipeline [translate.NumTables]*tableConfig

// wholePipeline returns the pipeline of all tables with all that this switch
// can do. The field for TCP flags is not told of: it is the one field of an
// experimenter, and there are controllers that hang up on such.
func wholePipeline(maxEntries int) *pipeline {
	match, wildcards, settable := fieldsOf(matchFields(true)), fieldsOf(matchFields(false)), fieldsOf(setFields())
	actions, _ := typesOf(supportedActions())
	whole := features{
		metadataMatch: ^uint64(0),
		metadataWrite: ^uint64(0),
		maxEntries:    uint32(maxEntries),
		match:         match | fieldTCPFlags,
		masks:         maskable(match | fieldTCPFlags),
		wildcards:     wildcards | fieldTCPFlags,
		untold:        fieldTCPFlags,
		hit:           ability{write: actions, apply: actions, writeSet: settable, applySet: settable},
	}
	p := new(pipeline)
	for id := range p {
		c := &tableConfig{id: uint8(id), name: fmt.Sprintf("table%d", id), features: whole}
		c.hit.instructions, _ = typesOf(supportedInstructions(c.id))
		for _, next := range nextTables(c.id) {
			c.hit.next.add(next)
		}
		c.miss = c.hit
		p[id] = c
	}
	return p
}

// maskable returns those fields of s that a match can mask.
func maskable(s fieldSet) (masks fieldSet) {
	s.each(func(one fieldSet) {
		if one.info().Maskable {
			masks |= one
		}
	})
	return masks
}

// told returns a table's features in the words of the protocol. The *_MISS
// properties are told even where they say the same as the others: some
// controllers install a table-miss entry only if they find there what it needs.
func (c *tableConfig) told(config uint32) ofp13.TableFeatures {
	return ofp13.TableFeatures{
		TableID:       c.id,
		Name:          c.name,
		MetadataMatch: c.metadataMatch,
		MetadataWrite: c.metadataWrite,
		Config:        config,
		MaxEntries:    c.maxEntries,
		Properties:    c.properties(),
	}
}

// properties returns the properties of a table, in the order of the
// specification (§7.3.5.5.2).
func (c *tableConfig) properties() []ofp13.TableFeatureProperty {
	hit, miss := &c.hit, &c.miss
	return []ofp13.TableFeatureProperty{
		{Type: ofp13.TablePropInstructions, Instructions: hit.instructions.ids()},
		{Type: ofp13.TablePropInstructionsMiss, Instructions: miss.instructions.ids()},
		{Type: ofp13.TablePropNextTables, NextTables: hit.next.ids()},
		{Type: ofp13.TablePropNextTablesMiss, NextTables: miss.next.ids()},
		{Type: ofp13.TablePropWriteActions, Actions: hit.write.ids()},
		{Type: ofp13.TablePropWriteActionsMiss, Actions: miss.write.ids()},
		{Type: ofp13.TablePropApplyActions, Actions: hit.apply.ids()},
		{Type: ofp13.TablePropApplyActionsMiss, Actions: miss.apply.ids()},
		{Type: ofp13.TablePropMatch, Fields: (c.match &^ c.untold).ids(c.masks)},
		{Type: ofp13.TablePropWildcards, Fields: (c.wildcards &^ c.untold).ids(0)},
		{Type: ofp13.TablePropWriteSetField, Fields: hit.writeSet.ids(0)},
		{Type: ofp13.TablePropWriteSetFieldMiss, Fields: miss.writeSet.ids(0)},
		{Type: ofp13.TablePropApplySetField, Fields: hit.applySet.ids(0)},
		{Type: ofp13.TablePropApplySetFieldMiss, Fields: miss.applySet.ids(0)},
	}
}
