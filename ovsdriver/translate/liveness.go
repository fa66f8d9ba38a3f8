package translate

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// live reports whether buckets that watch the port are live (§5.6.1): its link
// is up, and nobody has put it down.
func (p *Port) live() bool {
	return !p.LinkDown && p.Config&ofp13.PortConfigDown == 0
}

// LivenessToken is whether a port is there and live. Output does not depend on
// it; buckets that watch the port do.
func LivenessToken(port uint32) Token { return Token(port) | 2<<32 }

// GroupToken is a group: that it is there, and what it says.
func GroupToken(id uint32) Token { return Token(id) | 1<<32 }

// Failed reports whether t is the liveness of a port that is not live: what was
// translated when it was may lose packets.
func (v *View) Failed(t Token) bool {
	if t>>32 != 2 {
		return false
	}
	p := v.ports.Get(datapath.PortNo(uint32(t)))
	return p == nil || !p.live()
}

// maxBuckets bounds the buckets that one frame can go through or ask for their
// liveness: chains fan out.
const maxBuckets = 8192

// spend counts one bucket more and reports whether it is within the bound.
// Beyond it the walk ends.
func (w *walk) spend() bool {
	if w.buckets++; w.buckets > maxBuckets {
		w.long = true
	}
	return !w.long
}

// live reports whether a bucket is live: the port that it watches or the group
// that it watches is, or it watches nothing.
func (r *Result) live(b *Bucket) bool {
	if b.Unwatched() {
		return true
	}
	w := &r.walk
	if !w.spend() {
		return false
	}
	if no := b.Spec.WatchPort; no != ofp13.PortAny {
		r.token(LivenessToken(no))
		if p := w.view.ports.Get(datapath.PortNo(no)); p != nil && p.live() {
			return true
		}
	}
	return b.Spec.WatchGroup != ofp13.GroupAny && r.groupLive(b.Spec.WatchGroup)
}

// groupLive reports whether a group has a live bucket. No group watches itself,
// not even by others: that is refused.
func (r *Result) groupLive(id uint32) bool {
	r.token(GroupToken(id))
	g := r.walk.view.groups.Get(id)
	if g == nil {
		return false
	}
	for i := range g.Buckets {
		if r.live(&g.Buckets[i]) {
			return true
		}
	}
	return false
}
