package translate

import (
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// mask makes a mask of fields and bits in turn; in_port is always looked at.
func mask(values ...any) (m flowtable.Mask) {
	m.Exact(flowtable.InPort)
	for i := 0; i < len(values); i += 2 {
		m.Add(values[i].(flowtable.Field), uint64(values[i+1].(int)))
	}
	return m
}

func TestTranslate(t *testing.T) {
	const all = -1
	tagged := like(ofp13.OXMVLANVID, 0x1000, 0x1000)
	vid := func(v int) ofp13.Action { return setting(ofp13.OXMVLANVID, uint64(v|0x1000)) }
	tests := []struct {
		name  string
		rules func(x *tables)
		key   *flowtable.Key
		acts  string
		mask  flowtable.Mask
	}{
		{"no entry", func(x *tables) {}, tcpKey(), "drop", mask()},
		{"no instructions", func(x *tables) { x.add(0, 1, nil) }, tcpKey(), "drop", mask()},
		{"unknown port", func(x *tables) { x.add(0, 1, nil, applying(output(2))) },
			tcpKey(flowtable.InPort, 9), "drop", mask()},
		{"outputs", func(x *tables) {
			x.add(0, 0, nil, applying(output(2), output(99), output(1), output(ofp13.PortLocal), output(ofp13.PortInPort)))
		}, tcpKey(), "output 2 output 0 output 1", mask()},
		{"flood", func(x *tables) { x.add(0, 0, nil, applying(output(ofp13.PortFlood))) }, tcpKey(),
			"output 2 output 3 output 4 output 0", mask()},
		{"all from local", func(x *tables) { x.add(0, 0, nil, applying(output(ofp13.PortAll))) },
			tcpKey(flowtable.InPort, int(datapath.Local)), "output 1 output 2 output 3 output 4", mask()},
		{"match", func(x *tables) { x.add(0, 5, oxms(ip4, is(ofp13.OXMIPv4Dst, 0x0a000002)), applying(output(2))) },
			tcpKey(), "output 2", mask(flowtable.EthType, all, flowtable.IPv4Dst, all)},
		{"instructions in the standard's order", func(x *tables) {
			x.add(0, 1, nil, going(1), writing(output(3)), clearing(), applying(output(2)))
			x.add(1, 1, nil)
		}, tcpKey(), "output 2 output 3", mask()},
		{"clear", func(x *tables) {
			x.add(0, 1, nil, writing(output(3)), going(1))
			x.add(1, 1, nil, clearing())
		}, tcpKey(), "drop", mask()},
		{"miss in a later table drops the set", func(x *tables) {
			x.add(0, 1, nil, writing(output(3)), going(1))
		}, tcpKey(), "drop", mask()},
		{"metadata", func(x *tables) {
			x.add(0, 1, nil, metadata(0xab, 0xff), going(7))
			x.add(7, 1, oxms(is(ofp13.OXMMetadata, 0xab)), metadata(0x10, 0xf0), going(8))
			x.add(8, 1, oxms(is(ofp13.OXMMetadata, 0x1b)), applying(output(2)))
		}, tcpKey(), "output 2", mask()},
		{"set-field is seen, and is no longer the frame's", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(setting(ofp13.OXMIPv4Dst, 5)), going(1))
			x.add(1, 1, oxms(ip4, is(ofp13.OXMIPv4Dst, 5)), applying(output(2)))
		}, tcpKey(), "set { ipv4 dst=0.0.0.5 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, 64)},
		{"an edit nobody sees", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(output(2), setting(ofp13.OXMIPv4Dst, 5)))
		}, tcpKey(), "output 2", mask(flowtable.EthType, all, flowtable.IPTTL, 64)},
		{"action set order", func(x *tables) {
			x.add(0, 1, oxms(ip4), writing(output(3), setting(ofp13.OXMIPDSCP, 1), decreasing, pushing(0x8100), vid(7), output(2)))
		}, tcpKey(), "push-vlan { tpid=0x8100 vid=7 pcp=0 } set { ip ttl=63 } set { ip dscp=1 } output 2",
			mask(flowtable.EthType, all, flowtable.IPTTL, all, flowtable.VLANTCI, 0x1000)},

		{"ttl", func(x *tables) { x.add(0, 1, oxms(ip4), applying(decreasing, decreasing, output(2))) }, tcpKey(),
			"set { ip ttl=63 } set { ip ttl=62 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, all)},
		{"invalid ttl", func(x *tables) {
			x.add(0, 1, oxms(ip4), applying(output(3), decreasing, output(2)), writing(output(4)))
		}, tcpKey(flowtable.IPTTL, 1), "output 3 pktin", mask(flowtable.EthType, all, flowtable.IPTTL, all)},
		{"set ttl", func(x *tables) { x.add(0, 1, oxms(ip4), applying(settingTTL(9), decreasing, output(2))) }, tcpKey(),
			"set { ip ttl=9 } set { ip ttl=8 } output 2", mask(flowtable.EthType, all, flowtable.IPTTL, 64)},
		{"port of a later fragment", func(x *tables) {
			x.add(0, 1, oxms(ip4, tcp), applying(setting(ofp13.OXMTCPDst, 5), output(2)))
		}, tcpKey(flowtable.IPFrag, flowtable.FragLater, flowtable.L4Src, 0, flowtable.L4Dst, 0), "output 2",
			mask(flowtable.EthType, all, flowtable.IPProto, all, flowtable.IPFrag, flowtable.FragLater)},

		{"push on untagged", func(x *tables) { x.add(0, 1, nil, applying(pushing(0x8100), vid(7), output(2))) }, tcpKey(),
			"push-vlan { tpid=0x8100 vid=7 pcp=0 } output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"push copies", func(x *tables) { x.add(0, 1, nil, applying(pushing(0x88a8), output(2))) },
			tcpKey(flowtable.VLANTCI, 0xb005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x88a8 vid=5 pcp=5 } output 2", mask(flowtable.VLANTCI, all)},
		{"push, and the copy is not used", func(x *tables) {
			x.add(0, 1, nil, applying(pushing(0x88a8), vid(9), output(2)))
		}, tcpKey(flowtable.VLANTCI, 0xb005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x88a8 vid=9 pcp=5 } output 2", mask(flowtable.VLANTCI, 0xf000)},
		{"pop", func(x *tables) { x.add(0, 1, oxms(tagged), applying(popping, output(2))) },
			tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"pop-vlan output 2", mask(flowtable.VLANTCI, 0x1000, flowtable.EthType, all)},
		{"pop of untagged", func(x *tables) { x.add(0, 1, nil, applying(popping, output(2))) }, tcpKey(),
			"output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"the second tag moves up", func(x *tables) {
			x.add(0, 1, oxms(tagged), applying(popping), going(1))
			x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1006)), applying(output(2)))
		}, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x88a8, flowtable.VLAN2TCI, 0x1006, flowtable.VLAN2TPID, 0x8100),
			"pop-vlan output 2", mask(flowtable.VLANTCI, 0x1000, flowtable.EthType, all, flowtable.VLAN2TCI, 0x1fff)},
		{"push and pop", func(x *tables) {
			x.add(0, 1, nil, applying(pushing(0x8100), vid(7), popping), going(1))
			x.add(1, 1, oxms(is(ofp13.OXMVLANVID, 0x1005)), applying(output(2)))
		}, tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"push-vlan { tpid=0x8100 vid=7 pcp=0 } pop-vlan output 2", mask(flowtable.VLANTCI, all)},
		{"set vid", func(x *tables) { x.add(0, 1, oxms(tagged), applying(vid(7), output(2))) },
			tcpKey(flowtable.VLANTCI, 0x1005, flowtable.VLANTPID, 0x8100),
			"set { vlan vid=7 } output 2", mask(flowtable.VLANTCI, 0x1000)},
		{"vid of an untagged frame", func(x *tables) { x.add(0, 1, nil, applying(vid(7), output(2))) }, tcpKey(),
			"output 2", mask(flowtable.VLANTCI, 0x1000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			test.rules(x)
			x.check(test.key, test.acts, test.mask, false)
		})
	}
}

