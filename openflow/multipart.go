package openflow

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// maxMessageLen is the longest message that a 16-bit length field allows.
const maxMessageLen = 0xffff

// multipart is a multipart reply that is generated while it is sent. It belongs
// to the writer once it is queued.
type multipart struct {
	typ    uint16 // OFPMP_*
	xid    uint32
	head   []byte // that each part's body begins with
	stream Stream
	carry  []byte // the element that did not fit into the part before
}

// nextPart builds the next part into b, as full as it gets: some controllers
// ignore all but the first (§7.3.5). It reports whether more parts follow.
func (m *multipart) nextPart(b []byte) (part []byte, more bool) {
	b = append(b, make([]byte, ofp13.MultipartHeaderLen)...)
	b = append(b, m.head...)
	b = append(b, m.carry...)
	m.carry = m.carry[:0]
	for {
		end := len(b)
		longer, ok := m.stream.Next(b)
		if !ok {
			return m.seal(b, false), false
		}
		b = longer
		if len(b) <= maxMessageLen {
			continue
		}
		if element := b[end:]; len(element) <= ofp13.MaxMultipartBody-len(m.head) {
			m.carry = append(m.carry, element...)
			return m.seal(b[:end], true), true
		}
		b = b[:end] // no message can carry it
	}
}

// seal fills in the headers of a part whose body is complete.
func (m *multipart) seal(b []byte, more bool) []byte {
	b[0] = ofp13.Version
	b[1] = ofp13.TypeMultipartReply
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint32(b[4:], m.xid)
	binary.BigEndian.PutUint16(b[8:], m.typ)
	if more {
		binary.BigEndian.PutUint16(b[10:], ofp13.MultipartMore)
	}
	return b
}
