package e2e

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What ivs-ctl prints has the original's form.
func TestShowAndDumpFlows(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t, "--internal-port", "in3")
	d.setFlows(t, "in_port=1,udp,nw_dst=192.0.2.0/24,actions=set_field:9->udp_dst,output:2")
	w := l.wires(t)
	await(t, "the flow is cached", func() bool {
		w[0].send(t, udpFrame(1, 2, nil))
		w[1].expect(t, "forwarded", udpFrame(1, 9, nil))
		return d.stat(t).Flows == 1
	})
	show := regexp.MustCompile(`^ivs:
  ` + dataPath + ` lookups: hit=\d+ missed=\d+ lost=0
  ` + dataPath + ` flows=1
  ports:
    0 ivs \(internal\)
      rx: packets=\d+ bytes=\d+ errors=0 dropped=\d+
      tx: packets=\d+ bytes=\d+ errors=0 dropped=\d+
    1 p1
      rx: packets=\d+ bytes=\d+ errors=0 dropped=0
      tx: packets=\d+ bytes=\d+ errors=0 dropped=0
    2 p2
      rx: packets=\d+ bytes=\d+ errors=0 dropped=0
      tx: packets=\d+ bytes=\d+ errors=0 dropped=0
    3 in3 \(internal\)
      rx: packets=\d+ bytes=\d+ errors=0 dropped=\d+
      tx: packets=\d+ bytes=\d+ errors=0 dropped=\d+
$`)
	if out := d.ctl(t, "show"); !show.MatchString(out) {
		t.Errorf("ivs-ctl show prints\n%s", out)
	}
	cached := regexp.MustCompile(`^port=1 .*type=0x0800 ipv4 .*dst=192\.0\.2\..* -> set \{ l4 .*dst=9 \} output 2 \(\d+ pkts, \d+ bytes\)\n$`)
	if out := d.ctl(t, "dump-flows"); !cached.MatchString(out) {
		t.Errorf("ivs-ctl dump-flows prints\n%s", out)
	}
	if out := d.ctl(t, "list-ports"); out != "ivs\np1\np2\nin3\n" {
		t.Errorf("ivs-ctl list-ports prints\n%s", out)
	}
	own := map[string]string{"kernel": "kernel: refused to execute=0", "userspace": "drop: "}[dataPath]
	for _, words := range []string{"dpid=00000000000000aa", "counters:", own} {
		if out := d.ctl(t, "show", "-v"); !strings.Contains(out, words) {
			t.Errorf("ivs-ctl show -v lacks %q:\n%s", words, out)
		}
	}
}

// ivs-ctl trace tells packet by packet what the tables decide, on one port or
// all, until it is interrupted.
func TestTrace(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "in_port=1,udp,actions=set_field:9->udp_dst,write_metadata:0x7,goto_table:4",
		"table=4,metadata=0x7,actions=output:2", "in_port=2,actions=output:1")
	if out, err := d.tryCtl("trace", "port", "77"); err == nil || !strings.Contains(out, "there is no port 77") {
		t.Errorf("ivs-ctl trace port 77: %v, %q", err, out)
	}
	one := l.spawn(t, d.env, program("ivs-ctl"), "trace", "port", "1")
	all := l.spawn(t, d.env, program("ivs-ctl"), "trace")
	w := l.wires(t)
	i := uint16(0)
	await(t, "the trace of a packet", func() bool {
		i++
		w[0].send(t, udpFrame(i, i, nil)) // new flows all the time
		w[1].send(t, udpFrame(i, i, nil))
		return strings.Contains(one.out.String(), "output") && strings.Contains(all.out.String(), "port=2")
	})
	for _, words := range []string{"port=1", "table 0", "table 4", "metadata", "set", "output 2"} {
		if !strings.Contains(one.out.String(), words) {
			t.Errorf("the trace lacks %q:\n%s", words, one.out.String())
		}
	}
	if strings.Contains(one.out.String(), "port=2") {
		t.Errorf("the trace of port 1 tells of port 2:\n%s", one.out.String())
	}
	t.Logf("trace:\n%s", all.out.String())
	for _, p := range []*process{one, all} {
		if err := p.cmd.Process.Signal(unix.SIGINT); err != nil {
			t.Fatal(err)
		}
		if status := p.status(); status != 0 {
			t.Errorf("interrupted, ivs-ctl trace ends with status %d", status)
		}
	}
}
