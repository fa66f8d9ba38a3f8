package packet

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// presence says, from a frame's key and layout, whether it has a field.
func presence(f flowtable.Field, k *flowtable.Key, l *Layout) bool {
	isIP := (l.EthType == TypeIPv4 || l.EthType == TypeIPv6) && l.L3 != 0
	isARP := (l.EthType == TypeARP || l.EthType == TypeRARP) && l.L3 != 0
	switch f {
	case flowtable.EthDst, flowtable.EthSrc, flowtable.EthType:
		return l.Type != 0
	case flowtable.VLANTCI, flowtable.VLANVID, flowtable.VLANPCP:
		return k.Get(flowtable.VLANTCI) != 0
	case flowtable.IPTOS, flowtable.IPDSCP, flowtable.IPECN, flowtable.IPTTL:
		return isIP
	case flowtable.IPProto:
		return isIP && l.protoAt != 0
	case flowtable.IPv6FLabel, flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo:
		return isIP && l.EthType == TypeIPv6
	case flowtable.IPv4Src, flowtable.IPv4Dst:
		return isIP && l.EthType == TypeIPv4 || isARP
	case flowtable.L4Src, flowtable.L4Dst:
		return l.L4 != 0
	case flowtable.NDTargetHi, flowtable.NDTargetLo:
		return l.NDTarget != 0
	case flowtable.ARPOp:
		return isARP
	case flowtable.ARPSHA:
		return isARP || l.NDSource != 0
	case flowtable.ARPTHA:
		return isARP || l.NDDest != 0
	case flowtable.MPLS0, flowtable.MPLSLabel, flowtable.MPLSTC, flowtable.MPLSBOS, flowtable.MPLSTTL:
		return l.Labels > 0
	case flowtable.MPLS1:
		return l.Labels > 1
	case flowtable.MPLS2:
		return l.Labels > 2
	case flowtable.PBBISID, flowtable.PBBUCA:
		return l.EthType == TypePBB && l.L3 != 0
	}
	return false
}

// reshapes reports whether setting a field changes what the bytes after it mean.
func reshapes(f flowtable.Field, l *Layout) bool {
	switch f {
	case flowtable.EthType, flowtable.IPProto, flowtable.MPLS0, flowtable.MPLS1, flowtable.MPLS2, flowtable.MPLSBOS:
		return true
	case flowtable.L4Src, flowtable.L4Dst: // neighbour discovery or not
		return l.Proto == ProtoICMPv6
	}
	return false
}

// stored is the value that a key shows after a Set of v.
func stored(f flowtable.Field, v uint64, l *Layout) uint64 {
	v &= f.Ones()
	switch {
	case f == flowtable.VLANTCI || f == flowtable.VLANVID:
		v |= flowtable.VLANPresent
	case (f == flowtable.L4Src || f == flowtable.L4Dst) && (l.Proto == ProtoICMP || l.Proto == ProtoICMPv6):
		v &= 0xff
	}
	return v
}

