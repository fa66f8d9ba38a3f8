package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// opKind is the kind of a compiled action.
type opKind uint8

const (
	opOutput opKind = iota
	opSet
	opPushVLAN
	opPopVLAN
	opPushMPLS
	opPopMPLS
	opPushPBB
	opPopPBB
	opDecTTL
	opDecMPLSTTL
	opCopyTTLOut
	opCopyTTLIn
	opQueue
	opGroup
)

// op is a compiled action.
type op struct {
	kind      opKind
	maxLen    uint16 // opOutput to the controller
	etherType uint16 // opPushVLAN, opPushMPLS, opPopMPLS
	port      uint32 // opOutput
	group     uint32 // opGroup
	field     *oxmField
	value     uint64 // opSet: of field.view; opQueue: the queue's id
	low       uint64 // opSet: of field.low
}

// Compile checks the instructions of an entry of the given table and match, and
// compiles them. Nothing of the slice is kept. Errors are *ofp13.Error of the
// types OFPET_BAD_INSTRUCTION and OFPET_BAD_ACTION (§7.4.4); what this switch
// does not do is refused, never ignored.
func Compile(table uint8, match *flowtable.Match, instructions []ofp13.Instruction) (*Program, error) {
	var wire [256]byte // on the stack, for most entries
	p := &Program{encoded: string(ofp13.AppendInstructions(wire[:0], instructions))}
	for i := range instructions {
		if err := p.instruction(table, &instructions[i]); err != nil {
			return nil, err
		}
	}
	// The apply-actions come first, whatever the order on the wire (§5.9), and
	// the action set sees the frame as they leave it.
	c := checker{known: *match}
	if err := c.check(p.apply); err != nil {
		return nil, err
	}
	if err := c.checkSet(p.write); err != nil {
		return nil, err
	}
	return p, nil
}

// instruction compiles one instruction into p.
func (p *Program) instruction(table uint8, in *ofp13.Instruction) (err error) {
	switch in.Type {
	case ofp13.InstructionGotoTable:
		if in.TableID <= table || in.TableID >= NumTables {
			return badInstruction(ofp13.BadInstructionBadTableID,
				"table %d cannot go to table %d; only forward, to at most %d", table, in.TableID, NumTables-1)
		}
		p.jump, p.next = true, in.TableID
	case ofp13.InstructionWriteMetadata:
		p.metadata, p.metaMask = in.Metadata&in.MetadataMask, in.MetadataMask
	case ofp13.InstructionWriteActions:
		p.write, err = p.actions(in.Actions, false)
	case ofp13.InstructionApplyActions:
		p.apply, err = p.actions(in.Actions, false)
	case ofp13.InstructionClearActions:
		p.clear = true
	case ofp13.InstructionMeter:
		err = p.compileMeter(in.ID)
	case ofp13.InstructionExperimenter:
		err = badInstruction(ofp13.BadInstructionBadExperimenter, "experimenter %#x is not known", in.ID)
	default:
		err = badInstruction(ofp13.BadInstructionUnknownInst, "instruction type %d is not known", in.Type)
	}
	return err
}

// CompileActions checks and compiles the list of actions of a packet-out
// (§7.3.7). There, output to OFPP_TABLE is allowed, and nothing is known of the
// packet: a set of a field that it does not have changes nothing. Errors are as
// Compile's.
func CompileActions(actions []ofp13.Action) (*Program, error) {
	p := &Program{}
	ops, err := p.actions(actions, true)
	p.apply = ops
	if err != nil {
		return nil, err
	}
	return p, nil
}

// actions compiles a list of actions.
func (p *Program) actions(list []ofp13.Action, packetOut bool) ([]op, error) {
	ops := make([]op, 0, len(list))
	for i := range list {
		a := &list[i]
		if a.Type == ofp13.ActionOutput {
			if err := checkPort(a.ID, packetOut); err != nil {
				return nil, err
			}
			p.outputs = append(p.outputs, a.ID)
			ops = append(ops, op{kind: opOutput, port: a.ID, maxLen: a.MaxLen})
			continue
		}
		o, err := compileEdit(a)
		if err != nil {
			return nil, err
		}
		if o.kind == opGroup {
			p.groups = append(p.groups, o.group)
		}
		ops = append(ops, o)
	}
	return ops, nil
}

