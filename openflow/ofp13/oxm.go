package ofp13

// OXM is one match field on the wire (§7.2.3.2): a type, a value and perhaps a
// mask. Value and Mask hold Len bytes in network byte order, left-aligned; the
// rest is zero. Experimenter fields (class 0xffff) put the experimenter's id in
// Experimenter, and Len does not count it. OXMs are comparable with ==.
type OXM struct {
	Class        uint16
	Field        uint8 // 7 bits: OXM* for OXMClassBasic
	HasMask      bool
	Len          uint8 // bytes of Value, and of Mask if HasMask
	Experimenter uint32
	Value        [16]byte
	Mask         [16]byte
}

// Match is an OXM match (§7.2.3): OFPMT_OXM. Decode guarantees no duplicates,
// prerequisites met, masks legal and no value bit outside its mask. Fields stay
// in the order in which they came.
type Match struct {
	Fields []OXM
}
