package packet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestComplete(t *testing.T) {
	frames := map[string][]byte{
		"TCP":        raw(macs + `0800 4529 002b 1234 4000 4006 0000 0a00 0001 0a00 0002 ` + tcpHeader + `11 2233`),
		"UDP":        raw(macs + `0800 4529 001c 1234 0000 4011 0000 0a00 0001 0a00 0002  0035 c000 0008 0000`),
		"UDP, IPv6":  raw(ip6("0008", "11") + `0035 c000 0008 0000`),
		"ICMPv6":     raw(ip6("0008", "3a") + `8000 0000 0000 0000`),
		"TCP tagged": raw(macs + `8100 6064 0800 ` + ip4TCPHeader + tcpHeader),
	}
	for name, b := range frames {
		f := framed(whole(b))
		want := bytes.Clone(f.Bytes())
		l := locate(f)
		partialOf(f, &l)
		if bytes.Equal(f.Bytes(), want) {
			t.Fatalf("%s: the checksum is not partial", name)
		}
		if !Describable(f) {
			t.Errorf("%s: not describable", name)
		}
		if err := Complete(f); err != nil || !bytes.Equal(f.Bytes(), want) {
			t.Errorf("%s: Complete: %v\n%x, want\n%x", name, err, f.Bytes(), want)
		}
		if f.Offload != (datapath.Offload{}) {
			t.Errorf("%s: offload %+v is left", name, f.Offload)
		}
	}
	beyond := framed(frames["UDP"])
	beyond.Offload = datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 34, CsumOffset: 7}
	if err := Complete(beyond); !errors.Is(err, ErrOffload) || !bytes.Equal(beyond.Bytes(), frames["UDP"]) {
		t.Errorf("checksum beyond the frame: %v, want ErrOffload and no change", err)
	}
	none := framed(frames["UDP"])
	if err := Complete(none); err != nil || !bytes.Equal(none.Bytes(), frames["UDP"]) {
		t.Errorf("nothing to do: %v", err)
	}
}

// TestCompleteSCTP: the kernel's virtio header cannot say CRC32c.
func TestCompleteSCTP(t *testing.T) {
	text := macs + `0800 4529 0020 1234 0000 4084 0000 0a00 0001 0a00 0002  0b59 0b5a 0000 0001 0000 0000 0103 0004`
	want := whole(raw(text))
	f := framed(want)
	clear(f.Bytes()[42:46])
	f.Offload = datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 34, CsumOffset: 8}
	mustEdit(t, f, datapath.Act{Kind: datapath.PushMPLS, EtherType: TypeMPLS, Value: 0x00064140})
	if Describable(f) {
		t.Error("an SCTP checksum was called describable")
	}
	var s Segmenter
	err := s.Segment(f, func(out *datapath.Frame) error {
		mustEdit(t, out, datapath.Act{Kind: datapath.PopMPLS, EtherType: TypeIPv4})
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("completed\n%x, want\n%x", out.Bytes(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDescribable(t *testing.T) {
	for _, tt := range tcpCases {
		f := big(tt.link, tt.ip, gsoTCP, 2500, datapath.Offload{GSOType: tt.kind, GSOSize: 1000})
		etherType, _ := skipTags(f.Bytes(), 12)
		if got, want := Describable(f), etherType == TypeIPv4 || etherType == TypeIPv6; got != want {
			t.Errorf("%s: Describable = %v, want %v", tt.name, got, want)
		}
	}
	if Describable(&datapath.Frame{Offload: datapath.Offload{GSOType: datapath.GSOTCPv4}}) {
		t.Error("an empty frame with segmentation was called describable")
	}
}
