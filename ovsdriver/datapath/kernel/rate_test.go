package kernel

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
)

// storm is a datapath with two ports, into the first of which frames come as
// fast as they are answered.
type storm struct {
	*testing.T
	d        *Datapath
	net      *datapathtest.Network
	in       string
	answered atomic.Int64
	stop     atomic.Bool
}

func newStorm(t *testing.T) (*storm, datapath.Receiver) {
	s := &storm{T: t, net: datapathtest.NewNetwork(t), d: open(t)}
	receivers, err := s.d.Receivers(1)
	if err != nil {
		t.Fatal(err)
	}
	s.in = s.net.NewInterface(t)
	for i, name := range []string{s.in, s.net.NewInterface(t)} {
		if err := s.d.AddPort(datapath.PortSpec{No: datapath.PortNo(i + 1), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	return s, receivers[0]
}

// send keeps up to 128 frames unanswered.
func (s *storm) send() {
	frame := datapathtest.UDP(2, 1, 80, 18)
	far := s.net.Far(s.in)
	for sent := int64(0); !s.stop.Load(); {
		if sent-s.answered.Load() >= 128 {
			time.Sleep(50 * time.Microsecond)
			continue
		}
		frame[len(frame)-1]++
		if err := far.Send(frame); err != nil {
			s.Errorf("send: %v", err)
			return
		}
		sent++
	}
}

// run measures how many upcalls a second are answered.
func (s *storm) run(answer func() (int, error)) float64 {
	s.answered.Store(0)
	s.stop.Store(false)
	sender := make(chan struct{})
	go func() { defer close(sender); s.send() }()
	const time1 = 2 * time.Second
	start := time.Now()
	for time.Since(start) < time1 {
		n, err := answer()
		if err != nil {
			s.Fatalf("after %d upcalls: %v", s.answered.Load(), err)
		}
		s.answered.Add(int64(n))
	}
	rate := float64(s.answered.Load()) / time.Since(start).Seconds()
	s.stop.Store(true)
	<-sender
	return rate
}

// receiverAnswer answers by the receiver, as an upcall worker does.
func receiverAnswer(rx datapath.Receiver) func() (int, error) {
	batch := make([]datapath.Upcall, upcallSlots)
	executions := make([]datapath.Execution, 0, upcallSlots)
	acts := []datapath.Act{{Kind: datapath.Output, Port: 2}}
	return func() (int, error) {
		n, err := rx.Receive(batch)
		if err != nil {
			return 0, err
		}
		executions = executions[:0]
		for i := range batch[:n] {
			executions = append(executions, datapath.Execution{Frame: &batch[i].Frame, Key: &batch[i].Key, Actions: acts})
		}
		return n, rx.Execute(executions)
	}
}

// libraryAnswer answers by package genetlink alone: what the receiver is for.
func libraryAnswer(s *storm, conn *genetlink.Conn) func() (int, error) {
	acts := appendUint32Attr(nil, actOutput, 2)
	return func() (int, error) {
		msgs, _, err := conn.Receive()
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return 0, nil
			}
			return 0, err
		}
		for _, m := range msgs {
			attrs, err := netlink.UnmarshalAttributes(m.Data[4:])
			if err != nil {
				return 0, err
			}
			data := host.AppendUint32(nil, s.d.index)
			for _, a := range attrs {
				switch a.Type {
				case packetAttrPacket, packetAttrKey:
					data = appendAttr(data, a.Type, a.Data)
				}
			}
			data = appendAttr(data, packetAttrActions, acts)
			req := genetlink.Message{Header: genetlink.Header{Command: packetCmdExecute, Version: packetVersion}, Data: data}
			if _, err := conn.Send(req, s.d.control.packet, netlink.Request); err != nil {
				return 0, err
			}
		}
		return len(msgs), nil
	}
}

// TestUpcallRate measures upcalls with the receiver against the library.
func TestUpcallRate(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for seconds")
	}
	s, rx := newStorm(t)
	fast := s.run(receiverAnswer(rx))

	conn, err := genetlink.Dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadBuffer(upcallBuffer)
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	pid, err := portID(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.d.control.setPort(s.d.index, 1, pid); err != nil {
		t.Fatal(err)
	}
	slow := s.run(libraryAnswer(s, conn))
	t.Logf("upcalls answered per second: %.0f by the receiver, %.0f by package genetlink, %.1f times; %+v", fast, slow, fast/slow, s.d.Counters())
}