// checkSet sets a field of a frame and holds the result to what Edit promises.
func checkSet(t *testing.T, f *datapath.Frame, field flowtable.Field, v uint64) {
	t.Helper()
	var before, after flowtable.Key
	l := locate(f)
	Parse(seen(f, field), 3, &before)
	was, offload, right := bytes.Clone(f.Bytes()), f.Offload, residueOf(f)
	err := Edit(f, &datapath.Act{Kind: datapath.Set, Field: field, Value: v})
	if !settable(field) {
		if !errors.Is(err, datapath.ErrUnsupported) || !bytes.Equal(was, f.Bytes()) {
			t.Fatalf("Set of field %d: error %v, want ErrUnsupported and no change", field, err)
		}
		return
	}
	if err != nil || f.Offload != offload || f.Len() != len(was) {
		t.Fatalf("Set of field %d: error %v, offload %+v, %d bytes; were %+v, %d", field, err, f.Offload, f.Len(), offload, len(was))
	}
	if !presence(field, &before, &l) {
		if !bytes.Equal(was, f.Bytes()) {
			t.Fatalf("Set of field %d, which the frame lacks, made of\n%x\n%x", field, was, f.Bytes())
		}
		return
	}
	Parse(seen(f, field), 3, &after)
	if reshapes(field, &l) {
		// Bytes beyond the field and the checksums stay the same.
		if diffs := differences(was, f.Bytes()); diffs > 8 {
			t.Fatalf("Set of field %d changed %d bytes of\n%x to\n%x", field, diffs, was, f.Bytes())
		}
		return
	}
	want := before
	want.Set(field, stored(field, v, &l))
	if want != after {
		t.Fatalf("Set of field %d to %#x in\n%s: key (-want +got)\n%s", field, v, hex.Dump(was), cmp.Diff(named(want), named(after)))
	}
	if got := residueOf(f); got != right {
		t.Fatalf("Set of field %d to %#x in\n%s(upper layer at %d) left checksums %+v off, were %+v\n%s",
			field, v, hex.Dump(was), l.upper, got, right, hex.Dump(f.Bytes()))
	}
}

// seen is a frame as Parse has to get it to see the header that a field lies
// in: without its outermost tags, as long as more than two hide what is below.
func seen(f *datapath.Frame, field flowtable.Field) *datapath.Frame {
	switch field {
	case flowtable.VLANTCI, flowtable.VLANVID, flowtable.VLANPCP:
		return f
	}
	c := copyOf(f)
	for b := c.Bytes(); len(b) >= 24 && isVLAN(binary.BigEndian.Uint16(b[12:])) &&
		isVLAN(binary.BigEndian.Uint16(b[16:])) && isVLAN(binary.BigEndian.Uint16(b[20:])); b = c.Bytes() {
		copy(b[4:], b[:12])
		c.Start += 4
	}
	return c
}

func differences(a, b []byte) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestSetEverywhere sets every field of every golden frame.
func TestSetEverywhere(t *testing.T) {
	for _, tt := range golden {
		for _, right := range []bool{true, false} {
			for field := range flowtable.NumFields {
				for _, v := range []uint64{0, ^uint64(0), 1, 0x0123456789abcdef, 0xa5} {
					b := raw(tt.frame)
					if right {
						b = whole(b)
					}
					f := framed(b)
					if len(b) >= 42 && v&1 != 0 {
						l := locate(f)
						f.Offload = partialOf(f, &l)
					}
					checkSet(t, f, field, v)
					if t.Failed() {
						t.Fatalf("frame %q", tt.name)
					}
				}
			}
		}
	}
}

// TestSetBelowPushedTags pushes tags onto every golden frame, sets a field and
// pops them: what is below has changed as if no tag had been there.
func TestSetBelowPushedTags(t *testing.T) {
	for _, tt := range golden {
		for field := range flowtable.NumFields {
			if field == flowtable.VLANTCI || field == flowtable.VLANVID || field == flowtable.VLANPCP || !settable(field) {
				continue
			}
			want, got := framed(whole(raw(tt.frame))), framed(whole(raw(tt.frame)))
			set := datapath.Act{Kind: datapath.Set, Field: field, Value: 0x0123456789abcdef}
			mustEdit(t, want, set)
			for range 4 {
				mustEdit(t, got, datapath.Act{Kind: datapath.PushVLAN, EtherType: TypeSVLAN, Value: 5})
			}
			mustEdit(t, got, set)
			for range 4 {
				mustEdit(t, got, datapath.Act{Kind: datapath.PopVLAN})
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Fatalf("%s: Set of field %d below four pushed tags made\n%x, not\n%x", tt.name, field, got.Bytes(), want.Bytes())
			}
		}
	}
}

