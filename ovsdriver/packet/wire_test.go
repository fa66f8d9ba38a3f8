package packet

import (
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// onWire is Wire by making every segment.
func onWire(t *testing.T, f *datapath.Frame) (packets, bytes int) {
	for _, seg := range segments(t, f) {
		packets, bytes = packets+1, bytes+len(seg)
	}
	return packets, bytes
}

// Wire says without cutting a frame what a Segmenter makes of it.
func TestWire(t *testing.T) {
	var frames []*datapath.Frame
	for _, payload := range []int{0, 1, 999, 1000, 1001, 40_000} {
		for _, tt := range tcpCases {
			frames = append(frames, big(tt.link, tt.ip, gsoTCP, payload, datapath.Offload{GSOType: tt.kind, GSOSize: 1000}))
		}
		for i := range tunnelCases {
			f, _, _ := tunnelled(i, payload)
			frames = append(frames, f)
		}
		for _, kind := range []uint8{datapath.GSOUDP, datapath.GSOUDPL4} {
			frames = append(frames,
				big(macs+`0800 `, gsoUDP4, gsoUDP, payload, datapath.Offload{GSOType: kind, GSOSize: 1001}),
				big(macs+`86dd `, udp6, gsoUDP, payload, datapath.Offload{GSOType: kind, GSOSize: 1001}))
		}
	}
	for _, f := range frames {
		packets, bytes := Wire(f)
		if wantPackets, wantBytes := onWire(t, f); packets != wantPackets || bytes != wantBytes {
			t.Errorf("%+v, %d bytes: %d packets of %d bytes, want %d of %d", f.Offload, f.Len(), packets, bytes, wantPackets, wantBytes)
		}
	}
	plain := framed(raw(macs + `0806 0001`))
	wrong := framed(raw(macs + `0806 0001`))
	wrong.Offload = datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1}
	for _, f := range []*datapath.Frame{plain, wrong} {
		if packets, bytes := Wire(f); packets != 1 || bytes != 16 {
			t.Errorf("%d packets of %d bytes, want 1 of 16", packets, bytes)
		}
	}
}
