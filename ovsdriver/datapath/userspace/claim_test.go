package userspace

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func mustOpenClaims(t *testing.T, path string) *claims {
	t.Helper()
	c, err := openClaims(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClaims(t *testing.T) {
	l := newLab(t, 1)
	path := filepath.Join(t.TempDir(), "run", "interfaces.lock")
	one, other := mustOpenClaims(t, path), mustOpenClaims(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v; want nobody but its owner to open it", info.Mode(), err)
	}
	place, err := one.take(7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.take(7); !errors.Is(err, datapath.ErrBusy) {
		t.Errorf("a second claim: %v", err)
	}
	if _, err := other.take(8); err != nil {
		t.Errorf("another interface: %v", err)
	}
	elsewhere := l.in(l.hosts[0], func() error { _, err := other.take(7); return err })
	if elsewhere != nil {
		t.Errorf("in another network namespace: %v", elsewhere)
	}
	if err := one.release(place); err != nil {
		t.Fatal(err)
	}
	if _, err := other.take(7); err != nil {
		t.Errorf("an interface that was given back: %v", err)
	}
	if err := other.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := one.take(8); err != nil {
		t.Errorf("an interface of one who has left: %v", err)
	}
	if err := one.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the last one left the file: %v", err)
	}
}

// A file that is removed between its opening and the first lock is of no use.
func TestClaimsOfRemovedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "interfaces.lock")
	last := mustOpenClaims(t, path)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	late := &claims{f}
	if err := last.close(); err != nil {
		t.Fatal(err)
	}
	if alive, err := late.join(); alive || err != nil {
		t.Errorf("joined a removed file: %t, %v", alive, err)
	}
	_ = f.Close()
}

// Datapaths come and go at once, and the file with them: never have two of them
// one interface.
func TestClaimsAreExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "interfaces.lock")
	var holders, total atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				c, err := openClaims(path)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := c.take(7); err == nil {
					if n := holders.Add(1); n != 1 {
						t.Errorf("%d have the interface", n)
					}
					total.Add(1)
					holders.Add(-1)
				}
				if err := c.close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if total.Load() == 0 {
		t.Error("nobody ever had the interface")
	}
}
