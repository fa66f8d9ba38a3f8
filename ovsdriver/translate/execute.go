package translate

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Sink takes what an Executor makes of a frame. Both calls are made before the
// next frame is executed; frames and slices may be kept until Executor.Reset.
type Sink interface {
	// Execute sends a frame on its way. Every action is one that the datapath
	// can do.
	Execute(e datapath.Execution)
	// PacketIn hands a frame to the controller. The frame, as edited so far,
	// is valid only during the call; key is that of the frame as it came in.
	PacketIn(p *PacketIn, key *flowtable.Key, f *datapath.Frame)
	// Full is called when the executor has no room for another copy of a
	// frame. All executions so far must have been done when it returns.
	Full()
}

// Executor takes frames through a View and does itself what the datapath can
// not. It owns its result and its buffers for copies; one goroutine at a time
// uses it. After Reset it may overwrite what it had given to the sink.
type Executor struct {
	Result Result // of the last translation, until the next

	key  flowtable.Key
	acts []datapath.Act
}
