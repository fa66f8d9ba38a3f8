package ofp13

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ovsPrint shows messages in the words of Open vSwitch's parser, an
// independent reader of the same specification.
func ovsPrint(t *testing.T, wire []byte) string {
	t.Helper()
	if _, err := exec.LookPath("ovs-ofctl"); err != nil {
		t.Skip("ovs-ofctl is not installed (Debian: openvswitch-common)")
	}
	file := filepath.Join(t.TempDir(), "messages")
	if err := os.WriteFile(file, wire, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ovs-ofctl", "ofp-parse", file).CombinedOutput()
	if err != nil {
		t.Fatalf("ovs-ofctl ofp-parse: %v\n%s", err, out)
	}
	return string(out)
}

// TestOVSReadsWhatWeWrite shows one message of each kind to Open vSwitch and
// looks for what it must have understood.
func TestOVSReadsWhatWeWrite(t *testing.T) {
	port := goldenPort
	multi := func(mp uint16, v body) *MultipartReply {
		return &MultipartReply{Type: mp, Body: v.Append(nil)}
	}
	for _, c := range []struct {
		m    Message
		want []string
	}{
		{&Hello{Version: Version, Bitmaps: []uint32{1 << 4}}, []string{"OFPT_HELLO", "version bitmap: 0x04"}},
		{&FeaturesReply{DatapathID: 0xabc, NTables: 254, Capabilities: CapabilityIPReasm | CapabilityQueueStats},
			[]string{"dpid:0000000000000abc", "n_tables:254", "IP_REASM", "QUEUE_STATS"}},
		{&SetConfig{Flags: FragDrop, MissSendLen: 128}, []string{"frags=drop", "miss_send_len=128"}},
		{&PortStatus{Reason: PortReasonModify, Port: port}, []string{"MOD", "1(s1-eth1)", "NO_FWD", "LIVE", "10GB-FD COPPER"}},
		{&PortMod{PortNo: 3, HWAddr: [6]byte{2, 0, 0, 0, 0, 3}, Config: 1, Mask: 65},
			[]string{"port: 3: addr:02:00:00:00:00:03", "config: PORT_DOWN", "mask:   PORT_DOWN NO_PACKET_IN"}},
		{&PacketIn{BufferID: NoBuffer, TotalLen: 4, Reason: ReasonInvalidTTL, TableID: 7, Cookie: 0xcafe,
			Match: Match{Fields: []OXM{NewOXM64(OXMInPort, 3)}}, Data: make([]byte, 4)},
			[]string{"table_id=7", "cookie=0xcafe", "in_port=3", "invalid_ttl"}},
		{&PacketOut{BufferID: NoBuffer, InPort: PortController, Actions: []Action{{Type: ActionOutput, ID: PortTable}}},
			[]string{"in_port=CONTROLLER", "actions=TABLE"}},
		{&FlowRemoved{Priority: 10, Reason: RemovedGroupDelete, TableID: 4, PacketCount: 100, DurationSec: 60,
			Match: Match{Fields: []OXM{NewOXM64(OXMEthType, etherTypeARP)}}},
			[]string{"arp", "reason=group_delete", "table_id=4", "duration60", "pkts100"}},
		{benchmarkFlowMod(), []string{"ADD table:1 priority=100,tcp,in_port=7,nw_dst=10.0.1.0/24,tp_dst=80",
			"cookie:0x1122334455667788", "idle:5", "send_flow_rem", "actions=set_field:02:00:00:00:00:01->eth_dst,output:3"}},
		{&GroupMod{Command: GroupAdd, Type: GroupTypeSelect, GroupID: 7, Buckets: goldenBuckets},
			[]string{"ADD group_id=7,type=select", "weight:10", "actions=set_queue:1,output:2", "watch_port:3,watch_group:4"}},
		{&MeterMod{Command: MeterAdd, Flags: MeterFlagPKTPS | MeterFlagBurst, MeterID: 3, Bands: goldenBands[:2]},
			[]string{"ADD meter=3 pktps burst", "type=drop rate=1000 burst_size=100", "type=dscp_remark rate=500"}},
		{&RoleRequest{Role: RoleMaster, GenerationID: 5}, []string{"role=primary", "generation_id=5"}},
		{&SetAsync{AsyncConfig{PacketInMask: [2]uint32{7, 2}, FlowRemovedMask: [2]uint32{8, 0}}},
			[]string{"PACKET_IN: no_match action invalid_ttl", "FLOW_REMOVED: group_delete"}},
		{multi(MultipartDesc, &Desc{Manufacturer: "ACME", Software: "1.0"}), []string{"Manufacturer: ACME", "Software: 1.0"}},
		{multi(MultipartAggregate, &AggregateStats{PacketCount: 1, ByteCount: 2, FlowCount: 3}),
			[]string{"packet_count=1 byte_count=2 flow_count=3"}},
		{multi(MultipartTable, &TableStats{TableID: 1, ActiveCount: 2, LookupCount: 3, MatchedCount: 1}),
			[]string{"active=2, lookup=3, matched=1"}},
		{multi(MultipartPortStats, &PortStats{PortNo: 1, RxPackets: 2, TxBytes: 5, Collisions: 13, DurationSec: 4}),
			[]string{"rx pkts=2", "bytes=5", "coll=13", "duration=4"}},
		{multi(MultipartPortDesc, &port), []string{"1(s1-eth1)", "speed: 10000 Mbps now, 40000 Mbps max"}},
		{multi(MultipartQueue, &QueueStats{PortNo: 1, QueueID: 2, TxBytes: 3, TxPackets: 4, TxErrors: 5}),
			[]string{"queue 2: bytes=3, pkts=4, errors=5"}},
		{multi(MultipartGroup, &GroupStats{GroupID: 1, RefCount: 2, PacketCount: 3, Buckets: []BucketCounter{{7, 8}}}),
			[]string{"group_id=1", "ref_count=2", "bucket0:packet_count=7,byte_count=8"}},
		{multi(MultipartGroupFeatures, &GroupFeatures{Types: 15, MaxGroups: [4]uint32{9, 9, 9, 9}}), []string{"max_groups=0x9"}},
		{multi(MultipartMeter, &MeterStats{MeterID: 1, FlowCount: 2, PacketInCount: 3, Bands: []MeterBandStats{{7, 8}}}),
			[]string{"meter:1 flow_count:2 packet_in_count:3", "packet_count:7 byte_count:8"}},
		{multi(MultipartMeterFeatures, &MeterFeatures{MaxMeter: 16, BandTypes: 2, MaxBands: 1, Capabilities: 5}),
			[]string{"max_meter:16 max_bands:1", "band_types: drop", "capabilities: kbps burst"}},
		{&QueueGetConfigReply{Port: 1, Queues: []PacketQueue{{QueueID: 7, Port: 1,
			Properties: []QueueProperty{{Property: QueuePropMinRate, Rate: 100}}}}}, []string{"queue 7: min_rate:10.0%"}},
		{&ErrorMessage{Type: ErrTypeMeterModFailed, Code: MeterModFailedOutOfBands,
			Data: (&BarrierRequest{}).AppendTo(nil, 1)}, []string{"OFPMMFC_OUT_OF_BANDS"}},
	} {
		got := ovsPrint(t, c.m.AppendTo(nil, 1))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%T: Open vSwitch does not say %q but\n%s", c.m, want, got)
			}
		}
	}
}

