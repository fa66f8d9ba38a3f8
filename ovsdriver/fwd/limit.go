package fwd

import "time"

// The packet-in limits of the original switch: one packet per 3 ms on average
// and bursts of 32, for each ingress port and for all ports together.
const (
	packetInInterval = int64(3 * time.Millisecond)
	packetInBurst    = 32
)

// bucket is a token bucket told as one instant: when it will be full again. A
// zero bucket is full, so a forgotten one costs nothing but its burst.
type bucket struct{ full int64 }

// ready reports whether the bucket holds a token at now, in nanoseconds.
func (b *bucket) ready(now int64) bool {
	return max(b.full, now)+packetInInterval <= now+packetInBurst*packetInInterval
}

// take removes one token.
func (b *bucket) take(now int64) { b.full = max(b.full, now) + packetInInterval }

// limiter holds back packet-ins, so that one noisy port can neither flood the
// controllers nor starve the other ports. Main goroutine only.
type limiter struct {
	ports map[uint64]bucket // by ingress port
	all   bucket
}

// maxLimited is how many ports' buckets are kept before full ones are dropped.
const maxLimited = 1024

// allow reports whether a packet from this port may go up at now, and counts it
// if so. A packet that either bucket refuses is taken from neither.
func (l *limiter) allow(port uint64, now int64) bool {
	b := l.ports[port]
	if !b.ready(now) || !l.all.ready(now) {
		return false
	}
	b.take(now)
	l.all.take(now)
	if l.ports == nil {
		l.ports = make(map[uint64]bucket)
	}
	if len(l.ports) >= maxLimited {
		l.forgetFull(now)
	}
	l.ports[port] = b
	return true
}

// forgetFull drops the buckets that are as good as new.
func (l *limiter) forgetFull(now int64) {
	for port, b := range l.ports {
		if b.full <= now {
			delete(l.ports, port)
		}
	}
}
