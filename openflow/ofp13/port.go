package ofp13

import "encoding/binary"

const (
	portLen         = 64
	portNameLen     = 16
	portConfigsMask = PortConfigDown | PortConfigNoRecv | PortConfigNoFwd | PortConfigNoPacketIn
)

// Port describes one port (§7.2.1): an element of OFPMP_PORT_DESC and the
// subject of a port status.
type Port struct {
	PortNo     uint32
	HWAddr     [6]byte
	Name       string // at most 15 bytes; longer ones are cut
	Config     uint32 // OFPPC_*
	State      uint32 // OFPPS_*
	Curr       uint32 // OFPPF_*, as are the next three
	Advertised uint32
	Supported  uint32
	Peer       uint32
	CurrSpeed  uint32 // kbit/s
	MaxSpeed   uint32 // kbit/s
}

// Append appends the element.
func (p *Port) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, p.PortNo)
	b = appendPad(b, 4)
	b = append(b, p.HWAddr[:]...)
	b = appendPad(b, 2)
	b = appendFixed(b, p.Name, portNameLen)
	for _, v := range p.words() {
		b = binary.BigEndian.AppendUint32(b, *v)
	}
	return b
}

// DecodeNext reads the first element of b.
func (p *Port) DecodeNext(b []byte) (rest []byte, err error) {
	if len(b) < portLen {
		return nil, badLen("port has %d bytes, not %d", len(b), portLen)
	}
	p.PortNo = binary.BigEndian.Uint32(b)
	p.HWAddr = [6]byte(b[8:])
	p.Name = fixedString(b[16 : 16+portNameLen])
	for i, v := range p.words() {
		*v = binary.BigEndian.Uint32(b[32+4*i:])
	}
	return b[portLen:], nil
}

func (p *Port) words() [8]*uint32 {
	return [8]*uint32{
		&p.Config, &p.State, &p.Curr, &p.Advertised, &p.Supported, &p.Peer, &p.CurrSpeed, &p.MaxSpeed,
	}
}

// PortStatus is OFPT_PORT_STATUS (§7.4.3).
type PortStatus struct {
	Reason uint8 // OFPPR_*
	Port   Port
}

// AppendTo appends the whole message.
func (m *PortStatus) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypePortStatus, xid)
	b = append(b, m.Reason)
	b = appendPad(b, 7)
	return finish(m.Port.Append(b), start)
}

// Decode reads one whole message.
func (m *PortStatus) Decode(b []byte) error {
	if err := checkExact(b, TypePortStatus, 16+portLen); err != nil {
		return err
	}
	m.Reason = b[8]
	_, err := m.Port.DecodeNext(b[16:])
	return err
}

// PortMod is OFPT_PORT_MOD (§7.3.4.3).
type PortMod struct {
	PortNo    uint32
	HWAddr    [6]byte
	Config    uint32 // OFPPC_*
	Mask      uint32 // the bits of Config to change
	Advertise uint32 // OFPPF_*; zero changes nothing
}

// AppendTo appends the whole message.
func (m *PortMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypePortMod, xid)
	b = binary.BigEndian.AppendUint32(b, m.PortNo)
	b = appendPad(b, 4)
	b = append(b, m.HWAddr[:]...)
	b = appendPad(b, 2)
	b = binary.BigEndian.AppendUint32(b, m.Config)
	b = binary.BigEndian.AppendUint32(b, m.Mask)
	b = binary.BigEndian.AppendUint32(b, m.Advertise)
	return finish(appendPad(b, 4), start)
}

// Decode reads one whole message. Configuration bits that 1.3.5 does not
// define are OFPPMFC_BAD_CONFIG, feature bits OFPPMFC_BAD_ADVERTISE.
func (m *PortMod) Decode(b []byte) error {
	if err := checkExact(b, TypePortMod, 40); err != nil {
		return err
	}
	m.PortNo = binary.BigEndian.Uint32(b[8:])
	m.HWAddr = [6]byte(b[16:])
	m.Config = binary.BigEndian.Uint32(b[24:])
	m.Mask = binary.BigEndian.Uint32(b[28:])
	m.Advertise = binary.BigEndian.Uint32(b[32:])
	if (m.Config|m.Mask)&^portConfigsMask != 0 {
		return Errorf(ErrTypePortModFailed, PortModFailedBadConfig,
			"port %d: config %#x, mask %#x have bits outside %#x", m.PortNo, m.Config, m.Mask, portConfigsMask)
	}
	if m.Advertise&^(PortFeaturePauseAsym<<1-1) != 0 {
		return Errorf(ErrTypePortModFailed, PortModFailedBadAdvertise,
			"port %d: unknown features in %#x", m.PortNo, m.Advertise)
	}
	return nil
}
