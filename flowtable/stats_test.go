package flowtable

import (
	"sync"
	"testing"
)

func TestStatsFromManyGoroutines(t *testing.T) {
	var s Stats
	var l Lookups
	var writers sync.WaitGroup
	for w := range int64(4) {
		writers.Go(func() {
			for i := range int64(1000) {
				s.Credit(1, 60, 10*i+w)
				l.Credit(2, 1)
			}
		})
	}
	writers.Wait()
	if packets, bytes, used := s.Read(); packets != 4000 || bytes != 240_000 || used != 9993 {
		t.Errorf("Read = %d, %d, %d; want 4000, 240000, 9993", packets, bytes, used)
	}
	if lookups, matched := l.Read(); lookups != 8000 || matched != 4000 {
		t.Errorf("Lookups = %d, %d; want 8000, 4000", lookups, matched)
	}
	s.Touch(5) // never back
	if _, _, used := s.Read(); used != 9993 {
		t.Errorf("used went back to %d", used)
	}
}
