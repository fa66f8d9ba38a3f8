package datapath

import (
	"fmt"

	"github.com/ivs-go/ivs/flowtable"
)

// AppendActs appends a list of actions in words, each followed by a space, or
// "drop " for an empty one.
func AppendActs(b []byte, acts []Act) []byte {
	if len(acts) == 0 {
		return append(b, "drop "...)
	}
	for i := range acts {
		b = append(acts[i].append(b), ' ')
	}
	return b
}

func (a *Act) append(b []byte) []byte {
	switch a.Kind {
	case Output:
		return portNumber(append(b, "output "...), uint64(a.Port))
	case Controller:
		return append(b, "pktin"...)
	case Set:
		return a.appendSet(b)
	case PushVLAN:
		return fmt.Appendf(b, "push-vlan { tpid=%#04x vid=%d pcp=%d }", a.EtherType, a.Value&0xfff, a.Value>>13)
	case PopVLAN:
		return append(b, "pop-vlan"...)
	case PushMPLS:
		return fmt.Appendf(b, "push-mpls { type=%#04x lse=%#x }", a.EtherType, uint32(a.Value))
	case PopMPLS:
		return fmt.Appendf(b, "pop-mpls { type=%#04x }", a.EtherType)
	case PushPBB:
		return fmt.Appendf(b, "push-pbb { isid=%d }", a.Value)
	case PopPBB:
		return append(b, "pop-pbb"...)
	case Meter:
		return fmt.Appendf(b, "meter %d", a.Value)
	case Hash:
		return append(b, "hash"...)
	case Recirc:
		return fmt.Appendf(b, "recirc %#x", a.Value)
	case Clone:
		return fmt.Appendf(b, "clone %d", a.Value)
	case Queue:
		return fmt.Appendf(b, "queue %x:%x", a.Value>>16, a.Value&0xffff)
	case CopyTTLOut:
		return append(b, "copy-ttl-out"...)
	case CopyTTLIn:
		return append(b, "copy-ttl-in"...)
	}
	return fmt.Appendf(b, "action-%d", a.Kind)
}

// settable are the lists in which an action's field is looked up; an action
// does not say what protocol the frame has, so some layers share a word.
var settable = []struct {
	layer string
	list  []shown
}{
	{"eth", frameFields},
	{"ip", ipFields},
	{"ip", ipParts},
	{"ipv4", ipv4Fields},
	{"ipv6", ipv6Rest},
	{"mpls", mplsParts},
	{"arp", arpFields},
	{"l4", portFields},
}

// ipParts are parts of IPTOS that are set apart but never matched apart.
var ipParts = []shown{
	{"", "dscp", flowtable.IPDSCP, decimal, 0},
	{"", "ecn", flowtable.IPECN, decimal, 0},
}

// mplsParts are parts of MPLS0.
var mplsParts = []shown{
	{"", "label", flowtable.MPLSLabel, decimal, 0},
	{"", "tc", flowtable.MPLSTC, decimal, 0},
	{"", "bos", flowtable.MPLSBOS, decimal, 0},
	{"", "ttl", flowtable.MPLSTTL, decimal, 0},
}

func (a *Act) appendSet(b []byte) []byte {
	for _, s := range settable {
		for _, f := range s.list {
			if f.field != a.Field {
				continue
			}
			layer := f.header
			if layer == "" {
				layer = s.layer
			}
			b = fmt.Appendf(b, "set { %s %s=", layer, f.name)
			return append(f.format(b, a.Value), " }"...)
		}
	}
	return fmt.Appendf(b, "set { field-%d=%#x }", a.Field, a.Value)
}
