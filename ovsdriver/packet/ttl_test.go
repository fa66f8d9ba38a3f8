package packet

import (
	"bytes"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// TestCopyTTL holds both copies to bytes, checksums included.
func TestCopyTTL(t *testing.T) {
	const (
		v4In32   = `4500 0018 0000 0000 2006 a6ce 0a00 0001 0a00 0002 1122 3344`
		v4In64   = `4500 0018 0000 0000 4006 86ce 0a00 0001 0a00 0002 1122 3344`
		v6Rest   = ` 20010db8000000000000000000000001 20010db8000000000000000000000002 1122 3344`
		v6In32   = `6000 0000 0004 0620` + v6Rest
		v6In64   = `6000 0000 0004 0640` + v6Rest
		tunnel4  = `4500 002c 0000 0000 4004 86bc 0a00 0001 0a00 0002 `
		tunnel32 = `4500 002c 0000 0000 2004 a6bc 0a00 0001 0a00 0002 `
		control  = `0000 0000 1122 3344 5566 7788 99aa bbcc ddee ff00 1122 3344`
	)
	tests := []struct{ name, frame, out, in string }{
		{"MPLS and IPv4", `8847 0006 4140` + v4In32, `8847 0006 4120` + v4In32, `8847 0006 4140` + v4In64},
		{"MPLS and IPv6", `8848 0006 4140` + v6In32, `8848 0006 4120` + v6In32, `8848 0006 4140` + v6In64},
		{"in a VLAN", `8100 0001 8847 0006 4140` + v4In32, `8100 0001 8847 0006 4120` + v4In32, `8100 0001 8847 0006 4140` + v4In64},
		{"MPLS and MPLS", `8847 0006 4040 0006 4120` + v4In32, `8847 0006 4020 0006 4120` + v4In32, `8847 0006 4040 0006 4140` + v4In32},
		{"MPLS before a VLAN", `8847 0006 4140 0001 0800` + v4In32, `8847 0006 4120 0001 0800` + v4In32, `8847 0006 4140 0001 0800` + v4In64},
		{"a VLAN that looks like IPv6", `8847 0006 4140 6001 0800` + v4In32, `8847 0006 4120 6001 0800` + v4In32, `8847 0006 4140 6001 0800` + v4In64},
		{"IPv4 in IPv4", `0800` + tunnel4 + v4In32, `0800` + tunnel32 + v4In32, `0800` + tunnel4 + v4In64},
		{"MPLS and something else", `8847 0006 4140` + control, `8847 0006 4140` + control, `8847 0006 4140` + control},
		{"MPLS and half a label", `8847 0006 4040 0006`, `8847 0006 4040 0006`, `8847 0006 4040 0006`},
		{"half a label", `8847 0006`, `8847 0006`, `8847 0006`},
		{"IPv4 alone", `0800` + v4In32, `0800` + v4In32, `0800` + v4In32},
		{"no TTL", `1234` + control, `1234` + control, `1234` + control},
	}
	for _, tt := range tests {
		for _, way := range []struct {
			kind datapath.ActKind
			want string
		}{{datapath.CopyTTLOut, tt.out}, {datapath.CopyTTLIn, tt.in}} {
			f := framed(raw(macs + tt.frame))
			mustEdit(t, f, datapath.Act{Kind: way.kind})
			if want := raw(macs + way.want); !bytes.Equal(f.Bytes(), want) {
				t.Errorf("%s, action %d: made\n%x, want\n%x", tt.name, way.kind, f.Bytes(), want)
			}
		}
	}
}
