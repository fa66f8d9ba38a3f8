package ofp13

import (
	"encoding/binary"
	"errors"
)

// TableFeatureProperty is one property of a table (§7.3.5.5.2); Type says
// which other field means something.
type TableFeatureProperty struct {
	Type         uint16      // OFPTFPT_*: TablePropInstructions...
	Instructions []FeatureID // INSTRUCTIONS*: OFPIT_*
	NextTables   []uint8     // NEXT_TABLES*
	Actions      []FeatureID // WRITE_ACTIONS*, APPLY_ACTIONS*: OFPAT_*
	Fields       []OXMID     // MATCH, WILDCARDS, *_SETFIELD*
	Experimenter uint32      // EXPERIMENTER*
	ExpType      uint32      // EXPERIMENTER*
	Data         []byte      // EXPERIMENTER*: what follows exp_type
}

// append appends the property. Its length leaves out the padding.
func (p *TableFeatureProperty) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, p.Type)
	b = appendPad(b, 2)
	for _, id := range p.Instructions {
		b = id.append(b)
	}
	b = append(b, p.NextTables...)
	for _, id := range p.Actions {
		b = id.append(b)
	}
	for _, id := range p.Fields {
		b = id.Append(b)
	}
	if p.Type == TablePropExperimenter || p.Type == TablePropExperimenterMiss {
		b = binary.BigEndian.AppendUint32(b, p.Experimenter)
		b = binary.BigEndian.AppendUint32(b, p.ExpType)
		b = append(b, p.Data...)
	}
	b = finish(b, start)
	return appendPad(b, pad8(len(b)-start))
}

// decode reads the property at the start of b and returns its length, padding
// included.
func (p *TableFeatureProperty) decode(b []byte) (n int, err error) {
	if len(b) < 4 {
		return 0, badTableFeatures("table property has %d bytes, not 4 or more", len(b))
	}
	*p = TableFeatureProperty{
		Type:         binary.BigEndian.Uint16(b),
		Instructions: p.Instructions[:0],
		NextTables:   p.NextTables[:0],
		Actions:      p.Actions[:0],
		Fields:       p.Fields[:0],
	}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < 4 || n+pad8(n) > len(b) {
		return 0, badTableFeatures("table property %d says %d bytes of %d", p.Type, n, len(b))
	}
	return n + pad8(n), p.decodeBody(b[4:n])
}

func (p *TableFeatureProperty) decodeBody(b []byte) (err error) {
	switch p.Type {
	case TablePropInstructions, TablePropInstructionsMiss:
		p.Instructions, err = decodeFeatureIDs(b, p.Instructions)
	case TablePropNextTables, TablePropNextTablesMiss:
		p.NextTables = append(p.NextTables, b...)
	case TablePropWriteActions, TablePropWriteActionsMiss, TablePropApplyActions, TablePropApplyActionsMiss:
		p.Actions, err = decodeFeatureIDs(b, p.Actions)
	case TablePropMatch, TablePropWildcards, TablePropWriteSetField, TablePropWriteSetFieldMiss,
		TablePropApplySetField, TablePropApplySetFieldMiss:
		p.Fields, err = decodeOXMIDs(b, p.Fields)
	case TablePropExperimenter, TablePropExperimenterMiss:
		if len(b) < 8 {
			return badTableFeatures("experimenter property has %d bytes, not 8 or more", len(b))
		}
		p.Experimenter = binary.BigEndian.Uint32(b)
		p.ExpType = binary.BigEndian.Uint32(b[4:])
		p.Data = b[8:]
	default:
		return Errorf(ErrTypeTableFeaturesFailed, TableFeaturesFailedBadType, "unknown table property %d", p.Type)
	}
	return err
}

// FeatureID names an instruction or an action that a table can do. The
// experimenter's id follows where the type is 0xffff.
type FeatureID struct {
	Type         uint16 // OFPIT_* or OFPAT_*
	Experimenter uint32 // for InstructionExperimenter and ActionExperimenter
}

func (id FeatureID) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, id.Type)
	if id.Type != ActionExperimenter {
		return append(b, 0, 4)
	}
	return binary.BigEndian.AppendUint32(append(b, 0, 8), id.Experimenter)
}

// decodeFeatureIDs reads a list that fills b, into the capacity of ids.
func decodeFeatureIDs(b []byte, ids []FeatureID) ([]FeatureID, error) {
	for len(b) > 0 {
		if len(b) < 4 {
			return ids, badTableFeatures("instruction or action id has %d bytes, not 4", len(b))
		}
		id := FeatureID{Type: binary.BigEndian.Uint16(b)}
		n, want := int(binary.BigEndian.Uint16(b[2:])), 4
		if id.Type == ActionExperimenter {
			want = 8
		}
		if n != want || n > len(b) {
			return ids, badTableFeatures("instruction or action id %d says %d bytes of %d, not %d", id.Type, n, len(b), want)
		}
		if n == 8 {
			id.Experimenter = binary.BigEndian.Uint32(b[4:])
		}
		ids = append(ids, id)
		b = b[n:]
	}
	return ids, nil
}

// decodeOXMIDs reads a list that fills b, into the capacity of ids.
func decodeOXMIDs(b []byte, ids []OXMID) ([]OXMID, error) {
	for len(b) > 0 {
		var id OXMID
		rest, err := id.decode(b)
		if err != nil {
			return ids, tableFeaturesError(err)
		}
		ids = append(ids, id)
		b = rest
	}
	return ids, nil
}

// tableFeaturesError says in terms of table features that a field's header is
// cut off.
func tableFeaturesError(err error) error {
	var e *Error
	if errors.As(err, &e) {
		err = e.Cause
	}
	return badTableFeatures("%w", err)
}
