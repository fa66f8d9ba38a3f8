package ofp13

import "encoding/binary"

// Match is an OXM match (§7.2.3): OFPMT_OXM. Decode guarantees no duplicates,
// prerequisites met, masks legal and no value bit outside its mask. Fields stay
// in the order in which they came.
type Match struct {
	Fields []OXM
}

// Field finds a field of class OXMClassBasic, nil if the match has none. The
// pointer is into Fields.
func (m *Match) Field(field uint8) *OXM {
	for i := range m.Fields {
		if o := &m.Fields[i]; o.Field == field && o.Class == OXMClassBasic {
			return o
		}
	}
	return nil
}

// Append appends the match with its padding.
func (m *Match) Append(b []byte) []byte { return m.append(b) }

// Decode reads a match with its padding, which fills b. It fails with an
// OFPET_BAD_MATCH error.
func (m *Match) Decode(b []byte) error {
	rest, err := m.decode(b)
	if err == nil && len(rest) > 0 {
		err = Errorf(ErrTypeBadMatch, BadMatchBadLen, "%d bytes stand behind the match", len(rest))
	}
	return err
}

// append is Append.
func (m *Match) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, MatchTypeOXM)
	b = append(b, 0, 0)
	for i := range m.Fields {
		b = m.Fields[i].Append(b)
	}
	b = finish(b, start)
	return appendPad(b, pad8(len(b)-start))
}

// decode reads the match at the start of b, with its padding. It fails with an
// OFPET_BAD_MATCH error.
func (m *Match) decode(b []byte) (rest []byte, err error) {
	m.Fields = m.Fields[:0]
	if len(b) < 8 {
		return nil, Errorf(ErrTypeBadMatch, BadMatchBadLen, "match has %d bytes, not 8 or more", len(b))
	}
	if typ := binary.BigEndian.Uint16(b); typ != MatchTypeOXM {
		return nil, Errorf(ErrTypeBadMatch, BadMatchBadType, "match type %d, not OXM", typ)
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < 4 || n+pad8(n) > len(b) {
		return nil, Errorf(ErrTypeBadMatch, BadMatchBadLen, "match says %d bytes of %d", n, len(b))
	}
	var seen prereqs
	for tlv := b[4:n]; len(tlv) > 0; {
		m.Fields = grow(m.Fields)
		o := &m.Fields[len(m.Fields)-1]
		if tlv, err = o.DecodeNext(tlv); err != nil {
			return nil, err
		}
		if err = seen.add(o); err != nil {
			return nil, err
		}
	}
	return b[n+pad8(n):], nil
}
