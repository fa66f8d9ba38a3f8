package translate

import (
	"math/rand/v2"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// flowsOf are kinds of flows: each changes a key as the n-th flow has it.
func flowsOf() map[string]func(k *flowtable.Key, n uint64) {
	g := rand.New(rand.NewPCG(3, 3))
	one := func(fields ...flowtable.Field) func(*flowtable.Key, uint64) {
		return func(k *flowtable.Key, n uint64) { k.Set(fields[n%uint64(len(fields))], n/uint64(len(fields))) }
	}
	ipv6 := func(f flowtable.Field) func(*flowtable.Key, uint64) {
		return func(k *flowtable.Key, n uint64) {
			k.Set(flowtable.EthType, 0x86dd)
			k.Set(flowtable.IPv4Src, 0)
			k.Set(flowtable.IPv4Dst, 0)
			k.Set(f, n)
		}
	}
	link := func(etherType uint64) func(*flowtable.Key, uint64) {
		return func(k *flowtable.Key, n uint64) {
			*k = *key(flowtable.InPort, 1, flowtable.EthType, etherType, flowtable.EthSrc, n)
		}
	}
	return map[string]func(*flowtable.Key, uint64){
		"eth src":        one(flowtable.EthSrc),
		"eth dst":        one(flowtable.EthDst),
		"eth src upper":  func(k *flowtable.Key, n uint64) { k.Set(flowtable.EthSrc, n<<24) },
		"eth without ip": link(0x88b5),
		"eth 802.2":      link(0x05ff),
		"vlan": func(k *flowtable.Key, n uint64) {
			k.Set(flowtable.VLANTCI, 0x1000|n%4096)
			k.Set(flowtable.EthSrc, n/4096)
		},
		"ipv4 src":        one(flowtable.IPv4Src),
		"ipv4 dst":        one(flowtable.IPv4Dst),
		"ipv4 src by 256": func(k *flowtable.Key, n uint64) { k.Set(flowtable.IPv4Src, n<<8) },
		"ipv4 both":       func(k *flowtable.Key, n uint64) { k.Set(flowtable.IPv4Src, n); k.Set(flowtable.IPv4Dst, n) },
		"ipv4 random":     func(k *flowtable.Key, _ uint64) { k.Set(flowtable.IPv4Src, g.Uint64()) },
		"ipv6 src low":    ipv6(flowtable.IPv6SrcLo),
		"ipv6 src high":   ipv6(flowtable.IPv6SrcHi),
		"ipv6 dst low":    ipv6(flowtable.IPv6DstLo),
		"ipv6 dst high":   ipv6(flowtable.IPv6DstHi),
		"tcp src":         one(flowtable.L4Src),
		"tcp dst":         one(flowtable.L4Dst),
		"udp both": func(k *flowtable.Key, n uint64) {
			k.Set(flowtable.IPProto, 17)
			k.Set(flowtable.L4Src, n)
			k.Set(flowtable.L4Dst, n)
		},
		"sctp src":   func(k *flowtable.Key, n uint64) { k.Set(flowtable.IPProto, 132); k.Set(flowtable.L4Src, n) },
		"arp target": func(k *flowtable.Key, n uint64) { k.Set(flowtable.EthType, 0x0806); k.Set(flowtable.IPv4Dst, n) },
		"mpls label": func(k *flowtable.Key, n uint64) {
			*k = *key(flowtable.InPort, 1, flowtable.EthType, 0x8847, flowtable.MPLSLabel, n)
		},
		"addresses, ports": one(flowtable.EthSrc, flowtable.IPv4Src, flowtable.L4Src),
	}
}

const manyFlows = 10000

// Over 10,000 flows, each bucket's share is within five percentage points of its
// weight's, whatever the flows differ in.
func TestSelectShares(t *testing.T) {
	for name, vary := range flowsOf() {
		for _, weights := range [][]uint16{{1, 1}, {1, 2}, {1, 1, 1, 1}, {10, 20, 30, 40}, {1, 0, 65535, 32768}} {
			x := newTables(t)
			var buckets []ofp13.Bucket
			sum := 0
			for i, w := range weights {
				buckets = append(buckets, weighing(w, output(uint32(100+i))))
				sum += int(w)
			}
			g := x.group(ofp13.GroupTypeSelect, 7, buckets...)
			x.add(0, 1, nil, applying(grouping(7)))
			v := x.publish()
			got := make([]int, len(weights))
			var r Result
			for n := range uint64(manyFlows) {
				k := *tcpKey()
				vary(&k, n)
				Translate(v, &k, &r)
				for i := range g.Buckets {
					if r.Credits[len(r.Credits)-1].Stats == g.Buckets[i].Stats {
						got[i]++
					}
				}
			}
			for i, w := range weights {
				share, want := float64(got[i])/manyFlows, float64(w)/float64(sum)
				if share < want-0.05 || share > want+0.05 || w == 0 && got[i] > 0 {
					t.Errorf("%s, weights %v: bucket %d got %.3f of the flows, want %.3f", name, weights, i, share, want)
				}
			}
		}
	}
}

// A group that chooses among flows that another has chosen spreads them as well.
func TestSelectChain(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(1, output(3)))
	x.group(ofp13.GroupTypeSelect, 2, weighing(1, grouping(1)), weighing(1))
	x.add(0, 1, nil, applying(grouping(2)))
	v := x.publish()
	var r Result
	var got [5]int
	for n := range manyFlows {
		Translate(v, tcpKey(flowtable.L4Src, n), &r)
		for _, a := range r.Actions {
			got[a.Port]++
		}
	}
	for port := 2; port <= 3; port++ {
		if got[port] < manyFlows/5 || got[port] > manyFlows*3/10 {
			t.Errorf("port %d got %d of %d flows", port, got[port], manyFlows)
		}
	}
}

