package ofp13

import (
	"errors"
	"testing"
)

// A wrong message and the error that 1.3.5 wants for it.
type reject struct {
	name      string
	wire      string
	typ, code uint16
}

// wantError checks type and code of a decoder's failure.
func wantError(t *testing.T, err error, typ, code uint16) {
	t.Helper()
	var e *Error
	switch {
	case err == nil:
		t.Errorf("accepted; want %s", errorName(typ, code))
	case !errors.As(err, &e):
		t.Errorf("%v is no *Error", err)
	case e.Type != typ || e.Code != code:
		t.Errorf("got %v, want %s", err, errorName(typ, code))
	case e.Cause == nil:
		t.Errorf("%v does not say why", err)
	}
}

func TestRejectMatches(t *testing.T) {
	const ethIPv4, ethIPv6, tcp = "80000a020800", "80000a0286dd", "8000140106"
	for _, c := range []struct {
		name, oxms string
		code       uint16
	}{
		{"header cut off", "800000", BadMatchBadLen},
		{"payload cut off", "80000004 0000", BadMatchBadLen},
		{"payload too short", "80000002 0001", BadMatchBadLen},
		{"payload too long", "80000a04 08000000", BadMatchBadLen},
		{"masked payload of plain length", "80000706 010000000000", BadMatchBadLen},
		{"experimenter without id", "ffff5402 0000", BadMatchBadLen},
		{"field 40", "80005002 0000", BadMatchBadField},
		{"Nicira class", "00010004 00000001", BadMatchBadField},
		{"unknown experimenter", "ffff5406 00002320 0002", BadMatchBadField},
		{"unknown ONF field", "ffff5606 4f4e4600 0002", BadMatchBadField},
		{"mask on in_port", "80000108 00000001 ffffffff", BadMatchBadMask},
		{"mask on eth_type", "80000b04 0800 ffff", BadMatchBadMask},
		{"value outside mask", "8000070c 010000000001 010000000000", BadMatchBadWildcards},
		{"IPv6 value outside mask", ethIPv6 + "80003520" + "00000000000000000000000000000001" +
			"ffffffffffffffffffffffffffffff00", BadMatchBadWildcards},
		{"vlan_vid of 14 bits", "80000c02 3001", BadMatchBadValue},
		{"vlan_vid without presence", "80000c02 0005", BadMatchBadValue},
		{"mask of vlan_vid of 14 bits", "80000d04 1000 3000", BadMatchBadMask},
		{"vlan_pcp of 4 bits", "80000c02 1005 80000e01 08", BadMatchBadValue},
		{"ip_dscp of 7 bits", ethIPv4 + "80001001 40", BadMatchBadValue},
		{"ip_ecn of 3 bits", ethIPv4 + "80001201 04", BadMatchBadValue},
		{"ipv6_label of 21 bits", ethIPv6 + "80003804 00100000", BadMatchBadValue},
		{"mpls_bos of 2 bits", "80000a028847 80004801 02", BadMatchBadValue},
		{"ipv6_exthdr of 10 bits", ethIPv6 + "80004e02 0200", BadMatchBadValue},
		{"mask of ipv6_exthdr of 10 bits", ethIPv6 + "80004f04 0000 0200", BadMatchBadMask},
		{"tcp_flags of 13 bits", ethIPv4 + tcp + "ffff5406 4f4e4600 1000", BadMatchBadValue},
		{"in_phy_port alone", "80000204 00000001", BadMatchBadPrereq},
		{"vlan_pcp without vlan_vid", "80000e01 01", BadMatchBadPrereq},
		{"vlan_pcp of no tag", "80000c02 0000 80000e01 01", BadMatchBadPrereq},
		{"ip_proto without eth_type", tcp, BadMatchBadPrereq},
		{"ip_proto before eth_type", tcp + ethIPv4, BadMatchBadPrereq},
		{"ip_src of IPv6", ethIPv6 + "80001604 0a000001", BadMatchBadPrereq},
		{"tcp_dst of UDP", ethIPv4 + "8000140111 80001c02 0050", BadMatchBadPrereq},
		{"icmp_type in IPv6", ethIPv6 + "8000140101 80002601 08", BadMatchBadPrereq},
		{"icmpv6_type in IPv4", ethIPv4 + "800014013a 80003a01 80", BadMatchBadPrereq},
		{"nd_sll of an advertisement", ethIPv6 + "800014013a 80003a0188 80004006 020000000001", BadMatchBadPrereq},
		{"arp_op of IPv4", ethIPv4 + "80002a02 0001", BadMatchBadPrereq},
		{"mpls_label of IPv4", ethIPv4 + "80004404 00000001", BadMatchBadPrereq},
		{"pbb_isid of IPv4", ethIPv4 + "80004a03 000001", BadMatchBadPrereq},
		{"tcp_flags without TCP", ethIPv4 + "ffff5406 4f4e4600 0002", BadMatchBadPrereq},
		{"eth_type twice", ethIPv4 + ethIPv4, BadMatchDupField},
		{"eth_dst, then masked", "80000606 010000000000 8000070c 010000000000 010000000000", BadMatchDupField},
		{"tcp_flags twice", ethIPv4 + tcp + "ffff5406 4f4e4600 0002 ffff5406 4f4e4600 0002", BadMatchDupField},
	} {
		t.Run(c.name, func(t *testing.T) {
			oxms := unhex(t, c.oxms)
			wire := append([]byte{0, 1, 0, byte(4 + len(oxms))}, oxms...)
			wire = append(wire, make([]byte, pad8(len(wire)))...)
			var m Match
			_, err := m.decode(wire)
			wantError(t, err, ErrTypeBadMatch, c.code)
		})
	}
	for _, c := range []reject{
		{"no match", "", ErrTypeBadMatch, BadMatchBadLen},
		{"standard match", "0000 0058 00000000", ErrTypeBadMatch, BadMatchBadType},
		{"length below 4", "0001 0003 00000000", ErrTypeBadMatch, BadMatchBadLen},
		{"length over the end", "0001 0009 00000000", ErrTypeBadMatch, BadMatchBadLen},
		{"padding cut off", "0001 000c 8000 0004 00000001", ErrTypeBadMatch, BadMatchBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Match
			_, err := m.decode(unhex(t, c.wire))
			wantError(t, err, c.typ, c.code)
		})
	}
}

