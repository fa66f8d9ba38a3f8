package openflow

import (
	"strconv"
	"testing"
	"time"
)

func TestLimitsDefaults(t *testing.T) {
	l := Limits{EchoLosses: 5}.withDefaults()
	if l.EchoLosses != 5 || l.EchoInterval != 2*time.Second || l.Connections != 32 ||
		l.QueueMessages != 1000 || l.QueueBytes != 16<<20 {
		t.Errorf("defaults are %+v", l)
	}
	if l.stallTimeout() != 10*time.Second {
		t.Errorf("stall timeout is %v, want 5 intervals of 2 s", l.stallTimeout())
	}
}

// Attempts come 1, 2, 4... ms apart, then every second.
func TestBackoff(t *testing.T) {
	b := backoff{first: time.Millisecond, max: time.Second}
	for round := range 2 {
		for i, want := 0, time.Millisecond; i < 15; i++ {
			if got := b.delay(); got != want {
				t.Errorf("round %d, delay %d is %v, want %v", round, i, got, want)
			}
			want = min(2*want, time.Second)
		}
		b.reset()
	}
}

func TestComplaint(t *testing.T) {
	var c complaint
	now := time.Now()
	steps := []struct {
		text  string
		after time.Duration
		due   bool
	}{
		{"refused", 0, true},
		{"refused", time.Second, false},
		{"refused", 59 * time.Second, false},
		{"no route", 59 * time.Second, true}, // a change is news
		{"refused", 60 * time.Second, true},
		{"no route", 61 * time.Second, false}, // told 2 s ago
		{"refused", 119 * time.Second, false},
		{"refused", 120 * time.Second, true},
	}
	for i, s := range steps {
		if got := c.due(s.text, now.Add(s.after)); got != s.due {
			t.Errorf("step %d, %q after %v: due is %t, want %t", i, s.text, s.after, got, s.due)
		}
	}
	told := 0
	for i := range 100 {
		if c.due(strconv.Itoa(i), now.Add(121*time.Second)) {
			told++
		}
	}
	if told > 10 {
		t.Errorf("%d lines of what is never the same", told)
	}
	c.over()
	if !c.due("refused", now.Add(121*time.Second)) {
		t.Error("a trouble that returns is not news")
	}
}
