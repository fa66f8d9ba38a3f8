package kernel

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// decodeActions appends to acts the nested OVS_ACTION_ATTR_* in b. unknown names
// an action that has no datapath.Act, if there is one; it is left out.
func decodeActions(b []byte, acts []datapath.Act) (out []datapath.Act, unknown string) {
	for len(b) > 0 {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return acts, "actions that are cut off"
		}
		var what string
		if acts, what = decodeAction(typ, data, acts); what != "" {
			unknown = what
		}
		b = rest
	}
	return acts, unknown
}

// actionLens are the least lengths of the payloads that decodeAction reads.
var actionLens = [...]uint8{
	actOutput: 4, actPushVLAN: 4, actRecirc: 4, actHash: 8, actPushMPLS: 6, actPopMPLS: 2, actMeter: 4, actClone: 0,
}

func decodeAction(typ uint16, b []byte, acts []datapath.Act) ([]datapath.Act, string) {
	if int(typ) < len(actionLens) && len(b) < int(actionLens[typ]) {
		return acts, fmt.Sprintf("action %d that is cut off", typ)
	}
	var a datapath.Act
	switch typ {
	case actOutput:
		a = datapath.Act{Kind: datapath.Output, Port: fromKernelPort(host.Uint32(b))}
	case actUserspace:
		a = datapath.Act{Kind: datapath.Controller, Value: userdata(b)}
	case actPushVLAN:
		a = datapath.Act{Kind: datapath.PushVLAN, EtherType: binary.BigEndian.Uint16(b), Value: uint64(binary.BigEndian.Uint16(b[2:]) &^ flowtable.VLANPresent)}
	case actPopVLAN:
		a = datapath.Act{Kind: datapath.PopVLAN}
	case actPushMPLS:
		a = datapath.Act{Kind: datapath.PushMPLS, Value: uint64(binary.BigEndian.Uint32(b)), EtherType: binary.BigEndian.Uint16(b[4:])}
	case actPopMPLS:
		a = datapath.Act{Kind: datapath.PopMPLS, EtherType: binary.BigEndian.Uint16(b)}
	case actRecirc:
		a = datapath.Act{Kind: datapath.Recirc, Value: uint64(host.Uint32(b))}
	case actHash:
		a = datapath.Act{Kind: datapath.Hash}
	case actMeter:
		a = datapath.Act{Kind: datapath.Meter, Value: uint64(host.Uint32(b))}
	case actClone:
		at := len(acts)
		acts, what := decodeActions(b, append(acts, datapath.Act{Kind: datapath.Clone}))
		acts[at].Value = uint64(len(acts) - at - 1)
		return acts, what
	case actSet, actSetMasked:
		return decodeSet(b, typ == actSetMasked, acts)
	default:
		return acts, fmt.Sprintf("action %d", typ)
	}
	return append(acts, a), ""
}

// userdata returns the record of a userspace action, 0 without one.
func userdata(b []byte) uint64 {
	for {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return 0
		}
		if typ == userspaceUserdata && len(data) >= 8 {
			return host.Uint64(data)
		}
		b = rest
	}
}

// decodeSet appends a Set for each field that the action writes whole.
func decodeSet(b []byte, masked bool, acts []datapath.Act) ([]datapath.Act, string) {
	typ, data, _, ok := nextAttr(b)
	if !ok {
		return acts, "set action that is cut off"
	}
	if typ == keyPriority && len(data) >= 4 {
		return append(acts, datapath.Act{Kind: datapath.Queue, Value: uint64(host.Uint32(data))}), ""
	}
	value, mask := data, []byte(nil)
	if masked {
		value, mask = data[:len(data)/2], slices.Clone(data[len(data)/2:])
	} else {
		for range data {
			mask = append(mask, 0xff)
		}
	}
	for _, f := range settable {
		p, ok := placeIn(typ, f)
		if !ok || int(p.offset)+int(p.size) > len(value) {
			continue
		}
		at := value[p.offset : p.offset+p.size]
		bits := mask[p.offset : p.offset+p.size]
		ones := f.Ones() << p.shift
		if number(bits)&ones == ones {
			acts = append(acts, datapath.Act{Kind: datapath.Set, Field: f, Value: number(at) & ones >> p.shift})
			put(bits, ones, 0)
		}
	}
	for _, c := range mask {
		if c != 0 && masked {
			return acts, fmt.Sprintf("set of parts of key attribute %d", typ)
		}
	}
	return acts, ""
}

// settable are the fields that sets are told as, the widest of each place first.
var settable = [...]flowtable.Field{
	flowtable.EthSrc, flowtable.EthDst, flowtable.IPv4Src, flowtable.IPv4Dst,
	flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPv6FLabel,
	flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN, flowtable.IPTTL, flowtable.L4Src, flowtable.L4Dst,
	flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL,
}

// placeIn finds where f lies in the key attribute typ.
func placeIn(typ uint16, f flowtable.Field) (p place, ok bool) {
	switch typ {
	case keyEthernet:
		p, ok = ethernetPlaces[f]
	case keyIPv4:
		p, ok = ipv4Places[f]
	case keyIPv6:
		p, ok = ipv6Places[f]
	case keyTCP, keyUDP, keySCTP:
		p, ok = portPlaces[f]
	case keyMPLS:
		p, ok = mplsPlaces[f]
	}
	return p, ok
}

// number reads up to eight bytes in network order.
func number(b []byte) (v uint64) {
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}
