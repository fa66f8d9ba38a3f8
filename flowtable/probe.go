package flowtable

// pageTags holds 16 bits of the hash of each slot of a page, never 0, or 0 if
// the slot is empty.
type pageTags [pageBuckets][bucketWords]uint64

// probe is the part of a sub-table that tells quickly that it does not have a
// key.
type probe struct {
	common common
	hasher hasher
	tags   []*pageTags
}

// look returns the hash of r's key, and whether the sub-table may have it.
// It notes what it looked at.
func (p *probe) look(r *reading) (hash uint64, maybe bool) {
	if !p.common.holds(r.key) {
		if r.wild != nil {
			p.common.explain(r.key, r.wild)
		}
		return 0, false
	}
	if missing := p.hasher.shared &^ r.have; missing != 0 {
		r.look(missing)
	}
	if !p.hasher.alone {
		hash = r.hash(&p.hasher)
	} else {
		hash = p.hasher.lookAlone(r)
	}
	tags := p.tags[hash&uint64(len(p.tags)-1)]
	return hash, mayHave(&tags[bucketOf(hash)], tagOf(hash))
}
