package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// residentMB is how much memory a process has.
func residentMB(t *testing.T, p *process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var kb int
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kb); err == nil {
			return kb >> 10
		}
	}
	t.Fatalf("no VmRSS in %s", text)
	panic("unreachable")
}

// manyFlowMods are n flows in one piece, none of which matches frames of this
// package.
func manyFlowMods(n int) (b []byte) {
	for i := range n {
		m := flow(ofp13.FlowMod{Cookie: uint64(i), Priority: 10, TableID: 5, Instructions: apply(outputTo(1)),
			Match: ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMEthDst, 0x020000000000|uint64(i))}}})
		b = m.AppendTo(b, uint32(i))
	}
	return b
}

// Controllers that ask again and again for the statistics of very many flows and
// read none of the answers hold up neither the frames nor other controllers, and
// cost a bounded amount of memory.
func TestControllerThatDoesNotRead(t *testing.T) {
	n := 100000
	if dataPath == "kernel" {
		n = 10000 // on an emulated machine
	}
	l := newLab(t, 2)
	d := l.start(t)
	d.setFlows(t, "in_port=1,actions=output:2")
	w := l.wires(t)
	c := d.connect(t)
	if _, err := c.conn.Write(manyFlowMods(n)); err != nil {
		t.Fatal(err)
	}
	c.barrier(t)
	before := residentMB(t, d.process)
	for range 4 {
		d.connectDeaf(t)
	}
	var worst time.Duration
	for begin := time.Now(); time.Since(begin) < 2*time.Second; {
		for _, step := range []func(){
			func() { c.barrier(t) },
			func() { exchange(t, w[0], w[1], 1, udpFrame(1, 2, nil)) },
		} {
			began := time.Now()
			step()
			worst = max(worst, time.Since(began))
		}
		time.Sleep(time.Millisecond)
	}
	after := residentMB(t, d.process)
	t.Logf("%d flows: a barrier or frame took at most %v; memory was %d MB and is %d MB", n, worst, before, after)
	if worst > 2*time.Second {
		t.Errorf("a barrier or frame took %v", worst)
	}
	if after > before+200 {
		t.Errorf("memory went from %d to %d MB", before, after)
	}
	if got := len(c.flowStats(t)); got != n { // cookie 0 is also the first flow's
		t.Errorf("%d flows are told, want %d", got, n)
	}
}

// connectDeaf makes a connection that asks 50 times for the statistics of all
// flows and reads nothing more.
func (d *daemon) connectDeaf(t *testing.T) {
	t.Helper()
	conn, err := d.lab.dialSwitch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	b := (&ofp13.Hello{Version: 4}).AppendTo(nil, 1)
	for xid := range uint32(50) {
		b = (&ofp13.MultipartRequest{Type: ofp13.MultipartFlow, Body: everyFlow()}).AppendTo(b, xid)
	}
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

// A peer that speaks no OpenFlow, or a broken one, is told and hung up on; the
// switch goes on.
func TestGarbage(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	d := l.start(t)
	c := d.connect(t)
	hello := (&ofp13.Hello{Version: 4}).AppendTo(nil, 1)
	short := []byte{4, ofp13.TypeFlowMod, 0, 4, 0, 0, 0, 1} // a length below the header's
	tests := map[string][]byte{
		"HTTP":               []byte("GET / HTTP/1.1\r\nHost: switch\r\n\r\n"),
		"version 1.0 only":   {1, 0, 0, 8, 0, 0, 0, 1},
		"length of 4":        append(append([]byte{}, hello...), short...),
		"message before all": (&ofp13.BarrierRequest{}).AppendTo(nil, 1),
	}
	conns := map[string]net.Conn{}
	for name, b := range tests {
		conn, err := l.dialSwitch()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
		conns[name] = conn
	}
	// What looks like the start of a message is waited for, 10 s long.
	limit := time.Now().Add(2 * patience)
	for name, conn := range conns {
		if err := conn.SetReadDeadline(limit); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
			t.Errorf("%s: the connection stays open", name)
		}
		c.barrier(t)
	}
}
