// Package ofp13 holds the messages of OpenFlow 1.3.5 as Go values and a strict
// codec for them. Section numbers (§) are those of the OpenFlow Switch
// Specification 1.3.5.
//
// Every message type has the pair
//
//	func (m *T) AppendTo(b []byte, xid uint32) []byte // the whole message, header included
//	func (m *T) Decode(b []byte) error                // b is one exact message, header included
//
// and every inner structure the pair append(b) and decode(b) on the same terms.
// Decode fills a value that may be reused: slices keep their capacity, so a
// reused value decodes without allocating. Byte slices in a decoded value
// (packet data, echo data, experimenter bodies) point into b; Clone makes a
// value that stands alone. Decode checks every length, pad rule, duplicate,
// prerequisite and mask, and fails with *Error, which carries the
// specification's type and code. Encoders trust the caller: what Go types allow
// they write.
//
// Numbers are host order in Go and big-endian on the wire.
package ofp13
