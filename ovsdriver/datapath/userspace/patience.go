package userspace

import "time"

// patience is how long a worker looks for the next frame before it sleeps. An
// idle CPU takes some 20 us to come back to work, more than all the rest of a
// frame's way, so where frames come in quick succession it is better not to
// sleep between them. Where they do not, looking is a waste: patience grows when
// a sleep turns out to have been a short one, and ends with the first long one.
// It is the rule of the kernel's own halt polling (virt/kvm/halt-polling.rst).
type patience struct{ span time.Duration }

// Bounds of a patience that is not zero.
const (
	patienceStart = 10 * time.Microsecond
	patienceMax   = 50 * time.Microsecond
)

// awake reports whether to look again after having looked for so long.
func (p *patience) awake(looked time.Duration) bool { return looked < p.span }

// slept takes note of a wait that looking did not end, from its beginning to
// the frame that ended it.
func (p *patience) slept(waited time.Duration) {
	if waited > patienceMax {
		p.span = 0
		return
	}
	p.span = min(max(2*p.span, patienceStart), patienceMax)
}
