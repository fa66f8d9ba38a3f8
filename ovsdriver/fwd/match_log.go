package fwd

import (
	"sort"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// matchLog keeps the matches of entries as controllers have sent them, which
// statistics must give back to the letter. An entry is known by the instant of
// its addition, which the log's owner makes unique. Main goroutine only;
// whoever has pinned a log may read that pin anywhere, for its records are
// only ever appended to.
type matchLog struct {
	records []matchRecord // by created, ascending
	dead    []bool        // of each record; main's alone
	died    int
}

// matchRecord is the fields of one entry's match.
type matchRecord struct {
	created int64
	fields  []ofp13.OXM
}

// compactBelow is the number of dead records that nobody minds.
const compactBelow = 1024

// add remembers a match. created is greater than in any call before.
func (l *matchLog) add(created int64, m ofp13.Match) {
	l.records = append(l.records, matchRecord{created, m.Fields})
	l.dead = append(l.dead, false)
}

// remove forgets the match of an entry.
func (l *matchLog) remove(created int64) {
	i, ok := find(l.records, created)
	if !ok || l.dead[i] {
		return
	}
	l.dead[i] = true
	if l.died++; l.died >= compactBelow && l.died > len(l.records)/2 {
		l.compact()
	}
}

// compact makes a new list without the dead; pins keep the old one.
func (l *matchLog) compact() {
	live := make([]matchRecord, 0, len(l.records)-l.died+compactBelow)
	for i := range l.records {
		if !l.dead[i] {
			live = append(live, l.records[i])
		}
	}
	l.records = live
	l.dead = make([]bool, len(live), cap(live))
	l.died = 0
}

// get returns the match of an entry that has not been removed.
func (l *matchLog) get(created int64) ofp13.Match { return pinnedMatches(l.records).get(created) }

// pin returns the log as it is now.
func (l *matchLog) pin() pinnedMatches { return l.records[:len(l.records):len(l.records)] }

// pinnedMatches is a log at one moment. It is immutable.
type pinnedMatches []matchRecord

// get returns the match of an entry that had not been removed when the log was
// pinned. It must not be changed.
func (p pinnedMatches) get(created int64) ofp13.Match {
	i, ok := find(p, created)
	if !ok {
		return ofp13.Match{}
	}
	return ofp13.Match{Fields: p[i].fields}
}

// find searches by halves: records are in order.
func find(records []matchRecord, created int64) (at int, ok bool) {
	at = sort.Search(len(records), func(i int) bool { return records[i].created >= created })
	return at, at < len(records) && records[at].created == created
}
