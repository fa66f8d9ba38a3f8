package ofp13

import (
	"encoding/binary"
	"testing"
)

func TestDecodeHeader(t *testing.T) {
	h, err := DecodeHeader(unhex(t, "04 0e 0038 01020304 ff"))
	if want := (Header{Version: 4, Type: TypeFlowMod, Length: 56, XID: 0x01020304}); err != nil || h != want {
		t.Errorf("DecodeHeader = %+v, %v; want %+v", h, err, want)
	}
	_, err = DecodeHeader(unhex(t, "04 0e 0038 010203"))
	wantError(t, err, ErrTypeBadRequest, BadRequestBadLen)
	_, err = DecodeHeader(unhex(t, "04 0e 0007 01020304"))
	wantError(t, err, ErrTypeBadRequest, BadRequestBadLen)
}

// TestRejectHeaders gives each message a wrong version, type and length.
func TestRejectHeaders(t *testing.T) {
	for _, g := range allGoldenMessages() {
		t.Run(g.name, func(t *testing.T) {
			change := func(i int, v byte) []byte {
				wire := unhex(t, g.wire)
				wire[i] = v
				return wire
			}
			wire := unhex(t, g.wire)
			wantError(t, fresh(g.value).Decode(change(1, wire[1]^1)), ErrTypeBadRequest, BadRequestBadType)
			wantError(t, fresh(g.value).Decode(change(3, wire[3]+8)), ErrTypeBadRequest, BadRequestBadLen)
			switch g.value.(type) {
			case *Hello, *ErrorMessage:
				if err := fresh(g.value).Decode(change(0, 6)); err != nil {
					t.Errorf("refused in version 6: %v", err)
				}
			default:
				wantError(t, fresh(g.value).Decode(change(0, 6)), ErrTypeBadRequest, BadRequestBadVersion)
			}
		})
	}
}

// TestRejectMessages changes one value of a good message.
func TestRejectMessages(t *testing.T) {
	flowMod := benchmarkFlowMod()
	groupMod := &GroupMod{Type: GroupTypeAll, Buckets: goldenBuckets}
	meterMod := &MeterMod{Flags: MeterFlagKBPS, Bands: goldenBands}
	for _, c := range []struct {
		name      string
		m         Message
		at        int // offset of 16 bits to change
		to        uint16
		typ, code uint16
	}{
		{"flow-mod command", flowMod, 24, 0x0105, ErrTypeFlowModFailed, FlowModFailedBadCommand},
		{"flow-mod flags", flowMod, 44, 0x0020, ErrTypeFlowModFailed, FlowModFailedBadFlags},
		{"flow-mod match length", flowMod, 50, 0x1000, ErrTypeBadMatch, BadMatchBadLen},
		{"group-mod command", groupMod, 8, 3, ErrTypeGroupModFailed, GroupModFailedBadCommand},
		{"group-mod type", groupMod, 10, 0x0400, ErrTypeGroupModFailed, GroupModFailedBadType},
		{"bucket length below 16", groupMod, 16, 8, ErrTypeGroupModFailed, GroupModFailedBadBucket},
		{"bucket length no multiple of 8", groupMod, 16, 20, ErrTypeGroupModFailed, GroupModFailedBadBucket},
		{"bucket length over the end", groupMod, 16, 0x100, ErrTypeGroupModFailed, GroupModFailedBadBucket},
		{"bucket cuts an action", groupMod, 16, 32, ErrTypeBadAction, BadActionBadLen},
		{"meter-mod command", meterMod, 8, 3, ErrTypeMeterModFailed, MeterModFailedBadCommand},
		{"meter-mod flags", meterMod, 10, 16, ErrTypeMeterModFailed, MeterModFailedBadFlags},
		{"meter-mod both units", meterMod, 10, 3, ErrTypeMeterModFailed, MeterModFailedBadFlags},
		{"meter band type", meterMod, 16, 3, ErrTypeMeterModFailed, MeterModFailedBadBand},
		{"meter band length 0", meterMod, 18, 0, ErrTypeBadRequest, BadRequestBadLen},
		{"meter band too long", meterMod, 18, 24, ErrTypeBadRequest, BadRequestBadLen},
		{"meter band over the end", meterMod, 18, 0x100, ErrTypeBadRequest, BadRequestBadLen},
		{"port-mod config", &PortMod{}, 26, 2, ErrTypePortModFailed, PortModFailedBadConfig},
		{"port-mod mask", &PortMod{}, 28, 1, ErrTypePortModFailed, PortModFailedBadConfig},
		{"port-mod advertise", &PortMod{}, 32, 1, ErrTypePortModFailed, PortModFailedBadAdvertise},
		{"table-mod config", &TableMod{}, 14, 4, ErrTypeTableModFailed, TableModFailedBadConfig},
		{"set-config flags", &SetConfig{}, 8, 4, ErrTypeSwitchConfigFailed, SwitchConfigFailedBadFlags},
		{"role", &RoleRequest{}, 10, 4, ErrTypeRoleRequestFailed, RoleRequestFailedBadRole},
		{"multipart type", &MultipartRequest{}, 8, 14, ErrTypeBadRequest, BadRequestBadMultipart},
		{"packet-out actions length", &PacketOut{}, 16, 8, ErrTypeBadRequest, BadRequestBadLen},
		{"packet-out action", &PacketOut{Actions: goldenActions}, 24, 1, ErrTypeBadAction, BadActionBadType},
		{"queue length", &QueueGetConfigReply{Queues: []PacketQueue{{}}}, 24, 15, ErrTypeBadRequest, BadRequestBadLen},
		{"hello element length 0", &Hello{Version: 4, Bitmaps: []uint32{16}}, 10, 0, ErrTypeBadRequest, BadRequestBadLen},
		{"hello bitmap length", &Hello{Version: 4, Bitmaps: []uint32{16}}, 10, 7, ErrTypeBadRequest, BadRequestBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := c.m.AppendTo(nil, 1)
			if err := fresh(c.m).Decode(wire); err != nil {
				t.Fatalf("the good message is refused: %v", err)
			}
			binary.BigEndian.PutUint16(wire[c.at:], c.to)
			wantError(t, fresh(c.m).Decode(wire), c.typ, c.code)
		})
	}
	wantError(t, new(SetConfig).Decode(unhex(t, "04 09 0010 00000001 0000 0000 00000000")),
		ErrTypeSwitchConfigFailed, SwitchConfigFailedBadLen)
}

