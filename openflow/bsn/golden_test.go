package bsn

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// body is anything that is encoded here.
type body interface{ Append(b []byte) []byte }

// golden is a body and its bytes, in hexadecimal, by the definitions in
// loxigen's openflow_input; a # starts a comment that ends with the line.
type golden struct {
	name  string
	value body
	wire  string
}

// TLVs that the values here are made of.
const (
	vlanAndIP = "0006 0006 0abc  0004 0008 c0000207" // vlan_vid 0xabc, ipv4 192.0.2.7
	macAndOn  = "0001 000a 02005e001122  0007 0004"  // mac, idle_notification
	counters  = "0002 000c 00000000000003e8  0003 000c 00000000000003f2"
	sum1      = "0102030405060708 090a0b0c0d0e0f10"
	mask80    = "ffffffffffffffff ffff000000000000"
)

var checksum1 = Checksum{0x0102030405060708, 0x090a0b0c0d0e0f10}

func goldens(tb testing.TB) []golden {
	key, value, stats := TLVs(unhex(tb, vlanAndIP)), TLVs(unhex(tb, macAndOn)), TLVs(unhex(tb, counters))
	aligned := Checksum{0x0102030405060708, 0x090a000000000000}
	return []golden{
		{"controller connections", &ControllerConnections{
			{Connected: true, AuxiliaryID: 3, Role: ofp13.RoleMaster, URI: "tcp://192.0.2.1:6653"},
			{Role: ofp13.RoleEqual, URI: "tcp://[2001:db8::1]:6653"},
		}, `01 03 0000 00000002 7463703a2f2f3139322e302e322e313a36363533` + zeros(236) +
			`00 00 0000 00000001 7463703a2f2f5b323030313a6462383a3a315d3a36363533` + zeros(232)},
		{"no controller connections", &ControllerConnections{}, ""},
		{"table set buckets size", &TableSetBucketsSize{TableID: 7, BucketsSize: 0x10000}, "00 07 0000 00010000"},
		{"flow checksum buckets request", &FlowChecksumBucketsRequest{TableID: 0xfd}, "fd"},
		{"flow checksum bucket", bucket(0x8899aabbccddeeff), "8899aabbccddeeff"},
		{"table checksum", &TableChecksum{TableID: 9, Checksum: 0x1122334455667788}, "09 1122334455667788"},
		{"gentable entry add", &GentableEntryAdd{TableID: 0x1234, Checksum: checksum1, Key: key, Value: value},
			"1234 000e" + sum1 + vlanAndIP + macAndOn},
		{"gentable entry add of nothing", &GentableEntryAdd{TableID: 1}, "0001 0000" + zeros(16)},
		{"gentable entry delete", &GentableEntryDelete{TableID: 0x1234, Key: key}, "1234" + vlanAndIP},
		{"gentable set buckets size", &GentableSetBucketsSize{TableID: 2, BucketsSize: 64}, "0002 0000 00000040"},
		{"gentable range", &GentableRange{TableID: 3, Checksum: aligned, Mask: Checksum{^uint64(0), 0xffff << 48}},
			"0003 0000 0102030405060708 090a000000000000" + mask80},
		{"gentable cleared", &GentableCleared{TableID: 4, Deleted: 300, Errors: 2}, "0004 0000 0000012c 00000002"},
		{"gentable bucket stats request", &GentableBucketStatsRequest{TableID: 5}, "0005"},
		{"gentable bucket", &checksum1, sum1},
		{"gentable desc", &GentableDesc{TableID: 6, Name: "arp", BucketsSize: 32, MaxEntries: 4096},
			"0030 0006 617270" + zeros(29) + "00000020 00001000 00000000"},
		{"gentable desc with a long name", &GentableDesc{Name: strings.Repeat("n", 32)},
			"0030 0000" + strings.Repeat("6e", 32) + zeros(12)},
		{"gentable stats", &GentableStats{TableID: 8, Entries: 77, Checksum: checksum1}, "0008 0000 0000004d" + sum1},
		{"gentable entry desc", &GentableEntryDesc{Checksum: checksum1, Key: key, Value: value},
			"0030 000e" + sum1 + vlanAndIP + macAndOn},
		{"gentable entry stats", &GentableEntryStats{Key: key, Stats: stats},
			"002a 000e" + vlanAndIP + counters},
	}
}

func bucket(sum uint64) *FlowChecksumBucket {
	b := FlowChecksumBucket(sum)
	return &b
}

func zeros(n int) string { return strings.Repeat("00", n) }

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// decode decodes b as the only thing of v's type.
func decode(v body, b []byte) error {
	e, ok := v.(interface {
		DecodeNext([]byte) ([]byte, error)
	})
	if !ok {
		return v.(interface{ Decode([]byte) error }).Decode(b)
	}
	rest, err := e.DecodeNext(b)
	if err == nil && len(rest) > 0 {
		err = badLen("%d bytes behind the element", len(rest))
	}
	return err
}

