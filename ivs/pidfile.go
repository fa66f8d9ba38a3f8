package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// pidFile is the switch's claim to its name: a file with the process id,
// locked as long as the process lives. A lock needs no guess whether the
// process of an old file still lives, and can't be left behind by a kill.
type pidFile struct{ file *os.File }

// errRunning says that another daemon has the name.
var errRunning = errors.New("already running")

// claim takes the pid file at path, or says who has it.
func claim(path string) (*pidFile, error) {
	f, err := lock(path)
	for errors.Is(err, errRemoved) {
		f, err = lock(path)
	}
	if err != nil {
		return nil, err
	}
	p := &pidFile{f}
	if err := errors.Join(f.Truncate(0), writePID(f)); err != nil {
		p.release()
		return nil, fmt.Errorf("pid file: %w", err)
	}
	return p, nil
}

// errRemoved says that a daemon that was ending removed the file, or its
// directory, before it could be locked: another try is due.
var errRemoved = errors.New("pid file was removed")

// lock opens the file at path and locks it.
func lock(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("run-time directory: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errRemoved
	}
	if err != nil {
		return nil, fmt.Errorf("pid file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			pid, _ := io.ReadAll(io.LimitReader(f, 16))
			return nil, fmt.Errorf("%w as process %s; it holds %s", errRunning, strings.TrimSpace(string(pid)), path)
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
