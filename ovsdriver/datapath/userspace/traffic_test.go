package userspace

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// tcp sends size bytes from namespace a to address in namespace b over one TCP
// connection and returns the rate in Gbit/s. A transfer that stalls, as when
// checksums or segments are wrong, fails.
func (l *lab) tcp(a, b, address string, size int64) float64 {
	l.t.Helper()
	var listener net.Listener
	err := l.in(b, func() (err error) {
		listener, err = net.Listen("tcp4", address+":0")
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan int64, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			got <- 0
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		n, _ := io.Copy(io.Discard, conn)
		_, _ = conn.Write([]byte{1})
		got <- n
	}()
	start := time.Now()
	err = l.in(a, func() error { return push(listener.Addr().String(), size) })
	took := time.Since(start)
	if err != nil {
		l.t.Errorf("TCP to %s: %v", address, err)
	}
	_ = listener.Close()
	if n := <-got; n != size {
		l.t.Errorf("TCP to %s: %d bytes of %d came", address, n, size)
	}
	return float64(size) * 8 / took.Seconds() / 1e9
}

// push sends size bytes and waits until the peer says that it has them.
func push(address string, size int64) error {
	conn, err := net.DialTimeout("tcp4", address, 3*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.CopyN(conn, zeros{}, size); err != nil {
		return err
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestTCP passes TCP with every offload of veth on, both ways.
func TestTCP(t *testing.T) {
	l := newLab(t, 2)
	d := l.open(2, 2, nil)
	l.connect(d, 1, 2)
	rate := l.tcp(l.hosts[0], l.hosts[1], "10.0.0.2", 200<<20)
	l.tcp(l.hosts[1], l.hosts[0], "10.0.0.1", 50<<20)
	t.Logf("%.1f Gbit/s", rate)
	c := d.Counters()
	if c.Drops[DropMTU] != 0 || c.Drops[DropSend] != 0 || c.Drops[DropReceive] != 0 {
		t.Errorf("frames were refused: %v", c.Drops)
	}
	// 64 KB frames, not segments: that is what makes it fast.
	if s := d.byID[1].stats(); s.Bytes/s.Packets < 5000 {
		t.Errorf("%d bytes in a frame on average: segmentation offload does not work", s.Bytes/s.Packets)
	}
}

// TestTCPInside sends TCP inside other headers between ports 3 and 4, which one
// veth pair joins: they are pushed on the way out and popped on the way in.
func TestTCPInside(t *testing.T) {
	vlan := func(tpid uint16) []datapath.Act {
		return []datapath.Act{{Kind: datapath.PushVLAN, EtherType: tpid, Value: 5<<13 | 5}}
	}
	for _, c := range []struct {
		name      string
		push, pop []datapath.Act
		whole     bool // 64 KB frames pass as they are
	}{
		{"802.1Q", vlan(unix.ETH_P_8021Q), []datapath.Act{{Kind: datapath.PopVLAN}}, true},
		{"802.1ad", vlan(unix.ETH_P_8021AD), []datapath.Act{{Kind: datapath.PopVLAN}}, true},
		{
			"two tags", append(vlan(unix.ETH_P_8021Q), vlan(unix.ETH_P_8021AD)...),
			[]datapath.Act{{Kind: datapath.PopVLAN}, {Kind: datapath.PopVLAN}}, true,
		},
		{
			"MPLS", []datapath.Act{{Kind: datapath.PushMPLS, EtherType: unix.ETH_P_MPLS_UC, Value: 99<<12 | 1<<8 | 64}},
			[]datapath.Act{{Kind: datapath.PopMPLS, EtherType: unix.ETH_P_IP}}, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, 2)
			l.ip("link", "add", "p3", "mtu", "1508", "type", "veth", "peer", "name", "p4", "mtu", "1508")
			l.ip("link", "set", "p3", "up")
			l.ip("link", "set", "p4", "up")
			if err := errors.Join(running("p3"), running("p4")); err != nil {
				t.Fatal(err)
			}
			d := l.open(4, 2, nil)
			put(t, d,
				portFlow(1, 1, append(c.push, output(3))...), portFlow(4, 4, append(c.pop, output(2))...),
				portFlow(2, 2, append(c.push, output(4))...), portFlow(3, 3, append(c.pop, output(1))...))
			l.tcp(l.hosts[0], l.hosts[1], "10.0.0.2", 20<<20)
			s := d.byID[4].stats()
			if s.Packets == 0 || s.Bytes/s.Packets > 1522 != c.whole {
				t.Errorf("port 4 got %d frames, %d bytes", s.Packets, s.Bytes)
			}
		})
	}
}

// TestUDP sends datagrams larger than the MTU (fragments) and with UDP
// segmentation offload.
func TestUDP(t *testing.T) {
	l := newLab(t, 2)
	d := l.open(2, 1, nil)
	l.connect(d, 1, 2)
	var server net.PacketConn
	err := l.in(l.hosts[1], func() (err error) {
		server, err = net.ListenPacket("udp4", "10.0.0.2:0")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, c := range []struct {
		name          string
		segment, size int
		want          []int
	}{
		{"fragments", 0, 4000, []int{4000}},
		{"segments", 1000, 3500, []int{1000, 1000, 1000, 500}},
	} {
		err := l.in(l.hosts[0], func() error { return sendUDP(server.LocalAddr().String(), c.segment, c.size) })
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EIO) {
			t.Logf("%s: not here: %v", c.name, err)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		b := make([]byte, 65536)
		for _, want := range c.want {
			_ = server.SetReadDeadline(time.Now().Add(2 * time.Second))
			n, _, err := server.ReadFrom(b)
			if err != nil {
				if c.segment > 0 && d.Counters().Drops[DropOverrun] > 0 {
					t.Logf("%s: the kernel can't describe them: counted", c.name)
					break
				}
				t.Fatalf("%s: %v", c.name, err)
			}
			if n != want {
				t.Errorf("%s: %d bytes, want %d", c.name, n, want)
			}
		}
	}
	l.awaitUDP(server)
}

// awaitUDP sends datagrams from host 1 until one comes: what the kernel can't
// describe may stop a ring, but not for long.
func (l *lab) awaitUDP(server net.PacketConn) {
	l.t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		if err := l.in(l.hosts[0], func() error { return sendUDP(server.LocalAddr().String(), 0, 100) }); err != nil {
			l.t.Fatal(err)
		}
		_ = server.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if n, _, err := server.ReadFrom(make([]byte, 2000)); err == nil {
			if n != 100 {
				l.t.Fatalf("a datagram of %d bytes came, want 100", n)
			}
			return
		}
	}
	l.t.Fatal("nothing comes any more")
}

// sendUDP sends one write of size bytes, cut into datagrams of segment bytes
// by the kernel if that is not zero.
func sendUDP(address string, segment, size int) error {
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error { return setSegment(c, segment) }}
	conn, err := dialer.DialContext(context.Background(), "udp4", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write(make([]byte, size))
	return err
}

func setSegment(c syscall.RawConn, segment int) error {
	if segment == 0 {
		return nil
	}
	var inner error
	err := c.Control(func(fd uintptr) {
		inner = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT, segment)
	})
	return errors.Join(err, inner)
}

// TestTCPInternal passes TCP between host 1 and the switch's own port, both
// ways, offloads on.
func TestTCPInternal(t *testing.T) {
	l := newLab(t, 1)
	d := l.open(1, 2, nil)
	if err := d.AddPort(datapath.PortSpec{No: datapath.Local, Name: "usp0", Kind: datapath.LocalPort}); err != nil {
		t.Fatal(err)
	}
	l.ip("addr", "add", "10.0.0.50/24", "dev", "usp0")
	l.ip("link", "set", "usp0", "up")
	if err := running("usp0"); err != nil {
		t.Fatal(err)
	}
	put(t, d, portFlow(1, 1, output(datapath.Local)), portFlow(2, datapath.Local, output(1)))
	rate := l.tcp(l.hosts[0], l.sw, "10.0.0.50", 100<<20)
	back := l.tcp(l.sw, l.hosts[0], "10.0.0.1", 100<<20)
	t.Logf("%.1f Gbit/s in, %.1f Gbit/s out", rate, back)
	if s := d.byID[2].stats(); s.Bytes/s.Packets < 5000 {
		t.Errorf("%d bytes in a frame on average: segmentation offload does not work", s.Bytes/s.Packets)
	}
}