func fresh(v body) body { return reflect.New(reflect.TypeOf(v).Elem()).Interface().(body) }

func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(g.name, func(t *testing.T) {
			wire := unhex(t, g.wire)
			if got := g.value.Append([]byte("kept")); string(got[:4]) != "kept" || !bytes.Equal(got[4:], wire) {
				t.Errorf("encoded\n%sinstead of\n%s", hex.Dump(got[4:]), hex.Dump(wire))
			}
			back := fresh(g.value)
			if err := decode(back, wire); err != nil {
				t.Fatal(err)
			}
			if d := diff(g.value, back); d != "" {
				t.Errorf("decoded (-want +got):\n%s", d)
			}
		})
	}
}

// Nothing decodes that is cut short or goes on, unless it is a list and is cut
// between its elements.
func TestLengths(t *testing.T) {
	for _, g := range goldens(t) {
		wire := unhex(t, g.wire)
		for n := range len(wire) + 9 {
			if n == len(wire) {
				continue
			}
			v := fresh(g.value)
			err := decode(v, append(bytes.Clone(wire), make([]byte, 8)...)[:n])
			if err == nil && bytes.Equal(v.Append(nil), append(bytes.Clone(wire), make([]byte, 8)...)[:n]) {
				continue
			}
			if !errors.Is(err, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen, "")) {
				t.Errorf("%s of %d bytes, not %d: %v, want OFPBRC_BAD_LEN", g.name, n, len(wire), err)
			}
		}
	}
}

// Lengths inside that lead astray.
func TestMalformed(t *testing.T) {
	for _, tt := range []struct {
		name string
		into body
		wire string
	}{
		{"key longer than the message", &GentableEntryAdd{}, "0000 0010" + sum1 + vlanAndIP},
		{"key ends inside a TLV", &GentableEntryAdd{}, "0000 000c" + sum1 + vlanAndIP},
		{"TLV shorter than its header", &GentableEntryAdd{}, "0000 0000" + sum1 + "0006 0003"},
		{"TLV of length zero", &GentableEntryDelete{}, "0000 0006 0000"},
		{"TLV longer than the list", &GentableEntryDelete{}, "0000 0006 0007 0abc"},
		{"half a TLV header", &GentableEntryDelete{}, "0000" + vlanAndIP + "0006"},
		{"description of a wrong length", &GentableDesc{}, "0031 0000" + zeros(45)},
		{"entry description below its header", &GentableEntryDesc{}, "0013 0000" + sum1},
		{"entry description beyond the body", &GentableEntryDesc{}, "0016 0000" + sum1},
		{"entry statistics with a key beyond", &GentableEntryStats{}, "0004 0004 00060004"},
	} {
		err := decode(tt.into, unhex(t, tt.wire))
		if !errors.Is(err, ofp13.Errorf(ofp13.ErrTypeBadRequest, ofp13.BadRequestBadLen, "")) {
			t.Errorf("%s: %v, want OFPBRC_BAD_LEN", tt.name, err)
		}
	}
}

// What pads is ignored.
func TestPadding(t *testing.T) {
	var size TableSetBucketsSize
	if err := decode(&size, unhex(t, "ff 07 ffff 00000008")); err != nil || size != (TableSetBucketsSize{7, 8}) {
		t.Errorf("decoded %+v, %v", size, err)
	}
	var r GentableRange
	if err := decode(&r, unhex(t, "0003 ffff"+sum1+mask80)); err != nil || r.TableID != 3 || r.Checksum != checksum1 {
		t.Errorf("decoded %+v, %v", r, err)
	}
}

func TestGentableErrorOnTheWire(t *testing.T) {
	e := GentableError(GentableErrorParam, 0x0203, "key is bad: %s", strings.Repeat("x", 300))
	m := ofp13.ErrorMessage{Type: e.Type, Code: e.Code, Experimenter: e.Experimenter, Data: append(e.Detail, 0xaa, 0xbb)}
	want := unhex(t, "04 01 0116 01020304 ffff 0002 005c16c7 0001 0203"+hex.EncodeToString([]byte("key is bad: "))+
		strings.Repeat("78", 243)+"00 aabb")
	if got := m.AppendTo(nil, 0x01020304); !bytes.Equal(got, want) {
		t.Errorf("encoded\n%sinstead of\n%s", hex.Dump(got), hex.Dump(want))
	}
	for _, word := range []string{"OFPET_EXPERIMENTER", "gentable 515", "key is bad"} {
		if !strings.Contains(e.Error(), word) {
			t.Errorf("%q does not say %q", e, word)
		}
	}
	other := *e
	other.Experimenter++
	if errors.Is(e, &other) {
		t.Error("errors of two experimenters are the same")
	}
}
