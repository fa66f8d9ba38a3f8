package packet

import "github.com/ivs-go/ivs/ovsdriver/datapath"

// Wire returns what f is on a wire: how many frames after segmentation, and how
// many bytes they have in all. A frame whose Offload does not fit its headers
// counts as it is.
func Wire(f *datapath.Frame) (packets, bytes int) {
	bytes = f.Len()
	kind := gsoKind(f)
	if kind == datapath.GSONone {
		return 1, bytes
	}
	j, ok := plan(f, kind)
	if !ok {
		return 1, bytes
	}
	repeated := j.header // the bytes that each but the first adds
	if kind == datapath.GSOUDP {
		j.header, repeated = j.l.L4, j.l.L4
		if j.size &^= 7; j.l.EthType == TypeIPv6 {
			repeated += fragmentLen
			bytes += fragmentLen
		}
	}
	if j.size == 0 {
		return 1, f.Len()
	}
	packets = max((len(j.whole)-j.header+j.size-1)/j.size, 1)
	return packets, bytes + (packets-1)*repeated
}
