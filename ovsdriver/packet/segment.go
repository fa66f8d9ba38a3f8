package packet

import (
	"errors"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// ErrOffload is a frame whose Offload does not fit its headers.
var ErrOffload = errors.New("packet: offload description does not fit the frame's headers")

// Complete computes the checksum that f.Offload leaves to be done, if any, and
// clears the request. The error is ErrOffload; it leaves the frame unchanged.
func Complete(f *datapath.Frame) error { return nil }

// Describable reports whether f.Offload, as a struct virtio_net_hdr, can tell
// the kernel all about f. If not (segmentation inside MPLS or PBB), f has to
// be segmented before it is sent.
func Describable(f *datapath.Frame) bool { return true }

// Pad extends a frame of fewer than 60 bytes to that length with zeros, the
// least that goes on a wire (IEEE 802.3 §4.2.3.3), as far as its buffer goes.
func Pad(f *datapath.Frame) {}

// Segmenter cuts frames that are larger than their wire allows into those that
// go on it. It owns one buffer, which grows to the largest segment. One
// goroutine at a time uses it; the zero value is ready.
type Segmenter struct {
	frame datapath.Frame
}

// Segment calls emit with each segment of f, checksums complete, or once with f
// itself (and completed) when f.Offload asks for no segmentation. Segments are
// valid only during the call and may be edited then. It stops at emit's first
// error and returns it; ErrOffload if f can't be cut.
func (s *Segmenter) Segment(f *datapath.Frame, emit func(*datapath.Frame) error) error {
	return emit(f)
}
