package kernel

import (
	"cmp"
	"slices"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// readDatapath reads the attributes of a datapath.
func readDatapath(r reply) DatapathInfo {
	info := DatapathInfo{Index: int(r.dp)}
	for b := r.attrs; ; {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return info
		}
		switch {
		case typ == dpAttrName:
			info.Name = stringOf(data)
		case typ == dpAttrStats && len(data) >= 32:
			info.Stats.Hit, info.Stats.Missed = host.Uint64(data), host.Uint64(data[8:])
			info.Stats.Lost, info.Stats.Flows = host.Uint64(data[16:]), host.Uint64(data[24:])
		case typ == dpAttrMegaflowStats && len(data) >= 12:
			info.Stats.Masks = uint64(host.Uint32(data[8:]))
		}
		b = rest
	}
}

// featuresOf reads the features (OVS_DP_F_*) of a datapath; false if they are not
// told.
func featuresOf(r reply) (features uint32, told bool) {
	for b := r.attrs; ; {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return 0, false
		}
		if typ == dpAttrUserFeatures && len(data) == 4 {
			return host.Uint32(data), true
		}
		b = rest
	}
}

// readPort reads the attributes of a port.
func readPort(b []byte) PortInfo {
	var info PortInfo
	for {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			return info
		}
		switch {
		case typ == vportAttrPortNo && len(data) == 4:
			info.No = fromKernelPort(host.Uint32(data))
		case typ == vportAttrType && len(data) == 4:
			info.Type = portType(host.Uint32(data))
		case typ == vportAttrName:
			info.Name = stringOf(data)
		case typ == vportAttrStats && len(data) >= 64:
			readPortStats(data, &info)
		}
		info.Kind = portKind(&info)
		b = rest
	}
}

// readPortStats reads struct ovs_vport_stats.
func readPortStats(data []byte, info *PortInfo) {
	for i, v := range [...]*uint64{
		&info.RxPackets, &info.TxPackets, &info.RxBytes, &info.TxBytes,
		&info.RxErrors, &info.TxErrors, &info.RxDropped, &info.TxDropped,
	} {
		*v = host.Uint64(data[8*i:])
	}
}

func portKind(info *PortInfo) datapath.PortKind {
	switch {
	case info.No == datapath.Local:
		return datapath.LocalPort
	case info.Type == "internal":
		return datapath.Internal
	}
	return datapath.Netdev
}

func portType(typ uint32) string {
	names := [...]string{
		vportNetdev: "netdev", vportInternal: "internal", vportGRE: "gre", vportVXLAN: "vxlan", vportGeneve: "geneve",
	}
	if int(typ) < len(names) && names[typ] != "" {
		return names[typ]
	}
	return "unknown"
}

// sortPorts orders ports by the kernel's numbers: the local port is first.
func sortPorts(ports []PortInfo) {
	slices.SortFunc(ports, func(a, b PortInfo) int {
		x, _ := toKernelPort(a.No)
		y, _ := toKernelPort(b.No)
		return cmp.Compare(x, y)
	})
}

// readFlow reads the attributes of a flow into info, reusing its buffer.
func readFlow(payload []byte, info *FlowInfo) {
	acts := info.Actions[:0]
	*info = FlowInfo{}
	readStats(payload, &info.Stats)
	for b := payload; ; {
		typ, data, rest, ok := nextAttr(b)
		if !ok {
			break
		}
		switch typ {
		case flowAttrKey:
			if !decodeKey(data, &info.Match.Key) {
				info.Unknown = "key"
			}
		case flowAttrMask:
			if !decodeMask(data, &info.Match.Mask) {
				info.Unknown = "mask"
			}
		case flowAttrActions:
			var unknown string
			if acts, unknown = decodeActions(data, acts); unknown != "" {
				info.Unknown = unknown
			}
		}
		b = rest
	}
	info.Match.Mask.Apply(&info.Match.Key, &info.Match.Key)
	info.Actions = acts
}
