package fwd

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// Identity says who the switch is. It does not change.
type Identity struct {
	DatapathID uint64
	Name       string // of the switch, and of its local port
	Version    string // of this program
	Datapath   string // what forwards: datapath.Features.Name
	Buffers    int    // packets that are buffered at one time
}

// Features fills the switch features (§7.3.1): only
// statistics that exist are claimed.
func (id *Identity) Features(f *ofp13.FeaturesReply) {
	*f = ofp13.FeaturesReply{
		DatapathID: id.DatapathID,
		NBuffers:   uint32(id.Buffers),
		NTables:    translate.NumTables,
		Capabilities: ofp13.CapabilityFlowStats | ofp13.CapabilityTableStats | ofp13.CapabilityPortStats |
			ofp13.CapabilityGroupStats | ofp13.CapabilityQueueStats,
	}
}

// Desc fills the description (§7.3.5.1). Controllers choose their drivers by
// it, and those for other switches expect their extensions.
func (id *Identity) Desc(d *ofp13.Desc) {
	*d = ofp13.Desc{
		Manufacturer: "ivs-go",
		Hardware:     "Linux, " + id.Datapath + " datapath",
		Software:     "ivs " + id.Version,
		SerialNumber: "None",
		Datapath:     id.Name,
	}
}