// plainOps are the actions that say nothing but their type.
var plainOps = map[uint16]opKind{
	ofp13.ActionCopyTTLOut: opCopyTTLOut,
	ofp13.ActionCopyTTLIn:  opCopyTTLIn,
	ofp13.ActionDecMPLSTTL: opDecMPLSTTL,
	ofp13.ActionPopVLAN:    opPopVLAN,
	ofp13.ActionDecNwTTL:   opDecTTL,
	ofp13.ActionPopPBB:     opPopPBB,
}

// compileEdit compiles an action that is no output.
func compileEdit(a *ofp13.Action) (op, error) {
	if kind, ok := plainOps[a.Type]; ok {
		return op{kind: kind}, nil
	}
	switch a.Type {
	case ofp13.ActionSetField:
		return compileSet(&a.Field)
	case ofp13.ActionSetNwTTL:
		return op{kind: opSet, field: &setTTL, value: uint64(a.TTL)}, nil
	case ofp13.ActionSetMPLSTTL:
		return op{kind: opSet, field: &setMPLSTTL, value: uint64(a.TTL)}, nil
	case ofp13.ActionPushVLAN:
		if a.EtherType != packet.TypeVLAN && a.EtherType != packet.TypeSVLAN {
			return op{}, badAction(ofp13.BadActionBadArgument,
				"a VLAN tag of type %#x cannot be pushed; take 0x8100 or 0x88a8", a.EtherType)
		}
		return op{kind: opPushVLAN, etherType: a.EtherType}, nil
	case ofp13.ActionPushMPLS:
		if !isMPLS.holds(uint64(a.EtherType)) {
			return op{}, badAction(ofp13.BadActionBadArgument,
				"an MPLS label of type %#x cannot be pushed; take 0x8847 or 0x8848", a.EtherType)
		}
		return op{kind: opPushMPLS, etherType: a.EtherType}, nil
	case ofp13.ActionPopMPLS:
		if a.EtherType < packet.TypeMin {
			return op{}, badAction(ofp13.BadActionBadArgument,
				"%#x, for what lies below a popped label, is no EtherType; take %#x or more", a.EtherType, packet.TypeMin)
		}
		return op{kind: opPopMPLS, etherType: a.EtherType}, nil
	case ofp13.ActionPushPBB:
		if a.EtherType != packet.TypePBB {
			return op{}, badAction(ofp13.BadActionBadArgument,
				"a PBB service tag of type %#x cannot be pushed; take 0x88e7", a.EtherType)
		}
		return op{kind: opPushPBB}, nil
	case ofp13.ActionSetQueue:
		return compileQueue(a.ID)
	case ofp13.ActionGroup:
		return compileGroup(a.ID)
	case ofp13.ActionExperimenter:
		return op{}, badAction(ofp13.BadActionBadExperimenter, "experimenter %#x is not known", a.ID)
	}
	return op{}, badAction(ofp13.BadActionBadType, "action type %d is not supported", a.Type)
}

// compileSet compiles a set-field.
func compileSet(o *ofp13.OXM) (op, error) {
	f := fieldOf(o)
	if f == nil || !f.settable {
		return op{}, badAction(ofp13.BadActionBadSetType, "field %d of class %#x cannot be set", o.Field, o.Class)
	}
	s := op{kind: opSet, field: f, value: number(&o.Value, o.Len)}
	if f.wide {
		s.low = lowNumber(&o.Value)
	}
	if s.value&^f.ones() != 0 {
		return op{}, badAction(ofp13.BadActionBadSetArgument, "value %#x is wider than field %d", s.value, o.Field)
	}
	return s, nil
}

// checkPort refuses ports that nothing can be output to (§7.2.1).
func checkPort(port uint32, packetOut bool) error {
	switch port {
	case ofp13.PortInPort, ofp13.PortAll, ofp13.PortFlood, ofp13.PortController, ofp13.PortLocal:
		return nil
	case ofp13.PortTable:
		if packetOut {
			return nil
		}
	case ofp13.PortNormal:
		return badAction(ofp13.BadActionBadOutPort, "output to NORMAL is not supported")
	}
	if port == 0 || port > ofp13.PortMax {
		return badAction(ofp13.BadActionBadOutPort, "nothing can be output to port %#x here", port)
	}
	return nil
}

// badAction is an OFPET_BAD_ACTION.
func badAction(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadAction, code, format, args...)
}

// badInstruction is an OFPET_BAD_INSTRUCTION.
func badInstruction(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadInstruction, code, format, args...)
}
