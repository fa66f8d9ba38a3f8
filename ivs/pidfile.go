package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/internal/control"
)

// pidFile is the switch's claim to its name: a file with the process id,
// locked as long as the process lives. A lock needs no guess whether the
// process of an old file still lives, and can't be left behind by a kill.
type pidFile struct{ file *os.File }

// runningError says that another process has the name.
type runningError struct {
	pid  string // as the file tells it
	path string
}

func (e *runningError) Error() string {
	return fmt.Sprintf("already running as process %s, which holds %s: end it, or choose another --name", e.pid, e.path)
}

// How long the start waits for another switch of the name. One that was killed
// keeps its files until the kernel has closed all its sockets, which takes some
// tens of milliseconds for each port.
const (
	claimPatience  = 2 * time.Second
	endingPatience = time.Minute // for a process that is visibly on its way out
	claimEvery     = 10 * time.Millisecond
)

// claim takes the pid file at path, or says, with a runningError, who has it
// still after patience. It gives up when ctx ends.
func claim(ctx context.Context, path string, patience time.Duration) (*pidFile, error) {
	f, err := lock(path)
	for begin := time.Now(); err != nil; f, err = lock(path) {
		if errors.Is(err, errRemoved) {
			continue
		}
		var running *runningError
		waited := time.Since(begin)
		if !errors.As(err, &running) || waited >= patience && (waited >= endingPatience || !exiting(running.pid)) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(claimEvery):
		}
	}
	p := &pidFile{f}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		p.release()
		return nil, fmt.Errorf("pid file: %w", err)
	}
	return p, nil
}

// exiting reports whether a process is on its way out: PF_EXITING of
// linux/sched.h, among the flags that proc_pid_stat(5) tells of its first thread.
func exiting(pid string) bool {
	const pfExiting, flagsField = 0x4, 6 // counted from the state, behind the name in parentheses
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return false
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= flagsField {
		return false
	}
	flags, err := strconv.ParseUint(fields[flagsField], 10, 64)
	return err == nil && flags&pfExiting != 0
}

// errRemoved says that a daemon that was ending removed the file, or its
// directory, before it could be locked: another try is due.
var errRemoved = errors.New("pid file was removed")

// lock opens the file at path and locks it.
func lock(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("run-time directory: %w; %s can name another", err, control.RunDirVariable)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errRemoved
	}
	if err != nil {
		return nil, fmt.Errorf("pid file: %w; %s can name another directory", err, control.RunDirVariable)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			pid, _ := io.ReadAll(io.LimitReader(f, 16))
			return nil, &runningError{strings.TrimSpace(string(pid)), path}
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !isAt(f, path) {
		f.Close()
		return nil, errRemoved
	}
	return f, nil
}

// isAt reports whether path still names the file.
func isAt(f *os.File, path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

func writePID(f *os.File) error {
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

// release removes the file, then gives up the lock.
func (p *pidFile) release() error {
	return errors.Join(os.Remove(p.file.Name()), p.file.Close())
}
