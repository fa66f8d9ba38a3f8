package kflow

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// index finds the cached flows that a change can touch: by the entry that they
// hit in a table, by the tables where they hit nothing of higher priority, and
// by what else they depended on. Main goroutine only.
type index struct {
	won    map[outcome]*visitSet
	groups [translate.NumTables]map[flowtable.Mask]*group
	tokens map[translate.Token]map[*flow]struct{}
}

// outcome is what a lookup in a table found: an entry, known by the account that
// all its versions share, or nothing (nil).
type outcome struct {
	table uint8
	entry *flowtable.Stats
}

// found is the outcome of a lookup whose winner is e; nil is a miss.
func found(table uint8, e *translate.Entry) outcome {
	if e == nil {
		return outcome{table, nil}
	}
	return outcome{table, e.Stats}
}

// visit is one table lookup on a cached flow's way.
type visit struct {
	flow     *flow
	outcome  outcome
	priority uint16 // of the entry
	group    *group
	key      flowtable.Key // as it was there, in the bits known there

	inOutcome, inGroup int // places in the two sets
}

// group is the visits of one table where the same bits were known.
type group struct {
	known  flowtable.Mask
	visits visitSet
}

// visitSet is a set of visits; each remembers its place, so that it leaves at
// no cost.
type visitSet struct {
	visits []*visit
	place  func(*visit) *int
}

func inOutcome(v *visit) *int { return &v.inOutcome }
func inGroup(v *visit) *int   { return &v.inGroup }

func (s *visitSet) add(v *visit) {
	*s.place(v) = len(s.visits)
	s.visits = append(s.visits, v)
}

func (s *visitSet) remove(v *visit) {
	i, last := *s.place(v), len(s.visits)-1
	moved := s.visits[last]
	s.visits[i] = moved
	*s.place(moved) = i
	s.visits[last] = nil
	s.visits = s.visits[:last]
}

func newIndex() *index {
	return &index{
		won:    make(map[outcome]*visitSet),
		tokens: make(map[translate.Token]map[*flow]struct{}),
	}
}

// add enters a flow under everything that its translation depended on.
func (x *index) add(f *flow, r *translate.Result) {
	f.visits = make([]visit, len(r.Visits))
	for i := range r.Visits {
		x.addVisit(f, &f.visits[i], &r.Visits[i])
	}
	f.tokens = append(f.tokens[:0], r.Tokens...)
	for _, token := range f.tokens {
		flows := x.tokens[token]
		if flows == nil {
			flows = make(map[*flow]struct{})
			x.tokens[token] = flows
		}
		flows[f] = struct{}{}
	}
}

func (x *index) addVisit(f *flow, v *visit, from *translate.Visit) {
	groups := &x.groups[from.Table]
	if *groups == nil {
		*groups = make(map[flowtable.Mask]*group)
	}
	g := (*groups)[from.Known]
	if g == nil {
		g = &group{known: from.Known, visits: visitSet{place: inGroup}}
		(*groups)[from.Known] = g
	}
	*v = visit{flow: f, outcome: found(from.Table, from.Entry), group: g}
	if from.Entry != nil {
		v.priority = from.Entry.Priority
	}
	g.known.Apply(&from.Key, &v.key)
	won := x.won[v.outcome]
	if won == nil {
		won = &visitSet{place: inOutcome}
		x.won[v.outcome] = won
	}
	won.add(v)
	g.visits.add(v)
}

// remove takes a flow out of everything that add had entered it under.
func (x *index) remove(f *flow) {
	for i := range f.visits {
		v := &f.visits[i]
		won := x.won[v.outcome]
		if won.remove(v); len(won.visits) == 0 {
			delete(x.won, v.outcome)
		}
		if v.group.visits.remove(v); len(v.group.visits.visits) == 0 {
			delete(x.groups[v.outcome.table], v.group.known)
		}
	}
	for _, token := range f.tokens {
		flows := x.tokens[token]
		if delete(flows, f); len(flows) == 0 {
			delete(x.tokens, token)
		}
	}
	f.visits, f.tokens = nil, f.tokens[:0]
}

// hits calls fn with the flows that hit a version of the entry in the table.
func (x *index) hits(table uint8, e *translate.Entry, fn func(*flow)) {
	if won := x.won[found(table, e)]; won != nil {
		for _, v := range won.visits {
			fn(v.flow)
		}
	}
}

// dependents calls fn with the flows that depended on the token.
func (x *index) dependents(token translate.Token, fn func(*flow)) {
	for f := range x.tokens[token] {
		fn(f)
	}
}

// covered calls fn with the flows that may hit one of the added entries instead
// of what they hit in the table, perhaps more than once with the same. Entries
// of one mask are looked up together, so a storm of them costs one pass over
// the flows for each pair of an entry's mask and a set of known bits.
func (x *index) covered(table uint8, added []*translate.Entry, fn func(*flow)) {
	if len(x.groups[table]) == 0 {
		return
	}
	byMask := make(map[flowtable.Mask][]*translate.Entry)
	for _, e := range added {
		byMask[e.Match.Mask] = append(byMask[e.Match.Mask], e)
	}
	for _, g := range x.groups[table] {
		for mask, entries := range byMask {
			p := newProbe(&mask, &g.known, entries)
			for _, v := range g.visits.visits {
				if priority, ok := p.lookup(&v.key); ok && v.yieldsTo(priority) {
					fn(v.flow)
				}
			}
		}
	}
}

// yieldsTo reports whether an entry of this priority can take the packets that
// had this outcome. Of equals either may win, so both are looked at again.
func (v *visit) yieldsTo(priority uint16) bool {
	return v.outcome.entry == nil || v.priority <= priority
}

// probe finds, for a key of which some bits are known, the highest priority
// among entries of one mask that can cover it.
type probe struct {
	words   []int          // in which the bits lie; usually few
	bits    flowtable.Mask // known, and significant to the entries
	few     []*translate.Entry
	highest map[flowtable.Key]uint16 // by the entries' bits, if they are not few
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
	p.highest = make(map[flowtable.Key]uint16, len(entries))
	for _, e := range entries {
		key := p.mask(&e.Match.Key)
		if had, ok := p.highest[key]; !ok || had < e.Priority {
			p.highest[key] = e.Priority
		}
	}
	return p
}

// mask returns the bits of a key that the probe looks at.
func (p *probe) mask(k *flowtable.Key) (masked flowtable.Key) {
	for _, i := range p.words {
		masked[i] = k[i] & p.bits[i]
	}
	return masked
}

func (p *probe) lookup(k *flowtable.Key) (priority uint16, ok bool) {
	if p.highest != nil {
		priority, ok = p.highest[p.mask(k)]
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
	for _, i := range p.words {
		if (e.Match.Key[i]^k[i])&p.bits[i] != 0 {
			return false
		}
	}
	return true
}
