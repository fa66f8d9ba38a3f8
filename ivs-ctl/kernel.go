package main

import (
	"fmt"
	"io"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/kernel"
)

// kernelView is what the tool asks of the openvswitch module when no daemon
// answers for a datapath.
type kernelView interface {
	// has reports whether there is a kernel datapath of this name.
	has(name string) bool
	// datapaths lists all of them; none where the module is not loaded.
	datapaths() []control.Status
	writeFlows(name string, w io.Writer) error
	remove(name string) error
}

// module is the kernelView of the running kernel.
type module struct{}

func newKernel() kernelView { return module{} }

func (m module) has(name string) bool {
	for _, s := range m.datapaths() {
		if s.Name == name {
			return true
		}
	}
	return false
}

// datapaths leaves out what it cannot read: without the module, or without the
// right to ask it, there is nothing to show.
func (module) datapaths() []control.Status {
	in, err := kernel.Inspect()
	if err != nil {
		return nil
	}
	defer in.Close()
	infos, err := in.Datapaths()
	if err != nil {
		return nil
	}
	var all []control.Status
	for _, info := range infos {
		s := control.Status{
			Name: info.Name, Datapath: "kernel",
			Hit: info.Stats.Hit, Missed: info.Stats.Missed, Lost: info.Stats.Lost,
			Flows: info.Stats.Flows, Masks: info.Stats.Masks,
		}
		ports, err := in.Ports(info.Name)
		if err != nil {
			continue
		}
		for i := range ports {
			s.Ports = append(s.Ports, portOf(&ports[i]))
		}
		all = append(all, s)
	}
	return all
}

func portOf(p *kernel.PortInfo) control.Port {
	out := control.Port{
		Number: uint32(p.No),
		Name:   p.Name,
		Rx:     control.Counters{Packets: p.RxPackets, Bytes: p.RxBytes, Errors: p.RxErrors, Dropped: p.RxDropped},
		Tx:     control.Counters{Packets: p.TxPackets, Bytes: p.TxBytes, Errors: p.TxErrors, Dropped: p.TxDropped},
	}
	if p.No == datapath.Local {
		out.Number = 0
	}
	if p.Type != "netdev" {
		out.Kind = p.Type
	}
	return out
}

func (module) writeFlows(name string, w io.Writer) error {
	in, err := kernel.Inspect()
	if err != nil {
		return err
	}
	defer in.Close()
	var line []byte
	return in.Flows(name, func(f *kernel.FlowInfo) error {
		hideDefaults(&f.Match)
		line = datapath.AppendFlow(line[:0], &datapath.Flow{Match: f.Match, Actions: f.Actions}, &f.Stats)
		if f.Unknown != "" {
			line = fmt.Appendf(line[:len(line)-1], " (and %s)\n", f.Unknown)
		}
		_, err := w.Write(line)
		return err
	})
}

// hideDefaults takes out what the kernel adds to the match of every flow: that
// the frame was not recirculated. Of frames that were, people want to know.
func hideDefaults(m *flowtable.Match) {
	if m.Key.Get(flowtable.RecircID) == 0 {
		m.Mask.Set(flowtable.RecircID, 0)
	}
}

func (module) remove(name string) error {
	in, err := kernel.Inspect()
	if err != nil {
		return err
	}
	defer in.Close()
	return in.DeleteDatapath(name)
}
