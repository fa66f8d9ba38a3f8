package bsn

import (
	"encoding/binary"
	"iter"
)

// tlvHeaderLen is type and length; the length counts them.
const tlvHeaderLen = 4

// TLVs is a list of type-length-values as it was sent, without padding. A
// decoder has checked that it can be taken apart.
type TLVs []byte

// AppendTLV appends one TLV. The value is below 64 KB.
func AppendTLV(b []byte, typ uint16, value []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, typ)
	b = binary.BigEndian.AppendUint16(b, uint16(tlvHeaderLen+len(value)))
	return append(b, value...)
}

// All yields types and values.
func (l TLVs) All() iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(l) > 0 {
			n := binary.BigEndian.Uint16(l[2:])
			if !yield(binary.BigEndian.Uint16(l), l[tlvHeaderLen:n]) {
				return
			}
			l = l[n:]
		}
	}
}

// checkTLVs makes sure that a list can be taken apart.
func checkTLVs(b []byte) (TLVs, error) {
	for rest := b; len(rest) > 0; {
		if err := checkAtLeast(rest, "TLV", tlvHeaderLen); err != nil {
			return nil, err
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < tlvHeaderLen || n > len(rest) {
			return nil, badLen("TLV says %d bytes, of the %d that are left", n, len(rest))
		}
		rest = rest[n:]
	}
	return b, nil
}

// splitTLVs cuts a list of keyLen bytes off the start of b and checks both.
func splitTLVs(b []byte, keyLen int) (key, rest TLVs, err error) {
	if keyLen > len(b) {
		return nil, nil, badLen("key says %d bytes, of the %d that are left", keyLen, len(b))
	}
	if key, err = checkTLVs(b[:keyLen]); err != nil {
		return nil, nil, err
	}
	rest, err = checkTLVs(b[keyLen:])
	return key, rest, err
}
