package ofp13

import (
	"bytes"
	"encoding/binary"
)

// appendHeader starts a message of type typ; finish fills in its length.
func appendHeader(b []byte, typ uint8, xid uint32) []byte {
	b = append(b, Version, typ, 0, 0)
	return binary.BigEndian.AppendUint32(b, xid)
}

// finish writes the length of what was appended since start where a header has
// it, and returns b.
func finish(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	return b
}

// appendEmpty appends a message that is only a header.
func appendEmpty(b []byte, typ uint8, xid uint32) []byte {
	return finish(appendHeader(b, typ, xid), len(b))
}

// appendPad appends n zero bytes, at most 8.
func appendPad(b []byte, n int) []byte {
	var zero [8]byte
	return append(b, zero[:n]...)
}

// appendFixed appends s in a field of size bytes, cut so that a NUL ends it.
func appendFixed(b []byte, s string, size int) []byte {
	if len(s) > size-1 {
		s = s[:size-1]
	}
	b = append(b, s...)
	for range size - len(s) {
		b = append(b, 0)
	}
	return b
}

// fixedString reads a field that a NUL ends. The last byte is the NUL's place,
// whatever it holds.
func fixedString(b []byte) string {
	b = b[:len(b)-1]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// pad8 is how many bytes bring n to a multiple of 8.
func pad8(n int) int { return -n & 7 }

// room returns a slice of at most what is left in a message that began at
// start: data that cannot be told in one message is cut, not wrapped around.
func room(b []byte, start int, data []byte) []byte {
	return data[:min(len(data), 0xffff-(len(b)-start))]
}

// checkMessage checks the header of one whole message of type typ and that the
// message has at least size bytes.
func checkMessage(b []byte, typ uint8, size int) error {
	h, err := DecodeHeader(b)
	switch {
	case err != nil:
		return err
	case h.Version != Version:
		return Errorf(ErrTypeBadRequest, BadRequestBadVersion, "version %#02x, not %#02x", h.Version, Version)
	case h.Type != typ:
		return Errorf(ErrTypeBadRequest, BadRequestBadType, "message is %s, not %s", TypeName(h.Type), TypeName(typ))
	case int(h.Length) != len(b):
		return badLen("%s says %d bytes and has %d", TypeName(typ), h.Length, len(b))
	case len(b) < size:
		return badLen("%s has %d bytes, not %d or more", TypeName(typ), len(b), size)
	}
	return nil
}

// checkExact is checkMessage for messages of one size only.
func checkExact(b []byte, typ uint8, size int) error {
	if err := checkMessage(b, typ, size); err != nil {
		return err
	}
	if len(b) != size {
		return badLen("%s has %d bytes, not %d", TypeName(typ), len(b), size)
	}
	return nil
}

// checkBody checks that a multipart body has exactly size bytes.
func checkBody(b []byte, what string, size int) error {
	if len(b) != size {
		return badLen("%s has %d bytes, not %d", what, len(b), size)
	}
	return nil
}

// badLen is OFPBRC_BAD_LEN with its reason.
func badLen(format string, args ...any) error {
	return Errorf(ErrTypeBadRequest, BadRequestBadLen, format, args...)
}
