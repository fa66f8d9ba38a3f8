package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// appendRequest opens a generic netlink request: struct nlmsghdr, genlmsghdr and
// ovs_header (linux/netlink.h, genetlink.h, openvswitch.h). endRequest closes it.
func appendRequest(b []byte, family, flags uint16, seq uint32, cmd, version uint8, dp uint32) (out []byte, start int) {
	start = len(b)
	b = append(b, 0, 0, 0, 0) // nlmsg_len
	b = host.AppendUint16(b, family)
	b = host.AppendUint16(b, unix.NLM_F_REQUEST|flags)
	b = host.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0) // nlmsg_pid: the kernel knows
	b = append(b, cmd, version, 0, 0)
	return host.AppendUint32(b, dp), start
}

func endRequest(b []byte, start int) []byte {
	host.PutUint32(b[start:], uint32(len(b)-start))
	return b
}

// nextMessage splits the first netlink message off b; ok is false at the end of
// b and before a message that claims more bytes than there are.
func nextMessage(b []byte) (msg, rest []byte, ok bool) {
	if len(b) < nlHeader {
		return nil, nil, false
	}
	n := int(host.Uint32(b))
	if n < nlHeader || n > len(b) {
		return nil, nil, false
	}
	if next := align(n); next < len(b) {
		rest = b[next:]
	}
	return b[:n], rest, true
}

func messageType(msg []byte) uint16 { return host.Uint16(msg[4:]) }
func messageSeq(msg []byte) uint32  { return host.Uint32(msg[8:]) }

// errorOf reads an NLMSG_ERROR or NLMSG_DONE message: nil is success.
func errorOf(msg []byte) error {
	if len(msg) < nlHeader+4 {
		return fmt.Errorf("netlink error message of %d bytes: %w", len(msg), unix.EBADMSG)
	}
	code := int32(host.Uint32(msg[nlHeader:]))
	if code == 0 {
		return nil
	}
	errno := unix.Errno(-code)
	if text := extendedAck(msg); text != "" {
		return fmt.Errorf("%w (%s)", errno, text)
	}
	return errno
}

// extendedAck returns the kernel's explanation of an error, NLMSGERR_ATTR_MSG. It
// follows the header of the request, which NETLINK_CAP_ACK cuts the copy to.
func extendedAck(msg []byte) string {
	const copied = nlHeader + 4 + nlHeader
	flags := host.Uint16(msg[6:])
	if flags&unix.NLM_F_ACK_TLVS == 0 || flags&unix.NLM_F_CAPPED == 0 || len(msg) < copied {
		return ""
	}
	const attrMsg = 1 // NLMSGERR_ATTR_MSG
	for b := msg[copied:]; ; {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return ""
		}
		if typ == attrMsg {
			return stringOf(data)
		}
		b = rest
	}
}

// transaction sends requests together and matches the answers by sequence
// number. One goroutine at a time uses it.
type transaction struct {
	sock    *socket
	replies *arena
	buf     []byte
	seq     uint32 // of the first request
	n       int    // requests so far
}

// maxBatch is how many requests share one system call.
const maxBatch = 64

func newTransaction() (*transaction, error) {
	// Each reply takes a page or less of the receive buffer's account.
	s, err := openSocket(4 << 20)
	if err != nil {
		return nil, err
	}
	return &transaction{sock: s, replies: newArena(maxBatch, 2<<10, 0), seq: 1}, nil
}

func (t *transaction) close() { t.sock.close() }

// reset forgets the requests and answers of the last run.
func (t *transaction) reset() {
	t.buf = t.buf[:0]
	t.seq += uint32(t.n)
	t.n = 0
}

// open begins request number t.n; the caller appends attributes to t.buf and
// calls done, or drop.
func (t *transaction) open(family, flags uint16, cmd, version uint8, dp uint32) (start int) {
	t.buf, start = appendRequest(t.buf, family, flags|unix.NLM_F_ACK, t.seq+uint32(t.n), cmd, version, dp)
	return start
}

// done ends the request that began at start.
func (t *transaction) done(start int) {
	t.buf = endRequest(t.buf, start)
	t.n++
}

// drop takes an unfinished request back.
func (t *transaction) drop(start int) { t.buf = t.buf[:start] }

// run sends the requests and calls answer once or more for each that is
// answered: with its payload behind struct ovs_header, or with its result. It
// fails only as a whole; then some requests may have been done.
func (t *transaction) run(answer func(i int, payload []byte, err error)) error {
	if t.n == 0 {
		return nil
	}
	if err := t.sock.send(t.buf); err != nil {
		return fmt.Errorf("send %d requests to openvswitch: %w", t.n, err)
	}
	for left := t.n; left > 0; {
		n, errno := t.replies.receive(t.sock, 0, maxBatch)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return fmt.Errorf("receive %d answers of openvswitch: %w", left, errno)
		}
		for i := range n {
			left -= t.dispatch(t.replies.message(i), answer)
		}
	}
	return nil
}

// dispatch hands on one answer and returns 1 if it was its request's last.
func (t *transaction) dispatch(msg []byte, answer func(int, []byte, error)) int {
	msg, _, ok := nextMessage(msg)
	if !ok {
		return 0
	}
	i := int(messageSeq(msg) - t.seq)
	if i < 0 || i >= t.n {
		return 0 // of an earlier run that failed
	}
	if messageType(msg) == unix.NLMSG_ERROR {
		answer(i, nil, errorOf(msg))
		return 1
	}
	if len(msg) >= ovsHeader {
		answer(i, msg[ovsHeader:], nil)
	}
	return 0
}
