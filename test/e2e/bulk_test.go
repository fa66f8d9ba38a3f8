package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fileOfFlows writes n different flows, for UDP datagrams from ghost A.
func fileOfFlows(t *testing.T, n int) string {
	t.Helper()
	var flows strings.Builder
	for i := range n {
		fmt.Fprintf(&flows, "priority=%d,udp,nw_src=192.0.2.1,nw_dst=198.51.%d.%d,tp_dst=%d,actions=set_field:%d->udp_src,output:2\n",
			100+i%7, i>>8&255, i&255, i%1000, 1+i)
	}
	file := filepath.Join(t.TempDir(), "flows")
	if err := os.WriteFile(file, []byte(flows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// 20,000 flows by ovs-ofctl add-flows, all read back, one of them used, all
// deleted. ovs-ofctl waits for a barrier reply after each flow.
func TestManyFlows(t *testing.T) {
	n := 20000
	if dataPath == "kernel" {
		n = 1000 // an emulated machine needs ten milliseconds for each
	}
	l := newLab(t, 2)
	d := l.start(t)
	file := fileOfFlows(t, n)
	begin := time.Now()
	d.ofctl(t, "add-flows", file)
	added := time.Since(begin)
	begin = time.Now()
	dump := d.dump(t)
	t.Logf("%d flows added in %v (%.0f/s), dumped in %v", n, added, float64(n)/added.Seconds(), time.Since(begin))
	if len(dump) != n {
		t.Fatalf("%d flows are dumped", len(dump))
	}
	seen := make(map[string]bool, n)
	for _, line := range dump {
		seen[line[strings.Index(line, "actions="):]] = true
	}
	if len(seen) != n {
		t.Errorf("%d different flows are dumped", len(seen))
	}

	w := l.wires(t)
	const one = 777
	in, want := udpParts(), udpParts()
	for _, p := range []*parts{in, want} {
		p.ip4.DstIP = []byte{198, 51, one >> 8 & 255, one & 255}
		p.udp.DstPort = one % 1000
	}
	want.udp.SrcPort = one + 1
	for range repeats {
		w[0].send(t, in.frame())
		w[1].expect(t, "one flow of many", want.frame())
	}
	begin = time.Now()
	d.ofctl(t, "del-flows")
	d.checkFlows(t, "after del-flows")
	t.Logf("deleted in %v", time.Since(begin))
	w[0].send(t, in.frame())
	w[1].expectNothing(t, "after del-flows")
}
