package e2e

import (
	"testing"
)

// The host takes part by the LOCAL port, which has the switch's name, and by
// internal ports.
func TestLocalAndInternalPorts(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	d := l.start(t, "--internal-port", "in2")
	d.setFlows(t, "actions=FLOOD")
	self := &host{namespace: l.namespace, port: switchName}
	for _, tt := range []struct{ name, ip string }{{switchName, "10.0.0.100"}, {"in2", "10.0.0.101"}} {
		t.Run(tt.name, func(t *testing.T) {
			l.ip(t, "addr add "+tt.ip+"/24 dev "+tt.name, "link set "+tt.name+" up")
			await(t, tt.name+" is up", func() bool { return l.Running(tt.name) })
			self.ip4 = tt.ip
			l.hosts[0].ping(t, self, 3)
			self.ping(t, l.hosts[0], 3)
			l.ip(t, "addr flush dev "+tt.name)
		})
	}
	d.ctl(t, "add-internal-port", "in3")
	if p, ok := d.port(t, "in3"); !ok || p.Kind != "internal" || p.Number != 3 {
		t.Errorf("added internal port is %+v", p)
	}
	if !l.exists("in3") {
		t.Error("the internal port has no interface")
	}
	d.ctl(t, "del-port", "in3")
	await(t, "the interface of the deleted port is gone", func() bool { return !l.exists("in3") })
}
