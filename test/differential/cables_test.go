package differential

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cables are packet sockets on the far ends of a switch's ports. One goroutine
// at a time uses them.
type cables struct {
	polls        []unix.PollFd // of port 1, 2...
	buf, control []byte
	fences       uint32 // sent so far
}

const (
	packetIgnoreOutgoing = 23       // PACKET_IGNORE_OUTGOING, linux/if_packet.h
	receiveBuffer        = 16 << 20 // bytes
	answerLimit          = 3 * time.Second
)

func openCables(t *testing.T, far *namespace, ends []string) *cables {
	t.Helper()
	c := &cables{buf: make([]byte, 1<<16), control: make([]byte, 256)}
	for _, end := range ends {
		var fd int
		err := far.Do(func() (err error) {
			fd, err = openCable(end)
			return err
		})
		if err != nil {
			t.Fatalf("packet socket on %s: %v", end, err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		c.polls = append(c.polls, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	return c
}

func openCable(name string) (int, error) {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	// With protocol 0 nothing comes in before bind.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	return fd, errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, packetIgnoreOutgoing, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
	)
}

// A fence is a frame that the switch sends out of every port. Two of them into
// each port, the second after the first has come back, show that all before them
// has been forwarded: within one batch a switch may send what it has cached
// after what it has not, but the second fence is in a later batch.
//
// Each has an address of its own, which the switch must look at, so that none
// is in its cache and overtakes a frame that is not.
var (
	fenceTo   = []byte{0x02, 0xfe, 0, 0, 0, 0xfe}
	fenceType = []byte{0x88, 0xb6} // IEEE's local experimental EtherType 2

	fenceFlows = []string{
		"table=0,priority=65535,dl_type=0x88b6,dl_src=02:ff:ff:ff:ff:ff,actions=drop",
		"table=0,priority=65534,dl_type=0x88b6,dl_dst=02:fe:00:00:00:fe," +
			"actions=output:1,output:2,output:3,output:4,in_port",
	}
)

func isFence(frame []byte) bool {
	return len(frame) == 60 && bytes.HasPrefix(frame, fenceTo) && bytes.Equal(frame[12:14], fenceType)
}

func (c *cables) nextFence() []byte {
	c.fences++
	f := bytes.Join([][]byte{fenceTo, {0x02, 0xfd}, binary.BigEndian.AppendUint32(nil, c.fences), fenceType}, nil)
	return append(f, make([]byte, 46)...)
}

// outputs are the frames that came out of port 1, 2..., in their order, and the
// packet-ins.
type outputs struct {
	frames [ports][][]byte
	ins    []string
}

func (o *outputs) count() (n int) {
	for _, frames := range o.frames {
		n += len(frames)
	}
	return n
}

// exchange sends frames and returns all that comes out. What several frames
// give is sorted: only the frames of one port have an order.
func (c *cables) exchange(frames []injection) (out outputs, err error) {
	for _, f := range frames {
		if f.out != nil {
			continue // by another way
		}
		if err := c.send(f.port, f.frame); err != nil {
			return out, err
		}
	}
	for range 2 {
		for port := 1; port <= ports; port++ {
			if err := c.send(port, c.nextFence()); err != nil {
				return out, err
			}
		}
		if err := c.collect(&out); err != nil {
			return out, err
		}
	}
	if len(frames) > 1 {
		for _, o := range out.frames {
			slices.SortFunc(o, bytes.Compare)
		}
	}
	return out, nil
}

func (c *cables) send(port int, frame []byte) error {
	if _, err := unix.Write(int(c.polls[port-1].Fd), frame); err != nil {
		return fmt.Errorf("send %x into port %d: %w", frame, port, err)
	}
	return nil
}

var errSilent = errors.New("the switch sends no more, or too late")

// collect adds to out what comes out until every port's last fence has come out
// of every port.
func (c *cables) collect(out *outputs) error {
	deadline := time.Now().Add(answerLimit)
	for missing := ports * ports; missing > 0; {
		left := time.Until(deadline).Milliseconds()
		if left <= 0 {
			return errSilent
		}
		if _, err := unix.Poll(c.polls, int(left)); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for i := range c.polls {
			if c.polls[i].Revents == 0 {
				continue
			}
			for frame := c.receive(i); frame != nil; frame = c.receive(i) {
				if !isFence(frame) {
					out.frames[i] = append(out.frames[i], bytes.Clone(frame))
				} else if binary.BigEndian.Uint32(frame[8:]) > c.fences-ports {
					missing--
				}
			}
		}
	}
	return nil
}

// receive returns a frame that waits, its outer tag in it, or nil.
func (c *cables) receive(i int) []byte {
	n, control, _, _, err := unix.Recvmsg(int(c.polls[i].Fd), c.buf, c.control, 0)
	if err != nil {
		return nil
	}
	return restoreTag(c.buf[:n], c.control[:control])
}

// restoreTag puts back the tag that the kernel took out of a received frame
// (struct tpacket_auxdata, linux/if_packet.h).
func restoreTag(frame, control []byte) []byte {
	messages, _ := unix.ParseSocketControlMessage(control)
	for _, m := range messages {
		if m.Header.Type != unix.PACKET_AUXDATA || len(m.Data) < 20 ||
			binary.NativeEndian.Uint32(m.Data)&unix.TP_STATUS_VLAN_VALID == 0 {
			continue
		}
		tag := binary.BigEndian.AppendUint16(nil, binary.NativeEndian.Uint16(m.Data[18:]))
		tag = binary.BigEndian.AppendUint16(tag, binary.NativeEndian.Uint16(m.Data[16:]))
		return bytes.Join([][]byte{frame[:12], tag, frame[12:]}, nil)
	}
	return frame
}
