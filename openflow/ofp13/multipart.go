package ofp13

import "encoding/binary"

// MultipartHeaderLen is what stands before the body of a multipart message:
// the message header, type, flags and padding (§7.3.5).
const MultipartHeaderLen = 16

// MaxMultipartBody is the longest body that one part can have, cut to what
// 64-bit alignment leaves.
const MaxMultipartBody = (0xffff - MultipartHeaderLen) &^ 7

// MultipartRequest is OFPT_MULTIPART_REQUEST (§7.3.5), one part of it. Body is
// a request body or a run of elements of Type.
type MultipartRequest struct {
	Type  uint16 // OFPMP_*: MultipartDesc...
	Flags uint16 // MultipartMore
	Body  []byte
}

// AppendTo appends the whole message.
func (m *MultipartRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendMultipart(b, TypeMultipartRequest, xid, m.Type, m.Flags, m.Body)
}

// Decode reads one whole part. A type that 1.3.5 does not define is
// OFPBRC_BAD_MULTIPART.
func (m *MultipartRequest) Decode(b []byte) (err error) {
	m.Type, m.Flags, m.Body, err = decodeMultipart(b, TypeMultipartRequest)
	return err
}

// MultipartReply is OFPT_MULTIPART_REPLY (§7.3.5), one part of it.
type MultipartReply struct {
	Type  uint16 // OFPMP_*: MultipartDesc...
	Flags uint16 // MultipartMore
	Body  []byte
}

// AppendTo appends the whole message.
func (m *MultipartReply) AppendTo(b []byte, xid uint32) []byte {
	return appendMultipart(b, TypeMultipartReply, xid, m.Type, m.Flags, m.Body)
}

// Decode reads one whole part.
func (m *MultipartReply) Decode(b []byte) (err error) {
	m.Type, m.Flags, m.Body, err = decodeMultipart(b, TypeMultipartReply)
	return err
}

func appendMultipart(b []byte, typ uint8, xid uint32, mp, flags uint16, body []byte) []byte {
	start := len(b)
	b = appendHeader(b, typ, xid)
	b = binary.BigEndian.AppendUint16(b, mp)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = appendPad(b, 4)
	return finish(append(b, room(b, start, body)...), start)
}

func decodeMultipart(b []byte, typ uint8) (mp, flags uint16, body []byte, err error) {
	if err := checkMessage(b, typ, MultipartHeaderLen); err != nil {
		return 0, 0, nil, err
	}
	mp = binary.BigEndian.Uint16(b[8:])
	if mp > MultipartPortDesc && mp != MultipartExperimenter {
		return mp, 0, nil, Errorf(ErrTypeBadRequest, BadRequestBadMultipart, "unknown multipart type %d", mp)
	}
	return mp, binary.BigEndian.Uint16(b[10:]), b[MultipartHeaderLen:], nil
}

// ExperimenterMultipart is the body of OFPMP_EXPERIMENTER, both ways (§7.3.5.15).
type ExperimenterMultipart struct {
	Experimenter uint32
	ExpType      uint32
	Data         []byte
}

// Append appends the body.
func (m *ExperimenterMultipart) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.Experimenter)
	b = binary.BigEndian.AppendUint32(b, m.ExpType)
	return append(b, m.Data...)
}

// Decode reads the body.
func (m *ExperimenterMultipart) Decode(b []byte) error {
	if len(b) < 8 {
		return badLen("experimenter multipart has %d bytes, not 8 or more", len(b))
	}
	m.Experimenter = binary.BigEndian.Uint32(b)
	m.ExpType = binary.BigEndian.Uint32(b[4:])
	m.Data = b[8:]
	return nil
}
