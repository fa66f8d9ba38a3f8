package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// changing is what differs from one dump to the next.
var changing = regexp.MustCompile(` cookie=0x0,|duration=[0-9.]+s, |n_packets=\d+, n_bytes=\d+, `)

// dump returns the flows as ovs-ofctl tells them, sorted, without what changes
// by itself.
func (d *daemon) dump(t *testing.T) []string {
	t.Helper()
	var flows []string
	for line := range strings.Lines(d.ofctl(t, "dump-flows")) {
		if !strings.HasPrefix(line, "OFPST_FLOW") {
			flows = append(flows, strings.TrimSpace(changing.ReplaceAllString(line, "")))
		}
	}
	slices.Sort(flows)
	return flows
}

func (d *daemon) checkFlows(t *testing.T, what string, want ...string) {
	t.Helper()
	if got := d.dump(t); !slices.Equal(got, want) {
		t.Errorf("%s: the flows are\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A person adds, modifies, deletes and replaces flows by ovs-ofctl, and reads
// back what was written.
func TestProactiveFlows(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.ofctl(t, "add-flow", "cookie=0x5,priority=10,in_port=1,actions=output:2")
	d.ofctl(t, "add-flow", "priority=10,in_port=2,actions=output:1")
	d.ofctl(t, "add-flow", "table=3,priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80,idle_timeout=300,hard_timeout=600,send_flow_rem,"+
		"actions=push_vlan:0x8100,set_field:4103->vlan_vid,output:1,write_actions(output:2),write_metadata:0x7/0xff,goto_table:4")
	d.checkFlows(t, "after add-flow",
		"cookie=0x5, table=0, priority=10,in_port=1 actions=output:2",
		"table=0, priority=10,in_port=2 actions=output:1",
		"table=3, idle_timeout=300, hard_timeout=600, send_flow_rem priority=7,tcp,nw_dst=10.0.0.0/8,tp_dst=80 "+
			"actions=push_vlan:0x8100,set_field:4103->vlan_vid,output:1,write_actions(output:2),write_metadata:0x7/0xff,goto_table:4")
	l.pingAll(t)

	d.ofctl(t, "mod-flows", "--strict", "priority=10,in_port=1,actions=drop")
	if _, err := l.hosts[0].try("ping", "-c", "1", "-W", "1", l.hosts[1].ip4); err == nil {
		t.Error("a ping crosses a flow that was modified to drop")
	}
	d.ofctl(t, "mod-flows", "in_port=1,actions=output:2")
	l.pingAll(t)

	d.ofctl(t, "del-flows", "table=3")
	d.checkFlows(t, "after del-flows of table 3",
		"cookie=0x5, table=0, priority=10,in_port=1 actions=output:2",
		"table=0, priority=10,in_port=2 actions=output:1")
	d.ofctl(t, "del-flows", "cookie=0x5/-1")
	d.checkFlows(t, "after del-flows by cookie", "table=0, priority=10,in_port=2 actions=output:1")

	d.setFlows(t, "priority=1,actions=FLOOD")
	d.checkFlows(t, "after replace-flows", "table=0, priority=1 actions=FLOOD")
	l.pingAll(t)
	d.ofctl(t, "del-flows")
	d.checkFlows(t, "after del-flows")
}

// ovs-ofctl tells a person what is wrong with a flow, in the specification's
// words.
func TestBadFlows(t *testing.T) {
	t.Parallel()
	d := newLab(t, 1).start(t)
	d.ofctl(t, "add-flow", "priority=5,udp,actions=output:1")
	tests := []struct{ flow, word string }{
		{"actions=NORMAL", "OFPBAC_BAD_OUT_PORT"},
		{"actions=group:1", "OFPBAC_BAD_OUT_GROUP"},
		{"table=9,actions=goto_table:8", "OFPBIC_BAD_TABLE_ID"},
		{"table=254,actions=drop", "OFPFMFC_BAD_TABLE_ID"},
		{"priority=5,check_overlap,ip,actions=drop", "OFPFMFC_OVERLAP"},
		{"in_port=1,actions=meter:3,output:1", "OFPMMFC_UNKNOWN_METER"},
		{"actions=learn(table=1)", "OFPBAC_BAD_VENDOR"}, // its name in OpenFlow 1.0
		{"reg0=1,actions=drop", "OFPBMC_BAD_FIELD"},
	}
	for _, tt := range tests {
		out, err := d.tryOfctl("", "add-flow", tt.flow)
		if err == nil || !strings.Contains(out, tt.word) {
			t.Errorf("add-flow %s: %v, output %q, want %s", tt.flow, err, out, tt.word)
		}
	}
	d.checkFlows(t, "after nothing but errors", "table=0, priority=5,udp actions=output:1")
}
