package kernel

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

func set(f flowtable.Field, v uint64) datapath.Act {
	return datapath.Act{Kind: datapath.Set, Field: f, Value: v}
}

func outputTo(no datapath.PortNo) datapath.Act {
	return datapath.Act{Kind: datapath.Output, Port: no}
}

// goldenActions are lists of actions as the module takes them, for a frame or
// flow with these fields known.
var goldenActions = []struct {
	name  string
	known fields
	acts  []datapath.Act
	want  string
	back  []datapath.Act // as told by an Inspector, if not acts
}{
	{"outputs", nil, []datapath.Act{outputTo(5), outputTo(datapath.Local)}, `
		0800 0100 05000000  // OUTPUT 5
		0800 0100 00000000  // OUTPUT 0: LOCAL
	`, nil},
	{"controller", nil, []datapath.Act{{Kind: datapath.Controller, Value: 0x1122334455667788}}, `
		1800 0200                    // USERSPACE
		  0800 0100 63000000         //   PID 99
		  0c00 0200 8877665544332211 //   USERDATA
	`, nil},
	{"one address", nil, []datapath.Act{set(flowtable.EthDst, 0x0a0000000002)}, `
		2000 0b00 1c00 0400         // SET_MASKED, ETHERNET
		  000000000000 0a0000000002 //   value
		  000000000000 ffffffffffff //   mask: the destination only
	`, nil},
	{"merged sets of IPv4", fields{flowtable.EthType: packet.TypeIPv4}, []datapath.Act{
		set(flowtable.IPv4Dst, 0x0a000002), set(flowtable.IPDSCP, 46), set(flowtable.IPTTL, 3),
	}, `
		2000 0b00 1c00 0700              // SET_MASKED, IPV4
		  00000000 0a000002 00 b8 03 00  //   value: DSCP 46 is the upper six bits
		  00000000 ffffffff 00 fc ff 00  //   mask: ECN, protocol and fragment type stay
	`, nil},
	{"sets of two headers", fields{flowtable.EthType: packet.TypeIPv6, flowtable.IPProto: packet.ProtoUDP, flowtable.IPFrag: 0}, []datapath.Act{
		set(flowtable.IPv6FLabel, 0x12345), set(flowtable.IPTTL, 1), set(flowtable.L4Dst, 53),
	}, `
		5800 0b00 5400 0800                     // SET_MASKED, IPV6
		  00000000000000000000000000000000 00000000000000000000000000000000 00012345 00 00 01 00
		  00000000000000000000000000000000 00000000000000000000000000000000 000fffff 00 00 ff 00
		1000 0b00 0c00 0a00 0000 0035 0000 ffff // SET_MASKED, UDP
	`, nil},
	{"push and pop", fields{flowtable.VLANTCI: 0, flowtable.EthType: packet.TypeIPv4}, []datapath.Act{
		{Kind: datapath.PushVLAN, EtherType: packet.TypeSVLAN, Value: 0x6064}, {Kind: datapath.PopVLAN},
		{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLS, Value: 0x00064140}, set(flowtable.MPLSTTL, 9), {Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4},
	}, `
		0800 0400 88a8 7064                     // PUSH_VLAN: TPID, TCI with presence
		0400 0500                               // POP_VLAN
		0c00 0900 00064140 8847 0000            // PUSH_MPLS: entry, EtherType, padding
		1000 0b00 0c00 1500 00000009 000000ff   // SET_MASKED, MPLS
		0600 0a00 0800 0000                     // POP_MPLS: EtherType
	`, nil},
	{"pop to a label that is set", fields{flowtable.VLANTCI: 0, flowtable.EthType: packet.TypeMPLS, flowtable.MPLS0: 0x1040, flowtable.MPLS1: 0x2140}, []datapath.Act{
		{Kind: datapath.PopMPLS, EtherType: packet.TypeMPLS}, set(flowtable.MPLSTTL, 9), {Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4},
	}, `
		0600 0a00 8847 0000                     // POP_MPLS: EtherType
		1000 0b00 0c00 1500 00000009 000000ff   // SET_MASKED, MPLS
		0600 0a00 0800 0000                     // POP_MPLS: EtherType
	`, nil},
	{"set of a tag's VID", fields{flowtable.VLANTCI: 0x7064, flowtable.VLANTPID: packet.TypeVLAN}, []datapath.Act{
		set(flowtable.VLANVID, 0x1005), set(flowtable.VLANPCP, 2), outputTo(1),
	}, `
		0400 0500           // POP_VLAN
		0800 0400 8100 5005 // PUSH_VLAN: PCP 2, presence, VID 5
		0800 0100 01000000  // OUTPUT 1
	`, []datapath.Act{{Kind: datapath.PopVLAN}, {Kind: datapath.PushVLAN, EtherType: packet.TypeVLAN, Value: 0x4005}, outputTo(1)}},
	{"clone", nil, []datapath.Act{{Kind: datapath.Clone, Value: 2}, {Kind: datapath.PopVLAN}, outputTo(1), outputTo(2)}, `
		1000 1400 0400 0500 0800 0100 01000000 // CLONE: POP_VLAN, OUTPUT 1
		0800 0100 02000000                     // OUTPUT 2
	`, nil},
	{"queues", nil, []datapath.Act{
		{Kind: datapath.Queue, Value: 0x10010}, outputTo(1), {Kind: datapath.Queue, Value: 0x80020011}, outputTo(2), {Kind: datapath.Queue}, outputTo(3),
	}, `
		0c00 0300 0800 0200 10000100 // SET, PRIORITY 1:10
		0800 0100 01000000           // OUTPUT 1
		0c00 0300 0800 0200 11000280 // SET, PRIORITY 8002:11
		0800 0100 02000000           // OUTPUT 2
		0c00 0300 0800 0200 00000000 // SET, PRIORITY 0
		0800 0100 03000000           // OUTPUT 3
	`, nil},
	{"meter", nil, []datapath.Act{{Kind: datapath.Meter, Value: 7}}, `0800 1300 07000000`, nil},
}

