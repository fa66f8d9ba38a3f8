package ofp13

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
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

// portName names the reserved ports as ovs-ofctl does.
func portName(port uint32) string {
	switch port {
	case PortInPort:
		return "IN_PORT"
	case PortTable:
		return "TABLE"
	case PortNormal:
		return "NORMAL"
	case PortFlood:
		return "FLOOD"
	case PortAll:
		return "ALL"
	case PortController:
		return "CONTROLLER"
	case PortLocal:
		return "LOCAL"
	case PortAny:
		return "ANY"
	}
	return strconv.FormatUint(uint64(port), 10)
}

func TestMatchString(t *testing.T) {
	for _, c := range []struct {
		fields []OXM
		want   string
	}{
		{nil, "any"},
		{benchmarkFlowMod().Match.Fields, "in_port=7,eth_type=0x0800,ip_proto=6,ip_dst=10.0.1.0/24,tcp_dst=80"},
		{goldenMatch.Fields, "in_port=1,eth_dst=01:00:00:00:00:00/01:00:00:00:00:00,eth_type=0x86dd,vlan_vid=0x1064," +
			"ip_proto=6,ipv6_src=2001:db8::/32,tcp_dst=443,tcp_flags=0x0002/0x0012"},
		{[]OXM{NewOXM64(OXMInPort, uint64(PortLocal))}, "in_port=LOCAL"},
		{[]OXM{NewMaskedOXM64(OXMIPv4Src, 0x0a000001, 0xff0000ff)}, "ip_src=10.0.0.1/255.0.0.255"},
		{[]OXM{NewMaskedOXM64(OXMMetadata, 0x10, 0xf0)}, "metadata=0x10/0xf0"},
		{[]OXM{{Class: 1, Field: 3, Len: 2}}, "class 0x0001 field 3=0x0000"},
	} {
		m := Match{Fields: c.fields}
		if got := m.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
