package ofp13

import "encoding/binary"

// HeaderLen is the size of the header that starts every message (§7.1.1).
const HeaderLen = 8

// Header starts every message (§7.1.1).
type Header struct {
	Version uint8
	Type    uint8  // OFPT_*: TypeHello...
	Length  uint16 // of the whole message, header included
	XID     uint32
}

// Message is any OpenFlow message.
type Message interface {
	// AppendTo appends the whole message, header included, to b. A message
	// is below 64 KB: packet-ins, packet-outs, errors, echoes, experimenter
	// messages and multiparts cut their data to what fits.
	AppendTo(b []byte, xid uint32) []byte
	// Decode reads one exact message, header included. It fails with *Error.
	Decode(b []byte) error
}

// DecodeHeader reads the header at the start of b, of any version and type. It
// fails with OFPBRC_BAD_LEN if b has no whole header or the length in it is
// below a header's.
func DecodeHeader(b []byte) (Header, error) {
	if len(b) < HeaderLen {
		return Header{}, badLen("header has %d bytes, not %d", len(b), HeaderLen)
	}
	h := Header{
		Version: b[0],
		Type:    b[1],
		Length:  binary.BigEndian.Uint16(b[2:]),
		XID:     binary.BigEndian.Uint32(b[4:]),
	}
	if h.Length < HeaderLen {
		return h, badLen("header says %d bytes, below %d", h.Length, HeaderLen)
	}
	return h, nil
}
