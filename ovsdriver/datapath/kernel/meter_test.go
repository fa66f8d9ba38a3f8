package kernel

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/meter"
)

func drops(perPacket bool, rate, burst uint32) meter.Config {
	return meter.Config{PerPacket: perPacket, Bands: []meter.Band{{Rate: rate, Burst: burst, Then: meter.Drop}}}
}

// Only a band that drops, with a burst that suits the kernel's clock and its
// arithmetic, is the kernel's.
func TestMetersThatFit(t *testing.T) {
	two := drops(true, 100, 100)
	two.Bands = append(two.Bands, two.Bands[0])
	remark := drops(true, 100, 100)
	remark.Bands[0].Then = 1
	for _, c := range []struct {
		cfg  meter.Config
		want bool
	}{
		{drops(true, 10, 0), true}, {drops(true, 2, 0), false}, {drops(true, 10, 3), true}, {drops(true, 10, 2), false},
		{drops(true, 1000, 100), true}, {drops(true, 1000, 99), false},
		{drops(false, 64, 0), false}, {drops(false, 96, 0), true}, {drops(false, 64, 47), false}, {drops(false, 1_000_000, 100_000), true},
		{drops(false, 4_294_967_295, 0), false}, {drops(false, 10_000_000, 0), true}, {drops(false, 1000, 4_294_968), false},
		{two, false}, {remark, false}, {meter.Config{}, false},
	} {
		if got := fits(&c.cfg); got != c.want {
			t.Errorf("%+v fits: %t, want %t", c.cfg, got, c.want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	for release, want := range map[string]bool{"5.13.0": true, "6.1.0-56-amd64": true, "5.12.19": false, "4.19.0": false, "10.0": true, "": false, "x": false} {
		if got := atLeast(release, 5, 13); got != want {
			t.Errorf("%q is at least 5.13: %t, want %t", release, got, want)
		}
	}
}

func TestMeterOnTheWire(t *testing.T) {
	for _, c := range []struct {
		cfg  meter.Config
		want string
	}{
		{drops(false, 1000, 200), `
			0400 0200                                                            # KBPS
			2000 0400 1c00 0000 0800 0100 01000000 0800 0200 e8030000 0800 0300 c8000000`}, // one band: DROP, rate, burst
		{drops(true, 10, 0), `
			2000 0400 1c00 0000 0800 0100 01000000 0800 0200 0a000000 0800 0300 05000000`},
	} {
		var want strings.Builder
		for line := range strings.Lines(c.want) {
			line, _, _ = strings.Cut(line, "#")
			want.WriteString(strings.Join(strings.Fields(line), ""))
		}
		if got := hex.EncodeToString(appendMeter(nil, &c.cfg)); got != want.String() {
			t.Errorf("%+v:\n%s, want\n%s", c.cfg, got, want.String())
		}
	}
}

func TestReadMeter(t *testing.T) {
	b, _ := hex.DecodeString("0800010007000000" + "14000300" + "05000000000000000600000000000000" +
		"1c000400" + "18000000" + "14000400" + "01000000000000000200000000000000" + "0c000500ffffffffffffffff")
	var s meter.Stats
	readMeter(b, &s)
	want := meter.Stats{In: meter.Count{Packets: 5, Bytes: 6}, Bands: []meter.Count{{Packets: 1, Bytes: 2}}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	for n := range b { // cut short anywhere: no more than less
		readMeter(b[:n], &s)
	}
}

// The real kernel keeps meters, refuses none that fits, and forgets those that
// are deleted.
func TestKernelMeters(t *testing.T) {
	d := open(t)
	if !d.Features().OwnMeters {
		t.Skip("this kernel's meters are not used")
	}
	cfg, small := drops(true, 100, 100), drops(true, 100, 1)
	for _, id := range []uint32{1, 2, 1000, 0xffff0000} {
		if _, err := d.PutMeter(id, meter.New(cfg, 0)); err != nil {
			t.Errorf("meter %d: %v", id, err)
		}
	}
	if _, err := d.PutMeter(1, meter.New(small, 0)); !errors.Is(err, datapath.ErrUnsupported) {
		t.Errorf("a meter that does not fit: %v", err)
	}
	if _, err := d.PutMeter(1+1024, meter.New(cfg, 0)); err != nil && !errors.Is(err, datapath.ErrUnsupported) {
		t.Errorf("a meter in another's place: %v", err)
	}
	own := make([]meter.Stats, 3)
	if err := d.ReadMeters([]uint32{1, 3, 1000}, own); err != nil || len(own[0].Bands) != 1 || len(own[1].Bands) != 0 || len(own[2].Bands) != 1 {
		t.Errorf("read %+v, %v", own, err)
	}
	if _, err := d.DeleteMeter(1000); err != nil {
		t.Error(err)
	}
	if _, err := d.DeleteMeter(1000); !errors.Is(err, datapath.ErrNoMeter) {
		t.Errorf("a second deletion: %v", err)
	}
}
