package datapath

// Headroom is the free space before a received frame: enough for two VLAN
// tags, three MPLS entries and a PBB header.
const Headroom = 64

// Frame is an Ethernet frame in a buffer with room before it, so that a push
// moves only the addresses. Whoever fills it owns it; see Receiver for how long
// a received one may be used.
type Frame struct {
	Buf     []byte // Buf[Start:End] is the frame, from its destination address
	Start   int
	End     int
	Offload Offload
}

// Bytes returns the frame, from its destination address to its end.
func (f *Frame) Bytes() []byte { return f.Buf[f.Start:f.End] }

// Len returns the frame's length in bytes, without the frame check sequence.
func (f *Frame) Len() int { return f.End - f.Start }

// Offload is what is left to be done to a frame before it can be put on a wire,
// as in struct virtio_net_hdr (linux/virtio_net.h), which PACKET_VNET_HDR puts
// before each frame. The zero value says nothing is left. Numbers are in host
// order, offsets in bytes from the frame's start.
type Offload struct {
	Flags      uint8  // VIRTIO_NET_HDR_F_NEEDS_CSUM (1), _DATA_VALID (2)
	GSOType    uint8  // VIRTIO_NET_HDR_GSO_*
	HdrLen     uint16 // Ethernet to L4 headers
	GSOSize    uint16 // bytes of payload in each segment
	CsumStart  uint16 // where checksumming begins
	CsumOffset uint16 // where the checksum lies, from CsumStart
}

// Values of Offload.Flags and Offload.GSOType, linux/virtio_net.h.
const (
	OffloadNeedsCsum = 1
	OffloadDataValid = 2

	GSONone  = 0
	GSOTCPv4 = 1
	GSOUDP   = 3
	GSOTCPv6 = 4
	GSOUDPL4 = 5
	GSOECN   = 0x80
)
