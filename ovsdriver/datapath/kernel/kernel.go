package kernel

import (
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Datapath is one datapath of the openvswitch module. It implements
// datapath.Datapath; its methods are for the main goroutine, except DumpFlows
// and what Receivers returns.
type Datapath struct{}

// Open makes the datapath that cfg names, or adopts the one that is there, and
// tries what the running kernel can do. The errors that callers decide on are
// datapath.ErrUnsupported (no openvswitch module), datapath.ErrExists (with
// Exclusive), datapath.ErrBusy (another kind of interface has the name) and
// os.ErrPermission (CAP_NET_ADMIN is missing).
func Open(cfg Config) (*Datapath, error) { return nil, datapath.ErrUnsupported }
