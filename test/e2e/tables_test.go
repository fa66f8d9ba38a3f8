package e2e

import (
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// A packet goes through several tables: metadata is carried and masked, applied
// actions happen at once, written ones at the end, cleared ones never, and a
// later table matches what an earlier one has edited.
func TestPipeline(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.setFlows(t,
		// Metadata by port and protocol; the actions of the end are written here.
		"udp,tp_dst=1,actions=write_metadata:0xf1,goto_table:10",
		"udp,tp_dst=2,actions=write_actions(output:3),write_metadata:0x2/0xf,goto_table:10",
		"udp,tp_dst=3,actions=write_actions(output:3),goto_table:40",
		"udp,tp_dst=4,actions=set_field:77->udp_dst,goto_table:20",
		"udp,tp_dst=5,actions=write_actions(set_field:5555->udp_dst,output:2),write_metadata:0x1ff,goto_table:253",
		"table=10,metadata=0x1/0xf,actions=output:2",
		"table=10,udp,metadata=0x2,actions=set_field:22->udp_src",
		"table=10,priority=0,actions=drop",
		"table=20,udp,tp_dst=77,actions=write_metadata:0x20,goto_table:30",
		"table=30,udp,metadata=0x20,actions=output:2,set_field:78->udp_dst,output:3",
		"table=40,actions=clear_actions",
		"table=253,udp,metadata=0x100/0x100,actions=dec_ttl")
	w := l.wires(t)
	last := udpParts() // what the last table makes
	last.udp.SrcPort, last.udp.DstPort, last.ip4.TTL = 1, 5555, 63
	for _, tt := range []struct {
		name     string
		dst      uint16
		at2, at3 []byte
	}{
		{name: "metadata under a mask", dst: 1, at2: udpFrame(1, 1, nil)},
		{name: "written actions at the end", dst: 2, at3: udpFrame(22, 2, nil)},
		{name: "cleared actions", dst: 3},
		{name: "an edit that is matched", dst: 4, at2: udpFrame(1, 77, nil), at3: udpFrame(1, 78, nil)},
		{name: "applied before written", dst: 5, at2: last.frame()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range repeats {
				w[0].send(t, udpFrame(1, tt.dst, nil))
				if tt.at2 != nil {
					w[1].expect(t, "at host 2", tt.at2)
				}
				if tt.at3 != nil {
					w[2].expect(t, "at host 3", tt.at3)
				}
			}
			expectSilence(t, tt.name, w...)
		})
	}
}

// Reserved ports as outputs of flows.
func TestReservedPorts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.setFlows(t,
		"udp,tp_dst=1,actions=ALL",
		"udp,tp_dst=2,actions=FLOOD",
		"udp,tp_dst=3,actions=IN_PORT",
		"udp,tp_dst=4,actions=output:1", // where it came from: dropped
		"udp,tp_dst=5,actions=output:2,IN_PORT,output:3")
	w := l.wires(t)
	for dst, at := range [][]int{1: {1, 2}, 2: {1, 2}, 3: {0}, 4: {}, 5: {0, 1, 2}} {
		if dst == 0 {
			continue
		}
		p := udpParts()
		p.udp.DstPort = layers.UDPPort(dst)
		for range repeats {
			w[0].send(t, p.frame())
			for _, i := range at {
				w[i].expect(t, "reserved port", p.frame())
			}
		}
	}
	expectSilence(t, "beside the expected frames", w...)
}
