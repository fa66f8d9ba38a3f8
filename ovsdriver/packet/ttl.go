package packet

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// ttl is where a header's TTL or hop limit lies in a frame; at is 0 if there is
// none. Of an IPv4 header, ip is where it begins.
type ttl struct{ at, ip int }

// copyTTLOut writes the TTL of the next-to-outermost header that has one into
// the outermost (OpenFlow 1.3.5 §5.12); without two such headers it does nothing.
func copyTTLOut(f *datapath.Frame) {
	outer, inner := ttls(f)
	outer.write(f, inner)
}

// copyTTLIn is copyTTLOut the other way.
func copyTTLIn(f *datapath.Frame) {
	outer, inner := ttls(f)
	inner.write(f, outer)
}

// write makes t what from is, and mends t's header checksum.
func (t ttl) write(f *datapath.Frame, from ttl) {
	if t.at == 0 || from.at == 0 {
		return
	}
	b := f.Bytes()
	if t.ip == 0 {
		b[t.at] = b[from.at]
		return
	}
	e := editor{f: f, b: b, l: Layout{L3: t.ip}}
	e.setIPv4Byte(ip4TTL, b[from.at])
}

// ttls finds the two outermost TTLs: of MPLS and MPLS, MPLS and IP, or IP and
// IP.
func ttls(f *datapath.Frame) (outer, inner ttl) {
	b, l := f.Bytes(), locate(f)
	switch {
	case isMPLS(l.EthType):
		if len(b) < l.L3+MPLSLen || l.Labels == 0 {
			return outer, inner
		}
		outer.at = l.L3 + MPLSLen - 1
		next := l.L3 + MPLSLen
		if MPLS(b[l.L3:]).Entry()&mplsBottom != 0 {
			inner = belowLabels(b, next)
		} else if len(b) >= next+MPLSLen {
			inner.at = next + MPLSLen - 1
		}
	case l.EthType == TypeIPv4 && l.L3 != 0:
		outer = ttl{l.L3 + ip4TTL, l.L3}
		inner = insideIP(b, &l)
	case l.EthType == TypeIPv6 && l.L3 != 0:
		outer = ttl{at: l.L3 + ip6HopLimit}
		inner = insideIP(b, &l)
	}
	return outer, inner
}

// insideIP finds the TTL of a packet that is tunnelled in an IP packet.
func insideIP(b []byte, l *Layout) ttl {
	switch {
	case l.upper == 0:
	case l.Proto == ProtoIPv4:
		return ipTTL(b, TypeIPv4, l.upper)
	case l.Proto == ProtoIPv6:
		return ipTTL(b, TypeIPv6, l.upper)
	}
	return ttl{}
}

// belowLabels finds the TTL of what lies below a label stack, of which no type
// tells: an IP packet, or the rest of a VLAN tag before which a label was pushed.
func belowLabels(b []byte, at int) ttl {
	for _, etherType := range [...]uint16{TypeIPv4, TypeIPv6} {
		if t := ipTTL(b, etherType, at); t.at != 0 {
			return t
		}
	}
	if len(b) < at+4 {
		return ttl{}
	}
	etherType, at := skipTags(b, at+2)
	return ipTTL(b, etherType, at+2)
}

// ipTTL finds the TTL of an IP header at b[at:], which must look like one of its
// version: nothing else says that it is.
func ipTTL(b []byte, etherType uint16, at int) ttl {
	if at >= len(b) {
		return ttl{}
	}
	h, version := b[at:], b[at]>>4
	switch {
	case etherType == TypeIPv4 && version == 4 && len(h) >= IPv4Len:
		n := IPv4(h).HeaderLen()
		total := int(IPv4(h).TotalLen())
		// A packet that is to be segmented may say that it has no length.
		if n >= IPv4Len && n <= len(h) && total <= len(h) && (total >= n || total == 0) {
			return ttl{at + ip4TTL, at}
		}
	case etherType == TypeIPv6 && version == 6 && len(h) >= IPv6Len:
		if int(binary.BigEndian.Uint16(h[ip6Len:])) <= len(h)-IPv6Len {
			return ttl{at: at + ip6HopLimit}
		}
	}
	return ttl{}
}
