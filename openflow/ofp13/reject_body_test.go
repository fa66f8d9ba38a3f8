package ofp13

import (
	"encoding/binary"
	"testing"
)

// TestRejectBodies changes 16 bits of a good body or element.
func TestRejectBodies(t *testing.T) {
	group := &GroupStats{Buckets: []BucketCounter{{1, 2}}}
	meter := &MeterStats{Bands: []MeterBandStats{{1, 2}}}
	for _, c := range []struct {
		name      string
		v         body
		at        int
		to        uint16
		typ, code uint16
	}{
		{"flow stats length 0", &FlowStats{}, 0, 0, ErrTypeBadRequest, BadRequestBadLen},
		{"flow stats length below a match", &FlowStats{}, 0, 48, ErrTypeBadRequest, BadRequestBadLen},
		{"flow stats over the end", &FlowStats{}, 0, 64, ErrTypeBadRequest, BadRequestBadLen},
		{"flow stats match type", &FlowStats{}, 48, 0, ErrTypeBadMatch, BadMatchBadType},
		{"flow stats request match length", &FlowStatsRequest{}, 34, 9, ErrTypeBadMatch, BadMatchBadLen},
		{"group stats with half a bucket", group, 0, 48, ErrTypeBadRequest, BadRequestBadLen},
		{"group stats over the end", group, 0, 72, ErrTypeBadRequest, BadRequestBadLen},
		{"group desc length below 8", &GroupDesc{}, 0, 4, ErrTypeBadRequest, BadRequestBadLen},
		{"group desc with half a bucket", &GroupDesc{Buckets: goldenBuckets}, 0, 12, ErrTypeGroupModFailed, GroupModFailedBadBucket},
		{"meter stats with half a band", meter, 4, 48, ErrTypeBadRequest, BadRequestBadLen},
		{"meter stats over the end", meter, 4, 72, ErrTypeBadRequest, BadRequestBadLen},
		{"meter config with half a band", &MeterConfig{Bands: goldenBands}, 0, 16, ErrTypeBadRequest, BadRequestBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := c.v.Append(nil)
			if err := decodeBody(fresh(c.v), wire); err != nil {
				t.Fatalf("the good one is refused: %v", err)
			}
			binary.BigEndian.PutUint16(wire[c.at:], c.to)
			wantError(t, decodeBody(fresh(c.v), wire), c.typ, c.code)
		})
	}
}

// TestRejectTrailingBytes adds 8 bytes behind bodies that stand alone, and
// behind messages of a fixed size or whose last part has its own length.
func TestRejectTrailingBytes(t *testing.T) {
	for _, g := range allGoldenBodies() {
		if _, ok := g.value.(*ExperimenterMultipart); ok {
			continue
		}
		if v, ok := g.value.(exactBody); ok {
			err := fresh(v).Decode(append(unhex(t, g.wire), make([]byte, 8)...))
			wantError(t, err, ErrTypeBadRequest, BadRequestBadLen)
		}
	}
	for _, m := range []Message{
		&BarrierRequest{}, &FeaturesRequest{}, &FeaturesReply{}, &GetConfigRequest{}, &PortMod{}, &PortStatus{},
		&TableMod{}, &QueueGetConfigRequest{}, &RoleRequest{}, &SetAsync{}, &GetAsyncRequest{}, &FlowRemoved{},
	} {
		wire := append(m.AppendTo(nil, 1), make([]byte, 8)...)
		binary.BigEndian.PutUint16(wire[2:], uint16(len(wire)))
		wantError(t, fresh(m).Decode(wire), ErrTypeBadRequest, BadRequestBadLen)
	}
}

// TestRejectQueueProperties changes the type or length of a queue's property.
func TestRejectQueueProperties(t *testing.T) {
	good := &QueueGetConfigReply{Queues: []PacketQueue{{Properties: []QueueProperty{
		{Property: QueuePropMinRate}, {Property: QueuePropMaxRate},
	}}}}
	for _, c := range []struct {
		name         string
		at           int
		to, typ, err uint16
	}{
		{"unknown type", 32, 3, ErrTypeBadRequest, BadRequestBadType},
		{"length below 16", 34, 8, ErrTypeBadRequest, BadRequestBadLen},
		{"length no multiple of 8", 34, 20, ErrTypeBadRequest, BadRequestBadLen},
		{"length over the end", 34, 48, ErrTypeBadRequest, BadRequestBadLen},
		{"rate of 32 bytes", 34, 32, ErrTypeBadRequest, BadRequestBadLen},
		{"queue cuts a property", 24, 24, ErrTypeBadRequest, BadRequestBadLen},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := good.AppendTo(nil, 1)
			binary.BigEndian.PutUint16(wire[c.at:], c.to)
			wantError(t, new(QueueGetConfigReply).Decode(wire), c.typ, c.err)
		})
	}
}

// TestLongStringsAreCut writes names that do not fit, which end in a NUL then.
func TestLongStringsAreCut(t *testing.T) {
	var back Port
	if err := decodeBody(&back, (&Port{Name: "a-name-of-20-letters"}).Append(nil)); err != nil {
		t.Fatal(err)
	}
	if want := "a-name-of-20-le"; back.Name != want {
		t.Errorf("name %q, want %q", back.Name, want)
	}
}
