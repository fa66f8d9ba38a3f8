package bsn

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// badLen is OFPBRC_BAD_LEN with its reason.
func badLen(format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen, format, args...)
}

// checkExact checks that b has exactly size bytes.
func checkExact(b []byte, what string, size int) error {
	if len(b) != size {
		return badLen("%s has %d bytes, not %d", what, len(b), size)
	}
	return nil
}

// checkAtLeast checks that b has size bytes or more.
func checkAtLeast(b []byte, what string, size int) error {
	if len(b) < size {
		return badLen("%s has %d bytes, not %d or more", what, len(b), size)
	}
	return nil
}

// cutElement cuts the first element off b: it begins with its length, min or
// more.
func cutElement(b []byte, what string, min int) (element, rest []byte, err error) {
	if err := checkAtLeast(b, what, min); err != nil {
		return nil, nil, err
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < min || n > len(b) {
		return nil, nil, badLen("%s says %d bytes, of the %d that are left", what, n, len(b))
	}
	return b[:n], b[n:], nil
}

// appendString appends s in a field of size bytes, zeros behind it, cut to what
// fits.
func appendString(b []byte, s string, size int) []byte {
	end := len(b) + size
	b = append(b, s[:min(len(s), size)]...)
	return append(b, make([]byte, end-len(b))...)
}

// fixedString reads such a field.
func fixedString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
