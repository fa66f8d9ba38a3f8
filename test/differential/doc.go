// Package differential compares ivs with Open vSwitch, frame by frame.
//
// It puts the same random but valid flows and groups on both, ivs with its embedded
// datapath and a private Open vSwitch with its userspace one, sends the same
// random frames into both, and compares every byte of what comes out of every
// port. All frames of a step are sent several times, since a cached flow
// forwards the later ones; then the tables change and frames are sent again.
// What differs is made small: fewer frames, fewer flow-mods, fewer match fields,
// actions and buckets.
//
//	go test ./test/differential                            # half a minute
//	go test ./test/differential -packets 100000 -seed 7 -timeout 1h
//	go test ./test/differential -seed 7 -first 42 -duration 1s   # scenario 42 of seed 7
//
// On a machine whose kernel has openvswitch.ko, such as that of build/vm,
// -datapath kernel compares ivs on the kernel's datapath.
//
// It needs root and Debian's Open vSwitch; nothing of it outlives the test, and
// Open vSwitch's own services are not touched. IVS_BIN names a directory that
// has ivs; unset, ivs is compiled.
//
// Packet-ins are compared too, with all that they say.
//
// To add a field, add it to its list in fields_test.go; a kind of packet, to
// kinds there; an action, to makers in actions_test.go; a kind of frame, to
// payload in frames_test.go.
//
// What both do differently, and what the specification says of it, stands in
// docs/conformance.md; the generators avoid it.
package differential
