package main

import (
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// The frames are what they claim to be, seen by another decoder.
func TestFrame(t *testing.T) {
	for _, tt := range []struct {
		n       uint64
		ownFlow bool
		source  string
		port    layers.UDPPort
	}{
		{0, false, "10.1.0.1", 50000},
		{70000, false, "10.1.0.1", 50000},
		{70000, true, "10.0.1.1", 70000 - 65536},
		{0xabcdef, true, "10.0.171.1", 0xcdef},
	} {
		f := newFrame()
		f.number(tt.n, tt.ownFlow)
		p := gopacket.NewPacket(f[:], layers.LayerTypeEthernet, gopacket.Default)
		if p.ErrorLayer() != nil {
			t.Fatalf("frame %d: %v", tt.n, p.ErrorLayer().Error())
		}
		ip := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
		udp := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ip.SrcIP.Equal(net.ParseIP(tt.source)) || udp.SrcPort != tt.port || udp.DstPort != 50001 {
			t.Errorf("frame %d: %v:%d -> %d, want source %s:%d", tt.n, ip.SrcIP, udp.SrcPort, udp.DstPort, tt.source, tt.port)
		}
		if int(ip.Length) != frameSize-offIPv4 || int(udp.Length) != frameSize-offUDP {
			t.Errorf("frame %d: lengths %d, %d", tt.n, ip.Length, udp.Length)
		}
		if sum := headerSum(f[offIPv4:offUDP]); sum != 0xffff {
			t.Errorf("frame %d: header sums up to %#x, want 0xffff", tt.n, sum)
		}
	}
}

// headerSum is the ones' complement sum that a receiver checks.
func headerSum(header []byte) uint32 {
	var sum uint32
	for i := 0; i < len(header); i += 2 {
		sum += uint32(header[i])<<8 | uint32(header[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum
}

// No two frames of a run are one flow.
func TestOwnFlows(t *testing.T) {
	seen := map[[6]byte]bool{}
	f := newFrame()
	for n := range uint64(200000) {
		f.number(n, true)
		var flow [6]byte
		copy(flow[:4], f[offSource:])
		copy(flow[4:], f[offUDP:])
		if seen[flow] {
			t.Fatalf("frame %d is of an earlier flow", n)
		}
		seen[flow] = true
	}
}

// Between hosts that nothing joins, nothing arrives, and the load generators
// say so in time; between a host and itself by way of a veth pair, all arrives.
func TestLoadOverVeth(t *testing.T) {
	l, err := newLab(t.Context())
	if err != nil {
		t.Skip("no network namespaces: ", err)
	}
	defer l.close()
	times, err := probe(l, 10, time.Millisecond, false, 0)
	if err != nil || len(times) != 0 {
		t.Errorf("with no switch %d frames arrived, %v", len(times), err)
	}
	// A bridge is a switch that nobody doubts.
	for _, args := range [][]string{
		{"-n", l.sw, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"},
		{"-n", l.sw, "link", "set", "p1", "master", "br0"},
		{"-n", l.sw, "link", "set", "p2", "master", "br0"},
		{"-n", l.sw, "link", "set", "br0", "up"},
	} {
		if err := l.ip(args...); err != nil {
			t.Skip("no bridge: ", err)
		}
	}
	const count = 50
	if times, err = probe(l, count, time.Millisecond, false, 100); err != nil || len(times) != count {
		t.Fatalf("%d of %d frames arrived, %v", len(times), count, err)
	}
	if times[0] <= 0 || times[count/2] > time.Second || times[0] > times[count-1] {
		t.Errorf("latencies from %v to %v, median %v", times[0], times[count-1], times[count/2])
	}
	rate, sent, err := flood(l, 100*time.Millisecond, false, 0)
	if err != nil || rate == 0 || rate > 1.1*10*float64(sent) {
		t.Errorf("flood: %d sent, %.0f per second arrived, %v", sent, rate, err)
	}
}