func encoderFor(known fields) actionEncoder {
	key, mask := keyWith(known), flowtable.Mask{}
	for f := range known {
		mask.Exact(f)
	}
	return newActionEncoder(&key, &mask, 99)
}

func TestActionsGolden(t *testing.T) {
	for _, tt := range goldenActions {
		t.Run(tt.name, func(t *testing.T) {
			e := encoderFor(tt.known)
			got, err := e.append(nil, tt.acts)
			if err != nil {
				t.Fatal(err)
			}
			want := bytesOf(t, tt.want)
			if diff := cmp.Diff(hex.Dump(want), hex.Dump(got)); diff != "" {
				t.Errorf("encoded (-want +got)\n%s", diff)
			}
			back := tt.back
			if back == nil {
				back = tt.acts
			}
			decoded, unknown := decodeActions(want, nil)
			if diff := cmp.Diff(sorted(back), sorted(decoded)); diff != "" || unknown != "" {
				t.Errorf("decoded, unknown %q (-want +got)\n%s", unknown, diff)
			}
		})
	}
}

// TestForeignActions reads what only other programs' flows do.
func TestForeignActions(t *testing.T) {
	got, unknown := decodeActions(bytesOf(t, `
		0c00 0800 00000000 00000000 // HASH: algorithm L4, basis 0
		0800 0700 09000000          // RECIRC 9
	`), nil)
	want := []datapath.Act{{Kind: datapath.Hash}, {Kind: datapath.Recirc, Value: 9}}
	if diff := cmp.Diff(want, got); diff != "" || unknown != "" {
		t.Errorf("decoded, unknown %q (-want +got)\n%s", unknown, diff)
	}
}

// sorted puts the Sets that follow each other in the order of their fields: the
// kernel keeps none.
func sorted(acts []datapath.Act) []datapath.Act {
	out := append([]datapath.Act{}, acts...)
	for i := range out {
		for j := i; j > 0 && out[j].Kind == datapath.Set && out[j-1].Kind == datapath.Set && out[j].Field < out[j-1].Field; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// TestSetPortByFragmentBit sets a port where the mask has no more of the fragment
// type than the bit that shows a later fragment, as translations ask for.
func TestSetPortByFragmentBit(t *testing.T) {
	for frag, can := range map[uint64]bool{flowtable.FragNone: true, flowtable.FragFirst: true, flowtable.FragLater: false} {
		e := encoderFor(fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoUDP, flowtable.IPFrag: frag})
		e.mask.Set(flowtable.IPFrag, flowtable.FragLater)
		_, err := e.append(nil, []datapath.Act{set(flowtable.L4Dst, 53)})
		if (err == nil) != can {
			t.Errorf("fragment type %d: %v", frag, err)
		}
	}
	e := encoderFor(fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoUDP, flowtable.IPFrag: flowtable.FragNone})
	e.mask.Set(flowtable.IPFrag, flowtable.FragFirst)
	if _, err := e.append(nil, []datapath.Act{set(flowtable.L4Dst, 53)}); !errors.Is(err, datapath.ErrUnsupported) {
		t.Errorf("with a mask that later fragments hit too: %v", err)
	}
}

