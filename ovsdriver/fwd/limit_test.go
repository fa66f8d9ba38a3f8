package fwd

import (
	"testing"
	"time"
)

// allowed counts how many of n packets from port at now go up.
func allowed(l *limiter, port uint64, now int64, n int) int {
	passed := 0
	for range n {
		if l.allow(port, now) {
			passed++
		}
	}
	return passed
}

func TestLimiterBurstThenRate(t *testing.T) {
	var l limiter
	now := int64(time.Hour)
	if got := allowed(&l, 1, now, 100); got != 32 {
		t.Errorf("burst: %d packets passed, want 32", got)
	}
	// 30 ms later ten tokens are back, and no more.
	now += int64(30 * time.Millisecond)
	if got := allowed(&l, 1, now, 100); got != 10 {
		t.Errorf("after 30 ms: %d packets passed, want 10", got)
	}
	// A long rest fills the bucket, not more.
	now += int64(time.Hour)
	if got := allowed(&l, 1, now, 100); got != 32 {
		t.Errorf("after an hour: %d packets passed, want 32", got)
	}
}

func TestLimiterSourcesAndOverall(t *testing.T) {
	var l limiter
	now := int64(time.Hour)
	// A port that sends too much is held to its share, and what is refused to
	// it is not taken from the others' account.
	if got := allowed(&l, 1, now, 20); got != 20 {
		t.Fatalf("port 1: %d packets passed, want 20", got)
	}
	if got := allowed(&l, 2, now, 100); got != 12 {
		t.Errorf("port 2: %d packets passed, want the 12 that the overall burst leaves", got)
	}
	now += int64(3 * time.Millisecond)
	if got := allowed(&l, 3, now, 100); got != 1 {
		t.Errorf("port 3: %d packets passed, want the one token of 3 ms", got)
	}
	// A steady noisy port leaves the quiet one its turn: its own bucket drains
	// at the overall rate, so the quiet port's first packet meets a full one.
	var m limiter
	quiet := 0
	for i := range 1000 {
		at := now + int64(i)*int64(time.Millisecond)
		if i%30 == 0 && m.allow(2, at) {
			quiet++
		}
		m.allow(1, at)
	}
	if quiet < 20 {
		t.Errorf("quiet port: %d of 34 packets passed beside a noisy one", quiet)
	}
}

func TestLimiterForgetsFullBuckets(t *testing.T) {
	var l limiter
	for port := range uint64(4 * maxLimited) {
		l.allow(port, int64(port)*packetInInterval*2)
	}
	if len(l.ports) > maxLimited {
		t.Errorf("%d buckets kept, want at most %d", len(l.ports), maxLimited)
	}
}

func TestLimiterAllocs(t *testing.T) {
	var l limiter
	l.allow(1, 0)
	now := int64(0)
	if n := testing.AllocsPerRun(1000, func() { now += packetInInterval; l.allow(1, now) }); n != 0 {
		t.Errorf("allow allocates %v times, want 0", n)
	}
}
