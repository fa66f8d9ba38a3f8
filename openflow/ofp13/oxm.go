package ofp13

import "encoding/binary"

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

// NewOXM makes the basic field from its bytes on the wire, at most 16.
func NewOXM(field uint8, value []byte) OXM {
	o := OXM{Class: OXMClassBasic, Field: field, Len: uint8(len(value))}
	copy(o.Value[:], value)
	return o
}

// NewMaskedOXM makes the basic field with a mask of the same length. Value bits
// outside the mask are cleared.
func NewMaskedOXM(field uint8, value, mask []byte) OXM {
	o := NewOXM(field, value)
	o.HasMask = true
	copy(o.Mask[:len(value)], mask)
	for i, m := range o.Mask {
		o.Value[i] &= m
	}
	return o
}

// NewOXM64 makes the basic field, of at most 8 bytes, from a host-order value;
// bits that the field's bytes cannot hold are dropped.
func NewOXM64(field uint8, value uint64) OXM {
	o := OXM{Class: OXMClassBasic, Field: field, Len: basicFields[field].Len}
	o.Value = leftAlign(value, o.Len)
	return o
}

// NewMaskedOXM64 is NewOXM64 with a mask. Value bits outside it are cleared.
func NewMaskedOXM64(field uint8, value, mask uint64) OXM {
	o := NewOXM64(field, value&mask)
	o.HasMask = true
	o.Mask = leftAlign(mask, o.Len)
	return o
}

// NewTCPFlags makes the ONF field OXMTCPFlags: 12 bits, with a mask unless it
// is 0xfff.
func NewTCPFlags(flags, mask uint16) OXM {
	o := OXM{Class: OXMClassExperimenter, Field: OXMTCPFlags, Len: 2, Experimenter: ExperimenterONF}
	o.Value = leftAlign(uint64(flags&mask), 2)
	if mask != 0xfff {
		o.HasMask = true
		o.Mask = leftAlign(uint64(mask), 2)
	}
	return o
}

// leftAlign writes the low n bytes of v in network order.
func leftAlign(v uint64, n uint8) (out [16]byte) {
	binary.BigEndian.PutUint64(out[:], v<<(64-8*n))
	return out
}

// Uint64 is the value in host order, for fields of at most 8 bytes.
func (o *OXM) Uint64() uint64 {
	return binary.BigEndian.Uint64(o.Value[:]) >> (64 - 8*o.Len)
}

// MaskUint64 is the mask in host order, for fields of at most 8 bytes. Without
// a mask every bit of the field's bytes is one.
func (o *OXM) MaskUint64() uint64 {
	if !o.HasMask {
		return ^uint64(0) >> (64 - 8*o.Len)
	}
	return binary.BigEndian.Uint64(o.Mask[:]) >> (64 - 8*o.Len)
}

// Append appends the OXM TLV.
func (o *OXM) Append(b []byte) []byte {
	b = o.id().Append(b)
	b = append(b, o.Value[:o.Len]...)
	if o.HasMask {
		b = append(b, o.Mask[:o.Len]...)
	}
	return b
}

// id is the header of o.
func (o *OXM) id() OXMID {
	n := o.Len
	if o.HasMask {
		n *= 2
	}
	return OXMID{Class: o.Class, Field: o.Field, HasMask: o.HasMask, Len: n, Experimenter: o.Experimenter}
}

// DecodeNext reads the first OXM TLV of b and checks its length, value and mask,
// but not its prerequisites. It fails with an OFPET_BAD_MATCH error.
func (o *OXM) DecodeNext(b []byte) (rest []byte, err error) {
	var id OXMID
	payload, err := id.decode(b)
	if err != nil {
		return nil, err
	}
	f := fieldOf(id.Class, id.Field, id.Experimenter)
	if f == nil {
		return nil, badMatch(BadMatchBadField, id, "unknown field")
	}
	if int(id.Len) > len(payload) {
		return nil, badMatch(BadMatchBadLen, id, "payload runs over the end")
	}
	*o = OXM{Class: id.Class, Field: id.Field, HasMask: id.HasMask, Len: f.Len, Experimenter: id.Experimenter}
	if code, why := o.fill(f, payload[:id.Len]); why != "" {
		return nil, badMatch(code, id, why)
	}
	return payload[id.Len:], nil
}

// fill takes value and mask from the payload. It returns the OFPBMC_* code and
// the reason if they are wrong.
func (o *OXM) fill(f *Field, payload []byte) (code uint16, why string) {
	want := int(f.Len)
	if o.HasMask {
		want *= 2
	}
	switch {
	case len(payload) != want:
		return BadMatchBadLen, "length is wrong"
	case o.HasMask && !f.Maskable:
		return BadMatchBadMask, "field cannot be masked"
	}
	copy(o.Value[:], payload[:f.Len])
	if o.HasMask {
		copy(o.Mask[:], payload[f.Len:])
		if o.outsideMask() {
			return BadMatchBadWildcards, "value has bits outside the mask"
		}
	}
	return o.checkBits(f)
}

// outsideMask reports whether a value bit is one where the mask is zero, which
// §7.2.3.5 forbids.
func (o *OXM) outsideMask() bool {
	v, m := &o.Value, &o.Mask
	return binary.BigEndian.Uint64(v[:8])&^binary.BigEndian.Uint64(m[:8]) != 0 ||
		binary.BigEndian.Uint64(v[8:])&^binary.BigEndian.Uint64(m[8:]) != 0
}

// checkBits refuses what the field cannot hold: fields narrower than their
// bytes, and VLAN ids without the presence bit (§7.2.3.8).
func (o *OXM) checkBits(f *Field) (code uint16, why string) {
	if f.Bits&7 == 0 {
		return 0, ""
	}
	v, m := o.Uint64(), o.MaskUint64()
	switch {
	case v>>f.Bits != 0:
		return BadMatchBadValue, "value is wider than the field"
	case o.HasMask && m>>f.Bits != 0:
		return BadMatchBadMask, "mask is wider than the field"
	case f == &basicFields[OXMVLANVID] && m&uint64(VLANPresent) != 0 && v != 0 && v&uint64(VLANPresent) == 0:
		return BadMatchBadValue, "VLAN id without the presence bit"
	}
	return 0, ""
}
