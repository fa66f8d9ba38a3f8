package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// wire sends and receives whole Ethernet frames at a host's end of its cable,
// past the host's own stack. It does not hear what it sends. One goroutine sends
// and one receives.
type wire struct {
	fd           int
	buf, control []byte
}

const (
	packetIgnoreOutgoing = 23       // PACKET_IGNORE_OUTGOING, linux/if_packet.h
	wireBuffer           = 16 << 20 // bytes of received frames that wait
	quiet                = 300 * time.Millisecond
)

// wire opens the host's cable.
func (h *host) wire(t *testing.T) *wire {
	t.Helper()
	w := &wire{buf: make([]byte, 1<<16), control: make([]byte, 256)}
	if err := h.Do(w.open); err != nil {
		t.Fatalf("packet socket at the end of %s: %v", h.port, err)
	}
	t.Cleanup(func() { unix.Close(w.fd) })
	return w
}

// wires opens the cables of all hosts.
func (l *lab) wires(t *testing.T) []*wire {
	t.Helper()
	var all []*wire
	for _, h := range l.hosts {
		all = append(all, h.wire(t))
	}
	return all
}

func (w *wire) open() (err error) {
	link, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	// With protocol 0 nothing comes in before bind.
	if w.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	return errors.Join(
		unix.SetsockoptInt(w.fd, unix.SOL_PACKET, packetIgnoreOutgoing, 1),
		unix.SetsockoptInt(w.fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.SetsockoptInt(w.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, wireBuffer),
		unix.Bind(w.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
	)
}

// send sends a frame.
func (w *wire) send(t *testing.T, frame []byte) {
	t.Helper()
	if _, err := unix.Write(w.fd, frame); err != nil {
		t.Fatalf("send %d bytes: %v", len(frame), err)
	}
}

// receive returns the next frame, its VLAN tag in it, valid until the next call;
// nil if none comes within the limit.
func (w *wire) receive(limit time.Duration) []byte {
	for deadline := time.Now().Add(limit); ; {
		n, control, _, _, err := unix.Recvmsg(w.fd, w.buf, w.control, unix.MSG_DONTWAIT)
		if err == nil {
			return restoreTag(w.buf[:n], w.control[:control])
		}
		left := time.Until(deadline)
		if left <= 0 {
			return nil
		}
		fds := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
		_, _ = unix.Poll(fds, int(left.Milliseconds())+1) // what is wrong shows at the next read
	}
}

// restoreTag puts back the tag that the kernel took out of a received frame
// (struct tpacket_auxdata, linux/if_packet.h).
func restoreTag(frame, control []byte) []byte {
	messages, _ := unix.ParseSocketControlMessage(control)
	for _, m := range messages {
		if m.Header.Type != unix.PACKET_AUXDATA || len(m.Data) < 20 {
			continue
		}
		if binary.NativeEndian.Uint32(m.Data)&unix.TP_STATUS_VLAN_VALID == 0 {
			continue
		}
		tag := binary.BigEndian.AppendUint16(nil, binary.NativeEndian.Uint16(m.Data[18:]))
		tag = binary.BigEndian.AppendUint16(tag, binary.NativeEndian.Uint16(m.Data[16:]))
		return bytes.Join([][]byte{frame[:12], tag, frame[12:]}, nil)
	}
	return frame
}

// expect waits for the next frame, which must be this one.
func (w *wire) expect(t *testing.T, what string, want []byte) {
	t.Helper()
	if got := w.receive(patience); !bytes.Equal(got, want) {
		t.Fatalf("%s: received\n%s\nwant\n%s", what, describe(got), describe(want))
	}
}

// repeats is how often a frame is sent where the slow path and a cached flow
// should both be seen, but the latter is not waited for.
const repeats = 5

// forwards sends a frame again and again, which must arrive as another each
// time: at first by the slow path, and, if cached is true, at last by a cached
// flow.
func (d *daemon) forwards(t *testing.T, from, to *wire, in, want []byte, cached bool) {
	t.Helper()
	before := d.stat(t).Hit
	again := func() {
		t.Helper()
		from.send(t, in)
		to.expect(t, "forwarded", want)
	}
	for range repeats {
		again()
	}
	if !cached {
		return
	}
	await(t, "cached flow", func() bool {
		again()
		return d.stat(t).Hit > before
	})
	again()
}

// awaitFrame reports whether this frame comes within the limit, whatever else
// comes before.
func (w *wire) awaitFrame(want []byte, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); ; {
		got := w.receive(time.Until(deadline))
		if got == nil || bytes.Equal(got, want) {
			return got != nil
		}
	}
}

// expectNothing fails if a frame comes.
func (w *wire) expectNothing(t *testing.T, what string) {
	t.Helper()
	if got := w.receive(quiet); got != nil {
		t.Fatalf("%s: received\n%s\nwant nothing", what, describe(got))
	}
}

// expectSilence looks at several wires for any frame, for a while in all.
func expectSilence(t *testing.T, what string, wires ...*wire) {
	t.Helper()
	time.Sleep(quiet)
	for i, w := range wires {
		if got := w.receive(0); got != nil {
			t.Fatalf("%s: wire %d of these received\n%s\nwant nothing", what, i+1, describe(got))
		}
	}
}

func describe(frame []byte) string {
	if frame == nil {
		return "nothing"
	}
	return fmt.Sprintf("%x\n%s", frame, decode(frame))
}
