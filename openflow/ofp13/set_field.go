package ofp13

import "errors"

// decodeSetField reads the OXM TLV of a set-field action (§7.2.5), which
// fills b but for padding to 64 bits.
func (a *Action) decodeSetField(b []byte) error {
	rest, err := a.Field.DecodeNext(b)
	if err != nil {
		return setFieldError(err)
	}
	f := fieldOf(a.Field.Class, a.Field.Field, a.Field.Experimenter)
	switch {
	case !f.Settable:
		return Errorf(ErrTypeBadAction, BadActionBadSetType, "set_field: %s cannot be set", f.Name)
	case a.Field.HasMask:
		return Errorf(ErrTypeBadAction, BadActionBadSetType, "set_field: %s has a mask", f.Name)
	case len(rest) > 7:
		return Errorf(ErrTypeBadAction, BadActionBadSetLen, "set_field: %d bytes behind %s", len(rest), f.Name)
	case f == &basicFields[OXMVLANVID] && uint16(a.Field.Uint64())&VLANPresent == 0:
		return Errorf(ErrTypeBadAction, BadActionBadSetArgument, "set_field: vlan_vid without the presence bit")
	}
	return nil
}

// setFieldError says in terms of an action what is wrong with its field.
func setFieldError(err error) error {
	code := BadActionBadSetType
	var e *Error
	if errors.As(err, &e) {
		switch e.Code {
		case BadMatchBadLen:
			code = BadActionBadSetLen
		case BadMatchBadValue:
			code = BadActionBadSetArgument
		}
		err = e.Cause
	}
	return Errorf(ErrTypeBadAction, code, "set_field: %w", err)
}
