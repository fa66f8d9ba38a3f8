package differential

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
)

// field is a field of OXM in the words of ovs-ofctl.
type field struct {
	name string
	bits int
	show func([]byte) string
	pool [][]byte // values, big endian, that flows and frames have in common

	only    bool // the pool has all values there are
	masks   bool // the specification allows a mask (table 12)
	noSet   bool // set-field of it is not generated
	noMatch bool // a match on it is not generated
	later   bool // fragments other than the first lack it
}

// value takes one from the pool, or now and then any.
func (f *field) value(r *rand.Rand) []byte {
	if f.only || r.IntN(8) > 0 {
		return f.pool[r.IntN(len(f.pool))]
	}
	v := binary.BigEndian.AppendUint64(nil, r.Uint64())
	v = binary.BigEndian.AppendUint64(v, r.Uint64())[16-(f.bits+7)/8:]
	v[0] &= 0xff >> (7 - (f.bits-1)%8)
	return v
}

// mask makes a prefix, or any mask but zero.
func (f *field) mask(r *rand.Rand) []byte {
	m := make([]byte, (f.bits+7)/8)
	prefix, pad := r.IntN(2) == 0, 8*len(m)-f.bits
	for i := range 1 + r.IntN(f.bits) {
		if !prefix {
			i = r.IntN(f.bits)
		}
		i += pad
		m[i/8] |= 0x80 >> (i % 8)
	}
	if f.bits == 128 {
		legible(m)
	}
	return m
}

// legible changes an IPv6 mask so that ovs-ofctl does not take the digits that
// it begins with for a prefix's length.
func legible(m []byte) {
	if m[0] >= 0x80 || m[15] == 0 {
		m[0] |= 0xf0
	} else {
		clear(m[:8])
	}
}

func dec(v []byte) string { return fmt.Sprint(number(v)) }
func hex(v []byte) string { return fmt.Sprintf("%#x", number(v)) }
func mac(v []byte) string { return net.HardwareAddr(v).String() }
func addr(v []byte) string {
	a, _ := netip.AddrFromSlice(v)
	return a.String()
}

func number(v []byte) uint64 {
	return binary.BigEndian.Uint64(append(make([]byte, 8-len(v)), v...))
}

// numbers is a pool of values of so many bits.
func numbers(bits int, values ...uint64) [][]byte {
	var pool [][]byte
	for _, v := range values {
		pool = append(pool, binary.BigEndian.AppendUint64(nil, v)[8-(bits+7)/8:])
	}
	return pool
}

func addresses(texts ...string) [][]byte {
	var pool [][]byte
	for _, text := range texts {
		pool = append(pool, netip.MustParseAddr(text).AsSlice())
	}
	return pool
}

var (
	macs = numbers(48, 0x020000000001, 0x020000000002, 0x020000000101, 0x0200ff000001,
		0x3333ff000001, 0x01005e000001, 0x0180c200000e, 0xffffffffffff, 0)
	ndMACs = macs[:len(macs)-1] // not 0, see docs/conformance.md
	ip4s   = addresses("10.0.0.1", "10.0.0.2", "10.0.1.1", "192.168.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0")
	ip6s   = addresses("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1", "ff02::1:ff00:1", "::", "::ffff:10.0.0.1")
	l4s    = numbers(16, 0, 1, 53, 80, 1024, 4789, 65535)
	vids   = numbers(16, 0x1000, 0x1001, 0x1002, 0x1064, 0x1fff)
	pcps   = numbers(8, 0, 1, 5, 7)
	meta   = numbers(64, 0, 1, 2, 0xff, 0x100000000, 0xffffffffffffffff)
)

// Fields that every packet has. The tag's are elsewhere: they hang together.
var (
	inPort   = &field{name: "in_port", bits: 32, show: dec, pool: numbers(32, 1, 2, 3, 4), only: true, noSet: true}
	metadata = &field{name: "metadata", bits: 64, show: hex, pool: meta, masks: true, noSet: true}
	ethType  = &field{name: "dl_type", bits: 16, show: hex, noSet: true, pool: numbers(16, 0x0800, 0x86dd,
		0x0806, 0x8035, 0x8847, 0x88cc, 0x88e7, 0x1234, 0x9100, 0x0600)}
	always = []*field{
		inPort, metadata,
		{name: "dl_dst", bits: 48, show: mac, pool: macs, masks: true},
		{name: "dl_src", bits: 48, show: mac, pool: macs, masks: true},
		{name: "tun_id", bits: 64, show: hex, pool: meta, masks: true}, // 0 until it is set: there is no tunnel
	}
)

