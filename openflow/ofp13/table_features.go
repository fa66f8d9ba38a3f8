package ofp13

import "encoding/binary"

const (
	tableFeaturesLen = 64 // before the properties
	tableNameLen     = 32 // OFP_MAX_TABLE_NAME_LEN
)

// TableFeatures is one element of OFPMP_TABLE_FEATURES, both ways (§7.3.5.5).
type TableFeatures struct {
	TableID       uint8
	Name          string // at most 31 bytes; longer ones are cut
	MetadataMatch uint64
	MetadataWrite uint64
	Config        uint32 // OFPTC_*
	MaxEntries    uint32
	Properties    []TableFeatureProperty
}

// Append appends the element.
func (m *TableFeatures) Append(b []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, m.TableID)
	b = appendPad(b, 5)
	b = appendFixed(b, m.Name, tableNameLen)
	b = binary.BigEndian.AppendUint64(b, m.MetadataMatch)
	b = binary.BigEndian.AppendUint64(b, m.MetadataWrite)
	b = binary.BigEndian.AppendUint32(b, m.Config)
	b = binary.BigEndian.AppendUint32(b, m.MaxEntries)
	return finishElement(appendList(b, m.Properties), start)
}

// DecodeNext reads the first element of b. It fails with an
// OFPET_TABLE_FEATURES_FAILED error. Which properties there are, and how
// often, is not checked; nor are the ids in them, so that an answer can name
// them.
func (m *TableFeatures) DecodeNext(b []byte) (rest []byte, err error) {
	if len(b) < tableFeaturesLen {
		return nil, badTableFeatures("table features have %d bytes, not %d or more", len(b), tableFeaturesLen)
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < tableFeaturesLen || n&7 != 0 || n > len(b) {
		return nil, badTableFeatures("table features say %d bytes of %d", n, len(b))
	}
	m.TableID = b[2]
	m.Name = fixedString(b[8 : 8+tableNameLen])
	m.MetadataMatch = binary.BigEndian.Uint64(b[40:])
	m.MetadataWrite = binary.BigEndian.Uint64(b[48:])
	m.Config = binary.BigEndian.Uint32(b[56:])
	m.MaxEntries = binary.BigEndian.Uint32(b[60:])
	m.Properties, err = decodeList(b[tableFeaturesLen:n], m.Properties)
	return b[n:], err
}

func badTableFeatures(format string, args ...any) error {
	return Errorf(ErrTypeTableFeaturesFailed, TableFeaturesFailedBadLen, format, args...)
}
