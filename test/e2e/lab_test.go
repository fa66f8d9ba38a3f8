package e2e

import (
	"fmt"
	"net"
	"testing"
)

// lab is a small network: a namespace for the switch and its controllers, whose
// interfaces p1, p2... lead to eth0 of a host each.
type lab struct {
	*namespace
	hosts []*host  // hosts[0] is host 1, on p1
	env   []string // of switches, beside the test's own
}

// host is a namespace with one interface, eth0.
type host struct {
	*namespace
	port string // the switch's end of its cable
	ip4  string // 10.0.0.N, of 10.0.0.0/24
	mac  net.HardwareAddr
}

// newLab makes a lab of n hosts, all up.
func newLab(t *testing.T, n int) *lab {
	t.Helper()
	need(t, "ip")
	l := &lab{namespace: newNamespace(t)}
	l.ip(t, "link set lo up")
	for i := 1; i <= n; i++ {
		h := &host{
			namespace: newNamespace(t),
			port:      fmt.Sprintf("p%d", i),
			ip4:       fmt.Sprintf("10.0.0.%d", i),
			mac:       net.HardwareAddr{2, 0, 0, 0, 0, byte(i)},
		}
		l.hosts = append(l.hosts, h)
		l.plug(t, h)
	}
	for _, h := range l.hosts {
		l.awaitCarrier(t, h)
	}
	return l
}

// plug makes the cable between a host and the switch. It carries nothing before
// awaitCarrier.
func (l *lab) plug(t *testing.T, h *host) {
	t.Helper()
	l.ip(t,
		fmt.Sprintf("link add %s type veth peer name eth0 address %s netns %s", h.port, h.mac, h.Path()),
		fmt.Sprintf("link set %s up", h.port))
	h.ip(t, "link set lo up", "link set eth0 up", fmt.Sprintf("addr add %s/24 dev eth0", h.ip4))
}

// awaitCarrier waits until the kernel has acted on the carrier of a cable; till
// then it drops what is sent.
func (l *lab) awaitCarrier(t *testing.T, h *host) {
	t.Helper()
	await(t, h.port+" has a carrier", func() bool { return l.Running(h.port) && h.Running("eth0") })
}

// unplug removes the cable, with both its ends.
func (l *lab) unplug(t *testing.T, h *host) {
	t.Helper()
	l.ip(t, "link del "+h.port)
}

// ports are the names of the hosts' interfaces on the switch as flags of ivs.
func (l *lab) ports() []string {
	var flags []string
	for _, h := range l.hosts {
		flags = append(flags, "-i", h.port)
	}
	return flags
}

// ping has a host send n echo requests, 50 ms apart, to another; all must be
// answered.
func (h *host) ping(t *testing.T, to *host, n int) {
	t.Helper()
	h.run(t, "ping", "-q", "-n", "-c", fmt.Sprint(n), "-i", "0.05", "-W", "5", to.ip4)
}

// pingAll has each host ping each other one.
func (l *lab) pingAll(t *testing.T) {
	t.Helper()
	for _, from := range l.hosts {
		for _, to := range l.hosts {
			if from != to {
				from.ping(t, to, 2)
			}
		}
	}
}

// exists reports whether there is an interface of this name.
func (n *namespace) exists(name string) bool {
	return n.Do(func() error {
		_, err := net.InterfaceByName(name)
		return err
	}) == nil
}
