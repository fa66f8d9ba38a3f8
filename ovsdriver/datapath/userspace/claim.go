package userspace

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// claims marks interfaces as this datapath's, so that no other switch of this
// kind takes them. It is a file that only root can open, and in it the lock of
// one byte for each interface of each network namespace. Locks go with the
// process. Who opens the file shares the lock of its first byte, so that the
// last one to leave can know that, and removes it. A nil claims marks nothing.
// Main owns it.
type claims struct{ file *os.File }

// openClaims opens the file at path, and makes it and its directory.
func openClaims(path string) (*claims, error) {
	for {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("claims of interfaces: %w", err)
		}
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if errors.Is(err, os.ErrNotExist) {
			continue // whoever left last removed the directory as well
		}
		if err != nil {
			return nil, fmt.Errorf("claims of interfaces: %w", err)
		}
		c := &claims{f}
		alive, err := c.join()
		if alive {
			return c, nil
		}
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("claims of interfaces: %w", err)
		}
	}
}

// join makes the datapath one of those that use the file. It is not if the last
// one removes the file just now, or has.
func (c *claims) join() (alive bool, err error) {
	if err := c.lock(unix.F_RDLCK, 0); taken(err) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	var file unix.Stat_t
	err = unix.Fstat(int(c.file.Fd()), &file)
	return err == nil && file.Nlink > 0, err
}

// take claims an interface of this thread's network namespace, and returns the
// place of the claim; datapath.ErrBusy if another has it.
func (c *claims) take(index int32) (place int64, err error) {
	if c == nil {
		return 0, nil
	}
	var namespace unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &namespace); err != nil {
		return 0, os.NewSyscallError("stat network namespace", err)
	}
	place = int64((namespace.Ino<<32 | uint64(uint32(index))) & math.MaxInt64)
	if err = c.lock(unix.F_WRLCK, place); taken(err) {
		err = datapath.ErrBusy
	}
	return place, err
}

// release gives a claim up.
func (c *claims) release(place int64) error {
	if c == nil || place == 0 {
		return nil
	}
	return c.lock(unix.F_UNLCK, place)
}

// close gives all claims up. If nobody else has any, the file goes.
func (c *claims) close() error {
	if c == nil {
		return nil
	}
	if c.lock(unix.F_WRLCK, 0) == nil {
		_ = os.Remove(c.file.Name()) // one that stays does no harm
	}
	return c.file.Close()
}

func (c *claims) lock(typ int16, place int64) error {
	l := unix.Flock_t{Type: typ, Start: place, Len: 1}
	return os.NewSyscallError("lock", unix.FcntlFlock(c.file.Fd(), unix.F_OFD_SETLK, &l))
}

// taken reports whether an error of lock says that another has the lock.
func taken(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) }
