package ofp13

import "encoding/binary"

// OXMID names a match field: an OXM header without a payload (§7.2.3.2).
type OXMID struct {
	Class        uint16
	Field        uint8 // 7 bits
	HasMask      bool
	Len          uint8  // bytes of the payload that would follow; not counting an experimenter id
	Experimenter uint32 // for OXMClassExperimenter
}

// Append appends the header, and the experimenter's id if the class has one.
func (id OXMID) Append(b []byte) []byte {
	field, n := id.Field<<1, id.Len
	if id.HasMask {
		field |= 1
	}
	b = binary.BigEndian.AppendUint16(b, id.Class)
	if id.Class != OXMClassExperimenter {
		return append(b, field, n)
	}
	return binary.BigEndian.AppendUint32(append(b, field, n+4), id.Experimenter)
}

// decode reads the header at the start of b, and returns what follows.
func (id *OXMID) decode(b []byte) (rest []byte, err error) {
	if len(b) < 4 {
		return nil, Errorf(ErrTypeBadMatch, BadMatchBadLen, "match field has %d bytes, not 4 or more", len(b))
	}
	*id = OXMID{
		Class:   binary.BigEndian.Uint16(b),
		Field:   b[2] >> 1,
		HasMask: b[2]&1 == 1,
		Len:     b[3],
	}
	if id.Class != OXMClassExperimenter {
		return b[4:], nil
	}
	if id.Len < 4 || len(b) < 8 {
		return nil, badMatch(BadMatchBadLen, *id, "no room for the experimenter's id")
	}
	id.Len -= 4
	id.Experimenter = binary.BigEndian.Uint32(b[4:])
	return b[8:], nil
}

// String names the field, or gives class and number.
func (id OXMID) String() string {
	if f := fieldOf(id.Class, id.Field, id.Experimenter); f != nil {
		return f.Name
	}
	return unknownFieldName(id)
}

// badMatch is an OFPET_BAD_MATCH error that names the field.
func badMatch(code uint16, id OXMID, why string) error {
	return Errorf(ErrTypeBadMatch, code, "match field %s (length %d): %s", id, id.Len, why)
}
