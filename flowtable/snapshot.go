package flowtable

import "iter"

// Snapshot is what a Classifier held when it was published. It is immutable:
// any goroutine may read it, without locks.
type Snapshot[V any] struct {
	subtables []*subtable[V] // in the order of lookup
	probes    []*probe       // theirs
	atoms     *[maxAtoms]atom
	entries   int
}

// Lookup returns the entry of the highest priority that matches k, or nil. Of
// several of one priority it is the oldest, as OpenFlow leaves that open. If
// wild is not nil, every bit of k that decided the answer is merged into it:
// any key that equals k in these bits has the same answer. Lookup allocates
// nothing.
//
// Words of ports, Ethernet, VLAN, IP and addresses may enter wild alone, so who
// needs the eth_type with them adds it; words of L4, ARP and ND enter only with
// the whole mask of an entry. In tables of 16 entries of one mask and more, how
// few bits suffice depends on hashes and may differ between runs.
func (s *Snapshot[V]) Lookup(k *Key, wild *Mask) *Entry[V] {
	return s.lookup(k, wild, false)
}

// lookup is Lookup, or LookupAny if any.
func (s *Snapshot[V]) lookup(k *Key, wild *Mask, any bool) *Entry[V] {
	r := reading{key: k, atoms: s.atoms, wild: wild}
	var best *Entry[V]
	floor := -1 // the least priority that can win
	for i, hash := r.next(s.probes, 0, floor); i >= 0; i, hash = r.next(s.probes, i+1, floor) {
		t := s.subtables[i]
		p := t.page(hash)
		slot := p.find(&t.hasher, k, hash)
		if slot >= 0 && (best == nil || p.heads[slot].before(best)) {
			best = p.heads[slot]
			floor = int(best.Priority)
			if any {
				break
			}
		}
	}
	if wild != nil {
		r.merge(wild)
	}
	return best
}

// before reports whether e wins over other where both match.
func (e *Entry[V]) before(other *Entry[V]) bool {
	if e.Priority != other.Priority {
		return e.Priority > other.Priority
	}
	return e.seq < other.seq
}

// LookupAny returns any entry that matches k, or nil: quicker than Lookup where
// entries never overlap, as in a cache of flows.
func (s *Snapshot[V]) LookupAny(k *Key) *Entry[V] {
	return s.lookup(k, nil, true)
}

// All returns all entries, in an order that is the same each time.
func (s *Snapshot[V]) All() iter.Seq[*Entry[V]] {
	return s.Select(&Filter[V]{})
}

// Select returns the entries that f selects, in the order of All.
func (s *Snapshot[V]) Select(f *Filter[V]) iter.Seq[*Entry[V]] {
	return func(yield func(*Entry[V]) bool) {
		for _, t := range s.subtables {
			switch {
			case !f.Strict:
				if !t.selectLoose(f, yield) {
					return
				}
			case *t.mask == f.Match.Mask:
				if e := t.find(&f.Match.Key, f.Priority); e != nil && f.selectsRest(e) {
					yield(e)
				}
				return
			}
		}
	}
}

// Len returns the number of entries.
func (s *Snapshot[V]) Len() int { return s.entries }
