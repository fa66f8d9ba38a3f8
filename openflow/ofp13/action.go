package ofp13

import (
	"encoding/binary"
	"slices"
)

// Action is one action (§7.2.5); Type says which other fields mean something.
type Action struct {
	Type         uint16 // OFPAT_*: ActionOutput...
	MaxLen       uint16 // Output: bytes for the controller, or ControllerMaxNoBuffer
	EtherType    uint16 // PushVLAN, PushMPLS, PushPBB, PopMPLS
	TTL          uint8  // SetNwTTL, SetMPLSTTL
	ID           uint32 // Output: port; Group: group; SetQueue: queue; Experimenter: id
	Field        OXM    // SetField; never masked
	Experimenter []byte // Experimenter: what follows the id
}

// CloneActions returns a list of actions that shares nothing with this one; nil
// for an empty one.
func CloneActions(list []Action) []Action {
	if len(list) == 0 {
		return nil
	}
	c := slices.Clone(list)
	for i := range c {
		c[i].Experimenter = slices.Clone(c[i].Experimenter)
	}
	return c
}

// append appends the action with its padding.
func (a *Action) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, a.Type)
	b = append(b, 0, 8)
	switch a.Type {
	case ActionOutput:
		b = binary.BigEndian.AppendUint32(b, a.ID)
		b = binary.BigEndian.AppendUint16(b, a.MaxLen)
		b = appendPad(b, 6)
	case ActionGroup, ActionSetQueue:
		return binary.BigEndian.AppendUint32(b, a.ID)
	case ActionSetNwTTL, ActionSetMPLSTTL:
		return append(b, a.TTL, 0, 0, 0)
	case ActionPushVLAN, ActionPushMPLS, ActionPushPBB, ActionPopMPLS:
		return appendPad(binary.BigEndian.AppendUint16(b, a.EtherType), 2)
	case ActionSetField:
		b = a.Field.Append(b)
		b = appendPad(b, pad8(len(b)-start))
	case ActionExperimenter:
		b = binary.BigEndian.AppendUint32(b, a.ID)
		b = append(b, a.Experimenter...)
		b = appendPad(b, pad8(len(b)-start))
	default:
		return appendPad(b, 4)
	}
	return finish(b, start)
}

// decode reads the action at the start of b and returns its length.
func (a *Action) decode(b []byte) (n int, err error) {
	if len(b) < 8 {
		return 0, badActionLen("action has %d bytes, not 8 or more", len(b))
	}
	*a = Action{Type: binary.BigEndian.Uint16(b)}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < 8 || n&7 != 0 || n > len(b) {
		return 0, badActionLen("action %s says %d bytes of %d", actionName(a.Type), n, len(b))
	}
	want, err := actionLen(a.Type)
	if err != nil {
		return 0, err
	}
	if want != 0 && n != want {
		return 0, badActionLen("action %s has %d bytes, not %d", actionName(a.Type), n, want)
	}
	return n, a.decodeBody(b[4:n])
}

// actionLen is the size of an action, 0 if it varies. It fails with
// OFPBAC_BAD_TYPE if there is no such action.
func actionLen(typ uint16) (int, error) {
	switch typ {
	case ActionOutput:
		return 16, nil
	case ActionSetField, ActionExperimenter:
		return 0, nil
	}
	if int(typ) >= len(actionNames) || actionNames[typ] == "" {
		return 0, Errorf(ErrTypeBadAction, BadActionBadType, "unknown action %d", typ)
	}
	return 8, nil
}

// decodeBody reads what follows type and length.
func (a *Action) decodeBody(b []byte) error {
	switch a.Type {
	case ActionOutput:
		a.ID = binary.BigEndian.Uint32(b)
		a.MaxLen = binary.BigEndian.Uint16(b[4:])
	case ActionGroup, ActionSetQueue:
		a.ID = binary.BigEndian.Uint32(b)
	case ActionSetNwTTL, ActionSetMPLSTTL:
		a.TTL = b[0]
	case ActionPushVLAN, ActionPushMPLS, ActionPushPBB, ActionPopMPLS:
		a.EtherType = binary.BigEndian.Uint16(b)
	case ActionSetField:
		return a.decodeSetField(b)
	case ActionExperimenter:
		a.ID = binary.BigEndian.Uint32(b)
		a.Experimenter = b[4:]
	}
	return nil
}

func badActionLen(format string, args ...any) error {
	return Errorf(ErrTypeBadAction, BadActionBadLen, format, args...)
}
