package kernel

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

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
type Inspector struct{ control *control }

// Inspect connects to the kernel. It fails with datapath.ErrUnsupported if the
// openvswitch module is not there.
func Inspect() (*Inspector, error) {
	c, err := dialControl()
	if err != nil {
		return nil, err
	}
	return &Inspector{c}, nil
}

// Close ends the connection.
func (in *Inspector) Close() error { return in.control.conn.Close() }

// Datapaths lists all datapaths of this network namespace, by name.
func (in *Inspector) Datapaths() ([]DatapathInfo, error) {
	c := in.control
	replies, err := c.request(c.families.datapath, netlink.Dump, cmdGet, datapathVersion, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("list openvswitch datapaths: %w", err)
	}
	list := make([]DatapathInfo, 0, len(replies))
	for _, r := range replies {
		list = append(list, readDatapath(r))
	}
	slices.SortFunc(list, func(a, b DatapathInfo) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Ports lists the ports of the datapath named name, by number, the local port
// (datapath.Local) first. It fails with os.ErrNotExist if there is no such
// datapath.
func (in *Inspector) Ports(name string) ([]PortInfo, error) {
	dp, err := in.index(name)
	if err != nil {
		return nil, err
	}
	return in.control.ports(dp)
}

// Flows calls fn with each cached flow of the datapath named name. The FlowInfo
// and what it points to are valid only during the call. It fails with
// os.ErrNotExist if there is no such datapath.
func (in *Inspector) Flows(name string, fn func(*FlowInfo) error) error {
	dp, err := in.index(name)
	if err != nil {
		return err
	}
	var info FlowInfo
	return dumpFlows(in.control.flow, dp, 0, func(payload []byte) error {
		readFlow(payload, &info)
		return fn(&info)
	})
}

// DeleteDatapath removes a datapath and its ports from the system. It fails with
// os.ErrNotExist if there is none.
func (in *Inspector) DeleteDatapath(name string) error {
	dp, err := in.index(name)
	if err != nil {
		return err
	}
	if err := in.control.deleteDatapath(dp); err != nil {
		return fmt.Errorf("delete datapath %s: %w", name, err)
	}
	return nil
}

func (in *Inspector) index(name string) (uint32, error) {
	dp, err := in.control.datapathIndex(name)
	switch {
	case errors.Is(err, unix.ENODEV):
		return 0, fmt.Errorf("there is no openvswitch datapath %s: %w", name, unix.ENOENT)
	case err != nil:
		return 0, fmt.Errorf("find openvswitch datapath %s: %w", name, err)
	}
	return dp, nil
}