// TestDeletionsOfAnyShape decodes deletions whose other fields make no sense, but
// for their lengths.
func TestDeletionsOfAnyShape(t *testing.T) {
	group := &GroupMod{Command: GroupDelete, Type: 0xff, GroupID: 7, Buckets: []Bucket{{Actions: []Action{{Type: 1}}}, {}}}
	meter := &MeterMod{Command: MeterDelete, Flags: 0xffff, MeterID: 7, Bands: []MeterBand{{Type: 99}, {}}}
	groups := &GroupMod{Buckets: make([]Bucket, 1)}
	if err := groups.Decode(group.AppendTo(nil, 1)); err != nil || groups.GroupID != 7 || len(groups.Buckets) != 0 {
		t.Errorf("%+v, %v; want group 7 without buckets", groups, err)
	}
	meters := &MeterMod{Bands: make([]MeterBand, 1)}
	if err := meters.Decode(meter.AppendTo(nil, 1)); err != nil || meters.MeterID != 7 || len(meters.Bands) != 0 {
		t.Errorf("%+v, %v; want meter 7 without bands", meters, err)
	}
	for _, length := range []uint16{0, 8, 20, 0x100} {
		wire := group.AppendTo(nil, 1)
		binary.BigEndian.PutUint16(wire[16:], length)
		wantError(t, groups.Decode(wire), ErrTypeGroupModFailed, GroupModFailedBadBucket)
		wire = meter.AppendTo(nil, 1)
		binary.BigEndian.PutUint16(wire[18:], length)
		wantError(t, meters.Decode(wire), ErrTypeBadRequest, BadRequestBadLen)
	}
}

// TestRejectTableFeatures changes one value of a good element.
func TestRejectTableFeatures(t *testing.T) {
	good := &TableFeatures{Properties: []TableFeatureProperty{
		{Type: TablePropInstructions, Instructions: []FeatureID{{Type: InstructionMeter}}},
		{Type: TablePropMatch, Fields: []OXMID{{Class: OXMClassExperimenter, Len: 2}}},
		{Type: TablePropExperimenter},
	}}
	for _, c := range []struct {
		name     string
		at       int // offset of 16 bits to change
		to, code uint16
	}{
		{"length below 64", 0, 56, TableFeaturesFailedBadLen},
		{"length no multiple of 8", 0, 100, TableFeaturesFailedBadLen},
		{"length over the end", 0, 256, TableFeaturesFailedBadLen},
		{"property type 9", 64, 9, TableFeaturesFailedBadType},
		{"property length 3", 66, 3, TableFeaturesFailedBadLen},
		{"property over the end", 66, 200, TableFeaturesFailedBadLen},
		{"id cut off", 66, 6, TableFeaturesFailedBadLen},
		{"id length", 70, 8, TableFeaturesFailedBadLen},
		{"field cut off", 74, 10, TableFeaturesFailedBadLen},
		{"experimenter property cut off", 90, 8, TableFeaturesFailedBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := good.Append(nil)
			if err := decodeBody(new(TableFeatures), wire); err != nil {
				t.Fatalf("the good element is refused: %v", err)
			}
			binary.BigEndian.PutUint16(wire[c.at:], c.to)
			_, err := new(TableFeatures).DecodeNext(wire)
			wantError(t, err, ErrTypeTableFeaturesFailed, c.code)
		})
	}
}

// TestHelloElements skips what it does not know, and what lacks padding.
func TestHelloElements(t *testing.T) {
	for _, c := range []struct {
		name, wire string
		supports13 bool
	}{
		{"unknown element first", "06 00 0020 00000001 0007 000b 11223344556677 0000000000 0001 0008 00000010", true},
		{"no element", "04 00 0008 00000001", true},
		{"no element, lower version", "01 00 0008 00000001", false},
		{"no element, higher version", "05 00 0008 00000001", true},
		{"bitmap without 1.3", "06 00 0010 00000001 0001 0008 00000040", false},
		{"empty bitmap element", "04 00 0010 00000001 0001 0004 00000000", true},
		{"no padding at the end", "04 00 0014 00000001 0001 000c 00000010 00000000", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Hello
			if err := m.Decode(unhex(t, c.wire)); err != nil {
				t.Fatal(err)
			}
			if got := m.Supports(Version); got != c.supports13 {
				t.Errorf("Supports(1.3) = %v with version %d, bitmaps %x", got, m.Version, m.Bitmaps)
			}
		})
	}
	if m := (&Hello{Version: 6, Bitmaps: []uint32{16}}); m.Supports(36) {
		t.Error("Supports looks beyond the bitmap")
	}
}
