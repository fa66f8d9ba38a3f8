package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// frameSize is 64 bytes less the frame check sequence, which packet sockets
// neither see nor send.
const frameSize = 60

// Offsets in the frames that are sent: Ethernet, IPv4, UDP without a checksum,
// and then a sequence number and the time of sending.
const (
	offIPv4     = 14
	offSource   = offIPv4 + 12
	offUDP      = offIPv4 + 20
	offSequence = offUDP + 8
	offStamp    = offSequence + 8
)

// frame is a UDP packet to an Ethernet address that no host has, so that the
// receiving host's stack drops it at once.
type frame [frameSize]byte

func newFrame() (f frame) {
	copy(f[:], []byte{0x02, 0, 0, 0, 0, 0xbb, 0x02, 0, 0, 0, 0, 0xaa, 0x08, 0x00})
	ip := f[offIPv4:]
	ip[0], ip[8], ip[9] = 0x45, 64, unix.IPPROTO_UDP
	binary.BigEndian.PutUint16(ip[2:], frameSize-offIPv4)
	copy(ip[12:], []byte{10, 1, 0, 1, 10, 2, 0, 1})
	udp := f[offUDP:]
	binary.BigEndian.PutUint16(udp[0:], 50000)
	binary.BigEndian.PutUint16(udp[2:], 50001)
	binary.BigEndian.PutUint16(udp[4:], frameSize-offUDP)
	f.sum()
	return f
}

// number makes the frame the n-th. If each is a flow of its own, n tells its
// source port and, above that, its source address.
func (f *frame) number(n uint64, ownFlow bool) {
	binary.BigEndian.PutUint64(f[offSequence:], n)
	if !ownFlow {
		return
	}
	binary.BigEndian.PutUint16(f[offUDP:], uint16(n))
	binary.BigEndian.PutUint16(f[offSource+1:], uint16(n>>16))
	f.sum()
}

// sum computes the IPv4 header's checksum (RFC 1071).
func (f *frame) sum() {
	f[offIPv4+10], f[offIPv4+11] = 0, 0
	var sum uint32
	for i := offIPv4; i < offUDP; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(f[i:]))
	}
	sum = sum>>16 + sum&0xffff
	sum += sum >> 16
	binary.BigEndian.PutUint16(f[offIPv4+10:], ^uint16(sum))
}

// packetSocket opens a packet socket on eth0 of a host. Protocol 0 only sends.
func packetSocket(host string, protocol uint16) (fd int, err error) {
	err = within(host, func() error {
		ifc, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol<<8 | protocol>>8, Ifindex: ifc.Index})
	})
	if err != nil {
		return -1, fmt.Errorf("packet socket in %s: %w", host, err)
	}
	return fd, nil
}

const burst = 32

// flood sends frames from host a as fast as they go for a time. It returns how
// many per second arrived at host b. Flows tells whether each frame is a new
// flow; first is the first frame's number.
func flood(l *lab, d time.Duration, flows bool, first uint64) (perSecond float64, sent uint64, err error) {
	fd, err := packetSocket(l.a, 0)
	if err != nil {
		return 0, 0, err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return 0, 0, os.NewSyscallError("PACKET_QDISC_BYPASS", err)
	}
	arrived, err := newCounter(l.b)
	if err != nil {
		return 0, 0, err
	}
	defer arrived.file.Close()
	before, err := arrived.read()
	if err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	if sent, err = sendUntil(fd, begin.Add(d), flows, first); err != nil {
		return 0, 0, err
	}
	after, err := arrived.read()
	took := time.Since(begin)
	if err != nil {
		return 0, 0, err
	}
	return float64(after-before) / took.Seconds(), sent, nil
}

// sendUntil sends bursts until a time. Frames that the interface refuses count
// as sent.
func sendUntil(fd int, end time.Time, flows bool, first uint64) (sent uint64, err error) {
	var frames [burst]frame
	var vectors [burst]unix.Iovec
	var headers [burst]mmsghdr
	for i := range frames {
		frames[i] = newFrame()
		vectors[i].Base = &frames[i][0]
		vectors[i].SetLen(frameSize)
		headers[i].hdr.Iov = &vectors[i]
		headers[i].hdr.SetIovlen(1)
	}
	for time.Now().Before(end) {
		for i := range frames {
			frames[i].number(first+sent+uint64(i), flows)
		}
		_, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&headers)), burst, 0, 0, 0)
		if errno != 0 && errno != unix.ENOBUFS && errno != unix.EINTR {
			return sent, os.NewSyscallError("sendmmsg", errno)
		}
		sent += burst
	}
	return sent, nil
}

// mmsghdr is struct mmsghdr of sendmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	_   [8]byte // how much was sent, and padding
}

// counter reads at once, without entering the namespace again, how many frames
// have arrived at a host's eth0.
type counter struct{ file *os.File }

func newCounter(host string) (c counter, err error) {
	err = within(host, func() (err error) {
		c.file, err = os.Open("/proc/thread-self/net/dev") // of the namespace in which it is opened
		return err
	})
	return c, err
}

func (c counter) read() (uint64, error) {
	if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	text, err := io.ReadAll(c.file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, counters, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "eth0" {
			return strconv.ParseUint(strings.Fields(counters)[1], 10, 64)
		}
	}
	return 0, errors.New("no eth0 in /proc/net/dev")
}
