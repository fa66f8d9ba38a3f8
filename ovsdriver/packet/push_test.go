package packet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// TestPushPop holds pushes and pops to bytes, and to moving the offload along.
func TestPushPop(t *testing.T) {
	const payload = `1122 3344`
	tests := []struct {
		name  string
		act   datapath.Act
		frame string
		want  string
	}{
		{"push VLAN", datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeVLAN, Value: 0x6064},
			macs + `0800` + payload, macs + `8100 6064 0800` + payload},
		{"push VLAN, DEI is sent as 0", datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeSVLAN, Value: 0xffff},
			macs + `8100 6064 0800` + payload, macs + `88a8 efff 8100 6064 0800` + payload},
		{"push VLAN onto 802.2", datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeVLAN, Value: 1},
			macs + `0004 4242 0300`, macs + `8100 0001 0004 4242 0300`},
		{"pop VLAN", datapath.Act{Kind: datapath.PopVLAN}, macs + `8100 6064 0800` + payload, macs + `0800` + payload},
		{"pop outer VLAN", datapath.Act{Kind: datapath.PopVLAN}, macs + `88a8 6064 8100 0001 0800` + payload, macs + `8100 0001 0800` + payload},
		{"pop VLAN of none", datapath.Act{Kind: datapath.PopVLAN}, macs + `0800` + payload, macs + `0800` + payload},
		{"pop VLAN without an EtherType", datapath.Act{Kind: datapath.PopVLAN}, macs + `8100 6064`, macs + `8100 6064`},
		{"push MPLS", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00064140},
			macs + `0800` + payload, macs + `8847 0006 4140` + payload},
		{"push MPLS onto MPLS", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLSM, Value: 0x00065040},
			macs + `8847 0006 4140` + payload, macs + `8848 0006 5040 0006 4140` + payload},
		{"push MPLS in a VLAN goes behind its tag", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00064140},
			macs + `8100 6064 0800` + payload, macs + `8100 6064 8847 0006 4140` + payload},
		{"push MPLS goes behind three tags", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00064140},
			macs + `88a8 0001 88a8 0002 8100 6064 0800` + payload, macs + `88a8 0001 88a8 0002 8100 6064 8847 0006 4140` + payload},
		{"push MPLS behind two of three tags", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 2<<32 | 0x00064140},
			macs + `88a8 0001 88a8 0002 8100 6064 0800` + payload, macs + `88a8 0001 88a8 0002 8847 0006 4140 6064 0800` + payload},
		{"push MPLS onto IP in SNAP", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00064140},
			macs + `0010 aaaa 0300 0000 0800` + payload, macs + `0010 aaaa 0300 0000 8847 0006 4140` + payload},
		{"push MPLS onto MPLS that is cut short", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00065040},
			macs + `8100 6064 8847 0006`, macs + `8100 6064 8847 0006 5040 0006`},
		{"push MPLS onto MPLS in a VLAN", datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00065040},
			macs + `8100 6064 8847 0006 4140` + payload, macs + `8100 6064 8847 0006 5040 0006 4140` + payload},
		{"pop MPLS", datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeIPv4},
			macs + `8847 0006 4140` + payload, macs + `0800` + payload},
		{"pop MPLS of four", datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeMPLS},
			macs + `8847 0006 4040 0006 5040 0006 6040 0006 7140` + payload, macs + `8847 0006 5040 0006 6040 0006 7140` + payload},
		{"pop MPLS above a VLAN", datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeVLAN},
			macs + `8847 0006 4140 6064 0800` + payload, macs + `8100 6064 0800` + payload},
		{"pop MPLS of none", datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeIPv4}, macs + `0800` + payload, macs + `0800` + payload},
		{"pop MPLS cut short", datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeIPv4}, macs + `8847 0006 41`, macs + `8847 0006 41`},
		{"push PBB", datapath.Act{Kind: datapath.PushPBB, Value: 0x123456},
			macs + `0800` + payload, macs + `88e7 0012 3456` + macs + `0800` + payload},
		{"push PBB takes the tag's priority", datapath.Act{Kind: datapath.PushPBB, Value: 7},
			macs + `8100 6064 0800` + payload, macs + `88e7 6000 0007` + macs + `8100 6064 0800` + payload},
		{"pop PBB", datapath.Act{Kind: datapath.PopPBB},
			macs + `88e7 6012 3456 0600 0000 0004 0600 0000 0003 0800` + payload, `0600 0000 0004 0600 0000 0003 0800` + payload},
		{"pop PBB leaves its B-TAG", datapath.Act{Kind: datapath.PopPBB},
			macs + `88a8 0001 88e7 6012 3456 0600 0000 0004 0600 0000 0003 0800` + payload,
			`0600 0000 0004 0600 0000 0003 88a8 0001 0800` + payload},
		{"pop PBB of none", datapath.Act{Kind: datapath.PopPBB}, macs + `0800` + payload, macs + `0800` + payload},
		{"pop PBB without a frame in it", datapath.Act{Kind: datapath.PopPBB}, macs + `88e7 6012 3456` + macs + `08`, macs + `88e7 6012 3456` + macs + `08`},
		{"push onto half a frame", datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeVLAN}, macs, macs},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := framed(raw(tt.frame))
			f.Offload = datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 100, CsumOffset: 6, HdrLen: 108}
			mustEdit(t, f, tt.act)
			if want := raw(tt.want); !bytes.Equal(f.Bytes(), want) {
				t.Errorf("made\n%x, want\n%x", f.Bytes(), want)
			}
			grown := len(raw(tt.want)) - len(raw(tt.frame))
			if int(f.Offload.CsumStart) != 100+grown || int(f.Offload.HdrLen) != 108+grown || f.Offload.CsumOffset != 6 {
				t.Errorf("grew by %d, but the offload moved to %+v", grown, f.Offload)
			}
		})
	}
}

func TestPushNeedsRoom(t *testing.T) {
	b := raw(macs + `0800 1122 3344`)
	push := datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeVLAN, Value: 0x6064}
	want := raw(macs + `8100 6064 0800 1122 3344`)

	tight := &datapath.Frame{Buf: bytes.Clone(b), End: len(b)}
	if err := Edit(tight, &push); !errors.Is(err, ErrNoRoom) || !bytes.Equal(tight.Bytes(), b) {
		t.Errorf("push into a full buffer: %v, want ErrNoRoom and no change", err)
	}
	behind := &datapath.Frame{Buf: append(bytes.Clone(b), make([]byte, 4)...), End: len(b)}
	mustEdit(t, behind, push)
	if !bytes.Equal(behind.Bytes(), want) {
		t.Errorf("with room behind it, the frame became\n%x, want\n%x", behind.Bytes(), want)
	}
}
