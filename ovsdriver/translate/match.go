package translate

import (
	"slices"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// CompileMatch turns a decoded OXM match into a pattern. Fields that this
// switch cannot match are refused with OFPBMC_BAD_FIELD, never left out.
// Equal sets of packets give equal patterns: OFPVID_NONE is a look at the
// presence bit alone. Prerequisites that are not exact fields themselves (a
// VLAN tag for its priority) enter the mask.
func CompileMatch(m *ofp13.Match) (flowtable.Match, error) {
	var match flowtable.Match
	for i := range m.Fields {
		o := &m.Fields[i]
		f := fieldOf(o)
		if f == nil {
			return flowtable.Match{}, badMatch(ofp13.BadMatchBadField,
				"field %d of class %#x cannot be matched; leave it out", o.Field, o.Class)
		}
		if err := addOXM(&match, f, o); err != nil {
			return flowtable.Match{}, err
		}
	}
	return match, nil
}

// addOXM adds what o says to the pattern.
func addOXM(match *flowtable.Match, f *oxmField, o *ofp13.OXM) error {
	value, mask := number(&o.Value, o.Len), f.ones()
	if o.HasMask {
		mask = number(&o.Mask, o.Len)
	}
	if (value|mask)&^f.ones() != 0 {
		return badMatch(ofp13.BadMatchBadValue, "value %#x/%#x of field %d is wider than the field", value, mask, o.Field)
	}
	switch {
	case f.wide:
		low := ^uint64(0)
		if o.HasMask {
			low = lowNumber(&o.Mask)
		}
		match.Masked(f.low, lowNumber(&o.Value), low)
	case f.view == flowtable.VLANVID && value == uint64(ofp13.VLANNone) && mask == f.ones():
		// §7.2.3.8: only frames without a tag; their other bits are zero.
		mask = flowtable.VLANPresent
	case f.view == flowtable.VLANPCP:
		match.Masked(flowtable.VLANTCI, flowtable.VLANPresent, flowtable.VLANPresent)
	}
	match.Masked(f.view, value, mask)
	if mask != 0 && value&mask == 0 && (!f.wide || match.Key.Get(f.low) == 0) && f.behindIP() {
		// A fragment other than the first lacks the field, which is 0 in its key.
		// "If any field is not present [...] then the packet should not match any
		// entry that has that field set" (§7.3.2).
		match.Masked(flowtable.IPFrag, 0, flowtable.FragLater)
	}
	return nil
}

// Loose turns a pattern of CompileMatch into the one for a selection that is not
// strict (§6.4). It leaves out the look at the fragment: by their fields are entries
// to be selected, and one that matches more bits of a field than the pattern, such
// that they are not all 0, has no such look.
func Loose(match *flowtable.Match) flowtable.Match {
	loose := *match
	loose.Mask.Set(flowtable.IPFrag, 0)
	return loose
}

// behindIP reports whether a fragment other than the first lacks the field.
func (f *oxmField) behindIP() bool {
	return slices.ContainsFunc(f.conds, func(c cond) bool { return c.field == flowtable.IPFrag })
}

// badMatch is an OFPET_BAD_MATCH.
func badMatch(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadMatch, code, format, args...)
}
