package translate

import (
	"math/bits"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// choose returns the buckets of a group that are to be done: those from first
// up to last, without it.
func (r *Result) choose(g *Group) (first, last int) {
	switch g.Type {
	case ofp13.GroupTypeSelect:
		first = r.spread(g)
	case ofp13.GroupTypeFastFailover:
		first = r.firstLive(g)
	default: // OFPGT_ALL; of OFPGT_INDIRECT there is one
		return 0, len(g.Buckets)
	}
	if first < 0 {
		return 0, 0
	}
	return first, first + 1
}

// firstLive returns the first live bucket, or -1.
func (r *Result) firstLive(g *Group) int {
	for i := range g.Buckets {
		if r.live(&g.Buckets[i]) {
			return i
		}
	}
	return -1
}

// spread returns the bucket for the frame's flow, or -1 if none is live. The
// flows of a bucket that dies go to the others by their weights; all others stay
// where they are.
func (r *Result) spread(g *Group) int {
	if len(g.Buckets) < 2 {
		return r.firstLive(g)
	}
	hash := r.flowHash(mix(r.walk.view.groups.seed, uint64(g.ID)))
	at := weigh(g.Buckets, hash, g.weights, nil)
	if r.live(&g.Buckets[at]) {
		return at
	}
	total := uint64(0)
	alive := func(b *Bucket) bool { return r.live(b) }
	for i := range g.Buckets {
		if alive(&g.Buckets[i]) {
			total += uint64(g.Buckets[i].Spec.Weight)
		}
	}
	if total == 0 {
		return -1
	}
	return weigh(g.Buckets, mix(hash, total), total, alive)
}

// weigh returns the bucket where a hash falls, when those that count (all for
// nil) lie side by side, as wide as their weights, which sum up to total.
func weigh(buckets []Bucket, hash, total uint64, counts func(*Bucket) bool) int {
	at, _ := bits.Mul64(hash, total)
	for i := range buckets {
		b := &buckets[i]
		if counts != nil && !counts(b) {
			continue
		}
		if at < uint64(b.Spec.Weight) {
			return i
		}
		at -= uint64(b.Spec.Weight)
	}
	return len(buckets) - 1 // not reached: at < total
}

// mix adds a value to a hash; a change of any bit changes about half of the
// result's.
func mix(hash, value uint64) uint64 {
	hi, lo := bits.Mul64(hash^value^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return hi ^ lo
}

// flowFields are those that make a flow of a frame, by layer. The fields of the
// frame as it is now are hashed, and so is nothing that changes within a flow.
var flowFields = struct {
	link, ipv4, ipv6, proto, l4, mpls, pbb []flowtable.Field
}{
	link:  []flowtable.Field{flowtable.EthDst, flowtable.EthSrc, flowtable.EthType, flowtable.VLANVID},
	ipv4:  []flowtable.Field{flowtable.IPv4Src, flowtable.IPv4Dst},
	ipv6:  []flowtable.Field{flowtable.IPv6SrcHi, flowtable.IPv6SrcLo, flowtable.IPv6DstHi, flowtable.IPv6DstLo},
	proto: []flowtable.Field{flowtable.IPProto},
	l4:    []flowtable.Field{flowtable.L4Src, flowtable.L4Dst},
	mpls:  []flowtable.Field{flowtable.MPLSLabel},
	pbb:   []flowtable.Field{flowtable.PBBISID},
}

// flowHash hashes what makes the frame's flow, and has then looked at exactly
// that.
func (r *Result) flowHash(seed uint64) uint64 {
	w := &r.walk
	h := w.hash(seed, flowFields.link)
	switch w.key.Get(flowtable.EthType) {
	case packet.TypeIPv4:
		h = w.hashL4(w.hash(h, flowFields.ipv4), packet.ProtoICMP)
	case packet.TypeIPv6:
		h = w.hashL4(w.hash(h, flowFields.ipv6), packet.ProtoICMPv6)
	case packet.TypeARP:
		h = w.hash(h, flowFields.ipv4)
	case packet.TypeMPLS, packet.TypeMPLSM:
		h = w.hash(h, flowFields.mpls)
	case packet.TypePBB:
		h = w.hash(h, flowFields.pbb)
	}
	return mix(h, 0)
}

// hash adds fields to a hash.
func (w *walk) hash(h uint64, fields []flowtable.Field) uint64 {
	for _, f := range fields {
		w.lookAt(f, f.Ones())
		h = mix(h, w.key.Get(f))
	}
	return h
}

// hashL4 adds what lies behind an IP header, if the key has it. All fragments of
// a packet go one way, though only the first has ports, and of IPv6 only its key
// has the packet's protocol.
func (w *walk) hashL4(h, icmp uint64) uint64 {
	w.lookAt(flowtable.IPFrag, flowtable.IPFrag.Ones())
	if w.key.Get(flowtable.IPFrag) != flowtable.FragNone {
		return h
	}
	h = w.hash(h, flowFields.proto)
	switch w.key.Get(flowtable.IPProto) {
	case packet.ProtoTCP, packet.ProtoUDP, packet.ProtoSCTP, icmp:
		h = w.hash(h, flowFields.l4)
	}
	return h
}