// selected returns the port that a flow goes to.
func selected(t *testing.T, v *View, k *flowtable.Key) datapath.PortNo {
	r := translated(v, k)
	if len(r.Actions) != 1 || r.Actions[0].Kind != datapath.Output {
		t.Fatalf("actions %s", words(r.Actions))
	}
	return r.Actions[0].Port
}

// Only live buckets are chosen; flows of a bucket that dies go to the others by
// weight, those of the others stay, and all come back with it.
func TestSelectLiveness(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeSelect, 1, watchWeight(1, 2, output(ofp13.PortInPort)), watchWeight(2, 1, output(2)), watchWeight(3, 3, output(3)))
	x.add(0, 1, nil, applying(grouping(1)))
	before := x.publish()
	ports := testPorts()
	for i := range ports {
		if ports[i].No == 1 {
			ports[i].LinkDown = true
		}
	}
	x.view.SetPorts(NewPortSet(ports))
	after := x.publish()
	var moved [4]int
	for n := range manyFlows {
		k := tcpKey(flowtable.L4Src, n)
		was, is := selected(t, before, k), selected(t, after, k)
		switch {
		case was == 1:
			moved[is]++
		case was != is:
			t.Fatalf("flow %d went from live bucket %d to %d", n, was, is)
		}
	}
	if moved[1] != 0 || moved[2] < moved[3]/4 || moved[2] > moved[3]/2 {
		t.Errorf("flows of the dead bucket went to %v; want a quarter to 2 and the rest to 3", moved)
	}
	for i := range ports {
		ports[i].LinkDown = true
	}
	x.view.SetPorts(NewPortSet(ports))
	if r := translated(x.publish(), tcpKey()); len(r.Actions) != 0 {
		t.Errorf("none is live, but %s", words(r.Actions))
	}
}

