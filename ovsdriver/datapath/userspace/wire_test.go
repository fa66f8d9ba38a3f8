package userspace

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// wire is a raw socket on a host's eth0: the far end of a port.
type wire struct {
	t  testing.TB
	fd int
}

// wire opens the far end of port no.
func (l *lab) wire(no int) *wire { return l.wireOn(l.hosts[no-1], "eth0") }

func (l *lab) wireOn(ns, ifname string) *wire {
	l.t.Helper()
	w := &wire{t: l.t, fd: -1}
	err := l.in(ns, func() error {
		lk, err := findLink(ifname)
		if err != nil {
			return err
		}
		if w.fd, err = openPacket(); err != nil {
			return err
		}
		err = errors.Join(setPacketOption(w.fd, unix.PACKET_AUXDATA, 1), setPacketOption(w.fd, unix.PACKET_IGNORE_OUTGOING, 1),
			unix.SetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer), bindPacket(w.fd, lk.index, unix.ETH_P_ALL))
		if err != nil {
			return err
		}
		return unix.SetsockoptTimeval(w.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1})
	})
	if err != nil {
		l.t.Fatal(err)
	}
	_ = unix.SetNonblock(w.fd, false)
	l.t.Cleanup(func() { _ = unix.Close(w.fd) })
	return w
}

// send puts a frame on the wire, its offload described by o.
func (w *wire) send(frame []byte, o datapath.Offload) error {
	b := make([]byte, vnetHeader, vnetHeader+len(frame))
	putOffload(b, &o)
	_, err := unix.Write(w.fd, append(b, frame...))
	return err
}

// mustSend sends a frame that needs nothing done.
func (w *wire) mustSend(frame []byte) {
	w.t.Helper()
	if err := w.send(frame, datapath.Offload{}); err != nil {
		w.t.Fatal(err)
	}
}

// receive returns the next frame within d, its tag in place; nil if there is
// none.
func (w *wire) receive(d time.Duration) ([]byte, datapath.Offload) {
	w.t.Helper()
	tv := unix.NsecToTimeval(max(int64(d), 1000))
	if err := unix.SetsockoptTimeval(w.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
		w.t.Fatal(err)
	}
	b := make([]byte, slotSize)
	control := make([]byte, auxSpace)
	for {
		n, nc, _, _, err := unix.Recvmsg(w.fd, b[tagRoom:], control, 0)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENETDOWN) {
			continue
		}
		if err != nil {
			return nil, datapath.Offload{}
		}
		f := datapath.Frame{Buf: b, Start: tagRoom + vnetHeader, End: tagRoom + n}
		getOffload(b[tagRoom:], &f.Offload)
		if tpid, tci, ok := auxTag(control[:nc]); ok {
			insertTag(&f, tpid, tci)
		}
		return f.Bytes(), f.Offload
	}
}

// mustReceive returns the next frame, which must come.
func (w *wire) mustReceive() []byte {
	w.t.Helper()
	b, _ := w.receive(2 * time.Second)
	if b == nil {
		w.t.Fatal("no frame came")
	}
	return b
}

// silent fails if a frame comes within a short while.
func (w *wire) silent() {
	w.t.Helper()
	if b, _ := w.receive(50 * time.Millisecond); b != nil {
		w.t.Fatalf("unexpected frame % x", b)
	}
}

// nobody is a host that is not there: others don't answer frames to it.
const nobody = 99

// udp returns a UDP frame of size bytes from host src to host dst.
func udp(src, dst byte, size int, sport uint16) []byte {
	b := make([]byte, max(size, 42))
	copy(b, []byte{2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8, 0})
	ip := b[14:]
	copy(ip, []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, src, 10, 0, 0, dst})
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	binary.BigEndian.PutUint16(ip[10:], ^sum16(ip[:20]))
	binary.BigEndian.PutUint16(ip[20:], sport)
	binary.BigEndian.PutUint16(ip[22:], 9)
	binary.BigEndian.PutUint16(ip[24:], uint16(len(ip)-20))
	return b
}

// sum16 is the ones' complement sum of RFC 1071.
func sum16(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		s += uint32(b[len(b)-1]) << 8
	}
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}
