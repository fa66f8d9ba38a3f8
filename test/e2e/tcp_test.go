package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// transfer sends n random bytes by TCP from one host to another, which must get
// just these. It returns the bytes per second.
func (h *host) transfer(t *testing.T, to *host, n int) float64 {
	t.Helper()
	return h.transferAs(t, to, to.ip4, n)
}

// transferAs is transfer where the sender knows the receiver by an address that
// the switch translates.
func (h *host) transferAs(t *testing.T, to *host, address string, n int) float64 {
	t.Helper()
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(data)
	var l net.Listener
	if err := to.Do(func() (err error) {
		l, err = net.Listen("tcp", net.JoinHostPort(to.ip4, "0"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	got := make(chan [sha256.Size]byte, 1)
	go func() { got <- receiveAll(l) }()

	begin := time.Now()
	if err := h.sendAll(net.JoinHostPort(address, port), data); err != nil {
		t.Fatal(err)
	}
	select {
	case sum := <-got:
		if sum != sha256.Sum256(data) {
			t.Errorf("%d bytes by TCP from %s to %s arrived otherwise", n, h.ip4, to.ip4)
		}
	case <-time.After(patience):
		t.Fatalf("TCP from %s to %s does not end", h.ip4, to.ip4)
	}
	return float64(n) / time.Since(begin).Seconds()
}

func (h *host) sendAll(address string, data []byte) error {
	var conn net.Conn
	if err := h.Do(func() (err error) {
		conn, err = net.DialTimeout("tcp", address, patience)
		return err
	}); err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(3 * patience)); err != nil {
		return err
	}
	_, err := io.Copy(conn, bytes.NewReader(data))
	return err
}

// receiveAll reads one connection to its end.
func receiveAll(l net.Listener) (sum [sha256.Size]byte) {
	conn, err := l.Accept()
	if err != nil {
		return sum
	}
	defer conn.Close()
	hash := sha256.New()
	_, _ = io.Copy(hash, conn) // what is missing shows in the sum
	return [sha256.Size]byte(hash.Sum(nil))
}

// bulk is how many bytes a test of TCP sends: a second's worth, about.
func bulk() int {
	if dataPath == "kernel" {
		return 8 << 20 // on an emulated machine
	}
	return 64 << 20
}

// TCP with all offloads of the hosts on: frames of up to 64 KB with checksums
// still to be computed cross the switch as they are, and arrive right also where
// the switch edits them or adds a tag.
func TestTCPWithOffloads(t *testing.T) {
	need(t, "ethtool")
	l := newLab(t, 2)
	features := l.hosts[0].run(t, "ethtool", "-k", "eth0")
	for _, offload := range []string{"tx-checksumming: on", "tcp-segmentation-offload: on"} {
		if !strings.Contains(features, offload) {
			t.Fatalf("the host's interface lacks %q", offload)
		}
	}
	d := l.start(t)
	a, b := l.hosts[0], l.hosts[1]
	const alias = "10.0.0.200" // of host 2, as host 1 knows it
	a.ip(t, fmt.Sprintf("neigh add %s lladdr %s dev eth0", alias, b.mac))
	tests := []struct {
		name  string
		flows []string
		to    string
	}{
		{"as they are", []string{"in_port=1,actions=output:2", "in_port=2,actions=output:1"}, b.ip4},
		{"by several tables", []string{
			"in_port=1,actions=write_metadata:1,goto_table:1", "in_port=2,actions=write_metadata:2,goto_table:1",
			"table=1,metadata=1,actions=output:2", "table=1,metadata=2,actions=output:1"}, b.ip4},
		{"with addresses rewritten", []string{
			"arp,actions=FLOOD",
			"in_port=1,tcp,actions=set_field:" + b.ip4 + "->ip_dst,dec_ttl,output:2",
			"in_port=2,tcp,actions=set_field:" + alias + "->ip_src,dec_ttl,output:1"}, alias},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d.setFlows(t, tt.flows...)
			rate := a.transferAs(t, b, tt.to, bulk())
			t.Logf("%.2f Gbit/s", rate*8/1e9)
		})
	}
}