func TestTranslatePortConfig(t *testing.T) {
	tests := []struct {
		name         string
		port, config uint32
		acts         string
	}{
		{"plain", 2, 0, "output 2 output 2 output 3 output 4 output 0"},
		{"out no-fwd", 2, ofp13.PortConfigNoFwd, "output 3 output 4 output 0"},
		{"out down", 2, ofp13.PortConfigDown, "output 3 output 4 output 0"},
		{"out no-recv", 2, ofp13.PortConfigNoRecv, "output 2 output 2 output 3 output 4 output 0"},
		{"in down", 1, ofp13.PortConfigDown, "drop"},
		{"in no-recv", 1, ofp13.PortConfigNoRecv, "drop"},
		{"in no-fwd", 1, ofp13.PortConfigNoFwd, "output 2 output 2 output 3 output 4 output 0"},
		{"in no-packet-in", 1, ofp13.PortConfigNoPacketIn, "output 2 output 2 output 3 output 4 output 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newTables(t)
			x.add(0, 1, nil, applying(output(2), output(ofp13.PortAll)))
			ports := testPorts()
			for i := range ports {
				if ports[i].No == datapath.PortNo(test.port) {
					ports[i].Config = test.config
				}
			}
			x.view.SetPorts(NewPortSet(ports))
			var r Result
			Translate(x.publish(), tcpKey(), &r)
			if got := words(r.Actions); got != test.acts {
				t.Errorf("got %q, want %q", got, test.acts)
			}
		})
	}
}

func TestTranslateFragDrop(t *testing.T) {
	x := newTables(t)
	x.add(0, 1, nil, applying(output(2)))
	x.view.SetFragDrop(true)
	v := x.publish()
	for frag, want := range map[int]string{flowtable.FragNone: "output 2", flowtable.FragFirst: "drop", flowtable.FragLater: "drop"} {
		var r Result
		Translate(v, tcpKey(flowtable.IPFrag, frag), &r)
		if got := words(r.Actions); got != want || r.Mask != mask(flowtable.IPFrag, -1) {
			t.Errorf("frag %d: %q, mask %v", frag, got, r.Mask)
		}
	}
}
