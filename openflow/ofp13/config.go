package ofp13

import "encoding/binary"

// GetConfigRequest is OFPT_GET_CONFIG_REQUEST (§7.3.2).
type GetConfigRequest struct{}

// AppendTo appends the whole message.
func (m *GetConfigRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendEmpty(b, TypeGetConfigRequest, xid)
}

// Decode reads one whole message.
func (m *GetConfigRequest) Decode(b []byte) error {
	return checkExact(b, TypeGetConfigRequest, HeaderLen)
}

// GetConfigReply is OFPT_GET_CONFIG_REPLY (§7.3.2).
type GetConfigReply struct {
	Flags       uint16 // OFPC_FRAG_*
	MissSendLen uint16 // bytes of a packet for the controller, OFPCML_*
}

// AppendTo appends the whole message.
func (m *GetConfigReply) AppendTo(b []byte, xid uint32) []byte {
	return appendConfig(b, TypeGetConfigReply, xid, m.Flags, m.MissSendLen)
}

// Decode reads one whole message.
func (m *GetConfigReply) Decode(b []byte) error {
	if err := checkExact(b, TypeGetConfigReply, 12); err != nil {
		return err
	}
	m.Flags = binary.BigEndian.Uint16(b[8:])
	m.MissSendLen = binary.BigEndian.Uint16(b[10:])
	return nil
}

// SetConfig is OFPT_SET_CONFIG (§7.3.2).
type SetConfig struct {
	Flags       uint16 // OFPC_FRAG_*
	MissSendLen uint16 // bytes of a packet for the controller, OFPCML_*
}

// AppendTo appends the whole message.
func (m *SetConfig) AppendTo(b []byte, xid uint32) []byte {
	return appendConfig(b, TypeSetConfig, xid, m.Flags, m.MissSendLen)
}

// Decode reads one whole message. Flags that 1.3.5 does not define are
// OFPSCFC_BAD_FLAGS, another size is OFPSCFC_BAD_LEN.
func (m *SetConfig) Decode(b []byte) error {
	if err := checkMessage(b, TypeSetConfig, HeaderLen); err != nil {
		return err
	}
	if len(b) != 12 {
		return Errorf(ErrTypeSwitchConfigFailed, SwitchConfigFailedBadLen,
			"set-config has %d bytes, not 12", len(b))
	}
	m.Flags = binary.BigEndian.Uint16(b[8:])
	m.MissSendLen = binary.BigEndian.Uint16(b[10:])
	if m.Flags&^FragMask != 0 {
		return Errorf(ErrTypeSwitchConfigFailed, SwitchConfigFailedBadFlags,
			"set-config flags %#04x have bits outside %#04x", m.Flags, FragMask)
	}
	return nil
}

func appendConfig(b []byte, typ uint8, xid uint32, flags, missSendLen uint16) []byte {
	start := len(b)
	b = appendHeader(b, typ, xid)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, missSendLen)
	return finish(b, start)
}
