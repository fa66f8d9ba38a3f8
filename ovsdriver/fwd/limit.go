package fwd

import "time"

// The packet-in limits of the original switch: one packet per 3 ms on average
// and bursts of 32, for each ingress port and for all ports together.
const (
	packetInInterval = int64(3 * time.Millisecond)
	packetInBurst    = 32
)

// Noisy ports take every common token as soon as it is there, and would leave the
// others none. So there are some more in store, for ports that have been quiet:
// that keep to one packet per 100 ms on average, with bursts of 16.
const (
	packetInReserve = 32
	quietInterval   = int64(100 * time.Millisecond)
	quietBurst      = 16
)

// bucket is a token bucket told as one instant: when it will be full again. A
// zero bucket is full, so a forgotten one costs nothing but its burst.
type bucket struct{ full int64 }

// tokens returns how many tokens the bucket holds at now, if it gets one per
// interval, in nanoseconds, and has room for size of them.
func (b *bucket) tokens(size, interval, now int64) int64 {
	return size - (max(b.full-now, 0)+interval-1)/interval
}

// take removes one token.
func (b *bucket) take(interval, now int64) { b.full = max(b.full, now) + interval }

// source is what is known of an ingress port.
type source struct {
	own   bucket // what it may send
	quiet bucket // holds tokens as long as it is quiet
}

// limiter holds back packet-ins, so that noisy ports can neither flood the
// controllers nor starve the other ports. Main goroutine only.
type limiter struct {
	ports map[uint64]source
	all   bucket
}

// maxLimited is how many ports are kept before those at rest are dropped.
const maxLimited = 1024

// allow reports whether a packet from this port may go up at now, and counts it
// if so. A refused packet is taken from no bucket.
func (l *limiter) allow(port uint64, now int64) bool {
	s := l.ports[port]
	own := s.own.tokens(packetInBurst, packetInInterval, now)
	left := l.all.tokens(packetInBurst+packetInReserve, packetInInterval, now)
	quiet := s.quiet.tokens(quietBurst, quietInterval, now) > 0
	if !quiet {
		left -= packetInReserve
	}
	if own < 1 || left < 1 {
		return false
	}
	s.own.take(packetInInterval, now)
	l.all.take(packetInInterval, now)
	if quiet {
		s.quiet.take(quietInterval, now)
	}
	if l.ports == nil {
		l.ports = make(map[uint64]source)
	}
	if len(l.ports) >= maxLimited {
		l.forgetResting(now)
	}
	l.ports[port] = s
	return true
}

// forgetResting drops the ports whose buckets are as good as new.
func (l *limiter) forgetResting(now int64) {
	for port, s := range l.ports {
		if s.own.full <= now && s.quiet.full <= now {
			delete(l.ports, port)
		}
	}
}