// TestPushMPLSBelowTags pushes a label onto a stack that more tags hide than a
// key holds.
func TestPushMPLSBelowTags(t *testing.T) {
	const tags = `88a8 0001 88a8 0002 8100 0003`
	f := framed(raw(macs + tags + `8847 0006 4140 1122`))
	mustEdit(t, f, datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00065040})
	if want := raw(macs + tags + `8847 0006 5040 0006 4140 1122`); !bytes.Equal(f.Bytes(), want) {
		t.Errorf("pushed\n%x, want\n%x", f.Bytes(), want)
	}
}

// partialOf makes the checksum of a frame partial, if it has a kind that can
// be, and describes that.
func partialOf(f *datapath.Frame, l *Layout) datapath.Offload {
	e := editor{f: f, b: f.Bytes(), l: *l}
	at := e.checksumAt()
	if at == 0 || l.Proto == ProtoICMP || l.L4 == 0 {
		return datapath.Offload{}
	}
	o := datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: uint16(l.L4), CsumOffset: uint16(at - l.L4)}
	e.put16(at, 0)
	f.Offload = o
	e.put16(at, residueOf(f).upper)
	return o
}

// TestSetIPProto writes the type of the last header where that is said.
func TestSetIPProto(t *testing.T) {
	tests := []struct {
		name  string
		frame string
		at    int // of the byte that changes; 0 for none
	}{
		{"IPv4", macs + `0800 ` + ip4TCPHeader + tcpHeader, 14 + 9},
		{"IPv6", ip6("0014", "06") + tcpHeader, 14 + 6},
		{"IPv6 behind an extension header", ip6("001c", "00") + `0600 0000 0000 0000` + tcpHeader, 54},
		{"IPv6 later fragment", ip6("0010", "2c") + `1100 0009 0000 0001  0035 c000 0008 0000`, 0},
		{"IPv6 chain cut short", ip6("0008", "00") + `11`, 0},
	}
	for _, tt := range tests {
		b := whole(raw(tt.frame))
		f := framed(b)
		wasTCP := locate(f).Proto == ProtoTCP
		mustEdit(t, f, datapath.Act{Kind: datapath.Set, Field: flowtable.IPProto, Value: 0x88})
		got := f.Bytes()
		if tt.at == 0 {
			if !bytes.Equal(got, b) {
				t.Errorf("%s: changed\n%x to\n%x", tt.name, b, got)
			}
			continue
		}
		if got[tt.at] != 0x88 {
			t.Errorf("%s: byte %d is %#x, want 0x88\n%x", tt.name, tt.at, got[tt.at], got)
		}
		// Set back, all is as it was: the checksums followed both ways.
		restored := framed(got)
		mustEdit(t, restored, datapath.Act{Kind: datapath.Set, Field: flowtable.IPProto, Value: uint64(b[tt.at])})
		if want := differences(restored.Bytes(), b); want != 0 && !wasTCP {
			t.Errorf("%s: set and set back left %d bytes changed", tt.name, want)
		}
	}
}

// TestSetIPProtoMendsChecksum: the pseudo header of the segment as it was holds
// the new number.
func TestSetIPProtoMendsChecksum(t *testing.T) {
	b := whole(raw(macs + `0800 ` + ip4TCPHeader + tcpHeader))
	f := framed(b)
	mustEdit(t, f, datapath.Act{Kind: datapath.Set, Field: flowtable.IPProto, Value: 253})
	b = f.Bytes()
	segment := b[34:]
	if got := onesSum(b[26:34], []byte{0, 253, 0, byte(len(segment))}, segment); got != 0 {
		t.Errorf("segment and pseudo header leave %#x", got)
	}
	if got := onesSum(b[14:34]); got != 0 {
		t.Errorf("the IPv4 header leaves %#x", got)
	}
}

