package ofp13

import "encoding/binary"

// PacketIn is OFPT_PACKET_IN (§7.4.1). Data is the frame, perhaps cut off;
// TotalLen is its whole length.
type PacketIn struct {
	BufferID uint32
	TotalLen uint16
	Reason   uint8 // OFPR_*
	TableID  uint8
	Cookie   uint64
	Match    Match // in_port, in_phy_port, metadata, tunnel_id as they apply
	Data     []byte
}

// AppendTo appends the whole message, the frame cut to what fits.
func (m *PacketIn) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypePacketIn, xid)
	b = binary.BigEndian.AppendUint32(b, m.BufferID)
	b = binary.BigEndian.AppendUint16(b, m.TotalLen)
	b = append(b, m.Reason, m.TableID)
	b = binary.BigEndian.AppendUint64(b, m.Cookie)
	b = m.Match.append(b)
	b = appendPad(b, 2) // so that the IP header is aligned
	return finish(append(b, room(b, start, m.Data)...), start)
}

// Decode reads one whole message.
func (m *PacketIn) Decode(b []byte) error {
	if err := checkMessage(b, TypePacketIn, 34); err != nil {
		return err
	}
	m.BufferID = binary.BigEndian.Uint32(b[8:])
	m.TotalLen = binary.BigEndian.Uint16(b[12:])
	m.Reason = b[14]
	m.TableID = b[15]
	m.Cookie = binary.BigEndian.Uint64(b[16:])
	rest, err := m.Match.decode(b[24:])
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return badLen("packet-in ends in its padding")
	}
	m.Data = rest[2:]
	return nil
}

// PacketOut is OFPT_PACKET_OUT (§7.3.7).
type PacketOut struct {
	BufferID uint32
	InPort   uint32
	Actions  []Action
	Data     []byte
}

// AppendTo appends the whole message, the frame cut to what fits.
func (m *PacketOut) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypePacketOut, xid)
	b = binary.BigEndian.AppendUint32(b, m.BufferID)
	b = binary.BigEndian.AppendUint32(b, m.InPort)
	b = appendPad(b, 8)
	actions := len(b)
	b = appendList(b, m.Actions)
	binary.BigEndian.PutUint16(b[actions-8:], uint16(len(b)-actions))
	return finish(append(b, room(b, start, m.Data)...), start)
}

// Decode reads one whole message.
func (m *PacketOut) Decode(b []byte) (err error) {
	if err := checkMessage(b, TypePacketOut, 24); err != nil {
		return err
	}
	m.BufferID = binary.BigEndian.Uint32(b[8:])
	m.InPort = binary.BigEndian.Uint32(b[12:])
	n := int(binary.BigEndian.Uint16(b[16:]))
	if n > len(b)-24 {
		return badLen("packet-out says %d bytes of actions and has %d", n, len(b)-24)
	}
	m.Data = b[24+n:]
	m.Actions, err = decodeList(b[24:24+n], m.Actions)
	return err
}
