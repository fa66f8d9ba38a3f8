package userspace

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkTurn measures one burst on one thread, without any waiting: what a
// worker's turn costs, and the same ring and system call with nothing between
// them. The ratio of the two is the share of the do-nothing forwarder's rate
// that a saturated worker reaches. It holds on a busy machine too, as the best
// of many bursts counts.
func BenchmarkTurn(b *testing.B) {
	b.Run("datapath", func(b *testing.B) {
		burstsOf64(b, func(d *Datapath) func() {
			w := d.workers[0]
			return func() {
				if err := w.forward(true); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("nothing", func(b *testing.B) {
		burstsOf64(b, func(d *Datapath) func() {
			in, out := d.ports.Load().lookup(1), d.ports.Load().lookup(2)
			q := newSendQueue()
			q.port = out
			return func() {
				n := 0
				for slot := in.dev.ring.ready(n); slot != nil; slot = in.dev.ring.ready(n) {
					h := ringSlotHeader(slot)
					q.vectors[n].Base = &slot[h.Mac-vnetHeader]
					q.vectors[n].SetLen(vnetHeader + int(h.Len))
					n++
				}
				q.n = n
				q.flush()
				in.dev.ring.release(n)
			}
		})
	})
}

// burstsOf64 lets 64 small frames arrive at port 1 and times what moves them to
// port 2, again and again.
func burstsOf64(b *testing.B, mover func(*Datapath) func()) {
	l := newLab(b, 2)
	d, _ := l.byHand(2)
	l.connect(d, 1, 2)
	move := mover(d)
	a := l.wire(1)
	frame := append(make([]byte, vnetHeader), udp(1, nobody, 64, 7)...)
	best := time.Duration(1 << 62)
	before := l.received(2)
	for b.Loop() {
		for range frameBudget {
			if _, err := unix.Write(a.fd, frame); err != nil {
				b.Fatal(err)
			}
		}
		start := time.Now()
		move()
		best = min(best, time.Since(start))
	}
	if n := l.received(2) - before; n != b.N*frameBudget {
		b.Fatalf("%d frames of %d moved", n, b.N*frameBudget)
	}
	b.ReportMetric(float64(best.Nanoseconds())/frameBudget, "ns/frame")
}
