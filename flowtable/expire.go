package flowtable

import "container/heap"

const second = 1_000_000_000 // nanoseconds

// timers are the timeouts of a table's entries: a heap by the time at which an
// entry can expire at the earliest. Use of an entry is not recorded here; it is
// found when that time has come, and the entry is put back. Eviction keeps the
// times of last use in the same way.
type timers[V any] struct {
	heap timerHeap[V]
}

// timer is an entry's place in the heap, shared by its versions.
type timer[V any] struct {
	entry *Entry[V] // the present version
	at    int64     // no later than when the entry expires, or was used
	index int       // in the heap
}

// start watches an entry that has timeouts.
func (t *timers[V]) start(e *Entry[V]) {
	e.timer = nil
	if e.IdleTimeout == 0 && e.HardTimeout == 0 {
		return
	}
	at, _ := e.expiry()
	e.timer = &timer[V]{entry: e, at: at}
	heap.Push(&t.heap, e.timer)
}

// stop takes out the place of an entry, if it has one.
func (t *timers[V]) stop(place *timer[V]) {
	if place != nil {
		heap.Remove(&t.heap, place.index)
	}
}

// move gives the place of an entry, if it has one, to its next version.
func (place *timer[V]) move(next *Entry[V]) {
	if place != nil {
		place.entry = next
	}
}

// expiry returns when e expires, by what is known of its use, and why.
func (e *Entry[V]) expiry() (at int64, why Reason) {
	hard := e.Created + int64(e.HardTimeout)*second
	if e.IdleTimeout == 0 {
		return hard, HardExpired
	}
	_, _, used := e.Stats.Read()
	idle := used + int64(e.IdleTimeout)*second
	if e.HardTimeout != 0 && hard <= idle {
		return hard, HardExpired
	}
	return idle, IdleExpired
}

// Due appends the entries whose time may be over, for Expire: at most max of
// them, the earliest first; the others' turn comes with the next call. It costs
// nothing while there is none. Idle timeouts go by Stats, so what a datapath has
// counted for these entries must be credited before Expire.
func (t *Table[V]) Due(now int64, max int, due []*Entry[V]) []*Entry[V] {
	all := t.timers.heap
	if len(all) == 0 || all[0].at > now {
		return due
	}
	next := frontier[V]{timerHeap[V]{all[0]}}
	for ; max > 0 && next.Len() > 0; max-- {
		first := heap.Pop(&next).(*timer[V])
		due = append(due, first.entry)
		for i := 2*first.index + 1; i <= 2*first.index+2 && i < len(all); i++ {
			if all[i].at <= now {
				heap.Push(&next, all[i])
			}
		}
	}
	return due
}

// frontier is a heap of timers that keep their places in another one: those there
// whose turn is next, and of which those below them come later.
type frontier[V any] struct{ timerHeap[V] }

func (f *frontier[V]) Swap(i, j int) {
	f.timerHeap[i], f.timerHeap[j] = f.timerHeap[j], f.timerHeap[i]
}

func (f *frontier[V]) Push(x any) { f.timerHeap = append(f.timerHeap, x.(*timer[V])) }

// Expire removes those entries among due whose time is over. The table must not
// have changed since Due.
func (t *Table[V]) Expire(due []*Entry[V], now int64, changes []Change[V]) []Change[V] {
	for _, e := range due {
		at, why := e.expiry()
		if at > now { // used meanwhile
			e.timer.at = at
			heap.Fix(&t.timers.heap, e.timer.index)
			continue
		}
		t.remove(e)
		changes = append(changes, Change[V]{Reason: why, Old: e})
	}
	return changes
}

// timerHeap is a heap.Interface, the earliest first.
type timerHeap[V any] []*timer[V]

func (h timerHeap[V]) Len() int           { return len(h) }
func (h timerHeap[V]) Less(i, j int) bool { return h[i].at < h[j].at }
func (h timerHeap[V]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap[V]) Push(x any) {
	t := x.(*timer[V])
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap[V]) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return t
}
