package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// suite is a comparison: who takes part, what is measured, what is hoped for.
type suite struct {
	title        string
	contenders   []contender
	measurements []measurement
	metrics      []metric
	goals        []goal
}

// measurement takes figures, by metric key, of a contender at work.
type measurement struct {
	title string
	skip  map[string]bool // contenders that can't do it
	take  func(*lab, *forwarder) (map[string]float64, error)
}

// embedded compares what needs no kernel module.
func embedded(s settings) *suite {
	noOpenFlow := map[string]bool{"forwarder": true}
	return &suite{
		title:      "ivs's embedded datapath and Open vSwitch's userspace datapath",
		contenders: []contender{doNothing(s.bin), ivs(s.bin, "userspace"), openVSwitch("netdev")},
		measurements: []measurement{
			{"TCP, offloads on", map[string]bool{"openvswitch": true}, tcp(s.seconds, true, "tcp")},
			{"TCP, offloads off", nil, tcp(s.seconds, false, "tcp_plain")},
			{"packet rate", nil, packetRate(s.seconds)},
			{"latency", nil, latency(s.seconds, "latency", 0, false)},
			{"flow-mods with a barrier each", noOpenFlow, flowMods},
			{"flow-mods with one barrier", noOpenFlow, flowStream},
		},
		metrics: []metric{
			{key: "tcp", title: "TCP, offloads on (off for Open vSwitch, which passes no TCP with them)", unit: "Gbit/s", instead: map[string]string{"openvswitch": "tcp_plain"}},
			{key: "tcp_plain", title: "TCP, offloads off", unit: "Gbit/s"},
			{key: "rate", title: "64-byte frames, one way", unit: "1000/s"},
			{key: "latency_p50", title: "one-way latency, median", unit: "us"},
			{key: "latency_p99", title: "one-way latency, 99th percentile", unit: "us"},
			{key: "flow_mods", title: "20,000 flow-mods by ovs-ofctl add-flows, a barrier after each", unit: "1000/s"},
			{key: "flow_stream", title: "20,000 flow-mods in one go, one barrier", unit: "1000/s"},
			{key: "memory", title: "resident memory with 20,000 flows", unit: "MB"},
		},
		goals: []goal{
			{"tcp", "openvswitch", 5, true}, {"rate", "openvswitch", 1.5, true},
			{"latency_p50", "openvswitch", 0.5, false}, {"rate", "forwarder", 0.8, true},
		},
	}
}

// tcp measures what iperf3 carries from host a to host b.
func tcp(d time.Duration, offloads bool, key string) func(*lab, *forwarder) (map[string]float64, error) {
	return func(l *lab, _ *forwarder) (map[string]float64, error) {
		if err := l.offloads(offloads); err != nil {
			return nil, err
		}
		rate, err := iperf(l, max(2*time.Second, d))
		return map[string]float64{key: rate / 1e9}, err
	}
}

// iperf returns the bits per second that arrive.
func iperf(l *lab, d time.Duration) (float64, error) {
	server, err := l.start(l.b, nil, "iperf3", "-s", "-1")
	if err != nil {
		return 0, err
	}
	defer server.stop()
	var report struct {
		Error string `json:"error"` // its exit status does not tell
		End   struct {
			Received struct {
				Rate float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		} `json:"end"`
	}
	err = l.await("iperf3", func() error { // the server needs a moment
		out, err := l.output("ip", "netns", "exec", l.a, "iperf3", "-J", "-c", "10.0.0.2", "-t", strconv.Itoa(int(d.Seconds())))
		if err == nil {
			err = json.Unmarshal([]byte(out), &report)
		}
		if err == nil && report.Error != "" {
			err = errors.New(report.Error)
			report.Error = ""
		}
		return err
	}, server)
	return report.End.Received.Rate, err
}

// packetRate offers one flow of small frames as fast as they go, in short
// pieces, and takes the median: what else the machine does spoils single ones.
func packetRate(d time.Duration) func(*lab, *forwarder) (map[string]float64, error) {
	return func(l *lab, _ *forwarder) (map[string]float64, error) {
		const pieces = 11
		if _, _, err := flood(l, d/4, false, 0); err != nil { // have the flow cached
			return nil, err
		}
		var rates []float64
		for range pieces {
			rate, _, err := flood(l, d/pieces, false, 0)
			if err != nil {
				return nil, err
			}
			rates = append(rates, rate)
		}
		slices.Sort(rates)
		return map[string]float64{"rate": rates[pieces/2] / 1e3}, nil
	}
}

// pingPongs is how many frames a second of measuring sends one after another.
const pingPongs = 5000

// latency sends frames one by one, with a pause before each as many as fit into
// a time.
func latency(d time.Duration, key string, pause time.Duration, flows bool) func(*lab, *forwarder) (map[string]float64, error) {
	return func(l *lab, _ *forwarder) (map[string]float64, error) {
		const warm = 64 // the kernel needs a moment until it stamps all frames
		if _, err := probe(l, warm, pause, flows, 0); err != nil {
			return nil, err
		}
		count := int(d.Seconds() * pingPongs)
		if pause > 0 {
			count = int(d / pause)
		}
		times, err := probe(l, count, pause, flows, warm)
		if err != nil {
			return nil, err
		}
		if len(times) < count*9/10 {
			return nil, fmt.Errorf("only %d of %d frames arrived", len(times), count)
		}
		at := func(share float64) float64 { return times[int(share*float64(len(times)-1))].Seconds() * 1e6 }
		return map[string]float64{key + "_p50": at(0.5), key + "_p99": at(0.99)}, nil
	}
}
