package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// badFeatures is an OFPET_TABLE_FEATURES_FAILED.
func badFeatures(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeTableFeaturesFailed, code, format, args...)
}

// configured returns the pipeline that a request asks for, out of the whole p;
// or, as *ofp13.Error, why this switch cannot have it (§7.3.5.5).
func (p *pipeline) configured(req []ofp13.TableFeatures) (*pipeline, error) {
	var tables tableSet
	for i := range req {
		id := req[i].TableID
		if p.table(id) == nil {
			return nil, badFeatures(ofp13.TableFeaturesFailedBadTable, "table %d: tables are 0 to %d", id, len(p)-1)
		}
		if tables.has(id) {
			return nil, badFeatures(ofp13.TableFeaturesFailedBadTable, "table %d is there twice", id)
		}
		tables.add(id)
	}
	if !tables.has(0) {
		return nil, badFeatures(ofp13.TableFeaturesFailedBadTable, "every packet begins at table 0; it must not be left out")
	}
	next := new(pipeline)
	for i := range req {
		c, err := p[req[i].TableID].configured(&req[i], &tables)
		if err != nil {
			return nil, err
		}
		next[c.id] = c
	}
	return next, nil
}

// configured returns the table that f asks for, in a pipeline of these tables.
// The receiver is the table with all that the switch can do.
func (c *tableConfig) configured(f *ofp13.TableFeatures, tables *tableSet) (*tableConfig, error) {
	is := &tableConfig{id: c.id, name: f.Name}
	is.metadataMatch, is.metadataWrite = f.MetadataMatch, f.MetadataWrite
	switch {
	case f.Config&^ofp13.TableConfigDeprecatedMask != 0:
		return nil, c.refuse("configuration bits %#x are none of OFPTC_*", f.Config)
	case f.MaxEntries > c.maxEntries:
		return nil, c.refuse("it holds at most %d entries, not %d", c.maxEntries, f.MaxEntries)
	case f.MaxEntries == 0: // The field is the switch's to say (§7.3.5.5.1).
		is.maxEntries = c.maxEntries
	default:
		is.maxEntries = f.MaxEntries
	}
	if err := is.takeAll(f.Properties); err != nil {
		return nil, err
	}
	if err := c.holds(is, tables); err != nil {
		return nil, err
	}
	// What says the same as the default is the default, which can do more than
	// it tells.
	told := c.features
	told.match, told.masks, told.wildcards, told.untold =
		told.match&^told.untold, told.masks&^told.untold, told.wildcards&^told.untold, 0
	if is.features == told {
		is.features = c.features
	}
	return is, nil
}

// refuse is a property of the table that the switch cannot have.
func (c *tableConfig) refuse(format string, args ...any) error {
	return badFeatures(ofp13.TableFeaturesFailedBadArgument, "table %d: "+format, append([]any{c.id}, args...)...)
}

// missBit is what the type of a *_MISS property has more than that of its
// fellow.
const missBit = 1

// requiredProperties are the types of which a table must have one each
// (§7.3.5.5.2).
var requiredProperties = [...]uint16{
	ofp13.TablePropInstructions, ofp13.TablePropNextTables, ofp13.TablePropWriteActions,
	ofp13.TablePropApplyActions, ofp13.TablePropMatch, ofp13.TablePropWildcards,
	ofp13.TablePropWriteSetField, ofp13.TablePropApplySetField,
}

// takeAll takes a table's properties. A *_MISS one that is left out says the
// same as its fellow.
func (c *tableConfig) takeAll(properties []ofp13.TableFeatureProperty) error {
	var seen typeSet
	for i := range properties {
		p := &properties[i]
		if seen.has(p.Type) {
			return c.refuse("property %d is there twice", p.Type)
		}
		if err := c.take(p); err != nil {
			return err
		}
		seen |= 1 << p.Type
	}
	for _, typ := range requiredProperties {
		if !seen.has(typ) {
			return badFeatures(ofp13.TableFeaturesFailedBadLen, "table %d: property %d is missing", c.id, typ)
		}
		if !seen.has(typ | missBit) {
			c.copyMiss(typ)
		}
	}
	return nil
}

// copyMiss makes the table-miss entry able to do what others do.
func (c *tableConfig) copyMiss(typ uint16) {
	switch typ {
	case ofp13.TablePropInstructions:
		c.miss.instructions = c.hit.instructions
	case ofp13.TablePropNextTables:
		c.miss.next = c.hit.next
	case ofp13.TablePropWriteActions:
		c.miss.write = c.hit.write
	case ofp13.TablePropApplyActions:
		c.miss.apply = c.hit.apply
	case ofp13.TablePropWriteSetField:
		c.miss.writeSet = c.hit.writeSet
	case ofp13.TablePropApplySetField:
		c.miss.applySet = c.hit.applySet
	}
}

