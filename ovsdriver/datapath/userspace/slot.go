package userspace

import (
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// Where things lie in a slot. A struct virtio_net_hdr stands directly before
// each frame, so that header and frame are received and sent as one piece.
const (
	vnetHeader  = 10                     // struct virtio_net_hdr
	tagRoom     = 4                      // for the VLAN tag that the kernel strips
	frameOffset = datapath.Headroom + 16 // vnetHeader and tagRoom, rounded
	slotPayload = 68 << 10               // 64 KB, and all headers

	// slotSize is a little more than whole pages, lest the headers of all
	// frames compete for the same lines of the processor's cache.
	slotSize = frameOffset + slotPayload + 112
)

// slotChunk is how many slots a pool maps at once, in memory that is not there
// before it is used.
const slotChunk = 32

// slotPool hands out buffers for frames. Its owner is one worker, or main; who
// closes a worker may close its pool.
//
// The buffers are no part of Go's heap: there, megabytes that hardly ever hold
// anything would count as live, and the garbage collector lets as much garbage
// gather as is live.
type slotPool struct {
	slots  []*datapath.Upcall // a slot: a frame's buffer, its key, and why it goes up
	free   []int32            // the latest released is the warmest, and the next to be used
	limit  int
	mapped [][]byte // the buffers' memory, by chunk
}

func newSlotPool(limit int) *slotPool { return &slotPool{limit: limit} }

// get takes a slot; ok is false if all are in use, or there is no memory.
func (p *slotPool) get() (i int32, ok bool) {
	if len(p.free) == 0 && !p.grow() {
		return 0, false
	}
	i = p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return i, true
}

// put gives slots back.
func (p *slotPool) put(slots ...int32) { p.free = append(p.free, slots...) }

// at returns slot i.
func (p *slotPool) at(i int32) *datapath.Upcall { return p.slots[i] }

// scarce reports whether more than half of all slots are in use.
func (p *slotPool) scarce() bool { return 2*(len(p.slots)-len(p.free)) > p.limit }

func (p *slotPool) grow() bool {
	n := min(slotChunk, p.limit-len(p.slots))
	if n <= 0 {
		return false
	}
	memory, err := unix.Mmap(-1, 0, n*slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return false
	}
	p.mapped = append(p.mapped, memory)
	chunk := make([]datapath.Upcall, n)
	for k := range chunk {
		chunk[k].Frame.Buf = memory[k*slotSize : (k+1)*slotSize : (k+1)*slotSize]
		p.free = append(p.free, int32(len(p.slots)))
		p.slots = append(p.slots, &chunk[k])
	}
	return true
}

// close unmaps all slots; nobody may use one any more. A closed pool has none.
func (p *slotPool) close() {
	for _, memory := range p.mapped {
		_ = unix.Munmap(memory) // fails only for what is not mapped
	}
	*p = slotPool{}
}

// copyFrame fills slot i with a copy of f, with its headroom whole again. It
// reports false if f is too long.
func (p *slotPool) copyFrame(i int32, f *datapath.Frame) (*datapath.Upcall, bool) {
	s := p.slots[i]
	if f.Len() > slotPayload {
		return nil, false
	}
	s.Frame.Start = frameOffset
	s.Frame.End = frameOffset + copy(s.Frame.Buf[frameOffset:], f.Bytes())
	s.Frame.Offload = f.Offload
	return s, true
}
