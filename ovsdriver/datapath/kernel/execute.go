package kernel

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// executor sends frames with actions to the kernel, many in one system call.
// One goroutine at a time uses it.
type executor struct {
	sock   *socket
	family uint16 // ovs_packet
	dp     uint32
	pid    uint32 // of the socket for Controller actions
	counts *counters
	meters *meters
	buf    []byte
	saved  []byte // frames around the actions of a Clone
}

func newExecutor(sock *socket, family uint16, dp, pid uint32, counts *counters) executor {
	return executor{sock: sock, family: family, dp: dp, pid: pid, counts: counts, buf: make([]byte, 0, 1<<18)}
}

// Execute implements datapath.Receiver and datapath.Datapath. A frame that the
// kernel refuses later is counted when its error arrives.
func (x *executor) Execute(batch []datapath.Execution) error {
	x.buf = x.buf[:0]
	var result error
	for i := range batch {
		e := &batch[i]
		if len(e.Actions) == 0 {
			continue
		}
		if err := x.append(e); err != nil {
			x.counts.refused.Add(1)
		}
		result = errors.Join(result, x.makeRoom())
	}
	return errors.Join(result, x.flush())
}

// makeRoom sees to it that another request fits.
func (x *executor) makeRoom() error {
	if len(x.buf) > maxRequest-maxFrame-maxActionsLen-4<<10 {
		return x.flush()
	}
	return nil
}

func (x *executor) flush() error {
	if len(x.buf) == 0 {
		return nil
	}
	err := x.sock.send(x.buf)
	x.buf = x.buf[:0]
	if err != nil {
		return fmt.Errorf("execute actions in openvswitch: %w", err)
	}
	return nil
}

// append appends what executes e. What the kernel's actions cannot do, or not so
// many of them at once, is done here, to the frame.
func (x *executor) append(e *datapath.Execution) error {
	if err := packet.Complete(e.Frame); err != nil {
		return err
	}
	undo := len(x.buf)
	err := x.appendRequest(e, datapath.Act{Kind: datapath.Queue}, e.Actions)
	if !errors.Is(err, datapath.ErrUnsupported) && !errors.Is(err, datapath.ErrTooMany) {
		return err
	}
	x.buf = x.buf[:undo]
	return x.appendSteps(e, e.Actions, datapath.Act{Kind: datapath.Queue})
}

// appendRequest appends one OVS_PACKET_CMD_EXECUTE of a Queue action and others.
// The kernel extracts the key from the frame itself, all but the ingress port;
// no answer is asked for, and only errors get one.
func (x *executor) appendRequest(e *datapath.Execution, class datapath.Act, acts []datapath.Act) error {
	frame := e.Frame.Bytes()
	if len(frame) > maxFrame {
		return fmt.Errorf("frame of %d bytes: %w", len(frame), datapath.ErrTooMany)
	}
	undo := len(x.buf)
	b, start := appendRequest(x.buf, x.family, 0, 0, packetCmdExecute, packetVersion, x.dp)
	b = appendAttr(b, packetAttrPacket, frame)
	b, nest := begin(b, packetAttrKey)
	b = end(appendInPort(b, datapath.PortNo(e.Key.Get(flowtable.InPort))), nest)
	b, nest = begin(b, packetAttrActions)
	enc := newActionEncoder(e.Key, nil, x.pid)
	if class.Value != 0 {
		b, _ = enc.appendOne(b, &class) // needs nothing of the frame
	}
	b, err := enc.append(b, acts)
	if err != nil {
		x.buf = b[:undo]
		return err
	}
	x.buf = endRequest(end(b, nest), start)
	return nil
}

// appendSteps does acts one by one: it edits the frame in user space and lets
// the kernel only output it, as often as it leaves in another shape. class is
// the Queue action before them.
func (x *executor) appendSteps(e *datapath.Execution, acts []datapath.Act, class datapath.Act) error {
	for i := 0; i < len(acts); i++ {
		a := &acts[i]
		switch {
		case packet.Edits(a.Kind):
			if err := packet.Edit(e.Frame, a); err != nil {
				return err
			}
		case a.Kind == datapath.Meter:
			if !x.meters.measure(e.Frame, uint32(a.Value)) {
				return nil
			}
		case a.Kind == datapath.Clone:
			n := int(min(a.Value, uint64(len(acts)-i-1)))
			if err := x.onCopy(e, acts[i+1:i+1+n], class); err != nil {
				return err
			}
			i += n
		case a.Kind == datapath.Queue:
			class = *a
		default:
			// Outputs that follow each other need the frame but once.
			n := 1
			for i+n < len(acts) && !isStep(acts[i+n].Kind) {
				n++
			}
			if err := errors.Join(x.makeRoom(), x.appendRequest(e, class, acts[i:i+n])); err != nil {
				return err
			}
			i += n - 1
		}
	}
	return nil
}

// isStep reports whether an action is one that appendSteps does by itself.
func isStep(kind datapath.ActKind) bool {
	return packet.Edits(kind) || kind == datapath.Clone || kind == datapath.Queue || kind == datapath.Meter
}

// onCopy does acts and puts the frame back as it was.
func (x *executor) onCopy(e *datapath.Execution, acts []datapath.Act, class datapath.Act) error {
	before, at := *e.Frame, len(x.saved)
	x.saved = append(x.saved, e.Frame.Bytes()...)
	err := x.appendSteps(e, acts, class)
	copy(before.Buf[before.Start:before.End], x.saved[at:])
	*e.Frame, x.saved = before, x.saved[:at]
	return err
}

// drainErrors counts the errors of executions that lie in the socket, for an
// executor that no receiver reads.
func (x *executor) drainErrors(scratch []byte) {
	for {
		n, err := unix.Read(x.sock.fd, scratch)
		if err != nil && err != unix.ENOBUFS {
			return
		}
		if n >= nlHeader && messageType(scratch) == unix.NLMSG_ERROR {
			x.counts.refused.Add(1)
		}
	}
}
