package packet

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// within reports whether every offset of a layout lies in a frame of n bytes,
// the header that it points at included.
func within(l *Layout, n int) bool {
	size := map[uint8]int{ProtoTCP: TCPLen, ProtoUDP: UDPLen, ProtoSCTP: SCTPLen, ProtoICMP: ICMPLen, ProtoICMPv6: ICMPLen}
	l3 := map[uint16]int{TypeIPv4: IPv4Len, TypeIPv6: IPv6Len, TypeARP: ARPLen, TypeRARP: ARPLen, TypePBB: ITagLen}[l.EthType]
	return (l.Type == 0 || l.Type+2 <= n) &&
		(l.L3 == 0 || l.L3+max(l3, int(l.Labels)*MPLSLen) <= n) &&
		(l.L4 == 0 || l.L4+size[l.Proto] <= n && size[l.Proto] != 0) &&
		(l.NDTarget == 0 || l.NDTarget+16 <= n) &&
		(l.NDSource == 0 || l.NDSource+6 <= n) &&
		(l.NDDest == 0 || l.NDDest+6 <= n)
}

// FuzzParse parses any bytes.
func FuzzParse(f *testing.F) {
	for _, tt := range golden {
		f.Add(raw(tt.frame), uint8(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, gso uint8) {
		frame := framed(b)
		frame.Offload.GSOType = gso
		var k, again flowtable.Key
		var l, m Layout
		ParseLayout(frame, 1, &k, &l)
		for i := range again {
			again[i] = ^uint64(0)
		}
		m = Layout{L3: -1, L4: 1 << 20, Tags: 9}
		ParseLayout(frame, 1, &again, &m)
		if k != again || l != m {
			t.Fatalf("parsed twice, differs: %v %+v, then %v %+v", k, l, again, m)
		}
		if !bytes.Equal(frame.Bytes(), b) {
			t.Fatal("Parse changed the frame")
		}
		if !within(&l, len(b)) {
			t.Fatalf("layout %+v beyond a frame of %d bytes", l, len(b))
		}
		// What is at the frame's end does not depend on what is behind it.
		longer := framed(append(bytes.Clone(b), 0xa5, 0xa5, 0xa5, 0xa5))
		longer.End -= 4
		longer.Offload = frame.Offload
		Parse(longer, 1, &again)
		if k != again {
			t.Fatalf("bytes behind the frame changed its key from %v to %v", k, again)
		}
	})
}

// FuzzEdit does a list of actions, twelve bytes each: kind, field, EtherType,
// value.
func FuzzEdit(f *testing.F) {
	act := func(kind datapath.ActKind, field flowtable.Field, etherType uint16, v uint64) []byte {
		b := binary.BigEndian.AppendUint16([]byte{byte(kind), byte(field)}, etherType)
		return binary.BigEndian.AppendUint64(b, v)
	}
	program := bytes.Join([][]byte{
		act(datapath.Set, flowtable.IPv4Src, 0, 0x0a000099), act(datapath.PushVLAN, 0, TypeVLAN, 0x6064),
		act(datapath.PushMPLS, 0, TypeMPLS, 0x00064140), act(datapath.PopMPLS, 0, TypeVLAN, 0),
		act(datapath.PushMPLS, 0, TypeMPLS, 1<<32|0x00064140),
		act(datapath.Set, flowtable.L4Dst, 0, 443), act(datapath.PopVLAN, 0, 0, 0), act(datapath.PushPBB, 0, 0, 7),
		act(datapath.PopPBB, 0, 0, 0), act(datapath.PushMPLS, 0, TypeMPLS, 0x00064140), act(datapath.PushMPLS, 0, TypeMPLS, 0x00065007),
		act(datapath.CopyTTLIn, 0, 0, 0), act(datapath.CopyTTLOut, 0, 0, 0), act(datapath.PopMPLS, 0, TypeMPLS, 0),
		act(datapath.CopyTTLOut, 0, 0, 0),
	}, nil)
	for i, tt := range golden {
		f.Add(raw(tt.frame), program, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, b, program []byte, partial bool) {
		frame := framed(b)
		if partial {
			l := locate(frame)
			frame.Offload = partialOf(frame, &l)
		}
		for range 24 {
			if len(program) < 12 {
				return
			}
			a := datapath.Act{
				Kind:      datapath.ActKind(program[0]) % (datapath.CopyTTLIn + 1),
				Field:     flowtable.Field(program[1]) % flowtable.NumFields,
				EtherType: binary.BigEndian.Uint16(program[2:]),
				Value:     binary.BigEndian.Uint64(program[4:]),
			}
			program = program[12:]
			if a.Kind == datapath.Set {
				checkSet(t, frame, a.Field, a.Value)
			} else {
				checkPushPop(t, frame, &a)
			}
		}
	})
}

// checkPushPop does a push or pop, and undoes a push.
func checkPushPop(t *testing.T, f *datapath.Frame, a *datapath.Act) {
	t.Helper()
	was, offload := bytes.Clone(f.Bytes()), f.Offload
	l := locate(f)
	if err := Edit(f, a); err != nil {
		if f.Offload != offload || !bytes.Equal(f.Bytes(), was) {
			t.Fatalf("%+v: error %v, but the frame changed", a, err)
		}
		return
	}
	if f.Start < 0 || f.End > len(f.Buf) || f.Start > f.End {
		t.Fatalf("%+v: frame at %d to %d in %d bytes", a, f.Start, f.End, len(f.Buf))
	}
	if len(was) < EthernetLen {
		return
	}
	undone := copyOf(f)
	undo := datapath.Act{}
	switch a.Kind {
	case datapath.PushVLAN:
		undo.Kind = datapath.PopVLAN
		if !isVLAN(a.EtherType) {
			return
		}
	case datapath.PushMPLS:
		covered := l.Type
		if tags := int(a.Value >> 32); tags > 0 && hasTags(was, tags) {
			covered = 12 + tags*VLANLen
		}
		undo.Kind, undo.EtherType = datapath.PopMPLS, binary.BigEndian.Uint16(was[covered:])
		if !isMPLS(a.EtherType) {
			return
		}
	case datapath.PushPBB:
		undo.Kind = datapath.PopPBB
	default:
		return
	}
	mustEdit(t, undone, undo)
	if !bytes.Equal(undone.Bytes(), was) || undone.Offload != offload {
		t.Fatalf("%+v and %+v made of\n%x %+v\n%x %+v", a, undo, was, offload, undone.Bytes(), undone.Offload)
	}
}

func copyOf(f *datapath.Frame) *datapath.Frame {
	c := *f
	c.Buf = bytes.Clone(f.Buf)
	return &c
}
