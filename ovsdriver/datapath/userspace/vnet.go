package userspace

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// getOffload reads a struct virtio_net_hdr (linux/virtio_net.h) in host order,
// as packet sockets and TAPs have it: flags, gso_type, hdr_len, gso_size,
// csum_start, csum_offset.
func getOffload(b []byte, o *datapath.Offload) {
	_ = b[vnetHeader-1]
	o.Flags = b[0]
	o.GSOType = b[1]
	o.HdrLen = binary.NativeEndian.Uint16(b[2:])
	o.GSOSize = binary.NativeEndian.Uint16(b[4:])
	o.CsumStart = binary.NativeEndian.Uint16(b[6:])
	o.CsumOffset = binary.NativeEndian.Uint16(b[8:])
}

// putOffload writes a struct virtio_net_hdr.
func putOffload(b []byte, o *datapath.Offload) {
	_ = b[vnetHeader-1]
	b[0] = o.Flags
	b[1] = o.GSOType
	binary.NativeEndian.PutUint16(b[2:], o.HdrLen)
	binary.NativeEndian.PutUint16(b[4:], o.GSOSize)
	binary.NativeEndian.PutUint16(b[6:], o.CsumStart)
	binary.NativeEndian.PutUint16(b[8:], o.CsumOffset)
}

// Lengths in bytes.
const (
	etherHeader = 14
	vlanTag     = 4
)

// insertTag puts the VLAN tag that the kernel stripped back into the frame,
// before its EtherType.
func insertTag(f *datapath.Frame, tpid, tci uint16) {
	b := f.Buf[f.Start-vlanTag : f.End]
	f.Start -= vlanTag
	copy(b, b[vlanTag:vlanTag+12])
	binary.BigEndian.PutUint16(b[12:], tpid)
	binary.BigEndian.PutUint16(b[14:], tci)
	if f.Offload.Flags&datapath.OffloadNeedsCsum != 0 {
		f.Offload.CsumStart += vlanTag
	}
	if f.Offload.GSOType != datapath.GSONone {
		f.Offload.HdrLen += vlanTag
	}
}

// overMTU reports whether f, or the frames that it is to be cut into, is too
// long for an interface of that MTU. One VLAN tag is not counted, as in the
// kernel (net/packet/af_packet.c, packet_extra_vlan_len_allowed).
func overMTU(f *datapath.Frame, mtu int) bool {
	n := f.Len()
	if f.Offload.GSOType != datapath.GSONone {
		n = min(n, segmentLen(f))
	}
	n -= etherHeader + mtu
	return n > 0 && (n > vlanTag || !tagged(f))
}

func tagged(f *datapath.Frame) bool {
	b := f.Bytes()
	if len(b) < etherHeader {
		return false
	}
	t := binary.BigEndian.Uint16(b[12:])
	return t == unix.ETH_P_8021Q || t == unix.ETH_P_8021AD
}

// segmentLen returns the length of the frames that f is to be cut into:
// headers, of which virtio_net_hdr.hdr_len is but a hint, and gso_size.
func segmentLen(f *datapath.Frame) int {
	o, b := &f.Offload, f.Bytes()
	l4 := int(o.CsumStart)
	switch o.GSOType &^ datapath.GSOECN {
	case datapath.GSOTCPv4, datapath.GSOTCPv6:
		if l4+13 > len(b) {
			return len(b)
		}
		return l4 + int(b[l4+12]>>4)*4 + int(o.GSOSize)
	case datapath.GSOUDPL4:
		return l4 + 8 + int(o.GSOSize)
	}
	return 0 // UFO: IP fragments it to any MTU
}
