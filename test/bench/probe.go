package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// silence is how long a frame may take before it counts as lost.
const silence = 500 * time.Millisecond

// probe sends frames one by one and returns how long each took from before the
// system call that sends it until the kernel has received it on host b, sorted.
// Those that are lost are missing. With a pause it sleeps that long before each
// frame; without, it sends the next one when the last has arrived, and never
// sleeps, so that what is measured is the switch and not an idle machine's way
// back to work.
func probe(l *lab, count int, pause time.Duration, flows bool, first uint64) ([]time.Duration, error) {
	out, err := packetSocket(l.a, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(out)
	in, err := packetSocket(l.b, unix.ETH_P_IP)
	if err != nil {
		return nil, err
	}
	defer unix.Close(in)
	timeout := unix.NsecToTimeval(silence.Nanoseconds())
	if err := errors.Join(
		unix.SetsockoptInt(in, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptTimeval(in, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout),
	); err != nil {
		return nil, err
	}
	if pause == 0 {
		return pingPong(out, in, count, first)
	}
	failed := make(chan error, 1)
	begin := time.Duration(time.Now().UnixNano())
	go func() { failed <- sendStamped(out, count, pause, flows, first) }()
	times, err := receiveStamped(in, begin, first, count)
	return times, errors.Join(err, <-failed)
}

// sendStamped sends count frames. A frame's stamp is the time just before it is
// sent, in nanoseconds since 1970.
func sendStamped(fd, count int, pause time.Duration, flows bool, first uint64) error {
	f := newFrame()
	for n := range uint64(count) {
		time.Sleep(pause)
		if err := sendOne(fd, &f, first+n, flows); err != nil {
			return err
		}
	}
	return nil
}

func sendOne(fd int, f *frame, n uint64, ownFlow bool) error {
	f.number(n, ownFlow)
	binary.BigEndian.PutUint64(f[offStamp:], uint64(time.Now().UnixNano()))
	if _, err := unix.Write(fd, f[:]); err != nil {
		return os.NewSyscallError("write", err)
	}
	return nil
}

// pingPong sends frames of one flow, each when the one before has arrived or is
// lost, and spins meanwhile.
func pingPong(out, in, count int, first uint64) ([]time.Duration, error) {
	var times []time.Duration
	f := newFrame()
	for n := range uint64(count) {
		begin := time.Now()
		if err := sendOne(out, &f, first+n, false); err != nil {
			return nil, err
		}
		for time.Since(begin) < silence {
			a, ok, err := receive(in, unix.MSG_DONTWAIT)
			if err != nil {
				return nil, err
			}
			if ok && a.number == first+n {
				times = append(times, a.at-a.sent)
				break
			}
		}
	}
	slices.Sort(times)
	return times, nil
}

// receiveStamped reads frames that were sent since begin, until all of first to
// first+count-1 are there or none comes for a while.
func receiveStamped(fd int, begin time.Duration, first uint64, count int) ([]time.Duration, error) {
	var times []time.Duration
	seen := make([]bool, count)
	for last := time.Now(); len(times) < count && time.Since(last) < silence; {
		a, ok, err := receive(fd, 0)
		if err != nil {
			return nil, err
		}
		if !ok || a.sent < begin {
			continue // nothing, somebody else's, or of an earlier measurement
		}
		i := a.number - first
		if i >= uint64(count) || seen[i] {
			return nil, fmt.Errorf("frame %d arrived twice or was never sent", a.number)
		}
		seen[i] = true
		times = append(times, a.at-a.sent)
		last = time.Now()
	}
	slices.Sort(times)
	return times, nil
}

// arrived is a frame of ours that has come in. Times are since 1970.
type arrived struct {
	number   uint64
	sent, at time.Duration
}

// receive reads one frame; ok is false if none came, or one of somebody else.
func receive(fd, flags int) (a arrived, ok bool, err error) {
	var f, oob [128]byte
	n, oobn, _, _, err := unix.Recvmsg(fd, f[:], oob[:], flags)
	if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
		return a, false, nil
	}
	if err != nil {
		return a, false, os.NewSyscallError("recvmsg", err)
	}
	template := newFrame()
	if n < frameSize || !bytes.Equal(f[:12], template[:12]) {
		return a, false, nil
	}
	a.number = binary.BigEndian.Uint64(f[offSequence:])
	a.sent = time.Duration(binary.BigEndian.Uint64(f[offStamp:]))
	a.at, err = arrival(oob[:oobn])
	return a, err == nil, err
}

// arrival is when the kernel received a frame, in nanoseconds since 1970.
func arrival(oob []byte) (time.Duration, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0, os.NewSyscallError("recvmsg", err)
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS {
			ts := (*unix.Timespec)(unsafe.Pointer(&m.Data[0]))
			return time.Duration(ts.Nano()), nil
		}
	}
	return 0, errors.New("a frame without the time of its arrival")
}
