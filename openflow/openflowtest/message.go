package openflowtest

import (
	"encoding/binary"
	"fmt"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// HeaderLen is the size of the header of every message.
const HeaderLen = 8

// multipartHeaderLen is what a multipart message has before its elements, the
// message header not counted.
const multipartHeaderLen = 8

// Message is one message from the switch.
type Message struct {
	of.Header
	Body []byte // what follows the header
}

// String names the message, and the error that it carries, if it is one.
func (m Message) String() string {
	if typ, code, ok := m.Error(); ok {
		return fmt.Sprintf("error type %d, code %d (xid %d)", typ, code, m.Transaction)
	}
	return fmt.Sprintf("%v (xid %d, %d bytes)", m.Type, m.Transaction, m.Length)
}

// Error returns the type and code of an error message.
func (m Message) Error() (typ ofp.ErrType, code ofp.ErrCode, ok bool) {
	if m.Type != of.TypeError || len(m.Body) < 4 {
		return 0, 0, false
	}
	return ofp.ErrType(m.Uint16(0)), ofp.ErrCode(m.Uint16(2)), true
}

// ErrorData is what an error message brings back of the failed request.
func (m Message) ErrorData() []byte { return m.Body[min(4, len(m.Body)):] }

// Uint8 reads a byte of the body at an offset.
func (m Message) Uint8(offset int) uint8 { return m.field(offset, 1)[0] }

// Uint16 reads two bytes of the body at an offset.
func (m Message) Uint16(offset int) uint16 { return binary.BigEndian.Uint16(m.field(offset, 2)) }

// Uint32 reads four bytes of the body at an offset.
func (m Message) Uint32(offset int) uint32 { return binary.BigEndian.Uint32(m.field(offset, 4)) }

// Uint64 reads eight bytes of the body at an offset.
func (m Message) Uint64(offset int) uint64 { return binary.BigEndian.Uint64(m.field(offset, 8)) }

// field returns bytes of the body, zeros for those beyond its end: then a check
// of the value fails, not the test's process.
func (m Message) field(offset, size int) []byte {
	if offset+size > len(m.Body) {
		return make([]byte, size)
	}
	return m.Body[offset : offset+size]
}

// async reports whether a switch may send the message at any time.
func (m Message) async() bool {
	switch m.Type {
	case of.TypePacketIn, of.TypeFlowRemoved, of.TypePortStatus:
		return true
	case of.TypeExperiment:
		return m.Transaction == 0 // an answer has the request's
	}
	return false
}
