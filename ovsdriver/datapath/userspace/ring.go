package userspace

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Geometry of a receive ring. A slot takes a frame of 1500 bytes and its tags
// with room before it for what actions push; longer frames, which segmentation
// offload makes, come by the socket's queue instead.
const (
	ringFrame = 2048
	ringBlock = 32 << 10 // what the kernel allocates at once

	// A ring holds what arrives while its worker does something else. TCP fills it
	// with its window, without segmentation offload some 3 MB of frames of 1514
	// bytes: of rings of 1024, one in thirty was lost and had to be sent again. The
	// kernel never swaps a ring's memory, 4.5 MB here, so that the ports of a big
	// switch have less.
	ringFrames     = 2304
	ringFramesLess = 1024
	ringFramesFew  = 256

	ringsWithFrames = 8  // ports that have the most
	ringsWithLess   = 24 // ports after those that have less

	// ringHeader is where a slot's buffer begins: behind struct tpacket2_hdr and
	// struct sockaddr_ll (linux/if_packet.h).
	ringHeader = unix.SizeofTpacket2Hdr + unix.SizeofSockaddrLinklayer
	// ringReserve makes the room before a frame at least frameOffset bytes.
	ringReserve = frameOffset
)

// ring is a packet socket's receive ring (PACKET_RX_RING, TPACKET_V2): memory
// that the kernel puts frames into without a system call for any of them. The
// port's worker reads it; main makes it and unmaps it.
type ring struct {
	memory []byte
	frames int // slots
	next   int // the oldest slot that was not given back
}

// ringSize returns how many frames the ring of a further port shall hold.
func ringSize(ports int) int {
	switch {
	case ports < ringsWithFrames:
		return ringFrames
	case ports < ringsWithFrames+ringsWithLess:
		return ringFramesLess
	}
	return ringFramesFew
}

// ringOptions prepares a packet socket for a ring. The order matters: the ring
// comes last.
func ringOptions(fd, frames int) error {
	for _, o := range []struct{ option, value int }{
		{unix.PACKET_VERSION, unix.TPACKET_V2},
		{unix.PACKET_RESERVE, ringReserve},
		{unix.PACKET_COPY_THRESH, 1}, // frames that fit no slot are queued whole
	} {
		if err := setPacketOption(fd, o.option, o.value); err != nil {
			return err
		}
	}
	geometry := unix.TpacketReq{
		Block_size: ringBlock,
		Block_nr:   uint32(frames * ringFrame / ringBlock),
		Frame_size: ringFrame,
		Frame_nr:   uint32(frames),
	}
	return os.NewSyscallError("PACKET_RX_RING", unix.SetsockoptTpacketReq(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &geometry))
}

// openRing makes the ring, of that many frames, of a packet socket that has its
// other options and is not bound yet.
func openRing(fd, frames int) (*ring, error) {
	if err := ringOptions(fd, frames); err != nil {
		return nil, fmt.Errorf("make receive ring of %d KB: %w", frames*ringFrame>>10, err)
	}
	memory, err := unix.Mmap(fd, 0, frames*ringFrame, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map receive ring: %w", err)
	}
	return &ring{memory: memory, frames: frames}, nil
}

// close unmaps the ring; nobody may use its frames any more.
func (r *ring) close() error {
	if r == nil {
		return nil
	}
	return os.NewSyscallError("munmap", unix.Munmap(r.memory))
}

// slot returns the memory of the i-th slot that was not given back.
func (r *ring) slot(i int) []byte {
	at := (r.next + i) % r.frames * ringFrame
	return r.memory[at : at+ringFrame : at+ringFrame]
}

// ringSlotHeader returns the struct tpacket2_hdr of a slot.
func ringSlotHeader(slot []byte) *unix.Tpacket2Hdr {
	return (*unix.Tpacket2Hdr)(unsafe.Pointer(unsafe.SliceData(slot)))
}

// ready returns the i-th slot that was not given back, or nil if the kernel has
// not filled it yet.
func (r *ring) ready(i int) []byte {
	if i >= r.frames {
		return nil
	}
	slot := r.slot(i)
	if atomic.LoadUint32(&ringSlotHeader(slot).Status)&unix.TP_STATUS_USER == 0 {
		return nil
	}
	return slot
}

// release gives the n oldest slots back to the kernel.
func (r *ring) release(n int) {
	for i := range n {
		atomic.StoreUint32(&ringSlotHeader(r.slot(i)).Status, unix.TP_STATUS_KERNEL)
	}
	r.next = (r.next + n) % r.frames
}

// takeError reads the error that a socket holds, of which it says otherwise that
// it is ready: a link that went down, as a rule.
func takeError(fd int) error {
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("SO_ERROR", err)
	}
	if errno := unix.Errno(code); errno != 0 && !errors.Is(errno, unix.ENETDOWN) {
		return errno
	}
	return nil
}
