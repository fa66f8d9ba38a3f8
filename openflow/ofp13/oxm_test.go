package ofp13

import (
	"bytes"
	"testing"
)

func TestOXMConstructors(t *testing.T) {
	for _, c := range []struct {
		name string
		got  OXM
		wire string
	}{
		{"bytes", NewOXM(OXMIPv6Src, unhex(t, "20010db8000000000000000000000001")),
			"80003410 20010db8000000000000000000000001"},
		{"masked bytes", NewMaskedOXM(OXMEthDst, unhex(t, "01005e7fffff"), unhex(t, "ffffff800000")),
			"8000070c 01005e000000 ffffff800000"},
		{"8 bytes", NewOXM64(OXMMetadata, 0x0102030405060708), "80000408 0102030405060708"},
		{"3 bytes", NewOXM64(OXMPBBISID, 0xff010203), "80004a03 010203"},
		{"1 byte", NewOXM64(OXMIPProto, protoTCP), "80001401 06"},
		{"masked value", NewMaskedOXM64(OXMIPv4Dst, 0x0a0000ff, 0xffffff00), "80001908 0a000000 ffffff00"},
		{"TCP flags", NewTCPFlags(0x012, 0xfff), "ffff5406 4f4e4600 0012"},
		{"masked TCP flags", NewTCPFlags(0x012, 0x002), "ffff5508 4f4e4600 0002 0002"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := unhex(t, c.wire)
			if got := c.got.Append(nil); !bytes.Equal(got, wire) {
				t.Fatalf("encodes to %x, want %x", got, wire)
			}
			var back OXM
			rest, err := back.DecodeNext(append(wire, 0xff))
			if err != nil || len(rest) != 1 {
				t.Fatalf("DecodeNext: %v, %d bytes left", err, len(rest))
			}
			if back != c.got {
				t.Errorf("decoded %+v, want %+v", back, c.got)
			}
		})
	}
}

func TestOXMUint64(t *testing.T) {
	exact := NewOXM64(OXMEthSrc, 0x020000000001)
	if v, m := exact.Uint64(), exact.MaskUint64(); v != 0x020000000001 || m != 0xffffffffffff {
		t.Errorf("exact: %#x/%#x", v, m)
	}
	masked := NewMaskedOXM64(OXMMetadata, 0xff, 0xf0)
	if v, m := masked.Uint64(), masked.MaskUint64(); v != 0xf0 || m != 0xf0 {
		t.Errorf("masked: %#x/%#x", v, m)
	}
}

// TestFieldInfo compares the table with §7.2.3.7, by sums that a slip would
// change, and by a few fields.
func TestFieldInfo(t *testing.T) {
	var maskable, settable, bits int
	names := map[string]bool{}
	for field := range uint8(255) {
		f, ok := FieldInfo(field)
		if ok != (field <= OXMIPv6ExtHdr) {
			t.Errorf("FieldInfo(%d) = %v", field, ok)
		}
		if !ok {
			continue
		}
		if f.Name == "" || names[f.Name] {
			t.Errorf("field %d has no name of its own: %q", field, f.Name)
		}
		names[f.Name] = true
		if int(f.Bits) > 8*int(f.Len) || f.Len > 16 {
			t.Errorf("%s: %d bits in %d bytes", f.Name, f.Bits, f.Len)
		}
		bits += int(f.Bits)
		if f.Maskable {
			maskable++
		}
		if f.Settable {
			settable++
		}
	}
	if len(names) != 40 || maskable != 16 || settable != 36 || bits != 1261 {
		t.Errorf("%d fields, %d maskable, %d settable, %d bits; want 40, 16, 36, 1261",
			len(names), maskable, settable, bits)
	}
	f, _ := FieldInfo(OXMVLANVID)
	if want := (Field{"vlan_vid", 13, 2, true, true, PrereqNone}); f != want {
		t.Errorf("FieldInfo(OXMVLANVID) = %+v, want %+v", f, want)
	}
}

func TestMatchField(t *testing.T) {
	m := benchmarkFlowMod().Match
	if o := m.Field(OXMTCPDst); o == nil || o.Uint64() != 80 {
		t.Errorf("Field(OXMTCPDst) = %v", o)
	}
	if o := m.Field(OXMUDPDst); o != nil {
		t.Errorf("Field(OXMUDPDst) = %v", o)
	}
	flags := Match{Fields: []OXM{{Class: OXMClassExperimenter, Field: OXMTCPSrc}}}
	if o := flags.Field(OXMTCPSrc); o != nil {
		t.Errorf("Field finds a field of another class: %v", o)
	}
}
