package fwd

import (
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// MaxBuffers is how many packets can be buffered: about 150 MB of them.
const MaxBuffers = 1 << 16

const (
	// bufferSize is the longest frame that is buffered. Longer ones go to the
	// controllers whole, so what the buffers take is bounded by their number.
	bufferSize = 2048

	// A buffer is its controller's for bufferKept at least: until then it is
	// given to no other packet. After bufferValid its packet is worth nothing
	// any more, and asking for it is an error.
	bufferKept  = int64(time.Second)
	bufferValid = int64(5 * time.Second)
)

// noSlot ends a list of slots.
const noSlot = -1

// buffers holds packets of which the controllers were sent a part, until they
// say what becomes of them (§7.4.1). Main goroutine only.
//
// An id is a slot's number and how often the slot has been used, so that an old
// one is told from a new one. Slots whose packets are gone are used again first,
// the longest free before the others, then the oldest packet's.
type buffers struct {
	slots []bufferSlot
	free  slotList // without a packet, the longest free first
	kept  slotList // with one, the oldest first
}

// bufferSlot is room for one packet, made when it is first needed.
type bufferSlot struct {
	frame      []byte // of the packet; its capacity is bufferSize
	inPort     datapath.PortNo
	at         int64 // CLOCK_MONOTONIC ns of its coming
	generation uint16
	full       bool
	used       bool // its packet was taken
	next, prev int32
}

// slotList is a list of slots that a slot can leave at any place.
type slotList struct{ first, last int32 }

// unbuffered is SubmitBuffer of a switch that buffers nothing.
func unbuffered(id uint32) error {
	return errBuffer(ofp13.BadRequestBufferUnknown, id, "this switch buffers no packets; send the packet itself")
}

// newBuffers returns room for n packets, at most MaxBuffers; nil for none.
func newBuffers(n int) *buffers {
	if n <= 0 {
		return nil
	}
	b := &buffers{
		slots: make([]bufferSlot, min(n, MaxBuffers)),
		free:  slotList{noSlot, noSlot},
		kept:  slotList{noSlot, noSlot},
	}
	for i := range b.slots {
		b.free.push(b.slots, int32(i))
	}
	return b
}

// keep copies a frame into a buffer and returns its id, or OFP_NO_BUFFER if it
// is too long or there is no buffer to be had.
func (b *buffers) keep(frame []byte, inPort datapath.PortNo, now int64) (id uint32) {
	if b == nil || len(frame) > bufferSize {
		return ofp13.NoBuffer
	}
	i := b.free.first
	switch {
	case i != noSlot:
		b.free.drop(b.slots, i)
	case now-b.slots[b.kept.first].at < bufferKept:
		return ofp13.NoBuffer
	default:
		i = b.kept.first
		b.kept.drop(b.slots, i)
	}
	s := &b.slots[i]
	if s.frame == nil {
		s.frame = make([]byte, 0, bufferSize)
	}
	s.frame = append(s.frame[:0], frame...)
	s.inPort, s.at, s.full, s.used = inPort, now, true, false
	if s.generation++; s.generation == 0xffff { // lest an id be OFP_NO_BUFFER
		s.generation = 0
	}
	b.kept.push(b.slots, i)
	return uint32(s.generation)<<16 | uint32(i)
}

// check finds the packet of an id. It fails with OFPET_BAD_REQUEST:
// OFPBRC_BUFFER_EMPTY if the packet was used already, OFPBRC_BUFFER_UNKNOWN if
// the id is none of ours or the packet too old.
func (b *buffers) check(id uint32, now int64) (slot int32, err error) {
	if b == nil {
		return 0, unbuffered(id)
	}
	i := id & 0xffff
	if int(i) >= len(b.slots) || uint32(b.slots[i].generation) != id>>16 {
		return 0, errBuffer(ofp13.BadRequestBufferUnknown, id, "there is no such buffer")
	}
	s := &b.slots[i]
	switch {
	case s.used:
		return 0, errBuffer(ofp13.BadRequestBufferEmpty, id, "its packet was used already")
	case !s.full || now-s.at > bufferValid:
		return 0, errBuffer(ofp13.BadRequestBufferUnknown, id, "its packet is gone; packets are kept for 5 seconds")
	}
	return int32(i), nil
}

// take empties a slot that check has found. The frame is valid until the next
// packet is kept.
func (b *buffers) take(i int32) (frame []byte, inPort datapath.PortNo) {
	s := &b.slots[i]
	s.full, s.used = false, true
	b.kept.drop(b.slots, i)
	b.free.push(b.slots, i)
	return s.frame, s.inPort
}

func errBuffer(code uint16, id uint32, why string) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, code, "buffer %#x: %s", id, why)
}

// push appends a slot.
func (l *slotList) push(slots []bufferSlot, i int32) {
	slots[i].next, slots[i].prev = noSlot, l.last
	if l.last == noSlot {
		l.first = i
	} else {
		slots[l.last].next = i
	}
	l.last = i
}

// drop takes a slot out.
func (l *slotList) drop(slots []bufferSlot, i int32) {
	s := &slots[i]
	if s.prev == noSlot {
		l.first = s.next
	} else {
		slots[s.prev].next = s.next
	}
	if s.next == noSlot {
		l.last = s.prev
	} else {
		slots[s.next].prev = s.prev
	}
}
