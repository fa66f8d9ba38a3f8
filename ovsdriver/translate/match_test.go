package translate

import (
	"errors"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestCompileMatch(t *testing.T) {
	vid := func(o ofp13.OXM) []ofp13.OXM { return oxms(o) }
	tests := []struct {
		name   string
		fields []ofp13.OXM
		want   []any // field, value, mask
	}{
		{"all", nil, nil},
		{"in_port", oxms(is(ofp13.OXMInPort, 7)), []any{flowtable.InPort, 7, 0xffffffff}},
		{"masked address", oxms(like(ofp13.OXMEthDst, 0x010000000000, 0x010000000000)),
			[]any{flowtable.EthDst, 0x010000000000, 0x010000000000}},
		// §7.2.3.8, table 13: the four ways of vlan_vid.
		{"no tag", vid(is(ofp13.OXMVLANVID, 0)), []any{flowtable.VLANTCI, 0, 0x1000}},
		{"no tag, by mask", vid(like(ofp13.OXMVLANVID, 0, 0x1000)), []any{flowtable.VLANTCI, 0, 0x1000}},
		{"any tag", vid(like(ofp13.OXMVLANVID, 0x1000, 0x1000)), []any{flowtable.VLANTCI, 0x1000, 0x1000}},
		{"this tag", vid(is(ofp13.OXMVLANVID, 0x1005)), []any{flowtable.VLANTCI, 0x1005, 0x1fff}},
		{"vid 0", vid(is(ofp13.OXMVLANVID, 0x1000)), []any{flowtable.VLANTCI, 0x1000, 0x1fff}},
		{"vid bits", vid(like(ofp13.OXMVLANVID, 0x1001, 0x1001)), []any{flowtable.VLANTCI, 0x1001, 0x1001}},
		{"pcp needs the tag", oxms(like(ofp13.OXMVLANVID, 0x1000, 0x1000), is(ofp13.OXMVLANPCP, 5)),
			[]any{flowtable.VLANTCI, 0xb000, 0xf000}},
		{"ip", oxms(ip4, is(ofp13.OXMIPDSCP, 46), is(ofp13.OXMIPECN, 1), tcp),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPTOS, 46<<2 | 1, 0xff, flowtable.IPProto, 6, 0xff}},
		{"arp shares words with ip", oxms(is(ofp13.OXMEthType, 0x0806), is(ofp13.OXMARPOp, 256), is(ofp13.OXMARPSPA, 5)),
			[]any{flowtable.EthType, 0x0806, 0xffff, flowtable.ARPOp, 256, 0xffff, flowtable.IPv4Src, 5, 0xffffffff}},
		{"icmp type is an octet", oxms(ip4, is(ofp13.OXMIPProto, 1), is(ofp13.OXMICMPv4Type, 8)),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPProto, 1, 0xff, flowtable.L4Src, 8, 0xff}},
		// §7.3.2: what a later fragment lacks does not match, though its key has 0.
		{"icmp type 0", oxms(ip4, is(ofp13.OXMIPProto, 1), is(ofp13.OXMICMPv4Type, 0)),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPProto, 1, 0xff, flowtable.L4Src, 0, 0xff, flowtable.IPFrag, 0, 2}},
		{"no tcp flags", oxms(ip4, tcp, ofp13.NewTCPFlags(0, 2)),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPProto, 6, 0xff, flowtable.TCPFlags, 0, 2, flowtable.IPFrag, 0, 2}},
		{"no bits of tcp flags", oxms(ip4, tcp, ofp13.NewTCPFlags(0, 0)),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPProto, 6, 0xff}},
		{"no tag, all bits", vid(like(ofp13.OXMVLANVID, 0, 0x1fff)), []any{flowtable.VLANTCI, 0, 0x1000}},
		{"metadata", oxms(like(ofp13.OXMMetadata, 1, 0xf)), []any{flowtable.Metadata, 1, 0xf}},
		{"tcp flags", oxms(ip4, tcp, ofp13.NewTCPFlags(2, 0x17)),
			[]any{flowtable.EthType, 0x0800, 0xffff, flowtable.IPProto, 6, 0xff, flowtable.TCPFlags, 2, 0x17}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var want flowtable.Match
			for i := 0; i < len(test.want); i += 3 {
				want.Masked(test.want[i].(flowtable.Field), uint64(test.want[i+1].(int)), uint64(test.want[i+2].(int)))
			}
			got, err := CompileMatch(&ofp13.Match{Fields: test.fields})
			if err != nil || got != want {
				t.Errorf("got key %v mask %v, %v\nwant key %v mask %v", got.Key, got.Mask, err, want.Key, want.Mask)
			}
		})
	}
}

