package fwd

import (
	"math/bits"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// checkFeatures refuses a flow-mod that asks more of a table than its features
// allow (§7.3.5.5). Its match and actions have passed the translator, so they
// are of a kind that the switch knows.
func (t *Tables) checkFeatures(c *tableConfig, m *ofp13.FlowMod, f *filter) error {
	if err := c.checkFields(&m.Match); err != nil {
		return err
	}
	hits, misses := true, false
	if m.Command == ofp13.FlowAdd {
		misses = f.Priority == 0 && f.Match.Mask == flowtable.Mask{}
		hits = !misses
		if err := c.checkWildcards(&m.Match, misses); err != nil {
			return err
		}
	} else if c.hit != c.miss {
		hits, misses = kinds(t.tables[c.id], f)
	}
	if hits {
		if err := c.check(&c.hit, m.Instructions); err != nil {
			return err
		}
	}
	if misses {
		return c.check(&c.miss, m.Instructions)
	}
	return nil
}

// kinds reports whether a filter selects entries, and whether it selects the
// table-miss entry.
func kinds(table *table, f *filter) (hits, misses bool) {
	for e := range table.Select(f) {
		if isTableMiss(e) {
			misses = true
		} else {
			hits = true
		}
		if hits && misses {
			break
		}
	}
	return hits, misses
}

// isTableMiss reports whether e is a table-miss entry (§5.4).
func isTableMiss(e *entry) bool {
	return e.Priority == 0 && *e.Mask() == flowtable.Mask{}
}

// checkFields refuses fields, and bits of metadata, that the table does not
// match. A field that is only there as the prerequisite of another need not be
// among the table's (§7.2.3.6).
func (c *tableConfig) checkFields(m *ofp13.Match) error {
	named, _ := fieldsIn(m)
	if others := named &^ c.match; others != 0 {
		others &^= (named & c.match).prerequisites()
		const vid = fieldSet(1 << ofp13.OXMVLANVID)
		if (named&^c.match)&vid != 0 && !presenceOnly(m.Field(ofp13.OXMVLANVID)) {
			others |= vid
		}
		if others != 0 {
			return badMatch(ofp13.BadMatchBadField, "table %d is configured not to match %v; see its table features", c.id, others)
		}
	}
	if o := m.Field(ofp13.OXMMetadata); o != nil && o.MaskUint64()&^c.metadataMatch != 0 {
		return badMatch(ofp13.BadMatchBadMask, "table %d is configured to match bits %#x of metadata only", c.id, c.metadataMatch)
	}
	return nil
}

// presenceOnly reports whether a match of vlan_vid says no more than the
// prerequisite of vlan_pcp: that there is a tag.
func presenceOnly(o *ofp13.OXM) bool {
	return o.Uint64() == uint64(ofp13.VLANPresent) && o.MaskUint64() == uint64(ofp13.VLANPresent)
}

// checkWildcards refuses an entry that masks or leaves out what the table does
// not let it. The table-miss entry leaves out all (§5.4), and every entry what
// the packets that it selects need not have.
func (c *tableConfig) checkWildcards(m *ofp13.Match, miss bool) error {
	named, masked := fieldsIn(m)
	if others := masked & c.match &^ c.masks; others != 0 {
		return badMatch(ofp13.BadMatchBadMask, "table %d is configured to match %v without a mask only", c.id, others)
	}
	if miss {
		return nil
	}
	var missing fieldSet
	(c.match &^ c.wildcards &^ named).each(func(one fieldSet) {
		if m.Allows(one.info().Prereq) {
			missing |= one
		}
	})
	if missing != 0 {
		return badMatch(ofp13.BadMatchBadWildcards, "table %d is configured so that each entry must match %v", c.id, missing)
	}
	return nil
}

// fieldsIn returns the fields that a match looks at, and those of them that it
// looks at in part. A mask of zeros is like leaving the field out, one of ones
// like no mask (§7.2.3.5).
func fieldsIn(m *ofp13.Match) (named, masked fieldSet) {
	for i := range m.Fields {
		o := &m.Fields[i]
		one := fieldOf(o.Class, o.Field, o.Experimenter)
		switch {
		case !o.HasMask:
			named |= one
		case o.Mask == [16]byte{}:
		case isWhole(o, one.info().Bits):
			named |= one
		default:
			named |= one
			masked |= one
		}
	}
	return named, masked
}

// isWhole reports whether the mask has all the bits of a field, which are the
// last of its bytes.
func isWhole(o *ofp13.OXM, width uint8) bool {
	ones := 0
	for _, b := range o.Mask[:o.Len] {
		ones += bits.OnesCount8(b)
	}
	return ones == int(width)
}

// check refuses instructions that entries of this ability do not have.
func (c *tableConfig) check(a *ability, instructions []ofp13.Instruction) error {
	for i := range instructions {
		in := &instructions[i]
		if !a.instructions.has(in.Type) {
			return badInstruction(ofp13.BadInstructionUnsupInst,
				"table %d is configured without instruction %d for such entries", c.id, in.Type)
		}
		var err error
		switch in.Type {
		case ofp13.InstructionGotoTable:
			if !a.next.has(in.TableID) {
				err = badInstruction(ofp13.BadInstructionBadTableID, "table %d is configured not to go to table %d", c.id, in.TableID)
			}
		case ofp13.InstructionWriteMetadata:
			err = c.checkMetadata(in)
		case ofp13.InstructionWriteActions:
			err = c.checkActions(in.Actions, a.write, a.writeSet)
		case ofp13.InstructionApplyActions:
			err = c.checkActions(in.Actions, a.apply, a.applySet)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkMetadata refuses to write bits of metadata that the table does not write.
func (c *tableConfig) checkMetadata(in *ofp13.Instruction) error {
	if more := in.MetadataMask &^ c.metadataWrite; more != 0 {
		return badInstruction(ofp13.BadInstructionUnsupMetadataMask,
			"table %d is configured not to write bits %#x of metadata", c.id, more)
	}
	if more := in.Metadata &^ c.metadataWrite; more != 0 {
		return badInstruction(ofp13.BadInstructionUnsupMetadata,
			"table %d is configured not to write bits %#x of metadata; leave them out of the value", c.id, more)
	}
	return nil
}

// checkActions refuses actions that are not allowed, and fields that set-field
// is not allowed to set.
func (c *tableConfig) checkActions(actions []ofp13.Action, allowed typeSet, fields fieldSet) error {
	for i := range actions {
		a := &actions[i]
		if !allowed.has(a.Type) {
			return badAction(ofp13.BadActionBadType, "table %d is configured without action %d there", c.id, a.Type)
		}
		if a.Type != ofp13.ActionSetField {
			continue
		}
		if one := fieldOf(a.Field.Class, a.Field.Field, a.Field.Experimenter); one&^fields != 0 {
			return badAction(ofp13.BadActionBadSetType, "table %d is configured not to set %v there", c.id, one)
		}
	}
	return nil
}

func badMatch(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadMatch, code, format, args...)
}

func badInstruction(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadInstruction, code, format, args...)
}

func badAction(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadAction, code, format, args...)
}
