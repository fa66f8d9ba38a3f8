package ofp13

import "encoding/binary"

// Hello is OFPT_HELLO (§7.5.1). It is the one message that may come in
// another version's clothes, so it keeps the version of its header.
type Hello struct {
	// Version is the header's: the highest that the sender speaks.
	Version uint8
	// Bitmaps is the version bitmap: version v is bit v%32 of word v/32.
	// Without words there was no such element.
	Bitmaps []uint32
}

// Supports reports whether the sender speaks version v: by the bitmap if it
// sent one, else because its highest is at least v (§6.3.1).
func (m *Hello) Supports(v uint8) bool {
	if len(m.Bitmaps) == 0 {
		return m.Version >= v
	}
	word := int(v / 32)
	return word < len(m.Bitmaps) && m.Bitmaps[word]>>(v%32)&1 == 1
}

// AppendTo appends the whole message.
func (m *Hello) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeHello, xid)
	b[start] = m.Version
	if len(m.Bitmaps) > 0 {
		n := 4 + 4*len(m.Bitmaps)
		b = binary.BigEndian.AppendUint16(b, HelloVersionBitmap)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		for _, w := range m.Bitmaps {
			b = binary.BigEndian.AppendUint32(b, w)
		}
		b = appendPad(b, pad8(n))
	}
	return finish(b, start)
}

// Decode reads a hello of any version. Elements of other types are skipped.
// What does not parse is OFPBRC_BAD_LEN. Padding that is missing behind the
// last element is forgiven: some peers leave it out.
func (m *Hello) Decode(b []byte) error {
	m.Bitmaps = m.Bitmaps[:0]
	h, err := DecodeHeader(b)
	switch {
	case err != nil:
		return err
	case h.Type != TypeHello:
		return Errorf(ErrTypeBadRequest, BadRequestBadType, "message is %s, not OFPT_HELLO", TypeName(h.Type))
	case int(h.Length) != len(b):
		return badLen("hello says %d bytes and has %d", h.Length, len(b))
	}
	m.Version = h.Version
	for b = b[HeaderLen:]; len(b) > 0; {
		if b, err = m.decodeElement(b); err != nil {
			return err
		}
	}
	return nil
}

func (m *Hello) decodeElement(b []byte) (rest []byte, err error) {
	if len(b) < 4 {
		return nil, badLen("hello element has %d bytes, not 4 or more", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < 4 || n > len(b) {
		return nil, badLen("hello element says %d bytes of %d", n, len(b))
	}
	if binary.BigEndian.Uint16(b) == HelloVersionBitmap && len(m.Bitmaps) == 0 {
		if n%4 != 0 {
			return nil, badLen("hello version bitmap has %d bytes, not a multiple of 4", n)
		}
		for w := b[4:n]; len(w) > 0; w = w[4:] {
			m.Bitmaps = append(m.Bitmaps, binary.BigEndian.Uint32(w))
		}
	}
	return b[min(n+pad8(n), len(b)):], nil
}
