package ofp13

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
	// AppendTo appends the whole message, header included, to b.
	AppendTo(b []byte, xid uint32) []byte
	// Decode reads one exact message, header included. It fails with *Error.
	Decode(b []byte) error
}