// take takes one property.
func (c *tableConfig) take(p *ofp13.TableFeatureProperty) (err error) {
	a := &c.hit
	if p.Type&missBit != 0 {
		a = &c.miss
	}
	switch p.Type &^ missBit {
	case ofp13.TablePropInstructions:
		a.instructions, err = c.types(p.Instructions)
	case ofp13.TablePropNextTables:
		for _, id := range p.NextTables {
			a.next.add(id)
		}
	case ofp13.TablePropWriteActions:
		a.write, err = c.types(p.Actions)
	case ofp13.TablePropApplyActions:
		a.apply, err = c.types(p.Actions)
	case ofp13.TablePropMatch:
		c.match, c.masks, err = c.fields(p.Fields)
	case ofp13.TablePropWildcards:
		c.wildcards, _, err = c.fields(p.Fields)
	case ofp13.TablePropWriteSetField:
		a.writeSet, err = c.unmasked(p.Fields)
	case ofp13.TablePropApplySetField:
		a.applySet, err = c.unmasked(p.Fields)
	default:
		err = badFeatures(ofp13.TableFeaturesFailedBadType, "table %d: property %d of experimenter %#x is not known", c.id, p.Type, p.Experimenter)
	}
	return err
}

func (c *tableConfig) types(ids []ofp13.FeatureID) (typeSet, error) {
	set, ok := typesOf(ids)
	if !ok {
		return 0, c.refuse("an instruction or action is of an experimenter, or not known")
	}
	return set, nil
}

// fields returns the fields that ids name and those of them with a mask. The
// length may be that of a field with its payload, or 0, since there is none.
func (c *tableConfig) fields(ids []ofp13.OXMID) (set, masks fieldSet, err error) {
	for _, id := range ids {
		one := fieldOf(id.Class, id.Field, id.Experimenter)
		if one == 0 {
			return 0, 0, c.refuse("field %v is not known", id)
		}
		info := one.info()
		if id.Len != 0 && id.Len != info.Len && (!id.HasMask || id.Len != 2*info.Len) {
			return 0, 0, badFeatures(ofp13.TableFeaturesFailedBadLen,
				"table %d: field %s has a length of %d, not %d", c.id, info.Name, id.Len, one.id(id.HasMask).Len)
		}
		if set |= one; id.HasMask {
			masks |= one
		}
	}
	return set, masks, nil
}

// unmasked is fields for those that actions set, all of them.
func (c *tableConfig) unmasked(ids []ofp13.OXMID) (fieldSet, error) {
	set, masks, err := c.fields(ids)
	if err == nil && masks != 0 {
		err = c.refuse("actions set fields whole, so %v must have no mask", masks)
	}
	return set, err
}

// holds refuses what c, the table with all that the switch can do, cannot do in
// a pipeline of these tables.
func (c *tableConfig) holds(is *tableConfig, tables *tableSet) error {
	if more := is.match &^ c.match; more != 0 {
		return c.refuse("it cannot match %v", more)
	}
	if more := is.masks &^ c.masks; more != 0 {
		return c.refuse("it cannot mask %v", more)
	}
	if more := is.wildcards &^ c.wildcards; more != 0 {
		return c.refuse("it cannot leave out %v", more)
	}
	const metadata = fieldSet(1 << ofp13.OXMMetadata)
	if is.match&metadata != 0 && is.masks&metadata == 0 && is.metadataMatch != ^uint64(0) {
		return badFeatures(ofp13.TableFeaturesFailedBadMetadata,
			"table %d: a match of metadata without a mask needs all its bits, not %#x", c.id, is.metadataMatch)
	}
	if err := c.can(&c.hit, &is.hit, tables); err != nil {
		return err
	}
	return c.can(&c.miss, &is.miss, tables)
}

// can refuses what is more than most, and tables to go to that are not there.
func (c *tableConfig) can(most, is *ability, tables *tableSet) error {
	switch {
	case is.instructions&^most.instructions != 0:
		return c.refuse("instructions %#b (a bit for each type) are not supported", is.instructions&^most.instructions)
	case (is.write|is.apply)&^most.apply != 0:
		return c.refuse("actions %#b (a bit for each type) are not supported", (is.write|is.apply)&^most.apply)
	case (is.writeSet|is.applySet)&^most.applySet != 0:
		return c.refuse("actions cannot set %v", (is.writeSet|is.applySet)&^most.applySet)
	}
	for _, id := range is.next.ids() {
		if !most.next.has(id) || !tables.has(id) {
			return c.refuse("it cannot go to table %d, which must come later and be in the request", id)
		}
	}
	return nil
}
