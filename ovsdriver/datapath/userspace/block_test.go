package userspace

import (
	"errors"
	"testing"
	"time"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// TestBlock attaches an interface that has an address of the host. Behind the
// tap the host must not answer, by each of the ways; without the port it does.
func TestBlock(t *testing.T) {
	var tcx tcxBlocker
	t.Cleanup(func() { _ = tcx.close() })
	for _, way := range []struct {
		name string
		fn   blockFunc
	}{{"tcx", tcx.block}, {"nftables", blockNFT}} {
		t.Run(way.name, func(t *testing.T) {
			l := newLab(t, 1)
			l.ip("addr", "add", "10.0.0.200/24", "dev", "p1")
			a := l.wire(1)
			upcalls := make(chan datapath.Upcall, 100)
			d := l.open(0, 1, func(_ datapath.Receiver, batch []datapath.Upcall) {
				for _, u := range batch {
					upcalls <- datapath.Upcall{Kind: u.Kind, Key: u.Key}
				}
			})
			d.blockers = []blockFunc{way.fn}
			l1, err := findLink("p1")
			if err != nil {
				t.Fatal(err)
			}
			if c, err := way.fn(l1); err != nil {
				t.Skipf("this kernel can't: %v", err)
			} else if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				a.mustSend(arp(1, 200))
				if got := a.mustReceive(); got[13] != 6 || got[21] != 2 {
					t.Fatalf("without a port the host did not answer but sent % x", got)
				}
				l.addPort(d, 1)
				a.mustSend(arp(1, 200))
				select {
				case u := <-upcalls:
					if u.Kind != datapath.Miss {
						t.Errorf("upcall %v", u.Kind)
					}
				case <-time.After(3 * time.Second):
					t.Fatal("the port did not hear the frame")
				}
				a.silent()
				if err := d.DeletePort(1); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// arp asks, from host src, who has host dst's address.
func arp(src, dst byte) []byte {
	b := make([]byte, 60)
	copy(b, []byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, src, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1})
	copy(b[22:], []byte{2, 0, 0, 0, 0, src, 10, 0, 0, src})
	copy(b[38:], []byte{10, 0, 0, dst})
	return b
}

// TestNFTRefusal reads the kernel's error: the table is there already.
func TestNFTRefusal(t *testing.T) {
	newLab(t, 1)
	l, err := findLink("p1")
	if err != nil {
		t.Fatal(err)
	}
	first, err := blockNFT(l)
	if err != nil {
		t.Skipf("this kernel can't: %v", err)
	}
	if _, err := blockNFT(l); !errors.Is(err, unix.EPERM) {
		t.Errorf("second table: %v, want EPERM: it has an owner", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := blockNFT(l)
	if err != nil {
		t.Fatalf("the table did not go with its socket: %v", err)
	}
	_ = again.Close()
}
