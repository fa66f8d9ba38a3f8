package flowtable

// pageTags holds 16 bits of the hash of each slot of a page, never 0, or 0 if
// the slot is empty.
type pageTags [pageBuckets][bucketWords]uint64

// probe is the part of a sub-table that tells quickly that it has no entry for
// a key.
type probe struct {
	top    uint16 // the highest priority of an entry
	common common
	early  early
	hasher hasher
	tags   []*tagLeaf // of the pages, in the order of the directory
	last   uint64     // the directory's last place
}

// next returns the index of the first of probes, from index first on, that may
// have an entry for the key of at least the priority floor, and the key's hash
// there; or -1. It notes what it looked at. It is one loop without a call in
// the usual case, as this is where a lookup spends its time.
func (r *reading) next(probes []*probe, first, floor int) (i int, hash uint64) {
	for i := first; i < len(probes); i++ {
		p := probes[i]
		if int(p.top) < floor {
			break
		}
		if !p.common.holds(r.key) {
			if r.wild != nil {
				p.common.explain(r.key, r.wild)
			}
			continue
		}
		if len(p.early.bits) != 0 && !p.early.has(r.ask(&p.early)) {
			continue
		}
		hash := r.hash(&p.hasher)
		place := hash & p.last
		tags := p.tags[place/leafLen][place%leafLen]
		if mayHave(&tags[bucketOf(hash)], tagOf(hash)) {
			return i, hash
		}
	}
	return -1, 0
}
