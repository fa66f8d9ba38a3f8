package e2e

import (
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// needKernelDatapath skips what is about datapaths that other programs reach.
func needKernelDatapath(t *testing.T) {
	t.Helper()
	if dataPath != "kernel" {
		t.Skip("only the kernel's datapaths can be changed by other programs")
	}
	need(t, "ovs-dpctl")
}

// Another program changes the datapath's ports and flows: the switch follows,
// says so, and goes on.
func TestForeignChanges(t *testing.T) {
	needKernelDatapath(t)
	t.Parallel()
	l := newLab(t, 3)
	d := l.start(t)
	d.mayComplain = true
	d.setFlows(t, "actions=FLOOD")
	c := d.connect(t)
	l.pingAll(t)
	l.run(t, "ovs-dpctl", "del-flows", "system@"+switchName)
	l.pingAll(t)
	l.run(t, "ovs-dpctl", "del-if", "system@"+switchName, "p3")
	c.portStatus(t, ofp13.PortReasonDelete, 3)
	l.hosts[0].ping(t, l.hosts[1], 3)
	l.run(t, "ovs-dpctl", "add-if", "system@"+switchName, "p3,port_no=3")
	c.portStatus(t, ofp13.PortReasonAdd, 3)
	l.hosts[2].ping(t, l.hosts[1], 3) // what misses is heard of
	l.run(t, "sh", "-c", "ovs-dpctl del-if system@"+switchName+" p3 && ovs-dpctl add-if system@"+switchName+" p3,port_no=3")
	c.portStatus(t, ofp13.PortReasonDelete, 3)
	c.portStatus(t, ofp13.PortReasonAdd, 3)
	l.hosts[2].ping(t, l.hosts[1], 3)
	l.ip(t, "link add q3 type veth peer name eth1 netns "+l.hosts[2].Path(), "link set q3 up")
	l.hosts[2].ip(t, "link set eth1 up", "addr flush dev eth0", "addr add "+l.hosts[2].ip4+"/24 dev eth1")
	l.run(t, "ovs-dpctl", "add-if", "system@"+switchName, "q3")
	c.portStatus(t, ofp13.PortReasonAdd, 4)
	l.pingAll(t)
}

// Another program deletes the datapath: the switch says so and ends with status
// 1, for whoever supervises it.
func TestForeignDelete(t *testing.T) {
	needKernelDatapath(t)
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	l.run(t, "ovs-dpctl", "del-dp", "system@"+switchName)
	if err := d.wait(patience); err != nil || d.status() != 1 {
		t.Errorf("without its datapath ivs ends with status %d (%v), want 1", d.status(), err)
	}
	if !strings.Contains(d.out.String(), "another program removed the datapath") {
		t.Errorf("the log does not say why:\n%s", d.out.String())
	}
	d.checkGone(t)
	d.process = nil
}
