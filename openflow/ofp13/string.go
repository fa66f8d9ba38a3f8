package ofp13

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// String shows the match in ovs-ofctl's words, such as
// "in_port=1,eth_type=0x0800,ip_dst=10.0.0.0/8"; "any" if it has no field.
func (m *Match) String() string {
	if len(m.Fields) == 0 {
		return "any"
	}
	words := make([]string, len(m.Fields))
	for i := range m.Fields {
		words[i] = m.Fields[i].String()
	}
	return strings.Join(words, ",")
}

// String shows the field as name=value or name=value/mask.
func (o *OXM) String() string {
	s := o.id().String() + "=" + o.format(&o.Value)
	if !o.HasMask {
		return s
	}
	if n, ok := o.prefix(); ok {
		return s + "/" + strconv.Itoa(n)
	}
	return s + "/" + o.format(&o.Mask)
}

// prefix is the length of an IP address's mask, if it is a prefix.
func (o *OXM) prefix() (n int, ok bool) {
	if !o.isIPv4() && o.Len != 16 {
		return 0, false
	}
	hi, lo := binary.BigEndian.Uint64(o.Mask[:]), binary.BigEndian.Uint64(o.Mask[8:])
	n = bits.LeadingZeros64(^hi)
	if n == 64 {
		n += bits.LeadingZeros64(^lo)
	}
	return n, bits.OnesCount64(hi)+bits.OnesCount64(lo) == n
}

// format shows a value or a mask of o as people write such fields.
func (o *OXM) format(v *[16]byte) string {
	n := min(int(o.Len), len(v))
	if o.Class != OXMClassBasic {
		return fmt.Sprintf("%#x", v[:n])
	}
	switch {
	case n == 16:
		return netip.AddrFrom16(*v).String()
	case n == 6:
		return net.HardwareAddr(v[:6]).String()
	case o.isIPv4():
		return netip.AddrFrom4([4]byte(v[:4])).String()
	}
	number := OXM{Len: uint8(n), Value: *v}
	switch o.Field {
	case OXMInPort, OXMInPhyPort:
		return portName(uint32(number.Uint64()))
	case OXMEthType:
		return fmt.Sprintf("%#04x", number.Uint64())
	}
	if f := fieldOf(o.Class, o.Field, 0); f != nil && f.Maskable {
		return fmt.Sprintf("%#x", number.Uint64())
	}
	return fmt.Sprint(number.Uint64())
}

func (o *OXM) isIPv4() bool {
	switch o.Field {
	case OXMIPv4Src, OXMIPv4Dst, OXMARPSPA, OXMARPTPA:
		return o.Len == 4
	}
	return false
}

// String shows the action in ovs-ofctl's words, such as "output:1",
// "CONTROLLER:65535" or "set_field:10.0.0.1->ip_dst".
func (a *Action) String() string {
	name := actionName(a.Type)
	switch a.Type {
	case ActionOutput:
		return a.outputString()
	case ActionGroup, ActionSetQueue:
		return fmt.Sprintf("%s:%d", name, a.ID)
	case ActionSetNwTTL:
		return fmt.Sprintf("%s:%d", name, a.TTL)
	case ActionSetMPLSTTL:
		return fmt.Sprintf("%s(%d)", name, a.TTL)
	case ActionPushVLAN, ActionPushMPLS, ActionPushPBB, ActionPopMPLS:
		return fmt.Sprintf("%s:%#04x", name, a.EtherType)
	case ActionSetField:
		return fmt.Sprintf("%s:%s->%s", name, a.Field.format(&a.Field.Value), a.Field.id())
	case ActionExperimenter:
		return fmt.Sprintf("%s(%#08x,%x)", name, a.ID, a.Experimenter)
	}
	return name
}

func (a *Action) outputString() string {
	switch {
	case a.ID == PortController:
		return fmt.Sprintf("CONTROLLER:%d", a.MaxLen)
	case a.ID > PortMax:
		return portName(a.ID)
	}
	return fmt.Sprintf("output:%d", a.ID)
}

// ActionsString shows a list of actions, "drop" if it is empty.
func ActionsString(actions []Action) string {
	if len(actions) == 0 {
		return "drop"
	}
	return actionWords(actions)
}

func actionWords(actions []Action) string {
	words := make([]string, len(actions))
	for i := range actions {
		words[i] = actions[i].String()
	}
	return strings.Join(words, ",")
}

// String shows the instruction in ovs-ofctl's words. Apply-actions are their
// actions, as there.
func (in *Instruction) String() string {
	name := instructionName(in.Type)
	switch in.Type {
	case InstructionGotoTable:
		return fmt.Sprintf("%s:%d", name, in.TableID)
	case InstructionMeter:
		return fmt.Sprintf("%s:%d", name, in.ID)
	case InstructionWriteMetadata:
		if in.MetadataMask == ^uint64(0) {
			return fmt.Sprintf("%s:%#x", name, in.Metadata)
		}
		return fmt.Sprintf("%s:%#x/%#x", name, in.Metadata, in.MetadataMask)
	case InstructionWriteActions:
		return fmt.Sprintf("%s(%s)", name, actionWords(in.Actions))
	case InstructionApplyActions:
		return actionWords(in.Actions)
	case InstructionExperimenter:
		return fmt.Sprintf("%s(%#08x,%x)", name, in.ID, in.Experimenter)
	}
	return name
}

// InstructionsString shows a list of instructions, "drop" if it is empty.
func InstructionsString(list []Instruction) string {
	words := make([]string, 0, len(list))
	for i := range list {
		if s := list[i].String(); s != "" {
			words = append(words, s)
		}
	}
	if len(words) == 0 {
		return "drop"
	}
	return strings.Join(words, ",")
}
