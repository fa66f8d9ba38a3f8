package ofp13

import "strconv"

// actionNames are ovs-ofctl's words, or like them; an empty one is no action.
var actionNames = [...]string{
	ActionOutput:     "output",
	ActionCopyTTLOut: "copy_ttl_out",
	ActionCopyTTLIn:  "copy_ttl_in",
	ActionSetMPLSTTL: "set_mpls_ttl",
	ActionDecMPLSTTL: "dec_mpls_ttl",
	ActionPushVLAN:   "push_vlan",
	ActionPopVLAN:    "pop_vlan",
	ActionPushMPLS:   "push_mpls",
	ActionPopMPLS:    "pop_mpls",
	ActionSetQueue:   "set_queue",
	ActionGroup:      "group",
	ActionSetNwTTL:   "mod_nw_ttl",
	ActionDecNwTTL:   "dec_ttl",
	ActionSetField:   "set_field",
	ActionPushPBB:    "push_pbb",
	ActionPopPBB:     "pop_pbb",
}

var instructionNames = [...]string{
	InstructionGotoTable:     "goto_table",
	InstructionWriteMetadata: "write_metadata",
	InstructionWriteActions:  "write_actions",
	InstructionApplyActions:  "apply_actions",
	InstructionClearActions:  "clear_actions",
	InstructionMeter:         "meter",
}

func actionName(typ uint16) string { return nameOf(actionNames[:], typ) }

func instructionName(typ uint16) string { return nameOf(instructionNames[:], typ) }

func nameOf(names []string, typ uint16) string {
	switch {
	case typ == ActionExperimenter: // InstructionExperimenter too
		return "experimenter"
	case int(typ) < len(names) && names[typ] != "":
		return names[typ]
	}
	return strconv.Itoa(int(typ))
}
