package bsn

import (
	"encoding/binary"
	"fmt"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// errorGentable is the exp_type of a gentable error.
const errorGentable = 2

// errorTextLen is the size of an of_desc_str_t.
const errorTextLen = 256

// GentableError is bsn_gentable_error: an OFPET_EXPERIMENTER of a code
// (GentableErrorParam...) about a table. The text, which goes with it, is cut to
// 255 bytes.
func GentableError(code, table uint16, format string, args ...any) *ofp13.Error {
	cause := fmt.Errorf(format, args...)
	text := cause.Error()
	detail := binary.BigEndian.AppendUint16(nil, code)
	detail = binary.BigEndian.AppendUint16(detail, table)
	detail = appendString(detail, text[:min(len(text), errorTextLen-1)], errorTextLen)
	return &ofp13.Error{
		Type:         ofp13.ErrTypeExperimenter,
		Code:         errorGentable,
		Experimenter: ID,
		Detail:       detail,
		Cause:        fmt.Errorf("gentable %d: %w", table, cause),
	}
}