// TestOVSReadsRandomMessages shows it thousands of random valid messages at
// once. It must refuse none, but for actions that do not fit the match or each
// other, which it finds after it has read them all.
func TestOVSReadsRandomMessages(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(1, 2)), ovs: true}
	var wire []byte
	const n = 3000
	for i := range n {
		wire = g.message().AppendTo(wire, uint32(i+1))
	}
	out := ovsPrint(t, wire)
	if got := strings.Count(out, "(OF1.3)"); got < n {
		t.Errorf("Open vSwitch saw %d messages, not %d", got, n)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "***decode error") &&
			!strings.Contains(line, "OFPBAC_MATCH_INCONSISTENT") && !strings.Contains(line, "OFPBAC_BAD_TAG") {
			t.Error(strings.TrimSpace(line))
		}
	}
}

// TestOVSReadsMatchStrings gives the words of Match.String to ovs-ofctl.
func TestOVSReadsMatchStrings(t *testing.T) {
	if _, err := exec.LookPath("ovs-ofctl"); err != nil {
		t.Skip("ovs-ofctl is not installed (Debian: openvswitch-common)")
	}
	g := &generator{r: rand.New(rand.NewPCG(3, 4)), ovs: true}
	var flows strings.Builder
	for range 500 {
		m := g.match()
		fmt.Fprintf(&flows, "%s,actions=drop\n", strings.TrimPrefix(m.String(), "any"))
	}
	file := filepath.Join(t.TempDir(), "flows")
	if err := os.WriteFile(file, []byte(flows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ovs-ofctl", "-O", "OpenFlow13", "parse-flows", file).CombinedOutput()
	if err != nil {
		t.Errorf("ovs-ofctl parse-flows: %v\n%.2000s", err, out)
	}
}
