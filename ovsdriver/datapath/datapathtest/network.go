package datapathtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// isolated is set in the environment of a test binary that Isolate restarted.
const isolated = "IVS_TEST_NAMESPACE"

// Isolate moves the whole test binary into a network namespace of its own, by
// executing it again; call it first in TestMain. There the host's interfaces
// cannot disturb tests, nor tests the host, and everything is gone when the
// binary ends. Without root it does nothing, and tests that need a Network
// skip.
func Isolate() {
	if os.Getenv(isolated) != "" || os.Geteuid() != 0 {
		return
	}
	// Execution keeps the namespace of the thread that executes.
	runtime.LockOSThread()
	err := unix.Unshare(unix.CLONE_NEWNET)
	if err == nil {
		err = syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), isolated+"=1"))
	}
	fmt.Fprintf(os.Stderr, "datapathtest: no network namespace (%v); run as root, outside a restricted container\n", err)
	os.Exit(1)
}

// Network makes real interfaces for a Harness: veth pairs, with a packet socket
// on each far end. It lacks only Datapath to be one. Everything it made goes
// away at the end of the test.
type Network struct {
	mu   sync.Mutex
	fars map[string]*PacketSocket // by near end's name
}

// NewNetwork makes a Network, or skips the test if this machine does not let
// it.
func NewNetwork(t *testing.T) *Network {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make network interfaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the ip command (Debian: iproute2)")
	}
	n := &Network{fars: map[string]*PacketSocket{}}
	t.Cleanup(n.close)
	// Without IPv6 the host sends nothing of its own accord.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0o644)
	return n
}

func (n *Network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for name, far := range n.fars {
		far.Close()
		_ = ip("link", "del", name) // with its far end; gone already at times
	}
}

// ip runs the ip command.
func ip(args ...string) error {
	if text, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %v: %w: %s", args, err, text)
	}
	return nil
}

// NewInterface implements Harness.
func (n *Network) NewInterface(t *testing.T) string {
	t.Helper()
	id := rand.Uint32() // names must differ within the namespace
	near, far := fmt.Sprintf("tn%08x", id), fmt.Sprintf("tf%08x", id)
	for _, args := range [][]string{
		{"link", "add", near, "type", "veth", "peer", "name", far},
		{"link", "set", far, "up"},
		{"link", "set", near, "up"},
	} {
		if err := ip(args...); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{far, near} {
		if err := awaitRunning(name); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenPacketSocket(far)
	if err != nil {
		t.Fatal(err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fars[near] = s
	return near
}

// awaitRunning waits until the kernel has acted on an interface's carrier, up to
// a second after it came; till then it drops every frame sent.
func awaitRunning(name string) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		link, err := net.InterfaceByName(name)
		if err != nil {
			return fmt.Errorf("interface %s: %w", name, err)
		}
		if link.Flags&net.FlagRunning != 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("interface %s has no carrier after %v", name, patience)
		}
	}
}

// RemoveInterface implements Harness.
func (n *Network) RemoveInterface(t *testing.T, name string) {
	t.Helper()
	if err := ip("link", "del", name); err != nil {
		t.Fatal(err)
	}
}

// Far returns the packet socket on the far end of an interface.
func (n *Network) Far(name string) *PacketSocket {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.fars[name]
}

// Send implements Harness. A frame for an interface that was removed is lost.
func (n *Network) Send(t testing.TB, name string, frame []byte) {
	t.Helper()
	err := n.Far(name).Send(frame)
	if err != nil && !errors.Is(err, unix.ENXIO) && !errors.Is(err, unix.ENETDOWN) && !errors.Is(err, unix.ENODEV) {
		t.Errorf("send %d bytes into %s: %v", len(frame), name, err)
	}
}

// Receive implements Harness.
func (n *Network) Receive(t *testing.T, name string, limit time.Duration) []byte {
	t.Helper()
	for deadline := time.Now().Add(limit); ; {
		frame, err := n.Far(name).Receive(time.Until(deadline))
		if err != nil {
			t.Fatalf("receive from %s: %v", name, err)
		}
		if frame == nil || Ours(frame) {
			return frame
		}
	}
}

// PacketSocket sends and receives whole Ethernet frames on one interface. It
// does not hear what it sends. Any goroutine may send, one receives.
type PacketSocket struct {
	fd      int
	control []byte
	buf     []byte
}

// packetIgnoreOutgoing is PACKET_IGNORE_OUTGOING, linux/if_packet.h.
const packetIgnoreOutgoing = 23

// OpenPacketSocket opens a packet socket on an interface of the present network
// namespace.
func OpenPacketSocket(name string) (*PacketSocket, error) {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	// With protocol 0 nothing comes in before bind.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, packetIgnoreOutgoing, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("packet socket on %s: %w", name, err), unix.Close(fd))
	}
	return &PacketSocket{fd: fd, control: make([]byte, 256), buf: make([]byte, 1<<16)}, nil
}

// Close closes the socket; no other method may be running.
func (s *PacketSocket) Close() { _ = unix.Close(s.fd) }

// Send puts a frame on the interface, and waits while its queue is full.
func (s *PacketSocket) Send(frame []byte) error {
	for {
		_, err := unix.Write(s.fd, frame)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOBUFS):
			time.Sleep(time.Millisecond)
		default:
			return err
		}
	}
}

// Receive returns the next frame, its VLAN tag in it; nil if none comes within
// the limit, or ever again because the interface is gone.
func (s *PacketSocket) Receive(limit time.Duration) ([]byte, error) {
	for deadline := time.Now().Add(limit); ; {
		left := max(0, time.Until(deadline))
		fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
		ready, err := unix.Poll(fds, int((left+time.Millisecond-1)/time.Millisecond))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || ready == 0 {
			return nil, err
		}
		n, control, _, _, err := unix.Recvmsg(s.fd, s.buf, s.control, unix.MSG_DONTWAIT)
		switch {
		case err == nil:
			return s.withTag(s.buf[:n], s.control[:control])
		case errors.Is(err, unix.ENETDOWN):
			return nil, nil
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
			return nil, err
		}
	}
}

// withTag copies a frame and puts back the tag that the kernel took out of it
// (struct tpacket_auxdata, linux/if_packet.h).
func (s *PacketSocket) withTag(frame, control []byte) ([]byte, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, fmt.Errorf("control message: %w", err)
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_PACKET || m.Header.Type != unix.PACKET_AUXDATA || len(m.Data) < 20 {
			continue
		}
		status := binary.NativeEndian.Uint32(m.Data)
		if status&unix.TP_STATUS_VLAN_VALID != 0 {
			tci, tpid := binary.NativeEndian.Uint16(m.Data[16:]), uint16(unix.ETH_P_8021Q)
			if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
				tpid = binary.NativeEndian.Uint16(m.Data[18:])
			}
			return Tagged(tpid, tci, frame), nil
		}
	}
	return append([]byte{}, frame...), nil
}
