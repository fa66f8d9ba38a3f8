package kernel

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// parseUpcall reads an OVS_PACKET_CMD_MISS or OVS_PACKET_CMD_ACTION of the
// datapath dp, which lies in buf from start on, into u. The frame stays where it
// is; what lies before it, its key among others, is its headroom. It reports
// false for anything else, and for what is cut off.
func parseUpcall(buf []byte, start, length int, family uint16, dp uint32, u *datapath.Upcall) bool {
	msg, _, ok := nextMessage(buf[start : start+length])
	if !ok || len(msg) < ovsHeader || messageType(msg) != family || host.Uint32(msg[genlHeader:]) != dp {
		return false
	}
	switch msg[nlHeader] {
	case packetCmdMiss:
		u.Kind = datapath.Miss
	case packetCmdAction:
		u.Kind = datapath.Action
	default:
		return false
	}
	u.Record = 0
	u.Frame = datapath.Frame{Buf: buf}
	var key []byte
	for at := ovsHeader; at < len(msg); {
		typ, data, _, ok := nextAttr(msg[at:])
		if !ok {
			return false
		}
		switch typ {
		case packetAttrPacket:
			u.Frame.Start = start + at + attrHeader
			u.Frame.End = u.Frame.Start + len(data)
		case packetAttrKey:
			key = data
		case packetAttrUserdata:
			if len(data) >= 8 {
				u.Record = host.Uint64(data)
			}
		}
		at += align(attrHeader + len(data))
	}
	if key == nil || u.Frame.Start == 0 || !decodeKey(key, &u.Key) {
		return false
	}
	if u.Kind == datapath.Miss {
		fixKey(&u.Frame, &u.Key)
	}
	return true
}

// fixKey completes a key with what the kernel does not tell of a frame: an ARP
// opcode above 255, the EtherType when the frame ends in a VLAN tag, label stack
// entries when the stack has no bottom, the fields of a provider backbone tag,
// and IPv6 extension headers, in which it errs (see packet.Parse). shapeOf refuses
// flows that would depend on what is put right here.
func fixKey(f *datapath.Frame, k *flowtable.Key) {
	ethType := uint16(k.Get(flowtable.EthType))
	missing := untold(ethType)
	switch {
	case ethType == packet.TypeIPv6:
		if k.Get(flowtable.IPProto) != packet.ProtoESP && k.Get(flowtable.IPv6ExtHdr) == 0 {
			return
		}
		missing = extFields
	case len(missing) == 0 || k.Get(missing[0]) != 0:
		return
	}
	var whole flowtable.Key
	packet.Parse(f, datapath.PortNo(k.Get(flowtable.InPort)), &whole)
	for _, field := range missing {
		k.Set(field, whole.Get(field))
	}
}

// untold are the fields that the kernel may leave out of a key, by EtherType.
func untold(ethType uint16) []flowtable.Field {
	switch ethType {
	case 0:
		return cutFields
	case packet.TypeARP, packet.TypeRARP:
		return arpFields
	case packet.TypeMPLS, packet.TypeMPLSM:
		return stack[:]
	case packet.TypePBB:
		return pbbFields
	}
	return nil
}

var (
	cutFields = []flowtable.Field{flowtable.EthType}
	extFields = []flowtable.Field{flowtable.IPv6ExtHdr}
	arpFields = []flowtable.Field{flowtable.ARPOp}
	pbbFields = []flowtable.Field{flowtable.PBBISID, flowtable.PBBUCA}
)
