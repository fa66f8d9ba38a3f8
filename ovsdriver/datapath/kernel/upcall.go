package kernel

import (
	"encoding/binary"

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
// opcode above 255, the EtherType when the frame ends in a VLAN tag, the fields
// of a provider backbone tag.
func fixKey(f *datapath.Frame, k *flowtable.Key) {
	switch k.Get(flowtable.EthType) {
	case 0:
		if b := f.Bytes(); len(b) >= 14 {
			k.Set(flowtable.EthType, uint64(binary.BigEndian.Uint16(b[12:])))
		}
	case ethARP, ethRARP:
		if k.Get(flowtable.ARPOp) != 0 {
			return
		}
		at := 14 + 6 // the opcode, in the header after the addresses and the type
		for _, tci := range [...]flowtable.Field{flowtable.VLANTCI, flowtable.VLAN2TCI} {
			if k.Get(tci) != 0 {
				at += 4
			}
		}
		if b := f.Bytes(); k.Get(flowtable.ARPSHA)|k.Get(flowtable.IPv4Src)|k.Get(flowtable.IPv4Dst) != 0 && len(b) >= at+2 {
			k.Set(flowtable.ARPOp, uint64(binary.BigEndian.Uint16(b[at:])))
		}
	case ethPBB:
		var whole flowtable.Key
		packet.Parse(f, datapath.PortNo(k.Get(flowtable.InPort)), &whole)
		k.Set(flowtable.PBBISID, whole.Get(flowtable.PBBISID))
		k.Set(flowtable.PBBUCA, whole.Get(flowtable.PBBUCA))
	}
}
