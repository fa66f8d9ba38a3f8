package flowtable

import "container/heap"

// priorities counts how many entries have each priority and knows the highest.
type priorities struct {
	count map[uint16]int
	// falling is a heap of the priorities counted. Those whose count has
	// fallen to 0 stay until they come to the top.
	falling priorityHeap
}

// add counts one entry more of priority p.
func (s *priorities) add(p uint16) {
	if s.count == nil {
		s.count = make(map[uint16]int)
	}
	n, queued := s.count[p]
	s.count[p] = n + 1
	if !queued {
		heap.Push(&s.falling, p)
	}
}

// remove counts one entry less of priority p.
func (s *priorities) remove(p uint16) {
	s.count[p]--
	for len(s.falling) > 0 && s.count[s.falling[0]] == 0 {
		delete(s.count, heap.Pop(&s.falling).(uint16))
	}
}

// top returns the highest priority of an entry, or 0 without entries.
func (s *priorities) top() uint16 {
	if len(s.falling) == 0 {
		return 0
	}
	return s.falling[0]
}

// has reports whether an entry has priority p.
func (s *priorities) has(p uint16) bool { return s.count[p] > 0 }

// priorityHeap is a heap.Interface, the highest first.
type priorityHeap []uint16

func (h priorityHeap) Len() int           { return len(h) }
func (h priorityHeap) Less(i, j int) bool { return h[i] > h[j] }
func (h priorityHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *priorityHeap) Push(p any)        { *h = append(*h, p.(uint16)) }
func (h *priorityHeap) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	*h = (*h)[:last]
	return p
}
