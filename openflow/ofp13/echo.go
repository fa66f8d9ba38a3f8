package ofp13

import "encoding/binary"

// EchoRequest is OFPT_ECHO_REQUEST (§7.5.2): data that comes back unchanged.
type EchoRequest struct {
	Data []byte
}

// AppendTo appends the whole message.
func (m *EchoRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendData(b, TypeEchoRequest, xid, m.Data)
}

// Decode reads one whole message.
func (m *EchoRequest) Decode(b []byte) (err error) {
	m.Data, err = decodeData(b, TypeEchoRequest)
	return err
}

// EchoReply is OFPT_ECHO_REPLY (§7.5.3).
type EchoReply struct {
	Data []byte
}

// AppendTo appends the whole message.
func (m *EchoReply) AppendTo(b []byte, xid uint32) []byte {
	return appendData(b, TypeEchoReply, xid, m.Data)
}

// Decode reads one whole message.
func (m *EchoReply) Decode(b []byte) (err error) {
	m.Data, err = decodeData(b, TypeEchoReply)
	return err
}

func appendData(b []byte, typ uint8, xid uint32, data []byte) []byte {
	start := len(b)
	b = appendHeader(b, typ, xid)
	return finish(append(b, room(b, start, data)...), start)
}

func decodeData(b []byte, typ uint8) (data []byte, err error) {
	if err := checkMessage(b, typ, HeaderLen); err != nil {
		return nil, err
	}
	return b[HeaderLen:], nil
}

// Experimenter is OFPT_EXPERIMENTER (§7.5.4).
type Experimenter struct {
	Experimenter uint32
	ExpType      uint32
	Data         []byte
}

// AppendTo appends the whole message.
func (m *Experimenter) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeExperimenter, xid)
	b = binary.BigEndian.AppendUint32(b, m.Experimenter)
	b = binary.BigEndian.AppendUint32(b, m.ExpType)
	return finish(append(b, room(b, start, m.Data)...), start)
}

// Decode reads one whole message. Whose experimenter it is, is not checked.
func (m *Experimenter) Decode(b []byte) error {
	if err := checkMessage(b, TypeExperimenter, 16); err != nil {
		return err
	}
	m.Experimenter = binary.BigEndian.Uint32(b[8:])
	m.ExpType = binary.BigEndian.Uint32(b[12:])
	m.Data = b[16:]
	return nil
}

// BarrierRequest is OFPT_BARRIER_REQUEST (§7.3.8).
type BarrierRequest struct{}

// AppendTo appends the whole message.
func (m *BarrierRequest) AppendTo(b []byte, xid uint32) []byte {
	return appendEmpty(b, TypeBarrierRequest, xid)
}

// Decode reads one whole message.
func (m *BarrierRequest) Decode(b []byte) error {
	return checkExact(b, TypeBarrierRequest, HeaderLen)
}

// BarrierReply is OFPT_BARRIER_REPLY (§7.3.8).
type BarrierReply struct{}

// AppendTo appends the whole message.
func (m *BarrierReply) AppendTo(b []byte, xid uint32) []byte {
	return appendEmpty(b, TypeBarrierReply, xid)
}

// Decode reads one whole message.
func (m *BarrierReply) Decode(b []byte) error {
	return checkExact(b, TypeBarrierReply, HeaderLen)
}
