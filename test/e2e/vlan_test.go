package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// tagged is an IPv4 frame with VLAN tags, outer first.
func tagged(tags ...tag) []byte {
	next := layers.EthernetTypeIPv4
	inner := []gopacket.SerializableLayer{ip4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 1, DstPort: 2}, text}
	for _, tag := range slices.Backward(tags) {
		header := &layers.Dot1Q{VLANIdentifier: tag.vid, Priority: tag.pcp, Type: next}
		inner = append([]gopacket.SerializableLayer{header}, inner...)
		next = tag.typ
	}
	return build(append([]gopacket.SerializableLayer{ether(next)}, inner...)...)
}

// tag is a VLAN tag.
type tag struct {
	typ layers.EthernetType // 0x8100 or 0x88a8
	vid uint16
	pcp uint8
}

func customer(vid uint16, pcp uint8) tag { return tag{layers.EthernetTypeDot1Q, vid, pcp} }
func service(vid uint16, pcp uint8) tag  { return tag{layers.EthernetTypeQinQ, vid, pcp} }

// Tags are pushed, changed and popped as the wire shows it, on the slow path
// and by cached flows.
func TestVLANActions(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	w := l.wires(t)
	tests := []struct {
		name, flow string
		in, want   []byte
	}{
		{"push 0x8100", "actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:2", tagged(), tagged(customer(100, 0))},
		{"push with priority", "actions=push_vlan:0x8100,set_field:4196->vlan_vid,set_field:5->vlan_pcp,output:2",
			tagged(), tagged(customer(100, 5))},
		{"push 0x88a8 onto a tag", "actions=push_vlan:0x88a8,set_field:4297->vlan_vid,output:2",
			tagged(customer(100, 3)), tagged(service(201, 3), customer(100, 3))},
		{"push copies the tag", "actions=push_vlan:0x8100,output:2",
			tagged(customer(100, 3)), tagged(customer(100, 3), customer(100, 3))},
		{"set", "dl_vlan=100,actions=set_field:4097->vlan_vid,output:2", tagged(customer(100, 3)), tagged(customer(1, 3))},
		{"pop", "dl_vlan=100,actions=pop_vlan,output:2", tagged(customer(100, 3)), tagged()},
		{"pop the outer of two", "dl_vlan=201,actions=pop_vlan,output:2",
			tagged(service(201, 3), customer(100, 4)), tagged(customer(100, 4))},
		{"pop both", "dl_vlan=201,actions=pop_vlan,goto_table:2", tagged(service(201, 3), customer(100, 4)), tagged()},
		{"pop, then match what was below", "dl_vlan=100,actions=pop_vlan,goto_table:1", tagged(customer(100, 0)), tagged()},
		{"match untagged", "vlan_tci=0,actions=output:2", tagged(), tagged()},
		{"match any tag", "vlan_tci=0x1000/0x1000,actions=output:2", tagged(customer(0, 0)), tagged(customer(0, 0))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d.setFlows(t, "in_port=1,"+tt.flow, "table=1,vlan_tci=0,udp,tp_dst=2,actions=output:2",
				"table=2,dl_vlan=100,actions=pop_vlan,output:2")
			d.forwards(t, w[0], w[1], tt.in, tt.want, true)
		})
	}
}

// Pings and TCP go from host to host with a tag on for a moment: a third host
// gets a copy with the tag, as tcpdump there sees, and the others get it without.
func TestVLANBetweenHosts(t *testing.T) {
	t.Parallel()
	need(t, "tcpdump")
	l := newLab(t, 3)
	d := l.start(t)
	const tagCopyPop = "actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:3,pop_vlan,output:"
	d.setFlows(t, "in_port=1,vlan_tci=0,"+tagCopyPop+"2", "in_port=2,vlan_tci=0,"+tagCopyPop+"1")
	a, b, observer := l.hosts[0], l.hosts[1], l.hosts[2]
	dump := observer.spawn(t, nil, "tcpdump", "-l", "-n", "-e", "-i", "eth0", "vlan 100 and icmp")
	await(t, "tcpdump listens", func() bool { return strings.Contains(dump.out.String(), "listening on eth0") })
	a.ping(t, b, 3)
	await(t, "tcpdump sees tagged pings", func() bool {
		return strings.Count(dump.out.String(), "ethertype 802.1Q (0x8100), length 102: vlan 100, p 0, ethertype IPv4") == 6
	})
	rate := a.transfer(t, b, 8<<20)
	t.Logf("TCP by way of a tag: %.2f Gbit/s", rate*8/1e9)
}
