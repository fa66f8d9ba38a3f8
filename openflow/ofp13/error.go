package ofp13

import "fmt"

// Error is a failed request, as an OFPT_ERROR message tells it (§7.4). It may
// wrap the cause. Handlers return it and the session sends it, with the
// request's xid and the first bytes of the request as data.
type Error struct {
	Type  uint16 // OFPET_*
	Code  uint16 // the type's own code
	Cause error  // for logs; may be nil

	// Experimenter and Detail belong to ErrTypeExperimenter, where Code is the
	// experimenter's exp_type. Detail goes before the request in the data.
	Experimenter uint32
	Detail       []byte
}

// Error names type and code in the specification's words.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s (type %d, code %d)", e.Name(), e.Type, e.Code)
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is compare type, code and experimenter, whatever the cause.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Type == e.Type && t.Code == e.Code && t.Experimenter == e.Experimenter
}

// Name is the specification's name, such as "OFPET_FLOW_MOD_FAILED/OFPFMFC_OVERLAP".
func (e *Error) Name() string { return errorName(e.Type, e.Code) }

// Errorf makes an Error whose cause is the formatted text.
func Errorf(typ, code uint16, format string, args ...any) *Error {
	return &Error{Type: typ, Code: code, Cause: fmt.Errorf(format, args...)}
}