// TestUDPChecksumZero holds UDP's two special cases.
func TestUDPChecksumZero(t *testing.T) {
	unsummed := framed(whole(raw(macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 0000`)))
	at := EthernetLen + IPv4Len + udpChecksum
	copy(unsummed.Bytes()[at:], []byte{0, 0})
	mustEdit(t, unsummed, datapath.Act{Kind: datapath.Set, Field: flowtable.IPv4Src, Value: 0x0b000001})
	mustEdit(t, unsummed, datapath.Act{Kind: datapath.Set, Field: flowtable.L4Dst, Value: 1})
	if got := unsummed.Bytes()[at : at+2]; !bytes.Equal(got, []byte{0, 0}) {
		t.Errorf("a datagram without a checksum got %x", got)
	}
	// Some port makes the checksum 0.
	for port := range uint64(1 << 16) {
		f := framed(whole(raw(macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 0001`)))
		mustEdit(t, f, datapath.Act{Kind: datapath.Set, Field: flowtable.L4Dst, Value: port})
		check := f.Bytes()[at : at+2]
		if bytes.Equal(check, []byte{0, 0}) {
			t.Fatalf("port %d left checksum 0, which says there is none", port)
		}
		if bytes.Equal(check, []byte{0xff, 0xff}) {
			return
		}
	}
	t.Error("no port made the checksum 0xffff")
}

func mustEdit(t *testing.T, f *datapath.Frame, a datapath.Act) {
	t.Helper()
	if err := Edit(f, &a); err != nil {
		t.Fatalf("Edit(%+v): %v", a, err)
	}
}

func TestEditRefuses(t *testing.T) {
	f := framed(raw(macs + `0800 1122 3344`))
	for kind := range datapath.Clone + 2 {
		err := Edit(f, &datapath.Act{Kind: kind, Field: flowtable.EthDst})
		if Edits(kind) != (err == nil) || err != nil && !errors.Is(err, datapath.ErrUnsupported) {
			t.Errorf("Edit of kind %d: %v, but Edits says %v", kind, err, Edits(kind))
		}
	}
	// Even a frame of nothing tells what can be set.
	if err := Edit(new(datapath.Frame), &datapath.Act{Kind: datapath.Set, Field: flowtable.IPTTL}); err != nil {
		t.Errorf("Set of IPTTL in an empty frame: %v", err)
	}
	if err := Edit(new(datapath.Frame), &datapath.Act{Kind: datapath.Set, Field: flowtable.Metadata}); !errors.Is(err, datapath.ErrUnsupported) {
		t.Errorf("Set of Metadata: %v, want ErrUnsupported", err)
	}
}

func TestEditAllocates(t *testing.T) {
	for _, tt := range golden {
		f := framed(raw(tt.frame))
		for field := range flowtable.NumFields {
			a := datapath.Act{Kind: datapath.Set, Field: field, Value: 1}
			if n := testing.AllocsPerRun(1, func() { _ = Edit(f, &a) }); n != 0 {
				t.Errorf("%s: Set of field %d makes %v allocations, want 0", tt.name, field, n)
			}
		}
	}
	f := framed(raw(macs + `0800 ` + ip4TCPHeader + tcpHeader))
	acts := []datapath.Act{
		{Kind: datapath.PushVLAN, EtherType: TypeVLAN, Value: 1}, {Kind: datapath.PopVLAN},
		{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x100}, {Kind: datapath.PopMPLS, EtherType: TypeIPv4},
		{Kind: datapath.PushPBB, Value: 1}, {Kind: datapath.PopPBB},
	}
	n := testing.AllocsPerRun(10, func() {
		for i := range acts {
			_ = Edit(f, &acts[i])
		}
	})
	if n != 0 {
		t.Errorf("pushes and pops make %v allocations, want 0", n)
	}
}

func BenchmarkSet(b *testing.B) {
	for name, field := range map[string]flowtable.Field{
		"EthDst": flowtable.EthDst, "IPTTL": flowtable.IPTTL, "IPv4Dst": flowtable.IPv4Dst, "L4Dst": flowtable.L4Dst,
	} {
		b.Run(name, func(b *testing.B) {
			f := framed(raw(macs + `0800 ` + ip4TCPHeader + tcpHeader))
			a := datapath.Act{Kind: datapath.Set, Field: field}
			for b.Loop() {
				a.Value++
				_ = Edit(f, &a)
			}
		})
	}
}
