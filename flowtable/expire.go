package flowtable

import "container/heap"

const second = 1_000_000_000 // nanoseconds

// timers are the timeouts of a table's entries: a heap by the time at which an
// entry can expire at the earliest. Use of an entry is not recorded here; it is
// found when that time has come, and the entry is put back.
type timers[V any] struct {
	heap timerHeap[V]
}

// timer is an entry's place in the heap, shared by its versions.
type timer[V any] struct {
	entry *Entry[V] // the present version
	at    int64     // no later than when the entry expires
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

// stop watches e no longer.
func (t *timers[V]) stop(e *Entry[V]) {
	if e.timer != nil {
		heap.Remove(&t.heap, e.timer.index)
	}
}

// move goes on with the next version of old.
func (t *timers[V]) move(old, next *Entry[V]) {
	if old.timer != nil {
		old.timer.entry = next
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

// Expire removes the entries whose time is over. It costs nothing while
// NextExpiry lies ahead. Idle timeouts go by Stats, so what a datapath has
// counted must be credited before.
func (t *Table[V]) Expire(now int64, changes []Change[V]) []Change[V] {
	for len(t.timers.heap) > 0 && t.timers.heap[0].at <= now {
		timer := t.timers.heap[0]
		at, why := timer.entry.expiry()
		if at > now {
			timer.at = at
			heap.Fix(&t.timers.heap, 0)
			continue
		}
		t.remove(timer.entry)
		changes = append(changes, Change[V]{Reason: why, Old: timer.entry})
	}
	return changes
}

// NextExpiry returns when Expire can next have something to do, and false if
// never. Entries used meanwhile may let it find nothing.
func (t *Table[V]) NextExpiry() (at int64, ok bool) {
	if len(t.timers.heap) == 0 {
		return 0, false
	}
	return t.timers.heap[0].at, true
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
