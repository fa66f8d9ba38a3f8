package kflow

import (
	"math/bits"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// searchLooks is about how many comparisons a search makes at a time: well below
// a millisecond of work.
const searchLooks = 4096

// search finds the visits of a table that one of the entries added to it may now
// win. It looks at every visit, and there may be very many, so it goes on in
// parts, while flows come and go. Entries of one mask are looked up together, and
// all that are added until it begins, so a storm of them costs few passes over
// the visits.
type search struct {
	table  uint8
	byMask map[flowtable.Mask][]*translate.Entry

	begun  bool
	sets   []*knownSet // not searched to the end
	probes []*probe    // for the first of sets; nil before that is opened
	// next is how many visits of the first set are not looked at. They are
	// those at its beginning: it is searched backwards, since a visit that
	// leaves gives its place to the last one, and new ones stand at the end.
	next int
}

// add searches for these entries too. The search has not begun.
func (s *search) add(added []*translate.Entry) {
	for _, e := range added {
		s.byMask[*e.Mask()] = append(s.byMask[*e.Mask()], e)
	}
}

// begin starts to look at the visits that the table has now. Later ones have met
// the entries themselves.
func (s *search) begin(sets map[flowtable.Mask]*knownSet) {
	s.begun = true
	for _, set := range sets {
		s.sets = append(s.sets, set)
	}
}

// proceed goes on for a while and appends the flows that it finds, until there
// are batchLen. It reports whether the search is over.
func (s *search) proceed(found []*flow) (_ []*flow, over bool) {
	for looks := 0; looks < searchLooks && len(found) < batchLen; {
		if len(s.sets) == 0 {
			return found, true
		}
		if s.probes == nil {
			looks += s.open(s.sets[0])
		}
		visits := s.sets[0].visits.visits
		for s.next = min(s.next, len(visits)); s.next > 0 && looks < searchLooks && len(found) < batchLen; s.next-- {
			looks += len(s.probes)
			if v := visits[s.next-1]; s.covers(v) {
				found = append(found, v.flow)
			}
		}
		if s.next == 0 {
			s.sets, s.probes = s.sets[1:], nil
		}
	}
	return found, false
}

// open prepares to look at a set's visits, and says what that cost.
func (s *search) open(set *knownSet) (looks int) {
	s.next = len(set.visits.visits)
	s.probes = make([]*probe, 0, len(s.byMask))
	for mask, entries := range s.byMask {
		s.probes = append(s.probes, newProbe(&mask, &set.bits, entries))
		looks += len(entries)
	}
	return looks
}

// covers reports whether the frames of a visit may hit one of the added entries
// instead of what they hit.
func (s *search) covers(v *visit) bool {
	for _, p := range s.probes {
		if priority, ok := p.lookup(&v.key); ok && v.yieldsTo(priority) {
			return true
		}
	}
	return false
}

// yieldsTo reports whether an entry of this priority can take the packets that
// had this outcome. Of equals either may win, so both are looked at again.
func (v *visit) yieldsTo(priority uint16) bool {
	return v.outcome.entry == nil || v.priority <= priority
}

// probe finds, for a key of which some bits are known, the highest priority
// among entries of one mask that can cover it. It may find too much.
type probe struct {
	words   []int          // in which the bits lie; usually few
	bits    flowtable.Mask // known, and significant to the entries
	few     []*translate.Entry
	highest map[uint64]uint16 // by a hash of the entries' bits, if they are not few
}

// fewEntries are compared one by one rather than hashed.
const fewEntries = 4

func newProbe(mask, known *flowtable.Mask, entries []*translate.Entry) *probe {
	p := &probe{}
	for i, w := range mask {
		if p.bits[i] = w & known[i]; p.bits[i] != 0 {
			p.words = append(p.words, i)
		}
	}
	if len(entries) <= fewEntries {
		p.few = entries
		return p
	}
	p.highest = make(map[uint64]uint16, len(entries))
	for _, e := range entries {
		key := e.Key()
		hash := p.hash(&key)
		if had, ok := p.highest[hash]; !ok || had < e.Priority {
			p.highest[hash] = e.Priority
		}
	}
	return p
}

// hash mixes the bits of a key that the probe looks at. If two keys fall
// together, a flow is translated again in vain, no more.
func (p *probe) hash(k *flowtable.Key) (hash uint64) {
	for _, i := range p.words {
		hi, lo := bits.Mul64(hash^k[i]&p.bits[i]^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
		hash = hi ^ lo
	}
	return hash
}

func (p *probe) lookup(k *flowtable.Key) (priority uint16, ok bool) {
	if p.highest != nil {
		priority, ok = p.highest[p.hash(k)]
		return priority, ok
	}
	for _, e := range p.few {
		if p.covers(e, k) {
			priority, ok = max(priority, e.Priority), true
		}
	}
	return priority, ok
}

// covers reports whether an entry equals the key in the bits looked at.
func (p *probe) covers(e *translate.Entry, k *flowtable.Key) bool {
	return e.Touches(k, (*flowtable.Mask)(&p.bits))
}
