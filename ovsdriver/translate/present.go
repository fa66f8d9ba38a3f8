package translate

import (
	"math/bits"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// presence says whether a frame has a header, all of it. An action on a header
// that is cut short applies to nothing and changes nothing (§5.12); in a key, all
// that lies in such a header is 0. A datapath need not be so kind: the kernel's
// drops a frame in which it cannot write.
type presence uint8

const (
	here   presence = iota
	cut             // the frame ends within it
	unsure          // all its fields are 0, and only the frame can tell
)

// header is what tells that a header of the frame is there.
type header struct {
	part   region // of the key, where its fields lie
	fields []flowtable.Field
	at     func(l *headers) bool // whether a parse has found it
}

// headers are those that the last parse of the frame has found.
type headers struct {
	network, transport, neighbour bool
	source, target                bool // link-layer addresses of a neighbour
	labels                        int8
}

func hasNetwork(l *headers) bool { return l.network }

// The headers that fields are set in. First stand the fields that are hardly
// ever 0 and that flows tend to have in common.
var (
	ipv4Header = header{partNet, []flowtable.Field{flowtable.IPTTL, flowtable.IPProto, flowtable.IPv4Src,
		flowtable.IPv4Dst, flowtable.IPTOS, flowtable.IPFrag}, hasNetwork}
	ipv6Header = header{partNet, []flowtable.Field{flowtable.IPTTL, flowtable.IPProto, flowtable.IPv6SrcHi, flowtable.IPv6SrcLo,
		flowtable.IPv6DstHi, flowtable.IPv6DstLo, flowtable.IPTOS, flowtable.IPv6FLabel}, hasNetwork}
	arpHeader = header{partNet | partL4, []flowtable.Field{flowtable.ARPOp, flowtable.ARPSHA, flowtable.IPv4Src,
		flowtable.IPv4Dst, flowtable.ARPTHA}, hasNetwork}
	pbbHeader = header{partPBB, []flowtable.Field{flowtable.PBBISID, flowtable.PBBUCA}, hasNetwork}
	l4Header  = header{partL4, []flowtable.Field{flowtable.L4Src, flowtable.L4Dst, flowtable.TCPFlags},
		func(l *headers) bool { return l.transport }}
	ndHeader = header{partL4, []flowtable.Field{flowtable.NDTargetHi, flowtable.NDTargetLo},
		func(l *headers) bool { return l.neighbour }}
	sllHeader = header{partL4, []flowtable.Field{flowtable.ARPSHA}, func(l *headers) bool { return l.source }}
	tllHeader = header{partL4, []flowtable.Field{flowtable.ARPTHA}, func(l *headers) bool { return l.target }}
)

// holder returns the header of the frame that a field is set in, or nil where
// the conditions of the set have told all.
func (w *walk) holder(f flowtable.Field) *header {
	switch f {
	case flowtable.EthDst, flowtable.EthSrc, flowtable.EthType, flowtable.VLANVID, flowtable.VLANPCP, flowtable.TunnelID:
		return nil
	case flowtable.L4Src, flowtable.L4Dst:
		return &l4Header
	case flowtable.NDTargetHi:
		return &ndHeader
	}
	switch w.key.Get(flowtable.EthType) {
	case packet.TypeIPv4:
		return &ipv4Header
	case packet.TypeARP:
		return &arpHeader
	case packet.TypePBB:
		return &pbbHeader
	case packet.TypeIPv6:
		switch f {
		case flowtable.ARPSHA:
			return &sllHeader
		case flowtable.ARPTHA:
			return &tllHeader
		}
		return &ipv6Header
	}
	return nil
}

// has reports whether the frame as it is now has a header, all of it, and has
// then looked at a bit that shows it. Where the key tells nothing of the header,
// it is taken to be there: nothing but the slow path, and the embedded datapath,
// set fields in such frames.
func (w *walk) has(h *header) presence {
	if w.stale&h.part != 0 {
		return here
	}
	for _, f := range h.fields { // nothing is written into a header that is not there
		if w.written.Get(f) != 0 || w.key.Get(f)&w.mask.Get(f) != 0 && !w.blind {
			return here
		}
	}
	if w.blind {
		if h.at(&w.found) {
			return here
		}
		return cut
	}
	for _, f := range h.fields {
		v := w.key.Get(f)
		switch {
		case v == 0:
			w.lookAt(f, f.Ones())
		case f == flowtable.IPProto, f == flowtable.L4Src && isICMP(w.key.Get(flowtable.IPProto)):
			w.lookAt(f, f.Ones()) // which the kernel matches as a whole
			return here
		default:
			w.lookAt(f, highest(v))
			return here
		}
	}
	return unsure
}

func isICMP(proto uint64) bool { return proto == packet.ProtoICMP || proto == packet.ProtoICMPv6 }

// highest returns the highest bit of v, which more values have in common than
// any other.
func highest(v uint64) uint64 { return 1 << (bits.Len64(v) - 1) }

// hasLabel is has for the outermost label stack entry.
func (w *walk) hasLabel(top *label) presence {
	own := top.entry &^ top.written
	switch {
	case top.pushed || top.written != 0:
		return here
	case !w.blind && !w.labels.moved && uint64(own)&w.mask.Get(flowtable.MPLS0) != 0:
		return here
	case w.blind && top.origin < w.found.labels:
		return here
	case w.blind:
		return cut
	case own == 0:
		w.lookAt(flowtable.MPLS0, flowtable.MPLS0.Ones())
		return unsure
	case own&entryBottom != 0: // set in most stacks that are edited
		w.lookAt(flowtable.MPLSBOS, 1)
	case own&entryTTL != 0:
		w.lookAt(flowtable.MPLSTTL, highest(uint64(own&entryTTL)))
	default:
		w.lookAt(flowtable.MPLS0, highest(uint64(own)))
	}
	return here
}

// lacks does what is left to do if the frame does not have the header of an
// action: nothing, or to wait for the frame.
func (r *Result) lacks(p presence) verdict {
	if p == unsure {
		return freeze
	}
	r.absent()
	return goOn
}

// found takes from a layout which headers are all there.
func found(l *packet.Layout) headers {
	return headers{network: l.L3 != 0, transport: l.L4 != 0, neighbour: l.NDTarget != 0,
		source: l.NDSource != 0, target: l.NDDest != 0, labels: int8(l.Labels)}
}
