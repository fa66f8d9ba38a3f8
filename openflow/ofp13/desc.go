package ofp13

const (
	descStrLen   = 256 // DESC_STR_LEN
	serialNumLen = 32  // SERIAL_NUM_LEN
)

// Desc is the body of an OFPMP_DESC reply (§7.3.5.1). Strings are cut to what
// their fields hold.
type Desc struct {
	Manufacturer string // mfr_desc, at most 255 bytes
	Hardware     string // hw_desc, at most 255 bytes
	Software     string // sw_desc, at most 255 bytes
	SerialNumber string // serial_num, at most 31 bytes
	Datapath     string // dp_desc, at most 255 bytes
}

// Append appends the body.
func (m *Desc) Append(b []byte) []byte {
	b = appendFixed(b, m.Manufacturer, descStrLen)
	b = appendFixed(b, m.Hardware, descStrLen)
	b = appendFixed(b, m.Software, descStrLen)
	b = appendFixed(b, m.SerialNumber, serialNumLen)
	return appendFixed(b, m.Datapath, descStrLen)
}

// Decode reads the body.
func (m *Desc) Decode(b []byte) error {
	if err := checkBody(b, "description", 4*descStrLen+serialNumLen); err != nil {
		return err
	}
	m.Manufacturer = fixedString(b[:descStrLen])
	m.Hardware = fixedString(b[descStrLen : 2*descStrLen])
	m.Software = fixedString(b[2*descStrLen : 3*descStrLen])
	m.SerialNumber = fixedString(b[3*descStrLen : 3*descStrLen+serialNumLen])
	m.Datapath = fixedString(b[3*descStrLen+serialNumLen:])
	return nil
}
