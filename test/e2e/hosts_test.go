package e2e

import (
	"os"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// withIPv6 gives hosts IPv6 addresses, 2001:db8::N.
func (l *lab) withIPv6(t *testing.T) {
	t.Helper()
	for _, h := range l.hosts {
		err := h.Do(func() error {
			return os.WriteFile("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", []byte("0"), 0o644)
		})
		if err != nil {
			t.Skipf("this kernel has no IPv6: %v", err)
		}
		h.ip(t, "addr add "+h.ip6()+"/64 dev eth0 nodad")
	}
}

func (h *host) ip6() string { return "2001:db8::" + h.ip4[len("10.0.0."):] }

// Real hosts: IPv6 with its neighbor discovery, IPv4 and IPv6 fragments whose
// flows look at ports, and frames of every size.
func TestHosts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	l.testController(t)
	d := l.start(t, "-c", controllerAddress)
	a, b := l.hosts[0], l.hosts[1]
	await(t, "the controller's flows", func() bool {
		_, err := a.try("ping", "-c", "1", "-W", "1", b.ip4)
		return err == nil
	})
	t.Run("IPv4 fragments", func(t *testing.T) {
		a.run(t, "ping", "-q", "-c", "5", "-i", "0.05", "-s", "9000", b.ip4)
	})
	t.Run("small frames", func(t *testing.T) {
		for _, size := range []string{"0", "1", "17", "18", "1471", "1472"} {
			a.run(t, "ping", "-q", "-c", "2", "-i", "0.05", "-s", size, b.ip4)
		}
	})
	t.Run("IPv6", func(t *testing.T) {
		l.withIPv6(t)
		a.run(t, "ping", "-q", "-c", "5", "-i", "0.05", b.ip6())
		a.run(t, "ping", "-q", "-c", "5", "-i", "0.05", "-s", "9000", b.ip6())
		rate := a.transferAs(t, &host{namespace: b.namespace, ip4: b.ip6()}, b.ip6(), bulk())
		t.Logf("TCP over IPv6: %.2f Gbit/s", rate*8/1e9)
	})
	if s := d.stat(t); s.Lost != 0 {
		t.Errorf("%d misses were lost", s.Lost)
	}
}

// Fragments: a flow that matches a port sees it in the first one only; later
// ones have no port (§7.3.2), unless the configuration drops them all.
func TestFragments(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.setFlows(t, "udp,tp_dst=20,actions=output:2", "priority=1,ip,actions=output:3")
	w := l.wires(t)
	first, later := udpParts(), ip4Parts(layers.IPProtocolUDP)
	first.ip4.Id, later.ip4.Id = 7, 7
	first.ip4.Flags = layers.IPv4MoreFragments
	later.ip4.FragOffset = 6
	later.chunk = gopacket.Payload("\x00\x0a\x00\x14 what looks like ports 10 and 20 is none")
	for range repeats {
		w[0].send(t, first.frame())
		w[1].expect(t, "first fragment", first.frame())
		w[0].send(t, later.frame())
		w[2].expect(t, "later fragment", later.frame())
	}
	d.ofctl(t, "set-frags", "drop")
	for range repeats {
		w[0].send(t, first.frame())
		w[0].send(t, later.frame())
	}
	expectSilence(t, "fragments are to be dropped", w...)
	d.ofctl(t, "set-frags", "normal")
	w[0].send(t, later.frame())
	w[2].expect(t, "later fragment again", later.frame())
}
