package kflow

import (
	"time"

	"github.com/ivs-go/ivs/flowtable"
)

// A flow that the datapath does not take is asked for again by each of its
// packets, in vain and at the price of a translation and a call. So a refusal
// holds for a while, or until the tables change.
const (
	refusalHolds = 3 * time.Second
	maxRefusals  = 1024 // remembered; all are forgotten when there are more
)

// refusals remembers the flows that the datapath has refused. Main goroutine
// only.
type refusals map[flowtable.Match]int64 // CLOCK_MONOTONIC ns until which it holds

// add remembers that m was refused at now.
func (r refusals) add(m *flowtable.Match, now int64) {
	if len(r) >= maxRefusals {
		clear(r)
	}
	r[*m] = now + int64(refusalHolds)
}

// holds reports whether m was refused shortly before now.
func (r refusals) holds(m *flowtable.Match, now int64) bool {
	until, ok := r[*m]
	if ok && until <= now {
		delete(r, *m)
	}
	return ok && now < until
}
