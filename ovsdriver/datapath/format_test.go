package datapath

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
)

func TestAppendFlow(t *testing.T) {
	ping := flowtable.Match{}
	ping.Exact(flowtable.InPort, 2)
	ping.Exact(flowtable.EthSrc, 0x020000000002)
	ping.Exact(flowtable.EthDst, 0x020000000001)
	ping.Exact(flowtable.EthType, 0x0800)
	ping.Exact(flowtable.IPv4Src, 0x0a000002)
	ping.Exact(flowtable.IPv4Dst, 0x0a000001)
	ping.Exact(flowtable.IPTOS, 0)
	ping.Exact(flowtable.IPTTL, 64)
	ping.Exact(flowtable.IPProto, 1)
	ping.Masked(flowtable.L4Src, 0, 0xff) // a type has 8 bits
	ping.Exact(flowtable.L4Dst, 0)

	tagged := flowtable.Match{}
	tagged.Exact(flowtable.InPort, uint64(Local))
	tagged.Exact(flowtable.VLANVID, 0x1064)
	tagged.Exact(flowtable.EthType, 0x86dd)
	tagged.Masked(flowtable.IPv6DstHi, 0x20010db8_00000000, 0xffffffff_00000000)
	tagged.Exact(flowtable.IPProto, 6)
	tagged.Masked(flowtable.L4Dst, 0x50, 0xfff0)

	untagged := flowtable.Match{}
	untagged.Masked(flowtable.VLANVID, 0, flowtable.VLANPresent)
	untagged.Exact(flowtable.VLANTPID, 0)
	untagged.Masked(flowtable.VLAN2TCI, 0, flowtable.VLANPresent)
	untagged.Exact(flowtable.EthType, 0x0806)
	untagged.Exact(flowtable.ARPOp, 300)

	tests := []struct {
		match flowtable.Match
		acts  []Act
		want  string
	}{
		{ping, []Act{{Kind: Output, Port: 1}},
			"port=2 eth src=02:00:00:00:00:02 dst=02:00:00:00:00:01 type=0x0800 " +
				"ipv4 src=10.0.0.2 dst=10.0.0.1 tos=0 ttl=64 proto=1 icmp type=0 code=0 " +
				"-> output 1 (7 pkts, 686 bytes)\n"},
		{tagged, []Act{{Kind: PopVLAN}, {Kind: Set, Field: flowtable.EthDst, Value: 5}, {Kind: Set, Field: flowtable.IPTTL, Value: 63}, {Kind: Output, Port: Local}},
			"port=0 vlan vid=100 type=0x86dd ipv6 dst=2001:db8::/ffff:ffff:: proto=6 tcp dst=80/65520 " +
				"-> pop-vlan set { eth dst=00:00:00:00:00:05 } set { ip ttl=63 } output 0 (7 pkts, 686 bytes)\n"},
		{untagged, nil, "vlan vid=none type=0x0806 arp op=300 -> drop (7 pkts, 686 bytes)\n"},
		{flowtable.Match{}, []Act{{Kind: PushVLAN, EtherType: 0x88a8, Value: 3<<13 | 9}, {Kind: Queue, Value: 0x80010010}, {Kind: Controller}},
			"-> push-vlan { tpid=0x88a8 vid=9 pcp=3 } queue 8001:10 pktin (7 pkts, 686 bytes)\n"},
	}
	for _, tt := range tests {
		got := string(AppendFlow(nil, &Flow{Match: tt.match, Actions: tt.acts}, &FlowStats{Packets: 7, Bytes: 686}))
		if got != tt.want {
			t.Errorf("got  %swant %s", got, tt.want)
		}
	}
}
