package bsn

import "encoding/binary"

// uriLen is the size of an of_desc_str_t.
const uriLen = 256

// Connection is one connection to a controller that this switch is configured
// with (of_bsn_controller_connection).
type Connection struct {
	Connected   bool   // OFP_BSN_CONTROLLER_CONNECTION_STATE_CONNECTED
	AuxiliaryID uint8  // 0 for the main connection (§6.3.6)
	Role        uint32 // OFPCR_ROLE_*
	URI         string // such as tcp://192.0.2.1:6653, at most 256 bytes
}

// Append appends the element.
func (m *Connection) Append(b []byte) []byte {
	var state byte
	if m.Connected {
		state = 1
	}
	b = append(b, state, m.AuxiliaryID, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Role)
	return appendString(b, m.URI, uriLen)
}

// DecodeNext reads the first element of b.
func (m *Connection) DecodeNext(b []byte) (rest []byte, err error) {
	if err := checkAtLeast(b, "controller connection", 8+uriLen); err != nil {
		return nil, err
	}
	*m = Connection{
		Connected:   b[0] == 1,
		AuxiliaryID: b[1],
		Role:        binary.BigEndian.Uint32(b[4:]),
		URI:         fixedString(b[8 : 8+uriLen]),
	}
	return b[8+uriLen:], nil
}

// ControllerConnections is the body of a
// bsn_controller_connections_reply. The request has none.
type ControllerConnections []Connection

// Append appends the body.
func (m ControllerConnections) Append(b []byte) []byte {
	for i := range m {
		b = m[i].Append(b)
	}
	return b
}

// Decode reads the body.
func (m *ControllerConnections) Decode(b []byte) (err error) {
	*m = (*m)[:0]
	for len(b) > 0 {
		var c Connection
		if b, err = c.DecodeNext(b); err != nil {
			return err
		}
		*m = append(*m, c)
	}
	return nil
}
