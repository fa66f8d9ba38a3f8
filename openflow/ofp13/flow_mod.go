package ofp13

import "encoding/binary"

// flowModLen is the size of a flow-mod before its match.
const flowModLen = 48

// FlowMod is OFPT_FLOW_MOD (§7.3.4.1).
type FlowMod struct {
	Cookie       uint64
	CookieMask   uint64
	TableID      uint8
	Command      uint8 // OFPFC_*
	IdleTimeout  uint16
	HardTimeout  uint16
	Priority     uint16
	BufferID     uint32
	OutPort      uint32
	OutGroup     uint32
	Flags        uint16 // OFPFF_*
	Match        Match
	Instructions []Instruction
}

// AppendTo appends the whole message.
func (m *FlowMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeFlowMod, xid)
	b = binary.BigEndian.AppendUint64(b, m.Cookie)
	b = binary.BigEndian.AppendUint64(b, m.CookieMask)
	b = append(b, m.TableID, m.Command)
	b = binary.BigEndian.AppendUint16(b, m.IdleTimeout)
	b = binary.BigEndian.AppendUint16(b, m.HardTimeout)
	b = binary.BigEndian.AppendUint16(b, m.Priority)
	b = binary.BigEndian.AppendUint32(b, m.BufferID)
	b = binary.BigEndian.AppendUint32(b, m.OutPort)
	b = binary.BigEndian.AppendUint32(b, m.OutGroup)
	b = binary.BigEndian.AppendUint16(b, m.Flags)
	b = appendPad(b, 2)
	b = m.Match.append(b)
	b = appendList(b, m.Instructions)
	return finish(b, start)
}

// Decode reads one whole message. Beside errors of the match, the instructions
// and their actions, a command or flag that 1.3.5 does not define is
// OFPFMFC_BAD_COMMAND or OFPFMFC_BAD_FLAGS.
func (m *FlowMod) Decode(b []byte) error {
	if err := checkMessage(b, TypeFlowMod, flowModLen+8); err != nil {
		return err
	}
	m.Cookie = binary.BigEndian.Uint64(b[8:])
	m.CookieMask = binary.BigEndian.Uint64(b[16:])
	m.TableID = b[24]
	m.Command = b[25]
	m.IdleTimeout = binary.BigEndian.Uint16(b[26:])
	m.HardTimeout = binary.BigEndian.Uint16(b[28:])
	m.Priority = binary.BigEndian.Uint16(b[30:])
	m.BufferID = binary.BigEndian.Uint32(b[32:])
	m.OutPort = binary.BigEndian.Uint32(b[36:])
	m.OutGroup = binary.BigEndian.Uint32(b[40:])
	m.Flags = binary.BigEndian.Uint16(b[44:])
	if m.Command > FlowDeleteStrict {
		return Errorf(ErrTypeFlowModFailed, FlowModFailedBadCommand, "unknown flow-mod command %d", m.Command)
	}
	if m.Flags&^FlagsAll != 0 {
		return Errorf(ErrTypeFlowModFailed, FlowModFailedBadFlags, "unknown flow-mod flags %#04x", m.Flags&^FlagsAll)
	}
	rest, err := m.Match.decode(b[flowModLen:])
	if err != nil {
		return err
	}
	m.Instructions, err = decodeInstructions(rest, m.Instructions)
	return err
}

// FlowRemoved is OFPT_FLOW_REMOVED (§7.4.2).
type FlowRemoved struct {
	Cookie       uint64
	Priority     uint16
	Reason       uint8 // OFPRR_*
	TableID      uint8
	DurationSec  uint32
	DurationNsec uint32
	IdleTimeout  uint16
	HardTimeout  uint16
	PacketCount  uint64
	ByteCount    uint64
	Match        Match
}

// AppendTo appends the whole message.
func (m *FlowRemoved) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeFlowRemoved, xid)
	b = binary.BigEndian.AppendUint64(b, m.Cookie)
	b = binary.BigEndian.AppendUint16(b, m.Priority)
	b = append(b, m.Reason, m.TableID)
	b = binary.BigEndian.AppendUint32(b, m.DurationSec)
	b = binary.BigEndian.AppendUint32(b, m.DurationNsec)
	b = binary.BigEndian.AppendUint16(b, m.IdleTimeout)
	b = binary.BigEndian.AppendUint16(b, m.HardTimeout)
	b = binary.BigEndian.AppendUint64(b, m.PacketCount)
	b = binary.BigEndian.AppendUint64(b, m.ByteCount)
	return finish(m.Match.append(b), start)
}

// Decode reads one whole message.
func (m *FlowRemoved) Decode(b []byte) error {
	if err := checkMessage(b, TypeFlowRemoved, 56); err != nil {
		return err
	}
	m.Cookie = binary.BigEndian.Uint64(b[8:])
	m.Priority = binary.BigEndian.Uint16(b[16:])
	m.Reason = b[18]
	m.TableID = b[19]
	m.DurationSec = binary.BigEndian.Uint32(b[20:])
	m.DurationNsec = binary.BigEndian.Uint32(b[24:])
	m.IdleTimeout = binary.BigEndian.Uint16(b[28:])
	m.HardTimeout = binary.BigEndian.Uint16(b[30:])
	m.PacketCount = binary.BigEndian.Uint64(b[32:])
	m.ByteCount = binary.BigEndian.Uint64(b[40:])
	rest, err := m.Match.decode(b[48:])
	if err == nil && len(rest) > 0 {
		err = badLen("flow-removed has %d bytes behind its match", len(rest))
	}
	return err
}
