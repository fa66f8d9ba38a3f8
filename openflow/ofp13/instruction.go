package ofp13

import "encoding/binary"

// Instruction is one instruction (§7.2.4); Type says which other fields mean
// something.
type Instruction struct {
	Type         uint16   // OFPIT_*: InstructionGotoTable...
	TableID      uint8    // GotoTable
	ID           uint32   // Meter: meter; Experimenter: id
	Metadata     uint64   // WriteMetadata
	MetadataMask uint64   // WriteMetadata
	Actions      []Action // WriteActions, ApplyActions
	Experimenter []byte   // Experimenter: what follows the id
}

// AppendInstructions appends a list of instructions.
func AppendInstructions(b []byte, list []Instruction) []byte { return appendList(b, list) }

// append appends the instruction with its padding.
func (in *Instruction) append(b []byte) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint16(b, in.Type)
	b = append(b, 0, 8)
	switch in.Type {
	case InstructionGotoTable:
		return append(b, in.TableID, 0, 0, 0)
	case InstructionMeter:
		return binary.BigEndian.AppendUint32(b, in.ID)
	case InstructionWriteMetadata:
		b = appendPad(b, 4)
		b = binary.BigEndian.AppendUint64(b, in.Metadata)
		b = binary.BigEndian.AppendUint64(b, in.MetadataMask)
	case InstructionWriteActions, InstructionApplyActions:
		b = appendList(appendPad(b, 4), in.Actions)
	case InstructionExperimenter:
		b = binary.BigEndian.AppendUint32(b, in.ID)
		b = append(b, in.Experimenter...)
		b = appendPad(b, pad8(len(b)-start))
	default: // InstructionClearActions
		return appendPad(b, 4)
	}
	return finish(b, start)
}

// decodeInstructions reads a list that fills b, into the capacity of list. It
// fails with an OFPET_BAD_INSTRUCTION or OFPET_BAD_ACTION error. A second
// instruction of one type is OFPBIC_UNSUP_INST: 1.3.5 allows one of each
// (§5.9) and has no code of its own for it.
func decodeInstructions(b []byte, list []Instruction) ([]Instruction, error) {
	list = list[:0]
	var seen uint32
	for len(b) > 0 {
		list = grow(list)
		in := &list[len(list)-1]
		n, err := in.decode(b)
		if err != nil {
			return list[:len(list)-1], err
		}
		if in.Type != InstructionExperimenter {
			if seen&(1<<in.Type) != 0 {
				return list, Errorf(ErrTypeBadInstruction, BadInstructionUnsupInst,
					"a second instruction %s", instructionName(in.Type))
			}
			seen |= 1 << in.Type
		}
		b = b[n:]
	}
	return list, nil
}

// decode reads the instruction at the start of b and returns its length.
func (in *Instruction) decode(b []byte) (n int, err error) {
	if len(b) < 8 {
		return 0, badInstructionLen("instruction has %d bytes, not 8 or more", len(b))
	}
	*in = Instruction{Type: binary.BigEndian.Uint16(b), Actions: in.Actions[:0]}
	n = int(binary.BigEndian.Uint16(b[2:]))
	if n < 8 || n&7 != 0 || n > len(b) {
		return 0, badInstructionLen("instruction %s says %d bytes of %d", instructionName(in.Type), n, len(b))
	}
	want, err := instructionLen(in.Type)
	if err != nil {
		return 0, err
	}
	if want != 0 && n != want {
		return 0, badInstructionLen("instruction %s has %d bytes, not %d", instructionName(in.Type), n, want)
	}
	return n, in.decodeBody(b[4:n])
}

// instructionLen is the size of an instruction, 0 if it varies. It fails with
// OFPBIC_UNKNOWN_INST if there is no such instruction.
func instructionLen(typ uint16) (int, error) {
	switch typ {
	case InstructionGotoTable, InstructionClearActions, InstructionMeter:
		return 8, nil
	case InstructionWriteMetadata:
		return 24, nil
	case InstructionWriteActions, InstructionApplyActions, InstructionExperimenter:
		return 0, nil
	}
	return 0, Errorf(ErrTypeBadInstruction, BadInstructionUnknownInst, "unknown instruction %d", typ)
}

// decodeBody reads what follows type and length.
func (in *Instruction) decodeBody(b []byte) (err error) {
	switch in.Type {
	case InstructionGotoTable:
		in.TableID = b[0]
	case InstructionMeter:
		in.ID = binary.BigEndian.Uint32(b)
	case InstructionWriteMetadata:
		in.Metadata = binary.BigEndian.Uint64(b[4:])
		in.MetadataMask = binary.BigEndian.Uint64(b[12:])
	case InstructionWriteActions, InstructionApplyActions:
		in.Actions, err = decodeList(b[4:], in.Actions)
	case InstructionExperimenter:
		in.ID = binary.BigEndian.Uint32(b)
		in.Experimenter = b[4:]
	}
	return err
}

func badInstructionLen(format string, args ...any) error {
	return Errorf(ErrTypeBadInstruction, BadInstructionBadLen, format, args...)
}
