package packet

import (
	"fmt"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
)

// dscpFrames are frames of one DSCP, in several layers.
func dscpFrames(dscp uint8) map[string]string {
	v6 := fmt.Sprintf("6%02x0 0000 0004 11ff ", dscp<<2|1) + ip6Addresses + " 0001 0002"
	v4 := fmt.Sprintf("45%02x 0018 0000 0000 40ff 1234 0a00 0001 0a00 0002 0001 0002", dscp<<2|1)
	return map[string]string{
		"IPv4":           macs + "0800 " + v4,
		"IPv6":           macs + "86dd " + v6,
		"IPv4 in a VLAN": macs + "8100 0007 0800 " + v4,
		"IPv6 in two":    macs + "88a8 0001 8100 0002 86dd " + v6,
	}
}

// A remark raises the drop precedence of assured forwarding, as a set of the
// new DSCP would, and leaves all else.
func TestRemark(t *testing.T) {
	for _, tt := range []struct{ dscp, levels, want uint8 }{
		{10, 1, 12}, {10, 2, 14}, {12, 1, 14}, {14, 1, 14}, {10, 200, 14}, // AF1y
		{18, 1, 20}, {26, 1, 28}, {34, 2, 38}, {38, 3, 38}, {18, 0, 18},
		{0, 1, 0}, {46, 1, 46}, {8, 1, 8}, {48, 1, 48}, {11, 1, 11}, {2, 1, 2}, {42, 1, 42}, // no AFxy
	} {
		for name, text := range dscpFrames(tt.dscp) {
			got, want := framed(raw(text)), framed(raw(text))
			Remark(got, tt.levels)
			if err := set(want, flowtable.IPDSCP, uint64(tt.want)); err != nil {
				t.Fatal(err)
			}
			if string(got.Bytes()) != string(want.Bytes()) {
				t.Errorf("%s, DSCP %d by %d:\n%x, want\n%x", name, tt.dscp, tt.levels, got.Bytes(), want.Bytes())
			}
			var k flowtable.Key
			if Parse(got, 1, &k); uint8(k.Get(flowtable.IPDSCP)) != tt.want || k.Get(flowtable.IPECN) != 1 {
				t.Errorf("%s, DSCP %d by %d: DSCP %d, ECN %d", name, tt.dscp, tt.levels, k.Get(flowtable.IPDSCP), k.Get(flowtable.IPECN))
			}
		}
	}
}

// What is no IP, or no whole IP header, passes as it is.
func TestRemarkLeavesOthers(t *testing.T) {
	for _, text := range []string{
		macs + "0806 0001 0800 0604 0001 0000 0000 0000 0a00 0001 0000 0000 0000 0a00 0002",
		macs + "0800 4528 0018", macs + "86dd 6280", macs + "8847 0006 4140 4528 0018", "0000", "",
	} {
		f := framed(raw(text))
		if Remark(f, 1); string(f.Bytes()) != string(raw(text)) {
			t.Errorf("%s became %x", text, f.Bytes())
		}
	}
}
