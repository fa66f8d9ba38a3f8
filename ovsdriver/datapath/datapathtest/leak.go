package datapathtest

import (
	"os"
	"runtime"
	"testing"
)

// LeaksNothing runs rounds of what opens and closes things: beside what the first
// one leaves, which is made once, no descriptor and no goroutine may stay.
func LeaksNothing(t *testing.T, round func(n int)) {
	t.Helper()
	round(0)
	files, goroutines := descriptors(t), runtime.NumGoroutine()
	for n := 1; n < 10; n++ {
		round(n)
	}
	if n := descriptors(t); n != files {
		t.Errorf("%d descriptors are open, %d were after the first round", n, files)
	}
	if n := runtime.NumGoroutine(); n != goroutines {
		t.Errorf("%d goroutines run, %d did after the first round", n, goroutines)
	}
}

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
