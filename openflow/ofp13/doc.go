// Package ofp13 holds the messages of OpenFlow 1.3.5 as Go values and a strict
// codec for them. Section numbers (§) are those of the OpenFlow Switch
// Specification 1.3.5.
//
// Every message type has the pair
//
//	func (m *T) AppendTo(b []byte, xid uint32) []byte // the whole message, header included
//	func (m *T) Decode(b []byte) error                // b is one exact message, header included
//
// The bodies of multipart messages travel in MultipartRequest and
// MultipartReply. A body that stands alone (FlowStatsRequest, Desc) has
//
//	func (m *T) Append(b []byte) []byte
//	func (m *T) Decode(b []byte) error // b is the body, exactly
//
// and an element of which a body holds any number (FlowStats, Port) has
//
//	func (m *T) Append(b []byte) []byte
//	func (m *T) DecodeNext(b []byte) (rest []byte, err error) // the first element of b
//
// so that a reply can be streamed, and a request assembled, one by one.
//
// A decoder fills a value that may be reused: slices keep their capacity, so a
// reused value decodes without allocating. After an error the value is
// unspecified, but may be reused. Byte slices in a decoded value (packet data,
// echo data, experimenter bodies) point into b.
//
// Decoders check every length, duplicate, prerequisite and mask, and all that
// 1.3.5 has no value or bit for: commands, types, flags, configuration bits. They
// fail with *Error, which carries the specification's type and code. Who carries
// out a message relies on that and does not check it again. Padding may hold
// anything (§7.1.2), but must be there. What needs knowledge of the switch is
// checked by who has it: which ports, tables, groups and meters exist, which
// experimenters are known, what of 1.3.5 is supported, whether a set-field fits
// the match. Encoders trust the caller: what Go types allow they write, padding
// as zeros.
//
// Numbers are host order in Go and big-endian on the wire.
package ofp13
