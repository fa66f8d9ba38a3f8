package packet

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Remark raises the drop precedence of f's DSCP by some levels, at most to the
// highest, 3, and mends the checksum. Only the classes of assured forwarding
// have one: AFxy, where x, from 1 to 4, is the class and y, from 1 to 3, the drop
// precedence (RFC 2597 §6). Any other packet stays as it is.
func Remark(f *datapath.Frame, levels uint8) {
	if f.Len() < EthernetLen {
		return
	}
	e := editor{f: f, b: f.Bytes(), l: locate(f)}
	if e.l.L3 == 0 {
		return
	}
	var dscp uint8
	switch e.l.EthType {
	case TypeIPv4:
		dscp = IPv4(e.b[e.l.L3:]).TOS() >> 2
	case TypeIPv6:
		dscp = uint8(IPv6(e.b[e.l.L3:]).Word() >> 22 & 0x3f)
	default:
		return
	}
	class, precedence := dscp>>3, dscp>>1&3
	if class < 1 || class > 4 || precedence == 0 || dscp&1 != 0 {
		return
	}
	precedence = min(precedence+min(levels, 3), 3)
	e.set(flowtable.IPDSCP, uint64(class<<3|precedence<<1))
}
