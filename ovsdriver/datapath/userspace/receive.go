package userspace

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// frameBudget is how many frames a worker takes from one port in a turn.
const frameBudget = 64

// auxSpace holds a control message with a struct tpacket_auxdata.
const auxSpace = 48

// burst is what one turn received: frames in slots of the worker's pool, and
// what recvmmsg needs to fill them. The slots are the burst's until they are
// exchanged. One worker owns it.
type burst struct {
	slots   *slotPool
	slot    [frameBudget]int32
	headers [frameBudget]unix.Mmsghdr
	vectors [frameBudget]unix.Iovec
	control [frameBudget][auxSpace]byte
	used    int // headers that the kernel wrote since they were set
}

func newBurst(slots *slotPool) *burst {
	b := &burst{slots: slots, used: frameBudget}
	for i := range b.slot {
		slot, _ := slots.get() // a fresh pool has that many
		b.arm(i, slot)
		h := &b.headers[i].Hdr
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		h.Control = &b.control[i][0]
	}
	return b
}

// arm makes slot the place of frame i.
func (b *burst) arm(i int, slot int32) {
	b.slot[i] = slot
	buf := b.slots.at(slot).Frame.Buf[frameOffset-vnetHeader:]
	b.vectors[i].Base = &buf[0]
	b.vectors[i].SetLen(len(buf))
}

// exchange gives the slot of frame i away and takes another in its place.
func (b *burst) exchange(i int, slot int32) int32 {
	given := b.slot[i]
	b.arm(i, slot)
	return given
}

// frame returns the slot with frame i.
func (b *burst) frame(i int) *datapath.Upcall { return b.slots.at(b.slot[i]) }

// fill receives what waits at p, up to the budget, and returns how many frames
// there are. Those that could not be received have length 0.
func (b *burst) fill(p *port) int {
	if p.dev.tap {
		return b.fillTAP(p)
	}
	for i := range b.used {
		h := &b.headers[i].Hdr
		h.SetControllen(auxSpace)
		h.Flags = 0
	}
	b.used = 0
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(p.dev.rx), uintptr(unsafe.Pointer(&b.headers[0])), frameBudget, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		b.used = frameBudget // the kernel may have begun to write
		b.failed(p, errno)
		return 0
	}
	b.used = int(n)
	for i := range b.used {
		b.finish(p, i)
	}
	return b.used
}

// failed counts the frame that an error of recvmmsg stands for. A link that
// went down, as the socket says once, stands for none.
func (b *burst) failed(p *port, errno unix.Errno) {
	switch errno {
	case unix.EAGAIN, unix.EINTR, unix.ENETDOWN:
	default:
		p.drops.add(DropReceive, 1)
	}
}

// finish makes a frame of what the kernel wrote into slot i.
func (b *burst) finish(p *port, i int) {
	m := &b.headers[i]
	f := &b.frame(i).Frame
	f.Start, f.End = frameOffset, frameOffset
	switch {
	case m.Hdr.Flags&unix.MSG_TRUNC != 0:
		p.drops.add(DropTruncated, 1)
		return
	case m.Len <= vnetHeader:
		p.drops.add(DropReceive, 1)
		return
	}
	f.End = frameOffset - vnetHeader + int(m.Len)
	getOffload(f.Buf[frameOffset-vnetHeader:], &f.Offload)
	if tpid, tci, ok := auxTag(b.control[i][:m.Hdr.Controllen]); ok && f.Len() >= etherHeader {
		insertTag(f, tpid, tci)
	}
}

// auxTag returns the VLAN tag that the kernel took from the frame, from a
// control message: struct cmsghdr, then struct tpacket_auxdata
// (linux/if_packet.h).
func auxTag(control []byte) (tpid, tci uint16, ok bool) {
	const data = unix.SizeofCmsghdr
	if len(control) < data+20 {
		return 0, 0, false
	}
	h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	status := binary.NativeEndian.Uint32(control[data:])
	if h.Level != unix.SOL_PACKET || h.Type != unix.PACKET_AUXDATA || status&unix.TP_STATUS_VLAN_VALID == 0 {
		return 0, 0, false
	}
	tpid = unix.ETH_P_8021Q
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = binary.NativeEndian.Uint16(control[data+18:])
	}
	return tpid, binary.NativeEndian.Uint16(control[data+16:]), true
}

// fillTAP is fill for a TAP, which gives one frame at a time, tags in place.
// The descriptor of a TAP whose interface was deleted is ready forever: it must
// not be waited for any more.
func (b *burst) fillTAP(p *port) int {
	for i := range b.slot {
		f := &b.frame(i).Frame
		n, err := unix.Read(p.dev.rx, f.Buf[frameOffset-vnetHeader:])
		if err != nil {
			if errors.Is(err, unix.EBADFD) {
				p.lost = true
			}
			return i
		}
		f.Start, f.End = frameOffset, frameOffset
		if n <= vnetHeader {
			p.drops.add(DropReceive, 1)
			continue
		}
		f.End = frameOffset - vnetHeader + n
		getOffload(f.Buf[frameOffset-vnetHeader:], &f.Offload)
	}
	return frameBudget
}