// The mask has what was hashed, and no more: not the layers that a frame lacks.
func TestSelectMask(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(1, output(3)))
	x.add(0, 1, nil, applying(grouping(1)))
	v := x.publish()
	link := []flowtable.Field{flowtable.InPort, flowtable.EthDst, flowtable.EthSrc, flowtable.EthType, flowtable.VLANVID}
	ipv4 := append(link[:5:5], flowtable.IPv4Src, flowtable.IPv4Dst)
	inner := append(ipv4[:7:7], flowtable.IPProto, flowtable.IPFrag)
	ports := append(inner[:9:9], flowtable.L4Src, flowtable.L4Dst)
	tests := []struct {
		name string
		key  *flowtable.Key
		want []flowtable.Field
	}{
		{"no ip", key(flowtable.InPort, 1, flowtable.EthType, 0x88b5), link},
		{"arp", key(flowtable.InPort, 1, flowtable.EthType, 0x0806), ipv4},
		{"tcp", tcpKey(), ports},
		{"icmp", tcpKey(flowtable.IPProto, 1), ports},
		{"gre", tcpKey(flowtable.IPProto, 47), inner},
		{"first fragment", tcpKey(flowtable.IPFrag, flowtable.FragFirst), append(ipv4[:7:7], flowtable.IPFrag)},
		{"mpls", key(flowtable.InPort, 1, flowtable.EthType, 0x8847), append(link[:5:5], flowtable.MPLSLabel)},
	}
	for _, test := range tests {
		var want flowtable.Mask
		for _, f := range test.want {
			want.Exact(f)
		}
		if got := translated(v, test.key).Mask; got != want {
			t.Errorf("%s: mask %v, want %v", test.name, got, want)
		}
	}
}

// All fragments of a packet go one way, though of IPv6 only the first one's key
// has the packet's protocol.
func TestSelectKeepsFragmentsTogether(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(1, output(3)))
	x.add(0, 1, nil, applying(grouping(1)))
	v := x.publish()
	for name, datagram := range fragments {
		for n := range 50 {
			want, b := datapath.PortNo(0), datagram(byte(n))
			for i, part := range b {
				var k flowtable.Key
				packet.Parse(framed(part), 1, &k)
				if k.Get(flowtable.IPFrag) == flowtable.FragNone {
					t.Fatalf("%s: %x is no fragment", name, part)
				}
				if to := selected(t, v, &k); i == 0 {
					want = to
				} else if to != want {
					t.Errorf("%s %d: fragment %d goes to port %d, the first to %d", name, n, i, to, want)
				}
			}
		}
	}
}

// fragments make the two fragments of a UDP datagram to the n-th host.
var fragments = map[string]func(n byte) [2][]byte{
	"IPv4": func(n byte) (b [2][]byte) {
		for i, offset := range []byte{0x20, 0x00} {
			b[i] = append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,
				0x45, 0, 0, 28, 0, 1, offset, byte(i), 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, n}, "\x03\xe8\x00\x35\x00\x10\x00\x00"...)
		}
		return b
	},
	"IPv6": func(n byte) (b [2][]byte) {
		for i, offset := range []byte{0x01, 0x08} {
			b[i] = append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd,
				0x60, 0, 0, 0, 0, 16, 44, 64, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
				0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n, 17, 0, 0, offset, 0, 0, 0, 1}, "\x03\xe8\x00\x35\x00\x10\x00\x00"...)
		}
		return b
	},
}

// What is hashed is the frame as it is at the group.
func TestSelectAfterEdits(t *testing.T) {
	x := newTables(t)
	x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(1, output(3)))
	x.add(0, 1, oxms(ip4), applying(setting(ofp13.OXMIPv4Src, 1), grouping(1)))
	r := translated(x.publish(), tcpKey())
	if r.Mask.Get(flowtable.IPv4Src) != 0 || r.Mask.Get(flowtable.IPv4Dst) == 0 {
		t.Errorf("mask %v has the address that was overwritten, or lacks the other", r.Mask)
	}
}

// Switches of different seeds spread differently.
func TestSelectSeeds(t *testing.T) {
	x := newTables(t)
	var to [2][]datapath.PortNo
	for i := range to {
		x.groups = NewGroupSet(uint64(i))
		x.group(ofp13.GroupTypeSelect, 1, weighing(1, output(2)), weighing(1, output(3)))
		if i == 0 {
			x.add(0, 1, nil, applying(grouping(1)))
		}
		v := x.publish()
		for n := range 1000 {
			to[i] = append(to[i], selected(t, v, tcpKey(flowtable.L4Src, n)))
		}
	}
	equal := 0
	for n := range to[0] {
		if to[0][n] == to[1][n] {
			equal++
		}
	}
	if equal < 400 || equal > 600 {
		t.Errorf("%d of 1000 flows have the same bucket", equal)
	}
}
