package vport

import (
	"errors"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// How long a port waits before its busy interface is asked for again: first, and
// at most. Each time it is twice as long.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 8 * time.Second
)

// attempt is the next one to attach a port whose interface belongs to another
// switch. That it has been given up is told by nothing that can be relied on.
type attempt struct {
	at    time.Time
	pause time.Duration // after it
}

// postpone makes Tick attach a port of ours later if err says that its interface
// is busy, and reports whether it will.
func (p *Ports) postpone(prt *port, err error) bool {
	if !errors.Is(err, datapath.ErrBusy) {
		return false
	}
	p.attempts[prt] = attempt{at: p.cfg.Now().Add(firstPause), pause: 2 * firstPause}
	return true
}

// postponed reports whether a port waits for Tick. News of its interface make
// that soon.
func (p *Ports) postponed(prt *port) bool {
	_, waits := p.attempts[prt]
	if waits {
		p.attempts[prt] = attempt{at: p.cfg.Now().Add(firstPause), pause: 2 * firstPause}
	}
	return waits
}

// Tick tries again what is due.
func (p *Ports) Tick() {
	for prt, a := range p.attempts {
		now := p.cfg.Now()
		switch {
		case prt.attached || p.byName[prt.spec.Name] != prt:
			delete(p.attempts, prt)
		case now.Before(a.at):
		case errors.Is(p.attach(prt), datapath.ErrBusy):
			p.attempts[prt] = attempt{at: now.Add(a.pause), pause: min(2*a.pause, maxPause)}
		default: // attached, or gone: then an event tells of its return
			delete(p.attempts, prt)
		}
	}
}
