package kflow

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// index finds the cached flows that a change can touch: by the entry that they
// hit in a table, by the tables where they hit nothing of higher priority (see
// search), and by what else they depended on. Main goroutine only.
type index struct {
	won    map[outcome]*visitSet
	known  [translate.NumTables]map[flowtable.Mask]*knownSet
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

// visit is one table lookup on a cached flow's way, which visits no table twice.
type visit struct {
	flow     *flow
	outcome  outcome
	priority uint16 // of the entry
	known    *knownSet
	key      flowtable.Key // as it was there, for the frame that the flow was translated by

	inOutcome, inKnown int // places in the two sets
}

// knownSet is the visits of one table where the same bits of the key were known.
type knownSet struct {
	bits   flowtable.Mask
	visits visitSet
}

// visitSet is a set of visits; each remembers its place, so that it leaves at
// no cost.
type visitSet struct {
	visits []*visit
	place  func(*visit) *int
}

func inOutcome(v *visit) *int { return &v.inOutcome }
func inKnown(v *visit) *int   { return &v.inKnown }

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
	sets := &x.known[from.Table]
	if *sets == nil {
		*sets = make(map[flowtable.Mask]*knownSet)
	}
	known := (*sets)[from.Known]
	if known == nil {
		known = &knownSet{bits: from.Known, visits: visitSet{place: inKnown}}
		(*sets)[from.Known] = known
	}
	*v = visit{flow: f, outcome: found(from.Table, from.Entry), known: known, key: from.Key}
	if from.Entry != nil {
		v.priority = from.Entry.Priority
	}
	won := x.won[v.outcome]
	if won == nil {
		won = &visitSet{place: inOutcome}
		x.won[v.outcome] = won
	}
	won.add(v)
	known.visits.add(v)
}

// remove takes a flow out of everything that add had entered it under.
func (x *index) remove(f *flow) {
	for i := range f.visits {
		v := &f.visits[i]
		won := x.won[v.outcome]
		if won.remove(v); len(won.visits) == 0 {
			delete(x.won, v.outcome)
		}
		if v.known.visits.remove(v); len(v.known.visits.visits) == 0 {
			delete(x.known[v.outcome.table], v.known.bits)
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
