package main

import (
	"errors"
	"fmt"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/kernel"
	"github.com/ivs-go/ivs/ovsdriver/datapath/userspace"
)

// plane is the datapath that was chosen, and what it counts.
type plane struct {
	datapath.Datapath
	kind   string // "kernel" or "userspace"
	counts func() planeCounts
}

// planeCounts are a datapath's counters since it was made, and by name those
// that not every datapath has.
type planeCounts struct {
	hit, missed, lost, flows, masks uint64
	own                             map[string]uint64
}

// openPlane opens the datapath that the flags ask for. "auto" takes the
// kernel's module if it is there, and the log says which it took and why.
func openPlane(o *options, log *logrus.Entry) (*plane, error) {
	if o.datapath != "userspace" {
		dp, err := kernel.Open(kernel.Config{Name: o.name, Log: log})
		switch {
		case err == nil:
			log.WithField("datapath", "kernel").Info("forwarding by the kernel's openvswitch module")
			return &plane{dp, "kernel", kernelCounts(dp, o.name)}, nil
		case o.datapath == "kernel" && errors.Is(err, datapath.ErrUnsupported):
			return nil, fmt.Errorf("kernel datapath: %w; or use --datapath=userspace", err)
		case !errors.Is(err, datapath.ErrUnsupported):
			return nil, fmt.Errorf("kernel datapath: %w", err)
		}
		log.WithError(err).WithField("datapath", "userspace").Info("no openvswitch module: forwarding by the embedded datapath")
	} else {
		log.WithField("datapath", "userspace").Info("forwarding by the embedded datapath, as --datapath says")
	}
	dp, err := userspace.Open(userspace.Config{Name: o.name, Log: log, Claims: control.ClaimsFile})
	if err != nil {
		return nil, fmt.Errorf("embedded datapath: %w", err)
	}
	return &plane{dp, "userspace", userspaceCounts(dp)}, nil
}

// kernelCounts asks the kernel each time; it is for people, now and then.
func kernelCounts(dp *kernel.Datapath, name string) func() planeCounts {
	return func() planeCounts {
		s, c := kernelStats(name), dp.Counters()
		return planeCounts{
			hit: s.Hit, missed: s.Missed, lost: s.Lost, flows: s.Flows, masks: s.Masks,
			own: map[string]uint64{
				"kernel: upcall socket full":     c.Lost,
				"kernel: upcalls not understood": c.Invalid,
				"kernel: refused to execute":     c.Refused,
			},
		}
	}
}

// kernelStats are zeros where the datapath has just gone; its event follows.
func kernelStats(name string) kernel.DatapathStats {
	in, err := kernel.Inspect()
	if err != nil {
		return kernel.DatapathStats{}
	}
	defer in.Close()
	all, _ := in.Datapaths()
	for _, dp := range all {
		if dp.Name == name {
			return dp.Stats
		}
	}
	return kernel.DatapathStats{}
}

func userspaceCounts(dp *userspace.Datapath) func() planeCounts {
	return func() planeCounts {
		c := dp.Counters()
		out := planeCounts{
			hit: c.ExactHits + c.MaskedHits, missed: c.Misses, lost: c.Lost,
			flows: uint64(c.Flows), masks: uint64(c.Masks), own: map[string]uint64{},
		}
		for reason, n := range c.Drops {
			out.own["drop: "+userspace.DropReason(reason).String()] = n
		}
		return out
	}
}
