package userspace

import (
	"testing"
	"time"
)

func TestPatience(t *testing.T) {
	const us = time.Microsecond
	var p patience
	if p.awake(0) {
		t.Error("looks without a reason")
	}
	for _, step := range []struct{ waited, want time.Duration }{
		{time.Second, 0}, // an idle port
		{30 * us, 10 * us},
		{30 * us, 20 * us},
		{30 * us, 40 * us}, // now looking would have been enough
		{45 * us, 50 * us},
		{49 * us, 50 * us}, // and no longer
		{51 * us, 0},
		{time.Hour, 0},
	} {
		p.slept(step.waited)
		if p.span != step.want {
			t.Fatalf("after a wait of %v: %v, want %v", step.waited, p.span, step.want)
		}
	}
	p.span = 40 * us
	if !p.awake(39*us) || p.awake(40*us) {
		t.Error("does not look for as long as its span")
	}
}
