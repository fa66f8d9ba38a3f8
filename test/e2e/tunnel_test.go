package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// Hosts that have a tunnel over the switch leave it the segmentation of what is
// inside; TCP in the tunnel arrives all the same, and as fast.
func TestTCPInTunnels(t *testing.T) {
	if dataPath == "kernel" {
		t.Skip("the kernel's datapath has no need to describe frames")
	}
	for name, tunnel := range map[string]string{
		"VXLAN":               "vxlan id 7 remote %[2]s dstport 4789",
		"VXLAN with checksum": "vxlan id 7 remote %[2]s dstport 8472 udpcsum",
		"Geneve":              "geneve id 7 remote %[2]s",
		"GRE":                 "gre local %[1]s remote %[2]s",
		"GRE with checksum":   "gretap local %[1]s remote %[2]s csum",
		"IP in IP":            "ipip local %[1]s remote %[2]s",
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, 2)
			a, b := l.hosts[0], l.hosts[1]
			inside := *b
			inside.ip4 = "10.1.0.2"
			for i, h := range []*host{a, b} {
				if _, err := h.try("ip", strings.Fields("link add tun type "+fmt.Sprintf(tunnel, h.ip4, l.hosts[1-i].ip4))...); err != nil {
					t.Skipf("this kernel has no such tunnel: %v", err)
				}
				h.ip(t, "link set tun up", fmt.Sprintf("addr add 10.1.0.%d/24 dev tun", i+1))
			}
			l.start(t).setFlows(t, "in_port=1,actions=output:2", "in_port=2,actions=output:1")
			rate := a.transfer(t, &inside, bulk())
			t.Logf("%.2f Gbit/s", rate*8/1e9)
		})
	}
}