// Fields of IP, and of ARP.
var (
	ipFields = []*field{
		{name: "ip_dscp", bits: 6, show: dec, pool: numbers(6, 0, 1, 46, 63)},
		{name: "nw_ecn", bits: 2, show: dec, pool: numbers(2, 0, 1, 2, 3)},
	}
	ipProto = &field{name: "nw_proto", bits: 8, show: dec, noSet: true,
		pool: numbers(8, 0, 1, 2, 6, 17, 44, 50, 51, 58, 59, 60, 132, 255)}
	ip4Fields = []*field{
		{name: "nw_src", bits: 32, show: addr, pool: ip4s, masks: true},
		{name: "nw_dst", bits: 32, show: addr, pool: ip4s, masks: true},
	}
	ip6Fields = []*field{
		{name: "ipv6_src", bits: 128, show: addr, pool: ip6s, masks: true},
		{name: "ipv6_dst", bits: 128, show: addr, pool: ip6s, masks: true},
		{name: "ipv6_label", bits: 20, show: hex, pool: numbers(20, 0, 1, 0x12345, 0xfffff), masks: true},
	}
	tcpFlags  = &field{name: "tcp_flags", bits: 12, show: hex, later: true, pool: numbers(12, 0, 2, 0x10, 0x12, 0xfff), masks: true, noSet: true}
	arpFields = []*field{
		{name: "arp_op", bits: 16, show: dec, pool: numbers(16, 1, 2, 3, 254), only: true}, // see docs/conformance.md
		{name: "arp_spa", bits: 32, show: addr, pool: ip4s, masks: true},
		{name: "arp_tpa", bits: 32, show: addr, pool: ip4s, masks: true},
		{name: "arp_sha", bits: 48, show: mac, pool: macs, masks: true},
		{name: "arp_tha", bits: 48, show: mac, pool: macs, masks: true},
	}
)

// Fields of ICMP and neighbour discovery. A packet keeps its kind: to make an
// echo request a solicitation, or to unmake one, would add or remove fields.
var (
	icmpFields = []*field{
		{name: "icmp_type", bits: 8, show: dec, later: true, pool: numbers(8, 0, 3, 8, 11, 255)},
		{name: "icmp_code", bits: 8, show: dec, later: true, pool: numbers(8, 0, 1, 255)},
	}
	icmp6Type = &field{name: "icmpv6_type", bits: 8, show: dec, later: true, pool: numbers(8, 1, 128, 129, 133, 255)}
	icmp6Code = &field{name: "icmpv6_code", bits: 8, show: dec, later: true, pool: numbers(8, 0, 1, 255)}
	ndTarget  = &field{name: "nd_target", bits: 128, show: addr, later: true, pool: ip6s}
	ndSource  = &field{name: "nd_sll", bits: 48, show: mac, later: true, pool: ndMACs}
	ndDest    = &field{name: "nd_tll", bits: 48, show: mac, later: true, pool: ndMACs}
)

// portsOf are a transport's two ports, and TCP's flags.
func portsOf(name string) []*field {
	ports := []*field{
		{name: name + "_src", bits: 16, show: dec, later: true, pool: l4s},
		{name: name + "_dst", bits: 16, show: dec, later: true, pool: l4s},
	}
	if name == "tcp" {
		ports = append(ports, tcpFlags)
	}
	return ports
}

// kind is a kind of packet: what a match must say to have its fields
// (section 7.2.3.6), and these fields.
type kind struct {
	match  []string
	fields []*field
	ttl    bool // there is an IP TTL

	ethType uint16 // that match names, or 0
	labels  labels
}

// kinds are all kinds that matches are made for.
var kinds = func() []kind {
	ip4 := slices.Concat(always, ipFields, ip4Fields)
	ip6 := slices.Concat(always, ipFields, ip6Fields)
	all := []kind{
		{fields: slices.Concat(always, []*field{ethType})},
		{match: []string{"dl_type=0x0800"}, fields: append(ip4[:len(ip4):len(ip4)], ipProto), ttl: true},
		{match: []string{"dl_type=0x86dd"}, fields: append(ip6[:len(ip6):len(ip6)], ipProto), ttl: true},
		{match: []string{"dl_type=0x0806"}, fields: slices.Concat(always, arpFields)},
		{match: []string{"dl_type=0x0800", "nw_proto=1"}, fields: slices.Concat(ip4, icmpFields), ttl: true},
		{match: []string{"dl_type=0x86dd", "nw_proto=58"}, fields: slices.Concat(ip6, []*field{icmp6Type, icmp6Code}), ttl: true},
		{match: []string{"dl_type=0x86dd", "nw_proto=58", "icmpv6_type=135", "icmpv6_code=0"},
			fields: slices.Concat(ip6, []*field{ndTarget, ndSource}), ttl: true},
		{match: []string{"dl_type=0x86dd", "nw_proto=58", "icmpv6_type=136", "icmpv6_code=0"},
			fields: slices.Concat(ip6, []*field{ndTarget, ndDest}), ttl: true},
	}
	for _, transport := range []struct {
		proto int
		name  string
	}{{6, "tcp"}, {17, "udp"}, {132, "sctp"}} {
		is := fmt.Sprint("nw_proto=", transport.proto)
		all = append(all,
			kind{match: []string{"dl_type=0x0800", is}, fields: slices.Concat(ip4, portsOf(transport.name)), ttl: true},
			kind{match: []string{"dl_type=0x86dd", is}, fields: slices.Concat(ip6, portsOf(transport.name)), ttl: true})
	}
	for i := range all[1:] {
		k := &all[1+i]
		fmt.Sscanf(k.match[0], "dl_type=%v", &k.ethType)
	}
	return all
}()