// A mask of zeros is as no field, one of ones as no mask (§7.2.3.5).
func TestMasksOfZerosAndOnes(t *testing.T) {
	compiled := func(fields ...ofp13.OXM) flowtable.Match {
		m, err := CompileMatch(&ofp13.Match{Fields: fields})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := compiled(like(ofp13.OXMEthDst, 0, 0)); m != (flowtable.Match{}) {
		t.Errorf("a mask of zeros gives %v", m)
	}
	if masked, plain := compiled(like(ofp13.OXMEthDst, 5, 0xffffffffffff)), compiled(is(ofp13.OXMEthDst, 5)); masked != plain {
		t.Errorf("a mask of ones gives %v, none %v", masked, plain)
	}
}

// What loose and strict selections select, by the fields and masks that were sent
// (§6.4), whatever CompileMatch has made of them.
func TestSelectionsGoByFields(t *testing.T) {
	flags := func(value, mask uint16) []ofp13.OXM { return oxms(ip4, tcp, ofp13.NewTCPFlags(value, mask)) }
	port := func(n uint64) []ofp13.OXM { return oxms(ip4, tcp, is(ofp13.OXMTCPDst, n)) }
	vid := func(o ofp13.OXM) []ofp13.OXM { return oxms(o) }
	for _, tt := range []struct {
		name          string
		entry, filter []ofp13.OXM
		loose, strict bool
	}{
		{"the same", flags(2, 3), flags(2, 3), true, true},
		{"the same, of zeros", flags(0, 3), flags(0, 3), true, true},
		{"fewer bits", flags(2, 3), flags(2, 2), true, false},
		{"fewer bits, of zeros", flags(2, 3), flags(0, 1), true, false},
		{"more bits", flags(0, 1), flags(2, 3), false, false},
		{"another value", flags(2, 3), flags(0, 2), false, false},
		{"no bits", flags(2, 3), flags(0, 0), true, false},
		{"no bits against no field", oxms(ip4, tcp), flags(0, 0), true, true},
		{"no field against no bits", flags(0, 0), oxms(ip4, tcp), true, true},
		{"port 0", port(0), port(0), true, true},
		{"port 0 and another field", append(port(0), ofp13.NewTCPFlags(2, 3)), port(0), true, false},
		{"no port", port(0), oxms(ip4, tcp), true, false},
		{"port 0 against none", oxms(ip4, tcp), port(0), false, false},
		{"no tag, all bits", vid(like(ofp13.OXMVLANVID, 0, 0x1fff)), vid(is(ofp13.OXMVLANVID, 0)), true, true},
		{"no tag against all bits", vid(is(ofp13.OXMVLANVID, 0)), vid(like(ofp13.OXMVLANVID, 0, 0x1fff)), true, true},
	} {
		entry, err := CompileMatch(&ofp13.Match{Fields: tt.entry})
		must(err)
		match, err := CompileMatch(&ofp13.Match{Fields: tt.filter})
		must(err)
		c := flowtable.NewClassifier[int]()
		c.Insert(flowtable.NewEntry(&entry, 1, 0))
		for strict, want := range map[bool]bool{false: tt.loose, true: tt.strict} {
			f := flowtable.Filter[int]{Match: match, Priority: 1, Strict: strict}
			if !strict {
				f.Match = Loose(&match)
			}
			got := false
			for range c.Select(&f) {
				got = true
			}
			if got != want {
				t.Errorf("%s: strict %t selects: %t", tt.name, strict, got)
			}
		}
	}
}

func TestCompileMatchIPv6(t *testing.T) {
	value := []byte{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	mask := []byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255}
	exact, err := CompileMatch(&ofp13.Match{Fields: oxms(is(ofp13.OXMEthType, 0x86dd), ofp13.NewOXM(ofp13.OXMIPv6Dst, value))})
	if err != nil || exact.Key.Get(flowtable.IPv6DstHi) != 0x20010db800000000 || exact.Key.Get(flowtable.IPv6DstLo) != 1 ||
		exact.Mask.Get(flowtable.IPv6DstHi) != ^uint64(0) || exact.Mask.Get(flowtable.IPv6DstLo) != ^uint64(0) {
		t.Errorf("exact: %v %v %v", exact.Key, exact.Mask, err)
	}
	masked, err := CompileMatch(&ofp13.Match{Fields: oxms(is(ofp13.OXMEthType, 0x86dd), ofp13.NewMaskedOXM(ofp13.OXMIPv6Dst, value, mask))})
	if err != nil || masked.Mask.Get(flowtable.IPv6DstHi) != 0xffffffff00000000 || masked.Mask.Get(flowtable.IPv6DstLo) != 0xff {
		t.Errorf("masked: %v %v", masked.Mask, err)
	}
}

// Every field of OXM basic is known: what a match names is never left out.
func TestCompileMatchKnowsAllBasicFields(t *testing.T) {
	for field := range ofp13.OXMIPv6ExtHdr + 1 {
		one := ofp13.NewOXM64(field, 1)
		m, err := CompileMatch(&ofp13.Match{Fields: oxms(one)})
		if err != nil || m.Mask == (flowtable.Mask{}) {
			t.Errorf("field %d: mask %v, %v", field, m.Mask, err)
		}
	}
	unknown := []ofp13.OXM{
		{Class: ofp13.OXMClassBasic, Field: 41, Len: 1},
		{Class: ofp13.OXMClassExperimenter, Experimenter: 1, Field: 42, Len: 2},
		{Class: 1, Field: 0, Len: 2},
	}
	for _, o := range unknown {
		_, err := CompileMatch(&ofp13.Match{Fields: oxms(o)})
		if !errors.Is(err, &ofp13.Error{Type: ofp13.ErrTypeBadMatch, Code: ofp13.BadMatchBadField}) {
			t.Errorf("class %#x field %d: %v", o.Class, o.Field, err)
		}
	}
}
