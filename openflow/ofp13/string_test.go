package ofp13

import "testing"

func TestMatchString(t *testing.T) {
	for _, c := range []struct {
		fields []OXM
		want   string
	}{
		{nil, "any"},
		{benchmarkFlowMod().Match.Fields, "in_port=7,eth_type=0x0800,ip_proto=6,ip_dst=10.0.1.0/24,tcp_dst=80"},
		{goldenMatch.Fields, "in_port=1,eth_dst=01:00:00:00:00:00/01:00:00:00:00:00,eth_type=0x86dd,vlan_vid=0x1064," +
			"ip_proto=6,ipv6_src=2001:db8::/32,tcp_dst=443,tcp_flags=0x0002/0x0012"},
		{[]OXM{NewOXM64(OXMInPort, uint64(PortLocal))}, "in_port=LOCAL"},
		{[]OXM{NewMaskedOXM64(OXMIPv4Src, 0x0a000001, 0xff0000ff)}, "ip_src=10.0.0.1/255.0.0.255"},
		{[]OXM{NewMaskedOXM64(OXMMetadata, 0x10, 0xf0)}, "metadata=0x10/0xf0"},
		{[]OXM{{Class: 1, Field: 3, Len: 2}}, "class 0x0001 field 3=0x0000"},
	} {
		m := Match{Fields: c.fields}
		if got := m.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestInstructionStrings(t *testing.T) {
	for _, c := range []struct {
		list []Instruction
		want string
	}{
		{nil, "drop"},
		{[]Instruction{{Type: InstructionApplyActions}}, "drop"},
		{goldenFlow[0].value.(*FlowMod).Instructions, "meter:9," +
			"pop_vlan,push_vlan:0x88a8,set_field:0x1005->vlan_vid,set_field:02:00:00:00:00:01->eth_src,set_queue:2," +
			"mod_nw_ttl:64,dec_ttl,set_mpls_ttl(63),dec_mpls_ttl,push_mpls:0x8847,pop_mpls:0x0800,copy_ttl_out,copy_ttl_in," +
			"CONTROLLER:128," +
			"clear_actions,write_actions(group:5),write_metadata:0x10/0xf0,goto_table:3,experimenter(0x00002320,0102030405060708)"},
		{[]Instruction{{Type: InstructionWriteMetadata, Metadata: 1, MetadataMask: ^uint64(0)}}, "write_metadata:0x1"},
	} {
		if got := InstructionsString(c.list); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestActionsString(t *testing.T) {
	if got := ActionsString(nil); got != "drop" {
		t.Errorf("no action is %q, want drop", got)
	}
	list := []Action{
		{Type: ActionOutput, ID: 1}, {Type: ActionOutput, ID: PortFlood}, {Type: ActionOutput, ID: PortInPort},
		{Type: ActionExperimenter, ID: 0x2320, Experimenter: []byte{1, 2, 3, 4}}, {Type: 28},
	}
	if got, want := ActionsString(list), "output:1,FLOOD,IN_PORT,experimenter(0x00002320,01020304),28"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
