package ofp13

// Desc is the body of an OFPMP_DESC reply (§7.3.5.1). Strings are cut to what
// their fields hold.
type Desc struct {
	Manufacturer string // mfr_desc, at most 255 bytes
	Hardware     string // hw_desc, at most 255 bytes
	Software     string // sw_desc, at most 255 bytes
	SerialNumber string // serial_num, at most 31 bytes
	Datapath     string // dp_desc, at most 255 bytes
}
