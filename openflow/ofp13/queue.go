package ofp13

import "encoding/binary"

// QueueGetConfigRequest is OFPT_QUEUE_GET_CONFIG_REQUEST (§7.3.6).
type QueueGetConfigRequest struct {
	Port uint32 // PortAny means every port
}

// AppendTo appends the whole message.
func (m *QueueGetConfigRequest) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeQueueGetConfigRequest, xid)
	b = binary.BigEndian.AppendUint32(b, m.Port)
	return finish(appendPad(b, 4), start)
}

// Decode reads one whole message.
func (m *QueueGetConfigRequest) Decode(b []byte) error {
	if err := checkExact(b, TypeQueueGetConfigRequest, 16); err != nil {
		return err
	}
	m.Port = binary.BigEndian.Uint32(b[8:])
	return nil
}

// QueueGetConfigReply is OFPT_QUEUE_GET_CONFIG_REPLY (§7.3.6).
type QueueGetConfigReply struct {
	Port   uint32
	Queues []PacketQueue
}

// AppendTo appends the whole message.
func (m *QueueGetConfigReply) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeQueueGetConfigReply, xid)
	b = binary.BigEndian.AppendUint32(b, m.Port)
	b = appendPad(b, 4)
	return finish(appendList(b, m.Queues), start)
}

// Decode reads one whole message.
func (m *QueueGetConfigReply) Decode(b []byte) (err error) {
	if err := checkMessage(b, TypeQueueGetConfigReply, 16); err != nil {
		return err
	}
	m.Port = binary.BigEndian.Uint32(b[8:])
	m.Queues, err = decodeList(b[16:], m.Queues)
	return err
}

// PacketQueue describes one queue (§7.2.2).
type PacketQueue struct {
	QueueID    uint32
	Port       uint32
	Properties []QueueProperty
}

func (q *PacketQueue) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, q.QueueID)
	b = binary.BigEndian.AppendUint32(b, q.Port)
	b = appendPad(b, 8)
	b = appendList(b, q.Properties)
	binary.BigEndian.PutUint16(b[start+8:], uint16(len(b)-start))
	return b
}

func (q *PacketQueue) decode(b []byte) (n int, err error) {
	if len(b) < 16 {
		return 0, badLen("queue has %d bytes, not 16 or more", len(b))
	}
	q.QueueID = binary.BigEndian.Uint32(b)
	q.Port = binary.BigEndian.Uint32(b[4:])
	n = int(binary.BigEndian.Uint16(b[8:]))
	if n < 16 || n > len(b) {
		return 0, badLen("queue %d says %d bytes of %d", q.QueueID, n, len(b))
	}
	q.Properties, err = decodeList(b[16:n], q.Properties)
	return n, err
}

// QueueProperty is one property of a queue (§7.2.2).
type QueueProperty struct {
	Property     uint16 // OFPQT_*: QueuePropMinRate...
	Rate         uint16 // QueuePropMinRate, QueuePropMaxRate: tenths of a percent; above 1000 means disabled
	Experimenter uint32 // QueuePropExperimenter: id
	Data         []byte // QueuePropExperimenter: what follows the id
}

func (p *QueueProperty) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, p.Property)
	b = appendPad(b, 6)
	if p.Property != QueuePropExperimenter {
		b = binary.BigEndian.AppendUint16(b, p.Rate)
		return finish(appendPad(b, 6), start)
	}
	b = binary.BigEndian.AppendUint32(b, p.Experimenter)
	b = append(appendPad(b, 4), p.Data...)
	return finish(appendPad(b, pad8(len(b)-start)), start)
}

func (p *QueueProperty) decode(b []byte) (n int, err error) {
	if len(b) < 16 {
		return 0, badLen("queue property has %d bytes, not 16 or more", len(b))
	}
	*p = QueueProperty{Property: binary.BigEndian.Uint16(b)}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < 16 || n&7 != 0 || n > len(b) {
		return 0, badLen("queue property says %d bytes of %d", n, len(b))
	}
	switch p.Property {
	case QueuePropExperimenter:
		p.Experimenter = binary.BigEndian.Uint32(b[8:])
		p.Data = b[16:n]
		return n, nil
	case QueuePropMinRate, QueuePropMaxRate:
		p.Rate = binary.BigEndian.Uint16(b[8:])
		return n, checkBody(b[:n], "queue property", 16)
	}
	return 0, Errorf(ErrTypeBadRequest, BadRequestBadType, "unknown queue property %d", p.Property)
}
