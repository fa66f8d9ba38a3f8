package main

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Starts and ends of daemons of one name overlap in every way: never have two of
// them the name.
func TestClaimIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ivs.pid")
	var holders, claims atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				p, err := claim(path)
				if errors.Is(err, errRunning) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d have the name", n)
				}
				claims.Add(1)
				holders.Add(-1)
				if err := p.release(); err != nil {
					t.Errorf("release: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	if claims.Load() == 0 {
		t.Error("nobody ever had the name")
	}
}
