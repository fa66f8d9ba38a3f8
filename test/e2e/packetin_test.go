package e2e

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// wantPacketIn is what a packet-in must say; max_len does not matter, since
// what is not buffered is sent whole.
type wantPacketIn struct {
	reason   uint8
	table    uint8
	cookie   uint64
	inPort   uint64
	metadata uint64 // absent if 0
	frame    []byte
}

func (c *controller) checkPacketIn(t *testing.T, what string, want wantPacketIn) {
	t.Helper()
	got := expect(t, c.packetIns, what)
	if got.BufferID != ofp13.NoBuffer || int(got.TotalLen) != len(want.frame) || !bytes.Equal(got.Data, want.frame) {
		t.Errorf("%s: buffer %#x, total_len %d, frame\n%s\nwant %d bytes\n%s",
			what, got.BufferID, got.TotalLen, describe(got.Data), len(want.frame), describe(want.frame))
	}
	if got.Reason != want.reason || got.TableID != want.table || got.Cookie != want.cookie {
		t.Errorf("%s: reason %d, table %d, cookie %#x, want %d, %d, %#x",
			what, got.Reason, got.TableID, got.Cookie, want.reason, want.table, want.cookie)
	}
	fields := []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, want.inPort)}
	if want.metadata != 0 {
		fields = append(fields, ofp13.NewOXM64(ofp13.OXMMetadata, want.metadata))
	}
	if !slices.Equal(got.Match.Fields, fields) {
		t.Errorf("%s: match is %+v, want %+v", what, got.Match.Fields, fields)
	}
}

// A packet-in carries the whole frame and tells where it was and why: first by
// the slow path, then by the cached flow.
func TestPacketIn(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t,
		"cookie=0x11,priority=5,udp,tp_dst=1,actions=controller:64",
		"cookie=0x12,priority=5,udp,tp_dst=2,actions=set_field:9->udp_dst,controller,output:2",
		"priority=5,udp,tp_dst=3,actions=write_metadata:0xabcdef,goto_table:7",
		"cookie=0x13,table=7,priority=5,actions=controller",
		"priority=5,udp,tp_dst=4,actions=drop",
		"cookie=0x14,priority=0,actions=controller")
	w := l.wires(t)
	c := d.connect(t)
	long := bytes.Repeat([]byte("0123456789"), 140) // 1400 bytes
	tests := []struct {
		name string
		dst  uint16
		want wantPacketIn
	}{
		{"action", 1, wantPacketIn{ofp13.ReasonAction, 0, 0x11, 1, 0, udpFrame(7, 1, long)}},
		{"action after an edit", 2, wantPacketIn{ofp13.ReasonAction, 0, 0x12, 1, 0, udpFrame(7, 9, long)}},
		{"action in a later table", 3, wantPacketIn{ofp13.ReasonAction, 7, 0x13, 1, 0xabcdef, udpFrame(7, 3, long)}},
		{"table-miss flow", 5, wantPacketIn{ofp13.ReasonNoMatch, 0, 0x14, 1, 0, udpFrame(7, 5, long)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 5 {
				w[0].send(t, udpFrame(7, tt.dst, long))
				c.checkPacketIn(t, tt.name, tt.want)
			}
		})
	}
	for range 5 {
		w[1].expect(t, "output beside the controller", udpFrame(7, 9, long))
	}
	w[0].send(t, udpFrame(7, 4, long))
	c.noPacketIn(t, "a flow that drops")
}

// Without a table-miss flow, what matches nothing is dropped (§5.4).
func TestMissWithoutFlow(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	c := d.connect(t)
	for range 4 {
		w[0].send(t, udpFrame(1, 2, nil))
	}
	c.noPacketIn(t, "an empty table")
	expectSilence(t, "an empty table", w...)
	await(t, "the table counts its misses", func() bool { return c.tableStats(t, 0).LookupCount == 4 })
	if s := c.tableStats(t, 0); s.MatchedCount != 0 {
		t.Errorf("table statistics: %+v", s)
	}
}
