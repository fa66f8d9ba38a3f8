package main

import (
	"errors"
	"time"
)

// onKernel compares how fast the two daemons answer the openvswitch module for
// packets that no cached flow matches. Cached flows are exact in both, so that
// every new flow is an upcall.
func onKernel(s settings) *suite {
	return &suite{
		title: "upcalls of the kernel's openvswitch module, megaflows off",
		contenders: []contender{
			ivs(s.bin, "kernel", "IVS_DISABLE_MEGAFLOWS=1"),
			openVSwitch("system", disableMegaflows, answersUpcalls),
		},
		measurements: []measurement{
			{"upcall latency", nil, latency(s.seconds, "upcall", 5*time.Millisecond, true)},
			{"upcall rate", nil, upcallRate(s.seconds)},
		},
		metrics: []metric{
			{key: "upcalls", title: "first packets of new flows forwarded", unit: "1000/s"},
			{key: "offered", title: "new flows offered meanwhile, as fast as they go", unit: "1000/s", noRatio: true},
			{key: "upcall_p50", title: "one-way latency of such a packet, median", unit: "us"},
			{key: "upcall_p99", title: "one-way latency of such a packet, 99th percentile", unit: "us"},
		},
		goals: []goal{{"upcalls", "openvswitch", 2, true}},
	}
}

func disableMegaflows(l *lab, _ *forwarder) error { return appctl(l, "upcall/disable-megaflows") }

// errDeaf says that Open vSwitch answers no upcall, which happens after some
// boots; a new start helps.
var errDeaf = errors.New("no upcall is answered")

func answersUpcalls(l *lab, _ *forwarder) error {
	for range 5 {
		times, err := probe(l, 20, 5*time.Millisecond, true, 1<<31)
		if err != nil || len(times) > 0 {
			return err
		}
	}
	return errDeaf
}

// upcallRate sends frames that are a flow each, as fast as they go. What
// arrives is what the daemon has answered.
func upcallRate(d time.Duration) func(*lab, *forwarder) (map[string]float64, error) {
	return func(l *lab, _ *forwarder) (map[string]float64, error) {
		_, sent, err := flood(l, d/4, true, 1<<20)
		if err != nil {
			return nil, err
		}
		rate, more, err := flood(l, d, true, 1<<20+sent)
		return map[string]float64{"upcalls": rate / 1e3, "offered": float64(more) / d.Seconds() / 1e3}, err
	}
}
