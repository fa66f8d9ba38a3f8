package userspace

import (
	"errors"
	"unsafe"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// frameBudget is how many frames a worker takes from one port in a turn.
const frameBudget = 64

// longBudget is how many of them may have come by the socket's queue beside a
// ring: their slots take 64 KB each, and a megabyte is worth a turn.
const longBudget = 16

// inRing is the place of a frame that lies in a ring, and in no slot.
const inRing = -1

// burst is what one turn received: frames where the kernel put them in a port's
// ring, and frames in slots of the worker's pool, with what recvmmsg needs to
// fill those. The slots are the burst's until one is taken. One worker owns it.
type burst struct {
	slots *slotPool
	place [frameBudget]int               // of frame i: an index of slot, or inRing
	views [frameBudget]datapath.Upcall   // frames in a ring
	tags  [frameBudget]*unix.Tpacket2Hdr // of a frame in slot[i]: what the ring says of it
	slot  [frameBudget]int32             // for frames of a TAP, and for long ones
	long  [frameBudget]unix.Mmsghdr
	vecs  [frameBudget]unix.Iovec
	aux   [frameBudget][auxSpace]byte // what the socket's queue says of a frame
}

// newBurst makes a burst with slots of a fresh pool.
func newBurst(slots *slotPool) (*burst, error) {
	b := &burst{slots: slots}
	for i := range b.slot {
		slot, ok := slots.get()
		if !ok {
			return nil, errors.New("no memory for frames")
		}
		b.arm(i, slot)
		h := &b.long[i].Hdr
		h.Iov = &b.vecs[i]
		h.SetIovlen(1)
		h.Control = &b.aux[i][0]
	}
	return b, nil
}

// arm makes a slot of the pool the i-th of the burst's.
func (b *burst) arm(i int, slot int32) {
	b.slot[i] = slot
	buf := b.slots.at(slot).Frame.Buf[frameOffset-vnetHeader:]
	b.vecs[i].Base = &buf[0]
	b.vecs[i].SetLen(len(buf))
}

// frame returns frame i. One in a ring is valid until it is given back.
func (b *burst) frame(i int) *datapath.Upcall {
	if b.place[i] == inRing {
		return &b.views[i]
	}
	return b.slots.at(b.slot[b.place[i]])
}

// take returns a slot that holds frame i and is no longer the burst's: fresh, or
// the frame's own, which fresh then stands in for.
func (b *burst) take(i int, fresh int32) int32 {
	place := b.place[i]
	if place == inRing {
		view := &b.views[i]
		s, _ := b.slots.copyFrame(fresh, &view.Frame) // what fits a ring fits a slot
		s.Kind, s.Key, s.Record = view.Kind, view.Key, view.Record
		return fresh
	}
	taken := b.slot[place]
	b.arm(place, fresh)
	return taken
}

// fill receives what waits at p, up to the budget, and returns how many frames
// there are. Those that could not be received have length 0. Frames in p's ring
// must be given back to it.
func (b *burst) fill(p *port) int {
	switch {
	case p.dev.tap:
		return b.fillTAP(p)
	case p.dev.ring == nil:
		return b.fillQueue(p)
	}
	return b.fillRing(p)
}

func (b *burst) fillRing(p *port) int {
	n, long := 0, 0
	for n < frameBudget && long < longBudget {
		slot := p.dev.ring.ready(n)
		if slot == nil {
			break
		}
		b.place[n] = inRing
		if h := ringSlotHeader(slot); h.Status&unix.TP_STATUS_COPY != 0 {
			b.place[n], b.tags[long] = long, h
			long++
		} else {
			b.look(p, n, slot)
		}
		n++
	}
	if n == 0 && takeError(p.dev.rx) != nil {
		p.drops.add(DropReceive, 1)
	}
	if long > 0 {
		b.fillLong(p, long)
	}
	return n
}

// look makes frame i of what the kernel put into a slot of the ring.
func (b *burst) look(p *port, i int, slot []byte) {
	h, f := ringSlotHeader(slot), &b.views[i].Frame
	f.Buf = slot[ringHeader:]
	f.Start = int(h.Mac) - ringHeader
	f.End = f.Start
	if h.Snaplen != h.Len { // it fits no slot, and the socket's queue was full
		p.drops.add(DropOverrun, 1)
		return
	}
	f.End += int(h.Len)
	getOffload(f.Buf[f.Start-vnetHeader:], &f.Offload)
	b.retag(f, h)
}

// retag puts the VLAN tag back that the kernel took from the frame.
func (b *burst) retag(f *datapath.Frame, h *unix.Tpacket2Hdr) {
	if h.Status&unix.TP_STATUS_VLAN_VALID == 0 || f.Len() < etherHeader {
		return
	}
	tpid := uint16(unix.ETH_P_8021Q)
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = h.Vlan_tpid
	}
	insertTag(f, tpid, h.Vlan_tci)
}

// fillLong receives n frames from the socket's queue into the first n slots. The
// kernel queued them before it filled their slots in the ring, so they are there.
func (b *burst) fillLong(p *port, n int) {
	got := 0
	for errs := 0; got < n && errs < frameBudget; {
		k, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(p.dev.rx), uintptr(unsafe.Pointer(&b.long[got])), uintptr(n-got), unix.MSG_DONTWAIT, 0, 0)
		if errno == 0 {
			got += int(k)
			continue
		}
		if errno == unix.EAGAIN {
			break
		}
		errs++ // ENETDOWN, which says nothing of a frame, or EINTR
	}
	for i := range n {
		b.retag(b.finish(p, i, i < got), b.tags[i])
	}
}

// finish makes a frame of what recvmmsg wrote into slot i, if it did.
func (b *burst) finish(p *port, i int, got bool) *datapath.Frame {
	m, f := &b.long[i], &b.slots.at(b.slot[i]).Frame
	f.Start, f.End = frameOffset, frameOffset
	switch {
	case !got || m.Len <= vnetHeader:
		p.drops.add(DropReceive, 1)
		return f
	case m.Hdr.Flags&unix.MSG_TRUNC != 0:
		p.drops.add(DropTruncated, 1)
		return f
	}
	f.End = frameOffset - vnetHeader + int(m.Len)
	getOffload(f.Buf[frameOffset-vnetHeader:], &f.Offload)
	return f
}

// release gives the ring's frames of the last fill, of n frames, back to it.
func (b *burst) release(p *port, n int) {
	if p.dev.ring != nil {
		p.dev.ring.release(n)
	}
}

// fillTAP is fill for a TAP, which gives one frame at a time, tags in place.
// The descriptor of a TAP whose interface was deleted is ready forever: it must
// not be waited for any more.
func (b *burst) fillTAP(p *port) int {
	for i := range b.slot {
		b.place[i] = i
		f := &b.frame(i).Frame
		n, err := unix.Read(p.dev.rx, f.Buf[frameOffset-vnetHeader:])
		if err != nil {
			switch {
			case errors.Is(err, unix.EBADFD):
				p.lost = true
			case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
				p.drops.add(DropReceive, 1) // the kernel can't describe it
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
