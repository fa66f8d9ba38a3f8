package ofp13

import "encoding/binary"

// ErrorMessage is OFPT_ERROR (§7.4.4). Data is at least the first 64 bytes of
// the failed request, or, for ErrTypeHelloFailed, ASCII text.
type ErrorMessage struct {
	Type         uint16 // OFPET_*
	Code         uint16 // the type's own code; exp_type for ErrTypeExperimenter
	Experimenter uint32 // ErrTypeExperimenter only
	Data         []byte
}

// AppendTo appends the whole message, its data cut to what fits.
func (m *ErrorMessage) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeError, xid)
	b = binary.BigEndian.AppendUint16(b, m.Type)
	b = binary.BigEndian.AppendUint16(b, m.Code)
	if m.Type == ErrTypeExperimenter {
		b = binary.BigEndian.AppendUint32(b, m.Experimenter)
	}
	return finish(append(b, room(b, start, m.Data)...), start)
}

// Decode reads an error message of any version: a peer may refuse a hello in
// its own (§6.3.1).
func (m *ErrorMessage) Decode(b []byte) error {
	h, err := DecodeHeader(b)
	switch {
	case err != nil:
		return err
	case h.Type != TypeError:
		return Errorf(ErrTypeBadRequest, BadRequestBadType, "message is %s, not OFPT_ERROR", TypeName(h.Type))
	case int(h.Length) != len(b) || len(b) < 12:
		return badLen("error message says %d bytes and has %d", h.Length, len(b))
	}
	m.Type = binary.BigEndian.Uint16(b[8:])
	m.Code = binary.BigEndian.Uint16(b[10:])
	m.Experimenter = 0
	m.Data = b[12:]
	if m.Type == ErrTypeExperimenter {
		if len(b) < 16 {
			return badLen("experimenter error message has %d bytes, not 16 or more", len(b))
		}
		m.Experimenter = binary.BigEndian.Uint32(b[12:])
		m.Data = b[16:]
	}
	return nil
}

// Name is the specification's name of type and code, such as
// "OFPET_BAD_MATCH/OFPBMC_DUP_FIELD".
func (m *ErrorMessage) Name() string { return errorName(m.Type, m.Code) }