// TestRefusedActions names what the kernel would refuse, or do to the wrong
// bytes.
func TestRefusedActions(t *testing.T) {
	tcp := fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoTCP, flowtable.IPFrag: 0, flowtable.VLANTCI: 0}
	tests := []struct {
		name  string
		known fields
		acts  []datapath.Act
	}{
		{"port 0", tcp, []datapath.Act{outputTo(0)}},
		{"port IN_PORT", tcp, []datapath.Act{outputTo(0xfffffff8)}},
		{"TCP port of unknown protocol", fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPFrag: 0}, []datapath.Act{set(flowtable.L4Dst, 1)}},
		{"TCP port of what may be a later fragment", fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoTCP}, []datapath.Act{set(flowtable.L4Dst, 1)}},
		{"TCP port of a later fragment", fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoTCP, flowtable.IPFrag: flowtable.FragLater}, []datapath.Act{set(flowtable.L4Dst, 1)}},
		{"ICMP type", fields{flowtable.EthType: packet.TypeIPv4, flowtable.IPProto: packet.ProtoICMP, flowtable.IPFrag: 0}, []datapath.Act{set(flowtable.L4Src, 8)}},
		{"protocol", tcp, []datapath.Act{set(flowtable.IPProto, 17)}},
		{"EtherType", tcp, []datapath.Act{set(flowtable.EthType, 0x88cc)}},
		{"ARP opcode", fields{flowtable.EthType: packet.TypeARP}, []datapath.Act{set(flowtable.ARPOp, 2)}},
		{"ARP address", fields{flowtable.EthType: packet.TypeARP}, []datapath.Act{set(flowtable.IPv4Src, 2)}},
		{"ND target", fields{flowtable.EthType: packet.TypeIPv6}, []datapath.Act{set(flowtable.NDTargetLo, 2)}},
		{"VID of a tag with a wild PCP", fields{flowtable.VLANVID: 0x1005, flowtable.VLANTPID: packet.TypeVLAN}, []datapath.Act{set(flowtable.VLANVID, 6)}},
		{"VID of a second tag that was not looked at", fields{flowtable.VLANTCI: 0x1005, flowtable.VLANTPID: packet.TypeVLAN},
			[]datapath.Act{{Kind: datapath.PopVLAN}, set(flowtable.VLANVID, 6)}},
		{"TPID", tcp, []datapath.Act{{Kind: datapath.PushVLAN, EtherType: 0x9100}}},
		{"label behind a tag", fields{flowtable.EthType: packet.TypeIPv4, flowtable.VLANTCI: 0x1001, flowtable.VLANTPID: packet.TypeVLAN},
			[]datapath.Act{{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLS}}},
		{"label before LLDP", fields{flowtable.EthType: 0x88cc, flowtable.VLANTCI: 0}, []datapath.Act{{Kind: datapath.PushMPLS, EtherType: packet.TypeMPLS}}},
		{"label that was not looked at", fields{flowtable.EthType: packet.TypeMPLS, flowtable.VLANTCI: 0, flowtable.MPLS0: 0x1040},
			[]datapath.Act{{Kind: datapath.PopMPLS, EtherType: packet.TypeMPLS}, set(flowtable.MPLSLabel, 5)}},
		{"label below the last", fields{flowtable.EthType: packet.TypeMPLS, flowtable.VLANTCI: 0, flowtable.MPLS0: 0x1140, flowtable.MPLS1: 0},
			[]datapath.Act{{Kind: datapath.PopMPLS, EtherType: packet.TypeMPLS}, set(flowtable.MPLSLabel, 5)}},
		{"pop of no label", tcp, []datapath.Act{{Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4}}},
		{"address behind a popped label", fields{flowtable.EthType: packet.TypeMPLS, flowtable.VLANTCI: 0},
			[]datapath.Act{{Kind: datapath.PopMPLS, EtherType: packet.TypeIPv4}, set(flowtable.IPv4Dst, 1)}},
		{"recirculation", tcp, []datapath.Act{{Kind: datapath.Recirc, Value: 1}}},
		{"backbone tag", tcp, []datapath.Act{{Kind: datapath.PushPBB}}},
		{"clone of more than there is", tcp, []datapath.Act{{Kind: datapath.Clone, Value: 2}, outputTo(1)}},
	}
	for _, tt := range tests {
		e := encoderFor(tt.known)
		if b, err := e.append(nil, tt.acts); !errors.Is(err, datapath.ErrUnsupported) {
			t.Errorf("%s: error %v and %x, want ErrUnsupported", tt.name, err, b)
		}
	}
	e := encoderFor(tcp)
	if _, err := e.append(nil, make([]datapath.Act, 0)); err != nil {
		t.Errorf("no actions: %v", err)
	}
	many := make([]datapath.Act, maxActionsLen/8+1)
	for i := range many {
		many[i] = outputTo(1)
	}
	if _, err := e.append(nil, many); !errors.Is(err, datapath.ErrTooMany) {
		t.Errorf("%d actions: error %v, want ErrTooMany", len(many), err)
	}
}
