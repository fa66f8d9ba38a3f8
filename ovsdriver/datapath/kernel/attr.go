package kernel

import "encoding/binary"

// Netlink attributes (linux/netlink.h, struct nlattr): a 16-bit length that
// counts its own four bytes of header, a 16-bit type, the payload, and padding
// to four bytes. Headers are in host order, payloads as the family says.

const (
	attrHeader   = 4
	attrTypeMask = 1<<14 - 1 // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
	maxAttr      = 1<<16 - 1 - attrHeader
)

var host = binary.NativeEndian

// nextAttr splits the first attribute off b. ok is false at the end of b and
// before an attribute that claims more bytes than there are; rest is empty after
// the last attribute, whose padding may be missing (OVS_DP_F_UNALIGNED).
func nextAttr(b []byte) (typ uint16, data, rest []byte, ok bool) {
	if len(b) < attrHeader {
		return 0, nil, nil, false
	}
	n := int(host.Uint16(b))
	if n < attrHeader || n > len(b) {
		return 0, nil, nil, false
	}
	typ, data = host.Uint16(b[2:])&attrTypeMask, b[attrHeader:n]
	if n = align(n); n < len(b) {
		rest = b[n:]
	}
	return typ, data, rest, true
}

func align(n int) int { return (n + 3) &^ 3 }

// appendAttr appends one attribute with its payload and padding.
func appendAttr(b []byte, typ uint16, data []byte) []byte {
	b = host.AppendUint16(b, uint16(attrHeader+len(data)))
	b = host.AppendUint16(b, typ)
	return pad(append(b, data...))
}

func appendUint32Attr(b []byte, typ uint16, v uint32) []byte {
	b = host.AppendUint16(b, attrHeader+4)
	b = host.AppendUint16(b, typ)
	return host.AppendUint32(b, v)
}

// appendBE16Attr appends a 16-bit number in network order.
func appendBE16Attr(b []byte, typ, v uint16) []byte {
	b = host.AppendUint16(b, attrHeader+2)
	b = host.AppendUint16(b, typ)
	return append(binary.BigEndian.AppendUint16(b, v), 0, 0)
}

// appendStringAttr appends a string with its terminating zero.
func appendStringAttr(b []byte, typ uint16, s string) []byte {
	b = host.AppendUint16(b, uint16(attrHeader+len(s)+1))
	b = host.AppendUint16(b, typ)
	return pad(append(append(b, s...), 0))
}

// begin opens an attribute whose payload the caller appends; end closes it.
func begin(b []byte, typ uint16) (out []byte, start int) {
	return host.AppendUint16(append(b, 0, 0), typ), len(b)
}

// end closes the attribute that begins at start. Its payload is at most maxAttr
// bytes, which callers see to.
func end(b []byte, start int) []byte {
	host.PutUint16(b[start:], uint16(len(b)-start))
	return pad(b)
}

func pad(b []byte) []byte {
	for len(b)&3 != 0 {
		b = append(b, 0)
	}
	return b
}

// stringOf reads a string attribute up to its terminating zero.
func stringOf(data []byte) string {
	for i, c := range data {
		if c == 0 {
			return string(data[:i])
		}
	}
	return string(data)
}
