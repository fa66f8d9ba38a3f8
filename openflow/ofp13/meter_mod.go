package ofp13

import "encoding/binary"

const (
	meterBandLen  = 16
	meterFlagsAll = MeterFlagKBPS | MeterFlagPKTPS | MeterFlagBurst | MeterFlagStats
)

// MeterMod is OFPT_METER_MOD (§7.3.4.4).
type MeterMod struct {
	Command uint16 // OFPMC_*
	Flags   uint16 // OFPMF_*
	MeterID uint32
	Bands   []MeterBand
}

// AppendTo appends the whole message.
func (m *MeterMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeMeterMod, xid)
	b = binary.BigEndian.AppendUint16(b, m.Command)
	b = binary.BigEndian.AppendUint16(b, m.Flags)
	b = binary.BigEndian.AppendUint32(b, m.MeterID)
	return finish(appendList(b, m.Bands), start)
}

// Decode reads one whole message. An unknown command is OFPMMFC_BAD_COMMAND,
// unknown flags or both units at once OFPMMFC_BAD_FLAGS, an unknown band type
// OFPMMFC_BAD_BAND. Rates, levels and how many bands are not checked. A
// deletion's flags and bands mean nothing: any flags will do, and the bands are
// left out.
func (m *MeterMod) Decode(b []byte) (err error) {
	if err := checkMessage(b, TypeMeterMod, 16); err != nil {
		return err
	}
	m.Command = binary.BigEndian.Uint16(b[8:])
	m.Flags = binary.BigEndian.Uint16(b[10:])
	m.MeterID = binary.BigEndian.Uint32(b[12:])
	if m.Command > MeterDelete {
		return Errorf(ErrTypeMeterModFailed, MeterModFailedBadCommand, "unknown meter-mod command %d", m.Command)
	}
	if m.Command == MeterDelete {
		m.Bands = m.Bands[:0]
		return skipList(b[16:], lenOfBand)
	}
	if !meterFlagsFit(m.Flags) {
		return Errorf(ErrTypeMeterModFailed, MeterModFailedBadFlags, "flags %#04x of meter %d", m.Flags, m.MeterID)
	}
	m.Bands, err = decodeList(b[16:], m.Bands)
	return err
}

// meterFlagsFit refuses flags that do not exist, and two units.
func meterFlagsFit(flags uint16) bool {
	const units = MeterFlagKBPS | MeterFlagPKTPS
	return flags&^meterFlagsAll == 0 && flags&units != units
}

// MeterBand is one band of a meter (§7.3.4.4); Type says which other fields
// mean something.
type MeterBand struct {
	Type         uint16 // OFPMBT_*
	Rate         uint32 // kbit/s, or packets/s with MeterFlagPKTPS
	BurstSize    uint32 // kbit or packets, with MeterFlagBurst
	PrecLevel    uint8  // MeterBandDSCPRemark
	Experimenter uint32 // MeterBandExperimenter: id
	Data         []byte // MeterBandExperimenter: what follows the id
}

func (d *MeterBand) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, d.Type)
	b = appendPad(b, 2)
	b = binary.BigEndian.AppendUint32(b, d.Rate)
	b = binary.BigEndian.AppendUint32(b, d.BurstSize)
	switch d.Type {
	case MeterBandDSCPRemark:
		b = append(b, d.PrecLevel, 0, 0, 0)
	case MeterBandExperimenter:
		b = binary.BigEndian.AppendUint32(b, d.Experimenter)
		b = append(b, d.Data...)
		b = appendPad(b, pad8(len(b)-start))
	default: // MeterBandDrop
		b = appendPad(b, 4)
	}
	return finish(b, start)
}

// lenOfBand is the length of the band at the start of b.
func lenOfBand(b []byte) (n int, err error) {
	if len(b) < meterBandLen {
		return 0, badLen("meter band has %d bytes, not %d or more", len(b), meterBandLen)
	}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < meterBandLen || n&7 != 0 || n > len(b) {
		return 0, badLen("meter band says %d bytes of %d", n, len(b))
	}
	return n, nil
}

// decode reads the band at the start of b and returns its length.
func (d *MeterBand) decode(b []byte) (n int, err error) {
	if n, err = lenOfBand(b); err != nil {
		return 0, err
	}
	typ := binary.BigEndian.Uint16(b)
	*d = MeterBand{Type: typ, Rate: binary.BigEndian.Uint32(b[4:]), BurstSize: binary.BigEndian.Uint32(b[8:])}
	switch {
	case typ == MeterBandExperimenter:
		d.Experimenter = binary.BigEndian.Uint32(b[12:])
		d.Data = b[meterBandLen:n]
	case typ != MeterBandDrop && typ != MeterBandDSCPRemark:
		return 0, Errorf(ErrTypeMeterModFailed, MeterModFailedBadBand, "unknown meter band %d", typ)
	case n != meterBandLen:
		return 0, badLen("meter band %d has %d bytes, not %d", typ, n, meterBandLen)
	case typ == MeterBandDSCPRemark:
		d.PrecLevel = b[12]
	}
	return n, nil
}
