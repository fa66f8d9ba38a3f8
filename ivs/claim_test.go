package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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
				p, err := claim(t.Context(), path, 0)
				if running := new(runningError); errors.As(err, &running) {
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

// A start waits for a process that has the name and is about to end.
func TestClaimWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ivs.pid")
	first, err := claim(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx := watchedContext{t.Context(), make(chan struct{}, 1)}
	go func() {
		<-ctx.waits
		if err := first.release(); err != nil {
			t.Error(err)
		}
	}()
	second, err := claim(ctx, path, time.Minute)
	if err != nil {
		t.Fatalf("a claim that could wait: %v", err)
	}
	if err := second.release(); err != nil {
		t.Error(err)
	}
}

// A start that waits ends when it is asked to.
func TestClaimGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ivs.pid")
	first, err := claim(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer first.release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := claim(ctx, path, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("claim: %v, want that it was canceled", err)
	}
}

// A process that has ended, but was not waited for, is on its way out, this one
// is not.
func TestExiting(t *testing.T) {
	if exiting(strconv.Itoa(os.Getpid())) {
		t.Error("this process is said to exit")
	}
	for _, pid := range []string{"", "no number", "0"} {
		if exiting(pid) {
			t.Errorf("process %q is said to exit", pid)
		}
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	child, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{Files: []*os.File{nil, in}})
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != io.EOF { // it has closed its files
		t.Error(err)
	}
	if !exiting(strconv.Itoa(child.Pid)) {
		t.Error("a process that has ended is not said to exit")
	}
	if _, err := child.Wait(); err != nil {
		t.Error(err)
	}
}

// watchedContext tells that somebody waits for its end.
type watchedContext struct {
	context.Context
	waits chan struct{}
}

func (c watchedContext) Done() <-chan struct{} {
	select {
	case c.waits <- struct{}{}:
	default:
	}
	return c.Context.Done()
}
