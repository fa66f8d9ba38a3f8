package ovsdriver

import (
	"time"

	"golang.org/x/sys/unix"
)

// newClock returns the clock of every counter: CLOCK_MONOTONIC in nanoseconds,
// without a system call. Go's own monotonic reading is the same clock from
// another origin.
func newClock() func() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // the clock is there on every Linux
	}
	start, origin := time.Now(), ts.Nano()
	return func() int64 { return origin + int64(time.Since(start)) }
}
