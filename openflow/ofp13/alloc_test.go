package ofp13

import (
	"fmt"
	"testing"
)

// wantNoAllocs runs f, which may allocate the first time only.
func wantNoAllocs(t *testing.T, what string, f func()) {
	t.Helper()
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s allocates %v times, want 0", what, n)
	}
}

// TestReusedValuesDecodeWithoutAllocating decodes what comes often into values
// that an earlier message has used.
func TestReusedValuesDecodeWithoutAllocating(t *testing.T) {
	packetOut := &PacketOut{Actions: goldenActions, Data: make([]byte, 60)}
	for _, m := range []Message{
		benchmarkFlowMod(), goldenFlow[0].value, packetOut, &GroupMod{Buckets: goldenBuckets},
		&MeterMod{Bands: goldenBands}, &EchoRequest{Data: make([]byte, 8)}, &BarrierRequest{},
		&MultipartRequest{Type: MultipartFlow, Body: make([]byte, 40)}, &Hello{Version: 4, Bitmaps: []uint32{16}},
	} {
		wire := m.AppendTo(nil, 1)
		reused := fresh(m)
		wantNoAllocs(t, "decoding a "+typeName(m), func() {
			if err := reused.Decode(wire); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestEncodersDoNotAllocate writes into a buffer that has room.
func TestEncodersDoNotAllocate(t *testing.T) {
	b := make([]byte, 0, 4096)
	for _, m := range []Message{
		&PacketIn{Match: goldenMatch, Data: make([]byte, 1500)}, benchmarkFlowMod(), goldenFlow[0].value,
		&PortStatus{Port: goldenPort}, &FlowRemoved{Match: goldenMatch}, &ErrorMessage{Data: b[:64]}, &EchoReply{},
	} {
		wantNoAllocs(t, "encoding a "+typeName(m), func() { m.AppendTo(b, 1) })
	}
	stats := &FlowStats{Match: goldenMatch, Instructions: benchmarkFlowMod().Instructions}
	for _, v := range []body{stats, &goldenPort, &PortStats{}, &TableStats{}} {
		wantNoAllocs(t, "encoding a "+typeName(v), func() { v.Append(b) })
	}
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }
