// Package packet reads and changes Ethernet frames: header views, Parse into a
// flow key, in-place edits with their checksums, checksum completion and
// software segmentation. The slow path and the embedded datapath share it, and
// its keys agree with those of the kernel's openvswitch module, bit by bit.
//
// Nothing here keeps state, and nothing but a Segmenter's buffer is allocated:
// every function works on the frame that it is given, by the goroutine that
// owns the frame. Frames may hold any bytes; no function panics on them, and a
// header that is not all there counts as absent.
package packet