func TestRejectActions(t *testing.T) {
	for _, c := range []reject{
		{"header cut off", "0000 0010", ErrTypeBadAction, BadActionBadLen},
		{"length 0", "0012 0000 00000000", ErrTypeBadAction, BadActionBadLen},
		{"length 4", "0012 0004 00000000", ErrTypeBadAction, BadActionBadLen},
		{"length no multiple of 8", "ffff 000c 00002320 00000000 ffff 000c 00002320 00000000",
			ErrTypeBadAction, BadActionBadLen},
		{"length over the end", "0000 0010 00000001", ErrTypeBadAction, BadActionBadLen},
		{"output of 8 bytes", "0000 0008 00000001", ErrTypeBadAction, BadActionBadLen},
		{"group of 16 bytes", "0016 0010 00000001 0000000000000000", ErrTypeBadAction, BadActionBadLen},
		{"type 1", "0001 0008 00000000", ErrTypeBadAction, BadActionBadType},
		{"type 28", "001c 0008 00000000", ErrTypeBadAction, BadActionBadType},
		{"set unknown field", "0019 0010 80005002 0000000000000000", ErrTypeBadAction, BadActionBadSetType},
		{"set Nicira field", "0019 0010 00010004 0000000100000000", ErrTypeBadAction, BadActionBadSetType},
		{"set in_port", "0019 0010 80000004 0000000100000000", ErrTypeBadAction, BadActionBadSetType},
		{"set metadata", "0019 0010 80000408 0000000000000001", ErrTypeBadAction, BadActionBadSetType},
		{"set tcp_flags", "0019 0010 ffff5406 4f4e4600 00020000", ErrTypeBadAction, BadActionBadSetType},
		{"set with mask", "0019 0018 8000070c 010000000000 010000000000 00000000", ErrTypeBadAction, BadActionBadSetType},
		{"set field of wrong length", "0019 0010 80000a04 0000080000000000", ErrTypeBadAction, BadActionBadSetLen},
		{"set field over the end", "0019 0008 80000606", ErrTypeBadAction, BadActionBadSetLen},
		{"set field with too much padding", "0019 0018 80000a02 0800 00000000000000000000000000000000",
			ErrTypeBadAction, BadActionBadSetLen},
		{"set vlan_vid without presence", "0019 0010 80000c02 0005000000000000", ErrTypeBadAction, BadActionBadSetArgument},
		{"set vlan_vid to none", "0019 0010 80000c02 0000000000000000", ErrTypeBadAction, BadActionBadSetArgument},
		{"set vlan_pcp of 4 bits", "0019 0010 80000e01 0800000000000000", ErrTypeBadAction, BadActionBadSetArgument},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeList[Action](unhex(t, c.wire), nil)
			wantError(t, err, c.typ, c.code)
		})
	}
}

func TestRejectInstructions(t *testing.T) {
	for _, c := range []reject{
		{"header cut off", "0001 0008", ErrTypeBadInstruction, BadInstructionBadLen},
		{"length 0", "0001 0000 00000000", ErrTypeBadInstruction, BadInstructionBadLen},
		{"length over the end", "0002 0018 00000000", ErrTypeBadInstruction, BadInstructionBadLen},
		{"goto of 16 bytes", "0001 0010 01000000 0000000000000000", ErrTypeBadInstruction, BadInstructionBadLen},
		{"metadata of 16 bytes", "0002 0010 00000000 0000000000000000", ErrTypeBadInstruction, BadInstructionBadLen},
		{"clear with actions", "0005 0010 00000000 0012000800000000", ErrTypeBadInstruction, BadInstructionBadLen},
		{"length no multiple of 8", "ffff 000c 00002320 00000000 ffff 000c 00002320 00000000",
			ErrTypeBadInstruction, BadInstructionBadLen},
		{"type 0", "0000 0008 00000000", ErrTypeBadInstruction, BadInstructionUnknownInst},
		{"type 7", "0007 0008 00000000", ErrTypeBadInstruction, BadInstructionUnknownInst},
		{"goto twice", "0001 0008 01000000 0001 0008 02000000", ErrTypeBadInstruction, BadInstructionUnsupInst},
		{"bad action inside", "0004 0010 00000000 0001000800000000", ErrTypeBadAction, BadActionBadType},
		{"action cut off inside", "0004 0010 00000000 0000001000000001", ErrTypeBadAction, BadActionBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := decodeInstructions(unhex(t, c.wire), nil)
			wantError(t, err, c.typ, c.code)
		})
	}
}
