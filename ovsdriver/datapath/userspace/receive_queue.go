package userspace

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// auxSpace holds a control message with a struct tpacket_auxdata: 20 bytes
// behind a struct cmsghdr, aligned.
const auxSpace = 40

// fillQueue is fill for a port without a ring: all its frames come by the
// socket's queue.
func (b *burst) fillQueue(p *port) int {
	for i := range b.long {
		b.long[i].Hdr.Flags = 0
		b.long[i].Hdr.SetControllen(auxSpace)
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(p.dev.rx), uintptr(unsafe.Pointer(&b.long[0])), frameBudget, unix.MSG_DONTWAIT, 0, 0)
	switch errno {
	case 0:
	case unix.EAGAIN, unix.EINTR, unix.ENETDOWN: // a link that went down stands for no frame
		return 0
	default:
		p.drops.add(DropReceive, 1) // the kernel can't describe it
		return 0
	}
	for i := range int(n) {
		b.place[i] = i
		f := b.finish(p, i, true)
		if tpid, tci, ok := auxTag(b.aux[i][:b.long[i].Hdr.Controllen]); ok && f.Len() >= etherHeader {
			insertTag(f, tpid, tci)
		}
	}
	return int(n)
}

// auxTag returns the VLAN tag that the kernel took from a frame, from a control
// message: struct cmsghdr, then struct tpacket_auxdata (linux/if_packet.h).
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
