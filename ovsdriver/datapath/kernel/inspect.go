package kernel

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// DatapathInfo is one datapath of this network namespace, whoever made it.
type DatapathInfo struct {
	Name  string
	Index int // interface index of the local port
	Stats DatapathStats
}

// DatapathStats are counters of a datapath since it was made,
// OVS_DP_ATTR_STATS and OVS_DP_ATTR_MEGAFLOW_STATS.
type DatapathStats struct {
	Hit    uint64 // frames that a cached flow matched
	Missed uint64 // frames that none matched
	Lost   uint64 // frames that could not be handed up
	Flows  uint64 // cached flows
	Masks  uint64 // different masks among them
}

// PortInfo is one port of a datapath, with OVS_VPORT_ATTR_STATS.
type PortInfo struct {
	datapath.PortSpec
	Type                 string // "netdev", "internal", "vxlan"...
	RxPackets, TxPackets uint64
	RxBytes, TxBytes     uint64
	RxErrors, TxErrors   uint64
	RxDropped, TxDropped uint64
}

// FlowInfo is one cached flow as the kernel tells it.
type FlowInfo struct {
	Match   flowtable.Match
	Actions []datapath.Act
	Stats   datapath.FlowStats // ID is 0 for flows of other programs
	// Unknown names what of the flow this package cannot express, or is empty.
	Unknown string
}

// Inspector reads the kernel's datapaths without owning any. One goroutine at a
// time uses it.
type Inspector struct{}

// Inspect connects to the kernel. It fails with datapath.ErrUnsupported if the
// openvswitch module is not there.
func Inspect() (*Inspector, error) { return nil, datapath.ErrUnsupported }

// Close ends the connection.
func (in *Inspector) Close() error { return nil }

// Datapaths lists all datapaths of this network namespace, by name.
func (in *Inspector) Datapaths() ([]DatapathInfo, error) { return nil, nil }

// Ports lists the ports of the datapath named name, by number, the local port
// (datapath.Local) first.
func (in *Inspector) Ports(name string) ([]PortInfo, error) { return nil, nil }

// Flows calls fn with each cached flow of the datapath named name. The FlowInfo
// and what it points to are valid only during the call.
func (in *Inspector) Flows(name string, fn func(*FlowInfo) error) error { return nil }

// DeleteDatapath removes a datapath and its ports from the system.
func (in *Inspector) DeleteDatapath(name string) error { return nil }
