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
	// What one port takes is taken from what all share: 64 in store, of which
	// the second half is for ports that have sent less than 16.
	for _, step := range []struct{ port, want int }{{1, 32}, {2, 16}, {3, 16}, {4, 0}} {
		if got := allowed(&l, uint64(step.port), now, 100); got != step.want {
			t.Errorf("port %d: %d packets passed, want %d", step.port, got, step.want)
		}
	}
	now += int64(3 * time.Millisecond)
	if got := allowed(&l, 4, now, 100); got != 1 {
		t.Errorf("port 4: %d packets passed, want the one token of 3 ms", got)
	}
}

// Two ports that send 50,000 packets a second each do not keep the one now and
// then of a third from going up, and all together keep to the rate.
func TestLimiterKeepsRoomForQuietPorts(t *testing.T) {
	var l limiter
	quiet, noisy := 0, 0
	start := int64(time.Hour)
	for i := range 100_000 { // two seconds
		at := start + int64(i)*int64(20*time.Microsecond)
		noisy += allowed(&l, 1, at, 1) + allowed(&l, 2, at, 1)
		if i%5000 == 4999 {
			quiet += allowed(&l, 3, at, 1)
		}
	}
	if quiet != 20 {
		t.Errorf("quiet port: %d of 20 packets passed beside noisy ones", quiet)
	}
	if all := quiet + noisy; all < 2000/3 || all > 2000/3+64 {
		t.Errorf("%d packets passed in 2 s, want one per 3 ms and a burst of 64 at most", all)
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
