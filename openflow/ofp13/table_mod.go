package ofp13

import "encoding/binary"

// TableMod is OFPT_TABLE_MOD (§7.3.3).
type TableMod struct {
	TableID uint8  // TableAll means every table
	Config  uint32 // OFPTC_*; all bits are deprecated
}

// AppendTo appends the whole message.
func (m *TableMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, TypeTableMod, xid)
	b = append(b, m.TableID, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Config)
	return finish(b, start)
}

// Decode reads one whole message. Bits outside TableConfigDeprecatedMask are
// OFPTMFC_BAD_CONFIG.
func (m *TableMod) Decode(b []byte) error {
	if err := checkExact(b, TypeTableMod, 16); err != nil {
		return err
	}
	m.TableID = b[8]
	m.Config = binary.BigEndian.Uint32(b[12:])
	if m.Config&^TableConfigDeprecatedMask != 0 {
		return Errorf(ErrTypeTableModFailed, TableModFailedBadConfig,
			"table %d: config %#x has bits outside %#x", m.TableID, m.Config, TableConfigDeprecatedMask)
	}
	return nil
}
